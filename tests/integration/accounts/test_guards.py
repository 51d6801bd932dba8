"""True when sent: no reset, verification or welcome leaves whose link, code or password opens nothing any more."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from omnicrm.accounts.guards import NO_USER, PASSWORD_CHANGED, USED, VOID
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import (
    change_password,
    deactivate,
    request_verification,
    reset_password,
    send_staff_welcome,
    set_password,
    verify_by_link,
)
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.emails.users import EmailVerification
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.guards import no_longer_true
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue
from omnicrm.outbox.runtime import conninfo
from tests.integration.accounts.conftest import IP, NEW_PASSWORD, NOW, the_one, token_of

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOW + timedelta(minutes=5)
Change = Callable[[User, Message], object]


def reason(message: Message) -> str | None:
    """What the guards say, asked as the worker does; None if the message may leave."""

    async def ask() -> str | None:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return (await no_longer_true(connection, message.section, [message.id])).get(message.id)

    return asyncio.run(ask())


def reset_of(user: User) -> Message:
    answer_reset_request(address=user.email, asked_at=NOW)
    return the_one("UserPasswordReset")


def verification_of(user: User) -> Message:
    request_verification(user_id=user.pk, now=NOW)
    return the_one("EmailVerification")


def welcome_of(user: User) -> Message:
    send_staff_welcome(user_id=user.pk, by=SYSTEM, now=NOW)
    return the_one("UserWelcome")


def leaves(user: User, _message: Message) -> None:
    deactivate(user_id=user.pk, by=SYSTEM, now=SOON)


def gets_a_password(user: User, _message: Message) -> None:
    set_password(user_id=user.pk, new_password=NEW_PASSWORD, by=SYSTEM, now=SOON)


def changes_the_temporary_password(user: User, message: Message) -> None:
    temporary = message.variables["temp_password"]
    change_password(user_id=user.pk, current_password=temporary, new_password=NEW_PASSWORD, by=SYSTEM, now=SOON)


def resets(_user: User, message: Message) -> None:
    reset_password(token=token_of(message), new_password=NEW_PASSWORD, ip=IP, now=SOON)


def verifies(_user: User, message: Message) -> None:
    verify_by_link(token=token_of(message), now=SOON)


def asks_again(user: User, _message: Message) -> None:
    request_verification(user_id=user.pk, now=SOON)


@pytest.mark.parametrize("queued", [reset_of, verification_of, welcome_of])
def test_what_is_still_true_may_leave(helene: User, queued: Callable[[User], Message]) -> None:
    assert reason(queued(helene)) is None


@pytest.mark.parametrize(
    ("queued", "change", "why"),
    [
        (reset_of, resets, USED),
        (reset_of, gets_a_password, VOID),
        (reset_of, leaves, VOID),
        (verification_of, verifies, USED),
        (verification_of, asks_again, VOID),
        (verification_of, leaves, VOID),
        (welcome_of, changes_the_temporary_password, PASSWORD_CHANGED),
        (welcome_of, gets_a_password, PASSWORD_CHANGED),
        (welcome_of, leaves, NO_USER),
    ],
)
def test_what_opens_nothing_any_more_must_not_leave(
    helene: User, queued: Callable[[User], Message], change: Change, why: str
) -> None:
    message = queued(helene)
    change(helene, message)
    assert reason(message) == why


@pytest.mark.parametrize("queued", [reset_of, verification_of])
def test_nothing_leaves_for_an_erased_user(karim: User, benali: Customer, queued: Callable[[User], Message]) -> None:
    message = queued(karim)
    benali.delete()
    assert reason(message) == NO_USER


@pytest.mark.parametrize(
    "key", ["signup:7", "user:x:verify:1", "user:1:verify:99999999999999999999", "user:1:verify:1:x"]
)
def test_what_others_send_under_keys_of_their_own_is_not_judged(key: str) -> None:
    to = Recipient(email="a@example.com", name="A", language="en")
    message_id = enqueue(EmailVerification.sample("en"), to=to, key=key, now=NOW).message_id
    assert reason(Message.objects.get(id=message_id)) is None
