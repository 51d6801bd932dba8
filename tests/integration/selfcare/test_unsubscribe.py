"""The unsubscribe page: nothing happens by looking, one click is enough, and it can be taken back."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from omnicrm.outbox.consent import unsubscribe, unsubscribe_url
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message, Suppression, SuppressionScope
from omnicrm.outbox.operations import enqueue
from tests.integration.outbox.conftest import Note

pytestmark = pytest.mark.django_db

ADDRESS = "helene@example.com"
PATH = f"/unsubscribe/{unsubscribe_url(ADDRESS).rstrip('/').rpartition('/')[2]}/"


@pytest.fixture
def browser() -> Client:
    """One that keeps cookies and checks what a browser would make the server check."""
    return Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


def shown(browser: Client, path: str = PATH) -> str:
    return browser.get(path).content.decode()


def test_the_link_of_an_email_leads_to_the_page(browser: Client) -> None:
    assert unsubscribe_url(ADDRESS).endswith(PATH)
    assert "Unsubscribe from news and offers?" in shown(browser)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_unsubscribes_nobody(browser: Client, method: str) -> None:
    assert getattr(browser, method)(PATH).status_code == HTTPStatus.OK
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    ],
    ids=["urlencoded", "multipart"],
)
def test_a_mailbox_provider_unsubscribes_with_one_click(browser: Client, body: str, content_type: str) -> None:
    answer = browser.post(PATH, body, content_type=content_type)
    assert (answer.status_code, answer.cookies) == (HTTPStatus.OK, {})
    assert Suppression.objects.get().address == ADDRESS


def test_a_person_unsubscribes_by_the_button_and_can_undo_it(browser: Client) -> None:
    answer = browser.post(PATH, {"wish": "unsubscribe"}, follow=True)
    assert answer.redirect_chain == [(PATH, HTTPStatus.FOUND)]
    assert "You are unsubscribed" in answer.content.decode()
    assert Suppression.objects.get().scope == SuppressionScope.MARKETING
    answer = browser.post(PATH, {"wish": "resubscribe"}, follow=True)
    assert "Unsubscribe from news and offers?" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_a_post_that_wishes_nothing_changes_nothing(browser: Client) -> None:
    browser.post(PATH, {"wish": "something"})
    browser.post(PATH, b"\x00\xff", content_type="application/octet-stream")
    assert not Suppression.objects.exists()


def test_what_staff_decided_is_shown_without_an_undo(browser: Client) -> None:
    Suppression.objects.create(
        address=ADDRESS, scope=SuppressionScope.MARKETING, reason="asked by phone", created_at=timezone.now()
    )
    page = shown(browser)
    assert "You are unsubscribed" in page
    assert "resubscribe" not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["nonsense", PATH.split("/")[2][:-4], "A" * 3000], ids=["nonsense", "cut", "endless"])
def test_a_wrong_link_is_explained(browser: Client, method: str, token: str) -> None:
    answer = getattr(browser, method)(f"/unsubscribe/{token}/")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "This link does not work" in answer.content.decode()


def test_the_page_is_kept_by_no_cache_and_runs_nothing(browser: Client) -> None:
    answer = browser.get(PATH)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_does_not_give_the_address_away(browser: Client) -> None:
    page = shown(browser)
    assert ADDRESS not in page
    assert "h•••@example.com" in page


def test_the_page_speaks_the_recipients_language_unless_another_was_chosen(browser: Client) -> None:
    enqueue(Note(), to=Recipient(email=ADDRESS, name="", language="fr"), key="note:1", now=timezone.now())
    assert Message.objects.get().language == "fr"
    assert browser.get(PATH).headers["Content-Language"] == "fr"
    browser.cookies["django_language"] = "en"
    assert browser.get(PATH).headers["Content-Language"] == "en"


def test_an_address_unknown_to_us_may_unsubscribe_too(browser: Client) -> None:
    unsubscribe(PATH.split("/")[2], now=timezone.now())
    assert "You are unsubscribed" in shown(browser)
