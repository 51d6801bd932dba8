"""Two at once: a link is used once, and two administrators cannot both go because the other one stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, deactivate, reset_password
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from tests.integration.accounts.conftest import IP, NOW, sent, the_one, token_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*operations: Callable[[], object]) -> int:
    """Runs them in threads, and returns how many were not refused."""

    def run(operation: Callable[[], object]) -> bool:
        try:
            operation()
        except InvalidInput:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(operations)) as threads:
        return sum(threads.map(run, operations))


def test_a_link_opened_in_several_tabs_sets_one_password(helene: User) -> None:
    answer_reset_request(address=helene.email, asked_at=NOW)
    use = partial(reset_password, token=token_of(the_one("UserPasswordReset")), ip=IP, now=NOW)
    assert at_once(*(partial(use, new_password=f"a good password {number}") for number in range(4))) == 1
    assert len(sent("UserPasswordResetSuccess")) == 1


def test_a_request_whose_job_runs_several_times_at_once_sends_one_link(helene: User) -> None:
    at_once(*[partial(answer_reset_request, address=helene.email, asked_at=NOW)] * 4)
    assert len(sent("UserPasswordReset")) == 1


def test_an_address_given_to_several_new_users_at_once_goes_to_one(db: None) -> None:
    create = partial(create_user, full_name="Ada", role=Role.SUPPORT, welcome=True, now=NOW)
    assert at_once(*(partial(create, email=address) for address in ("ada@example.com", "ADA@example.com") * 2)) == 1
    assert len(sent("UserWelcome")) == 1


def test_of_all_administrators_leaving_at_once_one_stays(db: None) -> None:
    admins = [
        create_user(email=f"ada{number}@example.com", full_name="Ada", role=Role.ADMIN, now=NOW) for number in range(4)
    ]
    assert at_once(*(partial(deactivate, user_id=admin.pk, by=SYSTEM, now=NOW) for admin in admins)) == 3
    assert User.objects.filter(is_active=True).count() == 1
