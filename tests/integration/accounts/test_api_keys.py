"""API keys: shown once, stored hashed, useless once revoked."""

import re
from datetime import timedelta

import pytest

from omnicrm.accounts.models import ApiKey
from omnicrm.accounts.operations import NewApiKey, authenticate_api_key, create_api_key, revoke_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import Actor
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from tests.integration.accounts.conftest import NOW, entries


@pytest.fixture
def webshop(db: None) -> NewApiKey:
    return create_api_key(name="webshop", role=Role.SUPPORT, now=NOW)


def test_a_key_looks_like_one(webshop: NewApiKey) -> None:
    assert re.fullmatch(rf"omni_{webshop.api_key.prefix}_[A-Za-z0-9_-]{{43}}", webshop.plain_key)


def test_a_key_is_nowhere_to_be_read_again(webshop: NewApiKey) -> None:
    stored = ApiKey.objects.values().get()
    secret = webshop.plain_key[-43:]
    assert secret not in str(stored)
    assert secret not in repr(webshop)


def test_a_key_opens(webshop: NewApiKey) -> None:
    assert authenticate_api_key(plain_key=webshop.plain_key, now=NOW) == webshop.api_key


@pytest.mark.parametrize(
    "wrong", ["", "omni", "omni__", "omni_00000000_" + "a" * 43, "omni_\x00_" + "a" * 43, "é" * 57]
)
def test_nothing_else_opens(webshop: NewApiKey, wrong: str) -> None:
    assert authenticate_api_key(plain_key=wrong, now=NOW) is None


def test_a_key_with_one_wrong_character_does_not_open(webshop: NewApiKey) -> None:
    last = "a" if webshop.plain_key[-1] != "a" else "b"
    assert authenticate_api_key(plain_key=webshop.plain_key[:-1] + last, now=NOW) is None
    assert authenticate_api_key(plain_key=f"{webshop.plain_key} ", now=NOW) is None


def test_a_revoked_key_opens_nothing(webshop: NewApiKey) -> None:
    revoke_api_key(api_key_id=webshop.api_key.pk, now=NOW)
    assert authenticate_api_key(plain_key=webshop.plain_key, now=NOW) is None


def test_a_key_revoked_twice_keeps_its_first_date(webshop: NewApiKey) -> None:
    revoke_api_key(api_key_id=webshop.api_key.pk, now=NOW)
    assert revoke_api_key(api_key_id=webshop.api_key.pk, now=NOW + timedelta(days=1)).revoked_at == NOW


def test_its_last_use_is_noted_once_a_minute(webshop: NewApiKey) -> None:
    noted = []
    for seconds in (0, 30, 59, 60, 90):
        authenticate_api_key(plain_key=webshop.plain_key, now=NOW + timedelta(seconds=seconds))
        noted.append(ApiKey.objects.get().last_used_at)
    assert noted == [NOW, NOW, NOW, NOW + timedelta(seconds=60), NOW + timedelta(seconds=60)]


def test_a_name_is_used_once(webshop: NewApiKey) -> None:
    with pytest.raises(AlreadyTaken, match="name"):
        create_api_key(name=" webshop", role=Role.ADMIN, now=NOW)


@pytest.mark.django_db
def test_a_key_needs_a_name_and_a_role() -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_api_key(name=" ", role="King", now=NOW)
    assert [error.field for error in refusal.value.errors] == ["name", "role"]


@pytest.mark.django_db
def test_a_key_is_never_a_customers() -> None:
    with pytest.raises(InvalidInput, match="role"):
        create_api_key(name="portal", role=Role.CUSTOMER, now=NOW)


def test_the_audit_log_tells_who_made_and_revoked_it(admin: Actor) -> None:
    created = create_api_key(name="webshop", role=Role.SUPPORT, by=admin, now=NOW)
    for _ in range(2):
        revoke_api_key(api_key_id=created.api_key.pk, by=admin, now=NOW)
    made, revoked = entries("api_key_created", "api_key_revoked")
    assert (made.actor_name, made.target_name, made.detail) == ("Ada Minot", "webshop", {"role": "Support"})
    assert revoked.action == "api_key_revoked"
    assert created.plain_key not in str([made.__dict__, revoked.__dict__])
