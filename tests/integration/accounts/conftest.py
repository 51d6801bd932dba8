"""A member of staff, and one moment at which everything happens."""

from datetime import UTC, datetime

import pytest

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def helene(db: None) -> User:
    return create_user(
        email="Helene@example.com", full_name="Hélène Martin", role=Role.SUPPORT, password=PASSWORD, now=NOW
    )
