"""The portal: customers see what is theirs and nothing else, and change what is theirs to change."""

import re

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.customers.models import ConsentSource
from omnicrm.emails.users import EmailVerification
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message, Suppression
from omnicrm.outbox.operations import enqueue
from omnicrm.outbox.states import State
from omnicrm.selfcare.emails import PAGE_SIZE
from tests.integration.selfcare.conftest import PASSWORD, signed_in

HOME, PROFILE, EMAILS = "/self-care/", "/self-care/profile/", "/self-care/emails/"
PAGES = (HOME, PROFILE, EMAILS)


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def welcome_of(user: User) -> Message:
    return Message.objects.get(customer=user.customer)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_shows_ones_own_data_and_nobody_elses(at_zoes: Client, paul: User, address: str) -> None:
    shown = page(at_zoes, address)
    assert "zoe@example.com" in shown or "Zoé Petit" in shown
    assert "paul" not in shown.lower()


@pytest.mark.parametrize("address", [*PAGES, "/self-care/my-data/"])
def test_whoever_is_not_signed_in_is_led_to_signing_in(db: None, address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("name", ["my_email", "my_email_content"])
def test_an_email_to_another_customer_is_not_there(at_zoes: Client, paul: User, name: str) -> None:
    assert at_zoes.get(reverse(name, args=[welcome_of(paul).id])).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_staff_are_shown_the_way_to_the_back_office(db: None, address: str) -> None:
    staff = create_user(email="a@yourcompany.com", full_name="Ada", role=Role.ADMIN, now=now())
    response = signed_in(staff).get(address)
    assert response.status_code == 403
    assert "/backoffice/" in response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_shown_before_the_address_is_proven(zoe: User, at_zoes: Client, address: str) -> None:
    User.objects.filter(pk=zoe.pk).update(email_verified_at=None)
    response = at_zoes.get(address)
    assert response.status_code == 302
    assert response["Location"] == reverse("account_verify")


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_kept_by_no_cache_and_run_no_foreign_script(at_zoes: Client, address: str) -> None:
    response = at_zoes.get(address)
    assert "no-store" in response["Cache-Control"]
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_the_overview_names_services_and_latest_emails(zoe: User, at_zoes: Client) -> None:
    shown = page(at_zoes, HOME)
    assert "Fibre of Zoé Petit" in shown
    assert welcome_of(zoe).subject in shown


def test_a_profile_is_saved_everywhere_it_counts(zoe: User, at_zoes: Client) -> None:
    response = at_zoes.post(PROFILE, {"full_name": "Zoé Grand", "phone": "+33 1 23 45 67 89", "language": "fr"})
    assert response.status_code == 302
    zoe.refresh_from_db()
    assert zoe.customer
    assert (zoe.full_name, zoe.language, zoe.customer.language) == ("Zoé Grand", "fr", "fr")
    assert zoe.customer.contacts.get().phone == "+33 1 23 45 67 89"


def test_the_next_page_speaks_the_new_language(at_zoes: Client) -> None:
    at_zoes.post(PROFILE, {"full_name": "Zoé Petit", "language": "fr"})
    assert 'lang="fr"' in page(at_zoes, PROFILE)


def test_a_profile_without_a_name_is_refused_beside_the_field(zoe: User, at_zoes: Client) -> None:
    response = at_zoes.post(PROFILE, {"full_name": "  ", "language": "en"})
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()


def test_agreeing_to_marketing_is_kept_with_its_source(zoe: User, at_zoes: Client) -> None:
    at_zoes.post("/self-care/profile/marketing/", {"wish": "yes"})
    assert zoe.customer
    assert zoe.customer.contacts.get().marketing_consent_source == ConsentSource.SELF_CARE


def test_withdrawing_it_stops_what_is_queued_too(zoe: User, at_zoes: Client) -> None:
    at_zoes.post("/self-care/profile/marketing/", {"wish": "yes"})
    at_zoes.post("/self-care/profile/marketing/", {"wish": "no"})
    assert zoe.customer
    assert zoe.customer.contacts.get().marketing_consent_at is None
    assert Suppression.objects.get().scope == "marketing"


def test_agreeing_again_undoes_ones_own_unsubscribing(at_zoes: Client) -> None:
    at_zoes.post("/self-care/profile/marketing/", {"wish": "no"})
    at_zoes.post("/self-care/profile/marketing/", {"wish": "yes"})
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.QUEUED, "on its way"),
        (State.ACCEPTED, "sent"),
        (State.DELIVERED, "delivered"),
        (State.BOUNCED, "could not be delivered"),
        (State.SUPPRESSED, "we no longer write to this address"),
        (State.CANCELLED, "not sent"),
    ],
)
def test_states_are_told_in_plain_words(zoe: User, at_zoes: Client, state: State, words: str) -> None:
    Message.objects.filter(customer=zoe.customer).update(state=state)
    assert words in page(at_zoes, EMAILS)


