"""Reminders of overdue invoices: each step once, one mail per customer and day, and never of what is not owed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import AccountType, Customer
from omnicrm.emails.formats import formatted
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.importing import import_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders, resume_reminders
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.reminder_models import Reminder, ReminderMail
from omnicrm.invoices.reminder_plan import plans
from omnicrm.invoices.reminder_steps import hour_has_come, leave_on
from omnicrm.invoices.reminders import (
    PASSED_OVER,
    pause_customer,
    remind_all,
    resume_customer,
    send_reminder,
)
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane
from tests.integration.invoices.conftest import A_PDF, NOW, TODAY, TOMORROW, a_customer, issue, line


def day(overdue: int) -> datetime:
    """The moment at which an invoice due today is that many days overdue."""
    return datetime.combine(TODAY + timedelta(days=overdue), time(12), UTC)


def due_today(customer: Customer, *lines: Any, **fields: Any) -> Invoice:
    return issue(customer, *lines, due_date=TODAY, send=False, **fields)


def overdue_by(days: int, customer: Customer) -> Invoice:
    """One that was issued elsewhere, of 120 EUR."""
    due = TODAY - timedelta(days=days)
    return import_invoice(
        customer_id=customer.pk,
        pdf=A_PDF,
        send=False,
        number=f"OLD-{customer.pk}-{days}",
        issue_date=due,
        due_date=due,
        total_amount=Decimal(120),
        by=SYSTEM,
        now=NOW,
    ).invoice


def reminders() -> list[Message]:
    return list(Message.objects.filter(section="api_crmCommunicationCustomerInvoiceReminder").order_by("id"))


def pay(invoice: Invoice, amount: str = "120", *, on: date = TODAY) -> None:
    register_payment(
        invoice_id=invoice.pk,
        amount=Decimal(amount),
        date=on,
        method="transfer",
        reference=f"{amount} on {on}",
        by=SYSTEM,
        now=NOW,
    )


def why_not(moment: datetime) -> list[str]:
    return [decision.why_not for plan in plans(now=moment) for decision in plan.decisions]


@pytest.mark.parametrize(("overdue", "mails"), [(0, 0), (2, 0), (3, 1), (4, 1), (9, 1), (10, 1), (30, 1), (300, 1)])
@pytest.mark.django_db
def test_the_first_reminder_leaves_at_the_first_step(overdue: int, mails: int) -> None:
    due_today(a_customer())
    remind_all(now=day(overdue))
    assert len(reminders()) == mails


def test_each_step_is_sent_once(martin: Customer) -> None:
    invoice = due_today(martin)
    for overdue in (*range(35), 34):
        remind_all(now=day(overdue))
    assert [mail.variables["days_overdue"] for mail in reminders()] == ["3", "10", "30"]
    assert list(invoice.reminders.values_list("step", flat=True)) == [3, 10, 30]
    assert why_not(day(35)) == ["All steps are done."]


def test_the_database_takes_a_step_but_once(martin: Customer) -> None:
    invoice = due_today(martin)
    remind_all(now=day(3))
    with pytest.raises(IntegrityError, match="each_reminder_step_once"), transaction.atomic():
        Reminder.objects.create(invoice=invoice, step=3, reason=PASSED_OVER, created_at=NOW)


def test_missed_days_are_caught_up_with_by_the_latest_step_alone(martin: Customer) -> None:
    invoice = due_today(martin)
    remind_all(now=day(12))
    assert [mail.variables["days_overdue"] for mail in reminders()] == ["12"]
    assert list(invoice.reminders.values_list("step", "reason")) == [(3, PASSED_OVER), (10, "")]
    remind_all(now=day(13))
    assert len(reminders()) == 1


def test_several_invoices_share_one_mail(martin: Customer) -> None:
    first, second = due_today(martin), due_today(martin, line("10"))
    remind_all(now=day(3))
    (mail,) = reminders()
    assert mail.variables["invoice_number"] == f"{first.number} et {second.number}"
    assert mail.variables["total_amount"] == "132,00\N{NO-BREAK SPACE}€"
    assert Reminder.objects.filter(step=3, mail__isnull=False).count() == 2


def test_the_mail_lists_its_invoices_the_oldest_first_in_the_customers_language(martin: Customer) -> None:
    newer, older = overdue_by(3, martin), overdue_by(10, martin)
    remind_all(now=NOW)
    (mail,) = reminders()
    assert mail.variables["invoice_count"] == "2"
    assert [
        {name: item[name] for name in ("invoice_number", "due_date", "days_overdue", "total_amount")}
        for item in mail.variables["invoices"]
    ] == [
        {
            "invoice_number": invoice.number,
            "due_date": formatted(invoice.due_date, "fr"),
            "days_overdue": days,
            "total_amount": "120,00\N{NO-BREAK SPACE}€",
        }
        for invoice, days in ((older, "10"), (newer, "3"))
    ]
    assert mail.variables["pay_url"] == mail.variables["invoices"][0]["pay_url"]


def test_the_list_of_a_single_invoice_has_one_item(martin: Customer) -> None:
    invoice = overdue_by(3, martin)
    remind_all(now=NOW)
    (item,) = reminders()[0].variables["invoices"]
    assert (item["invoice_number"], reminders()[0].variables["invoice_count"]) == (invoice.number, "1")


def test_several_currencies_are_not_added_up(martin: Customer) -> None:
    due_today(martin)
    due_today(martin, currency="CHF")
    remind_all(now=day(3))
    assert reminders()[0].variables["total_amount"] == "120,00\N{NO-BREAK SPACE}€ et 120,00\N{NO-BREAK SPACE}CHF"


def test_a_customer_gets_one_reminder_a_day(martin: Customer) -> None:
    due_today(martin)
    remind_all(now=day(3))
    issue(martin, due_date=TODAY, send=False)
    remind_all(now=day(3))
    assert why_not(day(3)) == ["The next step is at 10 days.", "The customer was reminded today."]
    assert len(reminders()) == 1
    remind_all(now=day(4))
    assert len(reminders()) == 2


def test_what_was_paid_in_part_is_no_longer_asked_for(martin: Customer) -> None:
    pay(due_today(martin), "20.50")
    remind_all(now=day(3))
    assert reminders()[0].variables["total_amount"] == "99,50\N{NO-BREAK SPACE}€"


def test_nobody_is_reminded_of_what_is_paid_or_credited(martin: Customer) -> None:
    pay(due_today(martin))
    credit_invoice(invoice_id=due_today(martin).pk, by=SYSTEM, now=NOW)
    assert remind_all(now=day(3)).customers == 0
    assert why_not(day(3)) == []


def test_a_reminder_leaves_behind_other_mail(martin: Customer) -> None:
    due_today(martin)
    remind_all(now=day(3))
    assert reminders()[0].lane == Lane.BULK


def test_a_paused_invoice_waits_and_the_latest_step_follows(martin: Customer) -> None:
    invoice = due_today(martin)
    pause_reminders(invoice_id=invoice.pk, reason="promise", until=TODAY + timedelta(days=11), by=SYSTEM, now=NOW)
    remind_all(now=day(11))
    assert why_not(day(11)) == ["Its reminders pause: promised to be paid."]
    remind_all(now=day(12))
    assert [mail.variables["days_overdue"] for mail in reminders()] == ["12"]


def test_a_paused_customer_is_not_reminded_of_anything(martin: Customer) -> None:
    due_today(martin)
    pause_customer(customer_id=martin.pk, reason="dispute", by=SYSTEM, now=NOW)
    remind_all(now=day(3))
    assert why_not(day(3)) == ["Reminders to the customer pause: disputed by the customer."]
    assert not reminders()
    resume_customer(customer_id=martin.pk, by=SYSTEM, now=NOW)
    remind_all(now=day(3))
    assert len(reminders()) == 1


def test_a_customer_without_address_is_named_with_the_reason(db: None) -> None:
    due_today(a_customer(contacts=[{"first_name": "Paul", "phone": "+33 1 99 00 12 34"}]))
    remind_all(now=day(3))
    assert why_not(day(3)) == ["No contact of the customer has an email address."]


def test_classes_have_steps_of_their_own_and_tags_come_before_account_types(
    db: None, reminding: Callable[..., None]
) -> None:
    reminding(days_overdue=[3], classes={"Business": [5], "vip": [8], "never": []})
    for fields in ({}, {"customer_account_type": AccountType.BUSINESS}):
        due_today(a_customer(**fields))
        due_today(a_customer(**fields, tags=["vip"]))
        due_today(a_customer(**fields, tags=["never"]))
    assert [remind_all(now=day(overdue)).customers for overdue in (3, 5, 8, 9)] == [1, 1, 2, 0]


def test_reminders_can_keep_to_working_days(reminding: Callable[..., None]) -> None:
    friday = date(2026, 12, 25)
    assert leave_on(friday + timedelta(days=1))
    reminding(working_days_only=True, closed_days=[friday])
    assert [leave_on(friday + timedelta(days=each)) for each in (-1, 0, 1, 2, 3)] == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("calendar", "leaves"),
    [(None, [True, True]), ("FR", [False, True]), ("FR-57", [False, False]), ("GB-ENG", [True, False])],
)
def test_no_reminders_leave_on_public_holidays_of_the_country_or_region(
    reminding: Callable[..., None], calendar: str | None, leaves: list[bool]
) -> None:
    bastille_day, good_friday_in_alsace_and_moselle = date(2026, 7, 14), date(2027, 3, 26)
    reminding(working_days_only=True, holidays=calendar)
    assert [leave_on(day) for day in (bastille_day, good_friday_in_alsace_and_moselle)] == leaves


def test_they_leave_from_a_local_hour_on(reminding: Callable[..., None]) -> None:
    reminding(hour=9)
    zone_offset = datetime(2026, 7, 1, 7, tzinfo=UTC)  # 9 o'clock in Paris in summer
    assert [hour_has_come(zone_offset - timedelta(minutes=1)), hour_has_come(zone_offset)] == [False, True]


def test_one_failing_customer_holds_nobody_up(martin: Customer) -> None:
    due_today(martin)
    broken = a_customer()
    due_today(broken)
    broken.contacts.update(email="Not Normal@x")  # written past all rules
    done = remind_all(now=day(3))
    assert (done.customers, done.failed) == (1, [broken.pk])
    assert Reminder.objects.count() == 1


def test_staff_remind_by_hand_without_spending_a_step(martin: Customer) -> None:
    invoice = due_today(martin)
    (message,) = send_reminder(invoice_id=invoice.pk, by=SYSTEM, now=day(1))
    assert (message.lane, message.variables["days_overdue"]) == (Lane.TRANSACTIONAL, "1")
    remind_all(now=day(3))
    assert len(reminders()) == 2


def test_a_promise_or_a_reminder_today_holds_staff_back_until_they_say_why(martin: Customer) -> None:
    invoice = due_today(martin)
    pause_reminders(invoice_id=invoice.pk, reason="promise", until=TODAY + timedelta(days=9), by=SYSTEM, now=NOW)
    with pytest.raises(WrongState, match="promised to be paid"):
        send_reminder(invoice_id=invoice.pk, by=SYSTEM, now=day(3))
    send_reminder(invoice_id=invoice.pk, force_reason="they asked for it", by=SYSTEM, now=day(3))
    resume_reminders(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    with pytest.raises(WrongState, match="was reminded today"):
        send_reminder(invoice_id=invoice.pk, by=SYSTEM, now=day(3))
    assert ReminderMail.objects.get().note == "they asked for it"


def test_nobody_is_reminded_by_hand_of_what_is_not_owed(martin: Customer) -> None:
    paid, disputed, open_one = due_today(martin), due_today(martin), issue(martin, due_date=TOMORROW)
    pay(paid)
    pause_reminders(invoice_id=disputed.pk, reason="dispute", by=SYSTEM, now=NOW)
    for invoice, said in ((paid, "Nothing of it"), (disputed, "It is disputed"), (open_one, "It is not overdue")):
        with pytest.raises(WrongState, match=said):
            send_reminder(invoice_id=invoice.pk, force_reason="I insist", by=SYSTEM, now=day(1))
    assert not reminders()


def test_a_dry_run_lists_who_would_get_what_and_why_others_would_not(martin: Customer) -> None:
    overdue_by(4, martin)
    overdue_by(1, martin)
    rows = orjson.loads(told("--dry-run", "--json"))
    assert [(row["step"], row["to"], row["why_not"]) for row in rows] == [
        (3, "helene@example.com", ""),
        (None, "", "The next step is at 3 days."),
    ]
    assert "helene@example.com" in told("--dry-run")
    assert not reminders()


def test_the_command_sends_what_is_due(martin: Customer) -> None:
    overdue_by(4, martin)
    assert orjson.loads(told("--json")) == {"customers": 1, "invoices": 1, "failed": []}
    assert told() == "0 customers were reminded of 0 invoices\n"
    assert told("--dry-run", "--json").count("The next step is at 10 days") == 1


def told(*words: str) -> str:
    out = StringIO()
    call_command("reminders", "run", *words, stdout=out)
    return out.getvalue()
