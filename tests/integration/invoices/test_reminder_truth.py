"""A queued reminder leaves only while all that it says is true; what is left to remind of is decided anew."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from mailjet_sandbox.control import SandboxControl
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Contact, Customer
from omnicrm.invoices import reminder_reasons as why
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders
from omnicrm.invoices.reminder_models import Reminder, ReminderMail
from omnicrm.invoices.reminders import pause_customer, remind_all, send_reminder
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import cancel
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.states import State
from tests.integration.api.conftest import Integrator
from tests.integration.invoices.conftest import NOW, TODAY, a_customer
from tests.integration.invoices.test_api import an_integrator
from tests.integration.invoices.test_reminders import overdue_by, pay, reminders
from tests.integration.outbox.conftest import config_for


@pytest.fixture
def drain(sandbox: SandboxControl, sandbox_url: str) -> Callable[[], None]:
    """Lets a worker send what is queued."""
    config = config_for(sandbox_url)
    sections = {"customer_invoice_reminder": config.mailjet.customer_invoice}
    config = config.model_copy(update={"mailjet": config.mailjet.model_copy(update=sections)})

    async def act() -> None:
        async with running_outbox(config, clock=lambda: NOW) as outbox:
            await outbox.dispatcher.drain()

    return lambda: asyncio.run(act())


def outcomes() -> list[tuple[str, str]]:
    return [(message.state, message.reason) for message in reminders()]


def pause(invoice: Invoice) -> None:
    pause_reminders(invoice_id=invoice.pk, reason="promise", until=TODAY + timedelta(days=1), by=SYSTEM, now=NOW)


def pause_all(invoice: Invoice) -> None:
    pause_customer(customer_id=invoice.customer_id or 0, reason="dispute", by=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (pay, why.PAID),
        (lambda invoice: pay(invoice, "20"), why.AMOUNT_CHANGED),
        (pause, why.PAUSED),
        (pause_all, why.PAUSED),
        (lambda _: Contact.objects.update(email="new@example.com"), why.NO_CONTACT),
    ],
    ids=["paid", "paid in part", "paused", "customer paused", "address changed"],
)
@pytest.mark.django_db(transaction=True)
def test_one_that_is_no_longer_true_does_not_leave(
    drain: Callable[[], None], sandbox: SandboxControl, meanwhile: Callable[[Invoice], Any], reason: str
) -> None:
    invoice = overdue_by(4, a_customer())
    remind_all(now=NOW)
    meanwhile(invoice)
    drain()
    assert outcomes() == [(State.CANCELLED, reason)]
    assert sandbox.messages() == []


@pytest.mark.django_db(transaction=True)
def test_one_that_is_still_true_leaves(drain: Callable[[], None], sandbox: SandboxControl) -> None:
    overdue_by(4, a_customer())
    remind_all(now=NOW)
    drain()
    assert len(sandbox.messages()) == 1


@pytest.mark.django_db(transaction=True)
def test_when_one_of_several_is_paid_the_others_are_reminded_of_anew(
    drain: Callable[[], None], sandbox: SandboxControl
) -> None:
    customer = a_customer()
    overdue_by(4, customer)
    pay_me = overdue_by(5, customer)
    remind_all(now=NOW)
    pay(pay_me)
    drain()
    assert sandbox.messages() == []
    remind_all(now=NOW)
    drain()
    assert [state for state, _reason in outcomes()] == [State.CANCELLED, State.ACCEPTED]
    assert reminders()[1].variables["invoice_number"] == f"OLD-{customer.pk}-4"
    remind_all(now=NOW)
    assert len(reminders()) == 2


@pytest.mark.django_db(transaction=True)
def test_staff_may_override_a_promise_but_a_dispute_stops_it(drain: Callable[[], None]) -> None:
    invoice = overdue_by(4, a_customer())
    pause(invoice)
    send_reminder(invoice_id=invoice.pk, force_reason="agreed by phone", by=SYSTEM, now=NOW)
    drain()
    send_reminder(invoice_id=invoice.pk, force_reason="once more", by=SYSTEM, now=NOW)
    pause_all(invoice)
    drain()
    assert outcomes() == [(State.ACCEPTED, ""), (State.CANCELLED, why.PAUSED)]


def test_what_staff_cancelled_is_not_sent_again(martin: Customer) -> None:
    overdue_by(4, martin)
    remind_all(now=NOW)
    assert cancel(Q(pk=reminders()[0].pk), reason="Cancelled by staff.", now=NOW) == 1
    assert remind_all(now=NOW).customers == 0
    assert not ReminderMail.objects.exclude(withdrawn_at=None).exists()


def test_one_that_expired_unsent_is_due_again(martin: Customer) -> None:
    overdue_by(4, martin)
    remind_all(now=NOW)
    Message.objects.update(state=State.EXPIRED)
    assert remind_all(now=NOW + timedelta(days=1)).customers == 1
    assert Reminder.objects.filter(withdrawn_at=None).count() == 1


def test_an_invoice_tells_its_reminders_and_what_is_next(martin: Customer) -> None:
    api = an_integrator(Role.BILLING)
    invoice = overdue_by(12, martin)
    assert shown(api, invoice)["step_today"] == 10
    remind_all(now=NOW)
    told = shown(api, invoice)
    assert [(each["step"], each["reason"], len(each["messages"])) for each in told["reminders"]] == [
        (3, "A later step had come by then.", 0),
        (10, "", 1),
    ]
    assert (told["step_today"], told["why_not"]) == (None, "The next step is at 30 days.")


def test_staff_remind_and_pause_through_the_api(martin: Customer) -> None:
    api, invoice = an_integrator(Role.BILLING), overdue_by(1, martin)
    path, pausing = f"/invoice/{invoice.pk}/reminder", f"/customer/{martin.pk}/reminder_pause"
    answer = api.post(path)
    assert answer.status_code == 201, answer.content
    assert answer.json()["emails"][0]["to_email"] == "helene@example.com"
    assert api.post(path).status_code == 409
    assert api.post(path, {"force_reason": "they lost it"}).status_code == 201
    assert api.post(pausing, {"reason": "dispute"}).status_code == 201
    assert api.get(pausing).json()["reason"] == "dispute"
    assert api.post(path, {"force_reason": "I insist"}).status_code == 409
    assert api.delete(pausing).status_code == 204
    assert api.get(pausing).json()["reason"] == ""


def shown(api: Integrator, invoice: Invoice) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/invoice/{invoice.pk}/reminder").json()
    return answer
