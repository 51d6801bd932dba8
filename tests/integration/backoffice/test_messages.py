"""Messages: listed, found, told in full, queued again, cancelled. Nothing about them is edited."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.backoffice.email.messages import CANCELLED_BY_STAFF
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import cancel
from omnicrm.outbox.states import Lane, State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of, secret_message

LIST = reverse("admin:outbox_message_changelist")


def page(message: Message, name: str = "change") -> str:
    return reverse(f"admin:outbox_message_{name}", args=[message.id])


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def chosen(action: str, *messages: Message, **more: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [str(message.id) for message in messages], **more}


def state_of(message: Message) -> str:
    return Message.objects.get(id=message.id).state


class TestFinding:
    @pytest.fixture(autouse=True)
    def _messages(self, db: None) -> None:
        self.wanted = message_of(customer("Wanted", email="wanted@example.com", language="en"), state=State.REFUSED)
        Message.objects.filter(id=self.wanted.id).update(mailjet_message_id=1152921504606846976)
        self.other = message_of(customer("Other", email="other@example.com"))
        secret_message()

    def found(self, browser: Client, **choice: object) -> list[str]:
        response = browser.get(LIST, choice)
        assert response.status_code == 200
        return [message.to_email for message in response.context["cl"].result_list]

    def test_newest_first(self, admin: Client) -> None:
        assert self.found(admin) == ["helene@example.com", "other@example.com", "wanted@example.com"]

    @pytest.mark.parametrize(
        "search",
        ["wanted@example.com", " wanted@EXAMPLE.com ", "{0.id}", "{0.id.hex}", "{0.key}", "1152921504606846976"],
    )
    def test_finds_by_address_id_key_and_mailjets_id(self, admin: Client, search: str) -> None:
        assert self.found(admin, q=search.format(self.wanted)) == ["wanted@example.com"]

    @pytest.mark.parametrize("search", ["wanted", "example.com", "9" * 5000, "x" * 5000, "@", "'; --", "%", "🦉"])
    def test_anything_else_finds_nothing(self, admin: Client, search: str) -> None:
        assert self.found(admin, q=search) == []

    @pytest.mark.parametrize(
        ("choice", "addresses"),
        [
            ({"state__exact": "refused"}, ["wanted@example.com"]),
            ({"lane__exact": Lane.SECURITY.value}, ["helene@example.com"]),
            ({"section": "api_crmCommunicationEmailVerification"}, ["helene@example.com"]),
            ({"language__exact": "en"}, ["wanted@example.com"]),
            ({"state__exact": "queued", "language__exact": "en"}, []),
            ({"created_from": "2020-01-01", "created_until": "2020-12-31"}, []),
            ({"created_from": "nonsense"}, ["helene@example.com", "other@example.com", "wanted@example.com"]),
        ],
    )
    def test_filters_narrow_the_list(self, admin: Client, choice: dict[str, str], addresses: list[str]) -> None:
        assert self.found(admin, **choice) == addresses

    def test_todays_messages_are_found_by_todays_date(self, admin: Client) -> None:
        days = {"created_from": (now() - timedelta(days=1)).date(), "created_until": (now() + timedelta(days=1)).date()}
        assert len(self.found(admin, **days)) == 3

    def test_a_filters_form_keeps_the_others(self, admin: Client) -> None:
        shown = admin.get(LIST, {"state__exact": "refused", "q": "wanted@example.com", "p": "1"}).content.decode()
        form = re.search(r'<form method="get" class="bo-filter">.*?</form>', shown, re.DOTALL)
        assert form is not None
        assert '<input type="hidden" name="state__exact" value="refused">' in form[0]
        assert '<input type="hidden" name="q" value="wanted@example.com">' in form[0]
        assert 'name="p"' not in form[0]

    def test_columns_cannot_be_sorted_by_what_no_index_sorts(self, admin: Client) -> None:
        assert self.found(admin, o="1") == self.found(admin)
        assert "?o=" not in admin.get(LIST).content.decode()


class TestTelling:
    def test_tells_the_email_by_its_name(self, sign_in: SignIn) -> None:
        message = message_of(customer())
        assert "Customer welcome" in sign_in(language="en").get(page(message)).content.decode()
        assert "Bienvenue client" in sign_in(language="fr").get(page(message)).content.decode()

    def test_masks_secrets_while_they_are_still_stored(self, admin: Client) -> None:
        message = secret_message()
        secrets = [message.variables[name] for name in message.secrets]
        assert len(secrets) == 2
        for shown in (admin.get(page(message)).content.decode(), admin.get(LIST).content.decode()):
            assert not [secret for secret in secrets if secret in shown]
        assert admin.get(page(message)).content.decode().count("•••") == 2

    def test_tells_what_happened_in_the_users_time_zone(self, admin: Client) -> None:
        message = message_of(customer())
        attempts = [{"at": "2026-07-14T10:00:05+00:00", "outcome": "refused", "detail": "send-0010: no such template"}]
        Message.objects.filter(id=message.id).update(attempts=attempts)
        admin.cookies["omnicrm_timezone"] = "America%2FMontreal"
        shown = admin.get(page(message)).content.decode()
        assert "14 Jul 2026, 06:00:05" in shown
        assert "send-0010: no such template" in shown
        admin.cookies["omnicrm_timezone"] = "../../etc/passwd"
        assert "14 Jul 2026, 12:00:05" in admin.get(page(message)).content.decode()

    def test_says_our_own_reasons_in_the_users_language(self, sign_in: SignIn) -> None:
        message = message_of(customer(), state=State.EXPIRED, reason="Its time ran out before it could be sent.")
        assert (
            "Son délai a expiré avant qu’il ait pu partir."
            in sign_in(language="fr").get(page(message)).content.decode()
        )

    def test_leads_to_the_customer(self, admin: Client) -> None:
        owner = customer()
        assert (
            reverse("admin:customers_customer_change", args=[owner.pk])
            in admin.get(page(message_of(owner))).content.decode()
        )

    def test_names_its_files_with_their_sizes(self, admin: Client) -> None:
        message = message_of(customer())
        Message.objects.filter(id=message.id).update(attachments=[{"filename": "INV-1.pdf", "size": 81_920}])
        assert re.search(r"INV-1\.pdf \(80\.0\sKB\)", admin.get(page(message)).content.decode())

    def test_hostile_values_stay_text(self, admin: Client) -> None:
        message = message_of(customer(), reason="<script>1</script>")
        hostile = "<script>2</script>"
        Message.objects.filter(id=message.id).update(
            variables={hostile: hostile},
            subject=hostile,
            to_name=hostile,
            section=hostile,
            attachments=[{"filename": hostile, "size": 1}],
            attempts=[{"at": "2026-07-14T10:00:05+00:00", "outcome": hostile, "detail": hostile}],
        )
        for address in (page(message), LIST, reverse("admin:index")):
            assert "<script>1" not in admin.get(address).content.decode()
            assert "<script>2" not in admin.get(address).content.decode()

    def test_nothing_can_be_edited(self, admin: Client) -> None:
        message = message_of(customer())
        shown = admin.get(page(message)).content.decode()
        assert 'name="_save"' not in shown
        assert admin.post(page(message), {"state": "delivered"}).status_code == 403
        assert state_of(message) == State.QUEUED

    @pytest.mark.parametrize(
        ("state", "offered"),
        [(State.QUEUED, {"cancel"}), (State.REFUSED, {"queue-again"}), (State.UNKNOWN, set()), (State.ACCEPTED, set())],
    )
    def test_offers_only_what_the_state_allows(self, admin: Client, state: State, offered: set[str]) -> None:
        message = message_of(customer(), state=state)
        shown = admin.get(page(message)).content.decode()
        assert {name for name in ("cancel", "queue-again") if f"{message.id}/{name}/" in shown} == offered


class TestQueueingAgain:
    def test_one_from_its_page_after_a_confirmation(self, admin: Client) -> None:
        message = message_of(customer(), state=State.REFUSED, reason="no such template")
        assert "no such template" in admin.get(page(message, "queue_again_page")).content.decode()
        assert state_of(message) == State.REFUSED
        response = admin.post(page(message, "queue_again_page"), follow=True)
        assert words(response) == ["1 message is queued again."]
        assert state_of(message) == State.QUEUED
        assert "queued again" in response.content.decode()

    def test_several_from_the_list_and_says_why_not_the_others(self, admin: Client) -> None:
        refused = message_of(customer(), state=State.REFUSED)
        accepted = message_of(customer("B", email="b@example.com"), state=State.ACCEPTED)
        delivered = message_of(customer("C", email="c@example.com"), state=State.ACCEPTED)
        response = admin.post(LIST, chosen("queue_again", refused, accepted, delivered), follow=True)
        first, second = words(response)
        assert first == "1 message is queued again."
        assert "b@example.com" in second
        assert "c@example.com" in second
        assert "accepted by Mailjet" in second
        assert state_of(refused) == State.QUEUED

    def test_a_message_whose_secret_is_gone_is_explained(self, admin: Client) -> None:
        message = secret_message()
        Message.objects.filter(id=message.id).update(state=State.FAILED)
        response = admin.post(page(message, "queue_again_page"), follow=True)
        assert "ask for a new one instead" in words(response)[0]

    def test_a_crowd_of_refusals_stays_readable(self, admin: Client) -> None:
        messages = [message_of(customer(f"C{n}", email=f"c{n}@example.com"), state=State.ACCEPTED) for n in range(9)]
        (said,) = words(admin.post(LIST, chosen("queue_again", *messages), follow=True))
        assert "and 4 others" in said


class TestCancelling:
    def test_one_from_its_page_with_the_reason_given(self, admin: Client) -> None:
        message = message_of(customer())
        response = admin.post(page(message, "cancel_page"), {"reason": "Asked on the phone"}, follow=True)
        assert words(response) == ["1 message is cancelled."]
        message.refresh_from_db()
        assert (message.state, message.reason) == (State.CANCELLED, "Asked on the phone")

    def test_without_a_reason_one_stands_there_in_every_language(self, sign_in: SignIn) -> None:
        message = message_of(customer())
        browser = sign_in(language="fr")
        shown = browser.post(page(message, "cancel_page"), {"reason": ""}, follow=True).content.decode()
        assert Message.objects.get().reason == CANCELLED_BY_STAFF
        assert "Annulé par le personnel." in shown

    def test_several_from_the_list_only_after_a_confirmation(self, admin: Client) -> None:
        one, two = message_of(customer()), message_of(customer("B", email="b@example.com"))
        asked = admin.post(LIST, chosen("cancel", one, two))
        assert "Cancel 2 messages?" in asked.content.decode()
        assert state_of(one) == State.QUEUED
        response = admin.post(LIST, chosen("cancel", one, two, confirmed="yes", reason="Recall"), follow=True)
        assert words(response) == ["2 messages are cancelled."]
        assert {state_of(one), state_of(two)} == {State.CANCELLED}

    def test_what_has_left_is_explained_and_stays(self, admin: Client) -> None:
        left = message_of(customer(), state=State.CLAIMED)
        again = message_of(customer("B", email="b@example.com"))
        cancel(Q(id=again.id), reason="first", now=now())
        response = admin.post(LIST, chosen("cancel", left, again, confirmed="yes", reason="second"), follow=True)
        assert sorted(words(response)) == [
            "Not changed: b@example.com. It is cancelled: only a message that still waits can be cancelled.",
            "Not changed: helene@example.com. "
            "It is being handed over: only a message that still waits can be cancelled.",
        ]
        assert Message.objects.get(id=again.id).reason == "first"

    @pytest.mark.parametrize("chosen_id", ["nonsense", "1", "01890000-0000-7000-8000-000000000000"])
    def test_a_made_up_choice_does_no_harm(self, admin: Client, chosen_id: str) -> None:
        choice = {"action": "cancel", "_selected_action": [chosen_id], "confirmed": "yes", "reason": ""}
        assert admin.post(LIST, choice).status_code in {302, 400}

    def test_a_reason_that_is_too_long_is_refused(self, admin: Client) -> None:
        message = message_of(customer())
        assert admin.post(page(message, "cancel_page"), {"reason": "x" * 201}).status_code == 200
        assert state_of(message) == State.QUEUED


def test_an_empty_list_says_what_appears_there(admin: Client) -> None:
    assert "Every email that OmniCRM sends appears here." in admin.get(LIST).content.decode()
