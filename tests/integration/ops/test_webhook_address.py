"""The address that Mailjet is given: what it is made of, who could reach it, and how others are told from it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from omnicrm.config import Config, load_config
from omnicrm.mailjet.events import Kind
from omnicrm.mailjet.webhooks import Webhook
from omnicrm.ops.webhook import NoAddressError, Owner, address, masked, standings
from tests.integration.ops.test_webhook import ENCODED, OURS, text_of


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    def load(**parts: str) -> Config:
        (tmp_path / "crm_config.yaml").write_text(text_of(**parts), encoding="utf-8")
        return load_config(tmp_path / "crm_config.yaml", environ={})

    return load


@pytest.mark.parametrize(
    ("public_url", "place"),
    [
        ("https://crm.example.com", "crm.example.com"),
        ("https://crm.example.com/", "crm.example.com"),
        ("https://crm.example.com:443", "crm.example.com"),
        ("https://crm.example.com:8443", "crm.example.com:8443"),
        ("https://example.com/omni", "example.com/omni"),
        ("https://crm.example.com/crm/mailjet/events", "crm.example.com"),
        ("https://CRM.exämple.com", "crm.xn--exmple-cua.com"),
        ("https://[2606:4700::1111]", "[2606:4700::1111]"),
    ],
)
def test_the_address_is_that_of_the_server(public_url: str, place: str, config: Callable[..., Config]) -> None:
    assert address(config(), public_url=public_url) == f"https://mailjet:{ENCODED}@{place}/crm/mailjet/events"


@pytest.mark.parametrize(
    "public_url",
    [
        "https://localhost:8000",
        "https://127.0.0.1",
        "https://[::1]:8000",
        "https://192.168.1.20",
        "https://crm",
        "https://crm.internal",
    ],
)
def test_mailjet_cannot_reach_a_local_address(public_url: str, config: Callable[..., Config]) -> None:
    with pytest.raises(NoAddressError, match=r"^Mailjet cannot reach .*; set server\.public_url to the address"):
        address(config(public_url=public_url))


def test_a_password_does_not_travel_in_clear(config: Callable[..., Config]) -> None:
    with pytest.raises(NoAddressError, match=r"^http://crm\.example\.com is not https"):
        address(config(public_url="http://crm.example.com"))


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8025", "http://localhost:8025", "http://sandbox:8025"])
def test_a_local_mailjet_reaches_local_addresses(base_url: str, config: Callable[..., Config]) -> None:
    found = address(config(base_url=base_url, public_url="http://localhost:8000"))
    assert found == f"http://mailjet:{ENCODED}@localhost:8000/crm/mailjet/events"


@pytest.mark.parametrize("url", ["crm.example.com", "ftp://crm.example.com", "https://", "https://[1"])
def test_what_is_no_web_address_is_refused(url: str, config: Callable[..., Config]) -> None:
    with pytest.raises(NoAddressError, match=r"is no web address; write https://crm\.example\.com"):
        address(config(), public_url=url)


def test_credentials_come_from_the_config_alone(config: Callable[..., Config]) -> None:
    with pytest.raises(NoAddressError, match="leave the credentials out") as refused:
        address(config(), public_url="https://me:hush@crm.example.com")
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://crm.example.com/a", "https://crm.example.com/a"),
        ("https://me:hush@crm.example.com/a", "https://me:•••@crm.example.com/a"),
        ("https://hush@crm.example.com/a", "https://•••@crm.example.com/a"),
        ("https://me:h@sh@crm.example.com/a?t=hush#hush", "https://me:•••@crm.example.com/a?•••"),
        ("https://me:hush@[crm/a", "•••"),
    ],
)
def test_secrets_in_an_address_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        (OURS, Owner.OURS),
        (f"{OURS}/?again", Owner.OURS),
        (OURS.replace("yourcompany.com", "YourCompany.com:443"), Owner.OURS),
        (OURS.replace("crm.", "old."), Owner.OTHER),
        (OURS.replace("https:", "http:"), Owner.OTHER),
        ("https://[broken", Owner.OTHER),
    ],
)
def test_an_address_is_ours_wherever_it_leads_to_us(url: str, owner: Owner) -> None:
    webhook = Webhook(id=1, kind=Kind.SENT, url=url, version=2, is_alive=True, is_backup=False)
    assert standings([webhook], url=OURS)[0].owner == owner
