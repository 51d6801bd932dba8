"""Where a visitor comes from: what our own proxies say, and nothing that visitors claim."""

from typing import Any

import pytest
from django.test import RequestFactory

from omnicrm.accounts.pages.visitors import client_ip

PEER = "198.51.100.9"


def address(peer: str = PEER, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_ip(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


def test_without_proxies_the_header_counts_for_nothing(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address(forwarded="203.0.113.5") == PEER


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 192.0.2.1", "203.0.113.5"),
        (1, "203.0.113.5:4711", "203.0.113.5"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_entry_of_our_outermost_proxy_counts(proxies: int, forwarded: str, expected: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert address(forwarded=forwarded) == expected


@pytest.mark.parametrize("forwarded", [None, "", ",", "unknown", "<script>", "[::", "6.6.6.6, ' OR 1=1", "٣.١.١.١"])
def test_nonsense_falls_back_to_who_called(forwarded: str | None, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    assert address(forwarded=forwarded) == PEER


def test_fewer_entries_than_proxies_come_from_somebody_who_went_past_them(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 2
    assert address(forwarded="203.0.113.5") == PEER


def test_without_ip_there_is_none() -> None:
    assert address(peer="") is None