def test_every_state_has_words(zoe: User, at_zoes: Client) -> None:
    for state in set(State) - {State.CLAIMED}:
        Message.objects.filter(customer=zoe.customer).update(state=state)
        page(at_zoes, EMAILS)


def test_what_an_email_said_can_be_read_again(zoe: User, at_zoes: Client) -> None:
    message = welcome_of(zoe)
    assert "<iframe" in page(at_zoes, reverse("my_email", args=[message.id]))
    content = at_zoes.get(reverse("my_email_content", args=[message.id]))
    assert "Zoé Petit" in content.content.decode()
    assert "sandbox" in content["Content-Security-Policy"]
    assert content["X-Frame-Options"] == "SAMEORIGIN"


def test_an_email_about_signing_in_shows_no_content(zoe: User, at_zoes: Client) -> None:
    to = Recipient(email=zoe.email, name=zoe.full_name, language="en", customer_id=zoe.customer_id)
    message_id = enqueue(EmailVerification.sample("en"), to=to, key="verification:1", now=now()).message_id
    shown = page(at_zoes, reverse("my_email", args=[message_id]))
    assert "<iframe" not in shown
    assert "123456" not in shown
    assert at_zoes.get(reverse("my_email_content", args=[message_id])).status_code == 404


def test_emails_are_paged_without_losing_one(zoe: User, at_zoes: Client) -> None:
    to = Recipient(email=zoe.email, name=zoe.full_name, language="en", customer_id=zoe.customer_id)
    for number in range(PAGE_SIZE + 3):
        enqueue(EmailVerification.sample("en"), to=to, key=f"verification:{number}", now=now())
    found = list[str]()
    address = EMAILS
    while address:
        shown = page(at_zoes, address)
        found += re.findall(r'href="/self-care/emails/([0-9a-f-]{36})/"', shown)
        older = re.search(r'href="(\?before=[0-9a-f-]+)"', shown)
        address = EMAILS + older[1] if older else ""
    assert len(found) == len(set(found)) == PAGE_SIZE + 4


def test_a_made_up_page_number_shows_the_first_page(at_zoes: Client) -> None:
    assert "Home" not in page(at_zoes, EMAILS + "?before=nonsense")


def test_who_was_never_written_to_reads_so(zoe: User, at_zoes: Client) -> None:
    Message.objects.filter(customer=zoe.customer).delete()
    assert "We have not written to you yet." in page(at_zoes, EMAILS)


def test_ones_data_is_given_out_after_the_password_was_asked_for(zoe: User, paul: User) -> None:
    browser = signed_in(zoe)
    first = browser.get("/self-care/my-data/")
    assert first.status_code == 302
    assert first["Location"].startswith(reverse("account_reauthenticate"))
    browser.post(first["Location"], {"password": PASSWORD, "next": "/self-care/my-data/"})
    response = browser.get("/self-care/my-data/")
    data = orjson.loads(response.content)
    assert data["customer"]["customer_name"] == "Zoé Petit"
    assert [each["email"] for each in data["users"]] == ["zoe@example.com"]
    assert "paul" not in response.content.decode().lower()
    assert zoe.password not in response.content.decode()
    assert Entry.objects.get(action=Action.CUSTOMER_EXPORTED).actor_id == zoe.pk


def test_the_marketing_choice_takes_no_get(at_zoes: Client) -> None:
    assert at_zoes.get("/self-care/profile/marketing/").status_code == 405
