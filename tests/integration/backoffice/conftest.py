"""Staff at their screens: signed in, in a role and a language."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from omnicrm.accounts.roles import Role
from tests.integration.backoffice.scene import signed_in, staff

SignIn = Callable[..., Client]


def _compile_catalogues() -> None:
    """What `make setup` does, for whoever calls pytest alone. Parallel workers may do it at once."""
    for source in Path(settings.LOCALE_PATHS[0]).rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        target = io.BytesIO()
        write_mo(target, read_po(io.BytesIO(source.read_bytes())))
        draft = compiled.with_name(f"{compiled.name}.{os.getpid()}")
        draft.write_bytes(target.getvalue())
        draft.replace(compiled)


_compile_catalogues()


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(Role.SUPPORT, language="fr")`: the browser of a new member of staff."""

    def act(role: Role = Role.ADMIN, *, language: str = "en") -> Client:
        return signed_in(staff(role, language=language))

    return act


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    """An administrator who reads English."""
    return sign_in()
