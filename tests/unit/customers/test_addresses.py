"""One form of an address, and a short cut to it that must never disagree."""

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.customers.addresses import InvalidAddress, is_plain, normalise


@pytest.mark.parametrize(
    ("given_", "normal"),
    [
        (" helene@example.com\n", "helene@example.com"),
        ("Helene@Example.COM", "Helene@example.com"),
        ("hélène@exämple.com", "hélène@exämple.com"),
        ("a@xn--exmple-cua.com", "a@exämple.com"),
        ("jean.dupont+crm@example.co.uk", "jean.dupont+crm@example.co.uk"),
    ],
)
def test_an_address_has_one_form(given_: str, normal: str) -> None:
    assert normalise(given_) == normal


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@example.com", "a@b@c.com", "a..b@example.com", "a@-x.com", "a@x.invalid"]
)
def test_what_one_cannot_write_to_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress):
        normalise(text)


LOCAL = st.text("abAB09.+-_", min_size=1, max_size=30)
DOMAIN = st.lists(st.text("abz09-", min_size=1, max_size=12), min_size=1, max_size=3).map(".".join)
ENDING = st.sampled_from(["com", "fr", "test", "local", "x", "museum"])


@given(LOCAL, DOMAIN, ENDING)
def test_the_short_cut_agrees_with_the_full_check(local: str, domain: str, ending: str) -> None:
    address = f"{local}@{domain}.{ending}"
    if is_plain(address):
        assert validate_email(address, check_deliverability=False).normalized == address
