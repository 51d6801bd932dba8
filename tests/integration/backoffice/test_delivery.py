"""What Mailjet told, where staff see it: a message's page, an invoice's, a customer's."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.backoffice.email.happenings import REPEATS_SHOWN
from omnicrm.config import current_config
from omnicrm.config.models import Webhook
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import add_contact
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message, Suppression
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.invoice_pages import page as invoice_page
from tests.integration.backoffice.invoice_pages import paid
from tests.integration.backoffice.scene import accepted, customer, message_of, secret_message, told
from tests.integration.invoices.conftest import NOW, files, issue, mails_about, martin

__all__ = ["files", "martin"]

AT = datetime(2026, 5, 3, 10, 0, 0, 500_000, tzinfo=UTC)
SAID = "550 5.1.1 <helene@example.com>: no such user"
NOTHING_TOLD = "Mailjet has told nothing yet."


def page(message: Message) -> str:
    return reverse("admin:outbox_message_change", args=[message.id])


def customer_page(owner: Customer) -> str:
    return reverse("admin:customers_customer_change", args=[owner.pk])


def shown(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def timeline(browser: Client, address: str) -> list[Any]:
    return list(browser.get(address).context["timeline"])


def a_message(**whose: Any) -> Message:
    message = accepted(message_of(customer(**whose)), at=AT)
    Message.objects.filter(id=message.id).update(created_at=AT - timedelta(seconds=5))
    message.refresh_from_db()
    return message


def seconds(count: int) -> datetime:
    return AT + timedelta(seconds=count)


class Configuring:
    """Tests of what depends on the webhook's being configured."""

    @pytest.fixture
    def webhook(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mailjet = current_config().mailjet
        configured = mailjet.model_copy(update={"webhook": Webhook.model_validate(WEBHOOK)})
        config = current_config().model_copy(update={"mailjet": configured})
        for module in ("message_page", "delivery_cards"):
            monkeypatch.setattr(f"omnicrm.backoffice.email.{module}.current_config", lambda: config)


WEBHOOK = {"username": "mailjet", "password": "only for tests"}


class TestTimeline:
    def test_tells_everything_in_its_order(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.CLICK, at=seconds(60), url="https://example.com/offer")
        told(message, Kind.SENT, at=seconds(2))
        told(message, Kind.UNSUB, at=seconds(90))
        told(message, Kind.OPEN, at=seconds(60))
        assert [happening.what for happening in timeline(admin, page(message))] == [
            "created",
            "accepted by Mailjet",
            "delivered",
            "opened",
            "link clicked",
            "unsubscribed",
        ]

    def test_what_mailjets_clock_puts_before_the_acceptance_stands_after_it(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.SENT, at=AT - timedelta(seconds=3))
        assert [happening.what for happening in timeline(admin, page(message))][1:] == [
            "accepted by Mailjet",
            "delivered",
        ]

    def test_an_open_says_where_and_with_what(self, sign_in: SignIn) -> None:
        message = a_message()
        told(message, Kind.OPEN, at=seconds(9), agent="Thunderbird 140", country="DE")
        assert "Germany · Thunderbird 140" in shown(sign_in(language="en"), page(message))
        assert "Allemagne · Thunderbird 140" in shown(sign_in(language="fr"), page(message))

    def test_times_are_in_the_users_zone(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.SENT, at=seconds(7))
        admin.cookies["omnicrm_timezone"] = "America%2FMontreal"
        assert "3 May 2026, 06:00:07" in shown(admin, page(message))

    def test_a_bounce_says_why_and_keeps_what_the_server_said_folded(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.BOUNCE, at=seconds(3), is_hard=True, error="user unknown", comment=SAID)
        bounce = timeline(admin, page(message))[-1]
        assert (bounce.what, bounce.detail, bounce.raw, bounce.colour) == ("bounced", "user unknown", SAID, "danger")
        assert re.search(r"<details[^>]*>.*no such user.*</details>", shown(admin, page(message)), re.DOTALL)

    def test_a_bounce_that_is_not_final_alarms_nobody(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.BOUNCE, at=seconds(3), error="greylisted")
        told(message, Kind.BOUNCE, at=seconds(4), error="quota exceeded")
        deferred, soft = timeline(admin, page(message))[-2:]
        assert (deferred.what, deferred.colour) == ("deferred by the recipient's server", "warning")
        assert (soft.what, soft.colour) == ("bounced for now", "warning")

    def test_a_complaint_stands_out(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.SPAM, at=seconds(3), comment="JMRPP")
        complaint = timeline(admin, page(message))[-1]
        assert (complaint.what, complaint.colour, complaint.note) == ("reported as spam", "danger", "JMRPP")

    def test_the_mail_programs_own_button_is_called_so(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.UNSUB, at=seconds(3), agent="List-Unsubscribe")
        assert "by the button of the mail program" in shown(admin, page(message))
        assert "List-Unsubscribe" not in shown(admin, page(message))

    def test_very_many_opens_are_summed_up(self, admin: Client) -> None:
        message = a_message()
        for count in range(REPEATS_SHOWN + 3):
            told(message, Kind.OPEN, at=seconds(10 + count))
        found = [happening.what for happening in timeline(admin, page(message))]
        assert found.count("opened") == REPEATS_SHOWN
        assert found[-1] == "opened or clicked 3 more times"

    def test_a_link_of_a_message_with_secrets_is_not_told(self, admin: Client) -> None:
        message = accepted(secret_message(), at=AT)
        told(message, Kind.CLICK, at=seconds(3), url="https://crm.example.com/account/verify/TOKEN/?code=TOKEN")
        assert "link clicked" in shown(admin, page(message))
        assert "TOKEN" not in shown(admin, page(message))

    def test_hostile_values_stay_text(self, admin: Client) -> None:
        message = a_message()
        hostile = dict.fromkeys(("agent", "country", "comment", "error", "url"), "<script>1</script>")
        for number, kind in enumerate(Kind):
            told(message, kind, at=seconds(number), **hostile)
        for address in (page(message), reverse("admin:outbox_message_changelist")):
            assert "<script>1" not in shown(admin, address)

    def test_a_reason_is_told_in_the_users_language_and_what_the_server_said_as_it_is(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.BOUNCE, at=seconds(3), is_hard=True, error="user unknown", comment=SAID)
        assert "Hard bounce: user unknown (550 5.1.1" in shown(admin, page(message))


class TestNothingTold(Configuring):
    def test_because_the_webhook_is_not_configured(self, admin: Client) -> None:
        found = shown(admin, page(a_message()))
        assert NOTHING_TOLD in found
        assert "mailjet.webhook is not configured" in found

    @pytest.mark.usefixtures("webhook")
    def test_because_no_event_ever_arrived(self, admin: Client) -> None:
        assert "No event has ever arrived" in shown(admin, page(a_message()))

    @pytest.mark.usefixtures("webhook")
    def test_because_mailjet_has_not_accepted_it_yet(self, admin: Client) -> None:
        assert "Mailjet has not accepted the message yet." in shown(admin, page(message_of(customer())))

    @pytest.mark.usefixtures("webhook")
    def test_although_events_of_others_arrive(self, admin: Client) -> None:
        other = a_message(name="Other", email="other@example.com")
        told(other, Kind.SENT, at=seconds(3))
        assert "has not answered yet" in shown(admin, page(a_message()))

    @pytest.mark.parametrize("state", [State.CANCELLED, State.SUPPRESSED, State.REFUSED, State.EXPIRED])
    def test_is_not_said_of_what_never_left(self, admin: Client, state: State) -> None:
        assert NOTHING_TOLD not in shown(admin, page(message_of(customer(), state=state)))

    def test_is_not_said_once_something_was(self, admin: Client) -> None:
        message = a_message()
        told(message, Kind.SENT, at=seconds(3))
        assert NOTHING_TOLD not in shown(admin, page(message))

    def test_security_mail_says_that_it_is_not_tracked(self, admin: Client) -> None:
        assert "opens and clicks of security mail are not counted" in shown(admin, page(secret_message()))
        assert "security mail are not counted" not in shown(admin, page(a_message()))


@pytest.mark.parametrize(
    ("kind", "fields", "state"),
    [
        (Kind.SENT, {}, "delivered"),
        (Kind.BOUNCE, {"is_hard": True, "error": "user unknown"}, "bounced"),
        (Kind.BLOCKED, {"error": "preblocked"}, "blocked"),
        (Kind.SPAM, {}, "complained"),
        (Kind.BOUNCE, {"error": "greylisted"}, "deferred"),
    ],
)
def test_messages_are_found_by_what_became_of_them(
    admin: Client, kind: Kind, fields: dict[str, Any], state: str
) -> None:
    told(a_message(), kind, at=seconds(3), **fields)
    a_message(name="Other", email="other@example.com")
    listed = admin.get(reverse("admin:outbox_message_changelist"), {"state__exact": state})
    assert [message.to_email for message in listed.context["cl"].result_list] == ["helene@example.com"]


def test_the_list_tells_which_messages_were_read(admin: Client) -> None:
    opened, unopened = a_message(), a_message(name="Other", email="other@example.com")
    told(opened, Kind.OPEN, at=seconds(3))
    told(unopened, Kind.SENT, at=seconds(3))
    response = admin.get(reverse("admin:outbox_message_changelist"))
    listed = {message.to_email: message.is_opened for message in response.context["cl"].result_list}
    assert listed == {"helene@example.com": True, "other@example.com": False}
    assert response.content.decode().count(">opened<") == 1


def test_an_invoices_timeline_tells_what_became_of_its_emails(admin: Client, martin: Customer) -> None:
    invoice = issue(martin)
    (mail,) = mails_about(invoice)
    accepted(mail, at=NOW + timedelta(seconds=1))
    told(mail, Kind.SENT, at=NOW + timedelta(seconds=2))
    told(mail, Kind.OPEN, at=NOW + timedelta(seconds=3), country="FR")
    told(mail, Kind.CLICK, at=NOW + timedelta(seconds=4), url="https://crm.example.com/invoice/")
    paid(invoice, at=NOW + timedelta(seconds=5))
    happened = timeline(admin, invoice_page(invoice))
    assert [happening.what for happening in happened] == [
        "created",
        "issued",
        "Invoice queued",
        "accepted by Mailjet",
        "delivered",
        "opened",
        "link clicked",
        "paid",
    ]
    assert happened[6].detail == "Invoice · helene@example.com · https://crm.example.com/invoice/"


class TestCustomer:
    @pytest.fixture(autouse=True)
    def _bounced(self, db: None) -> None:
        self.owner = customer()
        message = accepted(message_of(self.owner), at=AT)
        told(message, Kind.BOUNCE, at=seconds(3), is_hard=True, error="user unknown", comment=SAID)
        self.lift = reverse("admin:outbox_suppression_lift_page", args=[Suppression.objects.get().pk])

    def test_a_contact_that_cannot_be_reached_is_told_with_the_reason_and_a_way_out(self, admin: Client) -> None:
        found = shown(admin, customer_page(self.owner))
        assert "Hélène Lefèvre: nothing is sent to helene@example.com any more." in found
        assert "Hard bounce: user unknown" in found
        assert self.lift in found

    def test_once_lifted_nothing_is_told(self, admin: Client) -> None:
        admin.post(self.lift)
        assert "any more." not in shown(admin, customer_page(self.owner))

    def test_the_front_page_leads_to_it_until_that_is_lifted(self, admin: Client) -> None:
        link = f'<a class="bo-link" href="{customer_page(self.owner)}" dir="auto">Hélène Lefèvre</a>'
        assert link in shown(admin, reverse("admin:index"))
        admin.post(self.lift)
        assert "reaches no more" not in shown(admin, reverse("admin:index"))

    def test_who_may_not_lift_is_not_led_there(self, sign_in: SignIn) -> None:
        found = shown(sign_in(Role.READ_ONLY), customer_page(self.owner))
        assert "nothing is sent to helene@example.com any more." in found
        assert self.lift not in found

    def test_contacts_that_can_be_reached_are_not_told(self, admin: Client) -> None:
        add_contact(customer_id=self.owner.pk, email="other@example.com", now=AT)
        assert "nothing is sent to other@example.com" not in shown(admin, customer_page(self.owner))

    def test_who_only_unsubscribed_can_be_reached(self, admin: Client) -> None:
        other = customer("Other", email="other@example.com")
        told(accepted(message_of(other), at=AT), Kind.UNSUB, at=seconds(3))
        assert Suppression.objects.filter(address="other@example.com", scope="marketing").exists()
        assert "any more." not in shown(admin, customer_page(other))
