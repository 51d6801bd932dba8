"""An invoice run bills each customer once for what services cost in a period, whatever happens on the way."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer, Service, ServiceState
from omnicrm.customers.operations import add_service
from omnicrm.emails.formats import formatted
from omnicrm.invoices.charges import add_charge, change_charge, remove_charge
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.run_billing import BILLED_ALREADY
from omnicrm.invoices.run_models import BilledDays, InvoiceRun, RecurringCharge, RowState, RunState
from omnicrm.invoices.run_queries import RunProgress, progress_of, rows_of
from omnicrm.invoices.run_work import work_on
from omnicrm.invoices.runs import cancel_run, finish, start_run
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane
from tests.integration.invoices.conftest import NOW, YESTERDAY, a_customer

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
LONG_AGO = NOW - timedelta(days=3650)


def a_service(customer: Customer, *, state: ServiceState = ServiceState.ACTIVE) -> Service:
    service = add_service(customer_id=customer.pk, service_name="Fibre", state=state, now=NOW)
    Service.objects.filter(pk=service.pk).exclude(activated_at=None).update(activated_at=LONG_AGO)
    return service


def charged(customer: Customer, amount: str = "30", **fields: Any) -> RecurringCharge:
    start = fields.pop("start_date", date(2026, 1, 1))
    service = fields.pop("service", None) or a_service(customer)
    return add_charge(service_id=service.pk, amount=Decimal(amount), start_date=start, now=NOW, **fields)


def start(**fields: Any) -> InvoiceRun:
    return start_run(**{"start_date": FIRST, "end_date": LAST, "by": SYSTEM, "now": NOW, **fields})


def work(run: InvoiceRun) -> None:
    while work_on(run_id=run.pk, now=NOW):
        pass
    assert finish(run_id=run.pk, now=NOW)


def run(**fields: Any) -> RunProgress:
    started = start(**fields)
    work(started)
    return progress_of(started.pk)


def the_invoice(customer: Customer) -> Invoice:
    return Invoice.objects.get(customer=customer)


def test_each_customer_gets_one_invoice_for_all_services(martin: Customer) -> None:
    charged(martin)
    charged(martin, "9.99", title="TV")
    assert run().invoiced == 1
    invoice = the_invoice(martin)
    assert (invoice.start_date, invoice.end_date, invoice.total_amount) == (FIRST, LAST, Decimal("47.990"))
    assert [line.title for line in invoice.lines.all()] == ["Fibre", "TV"]


def test_its_emails_leave_behind_all_others(martin: Customer) -> None:
    charged(martin)
    run()
    assert Message.objects.get(customer=martin).lane == Lane.BULK


@pytest.mark.parametrize(
    ("period", "from_day", "until", "lines"),
    [
        ((FIRST, LAST), date(2026, 1, 1), None, [("1", "30")]),
        ((FIRST, LAST), date(2026, 11, 16), None, [("1", "15")]),
        ((FIRST, LAST), date(2026, 1, 1), date(2026, 11, 10), [("1", "10")]),
        ((date(2026, 10, 1), date(2026, 12, 31)), date(2026, 1, 1), None, [("3", "30")]),
        ((date(2026, 10, 1), date(2026, 12, 31)), date(2026, 11, 16), None, [("1", "30"), ("1", "15")]),
        ((date(2026, 11, 15), date(2026, 12, 14)), date(2026, 1, 1), None, [("1", "30")]),
        ((date(2026, 1, 31), date(2026, 2, 27)), date(2026, 1, 1), None, [("1", "30")]),
        ((FIRST, date(2026, 11, 7)), date(2026, 1, 1), None, [("1", "7")]),
        ((date(2026, 2, 1), date(2026, 2, 28)), date(2026, 2, 20), None, [("1", "9.64")]),
    ],
    ids=["whole", "begun", "ended", "quarter", "begun quarter", "from the 15th", "from the 31st", "a week", "rounded"],
)
def test_parts_of_months_cost_their_share_of_days(
    martin: Customer, period: tuple[date, date], from_day: date, until: date | None, lines: list[tuple[str, str]]
) -> None:
    charged(martin, start_date=from_day, end_date=until)
    run(start_date=period[0], end_date=period[1])
    found = [(line.quantity, line.unit_price) for line in the_invoice(martin).lines.all()]
    assert found == [(Decimal(quantity), Decimal(price)) for quantity, price in lines]


def test_without_pro_rata_a_month_that_is_begun_costs_all_of_it(martin: Customer) -> None:
    charged(martin, start_date=date(2026, 11, 16))
    assert run(is_prorated=False).net_amount == 30
    assert run(is_prorated=False).nothing == 1


def test_without_pro_rata_the_period_is_whole_months(martin: Customer) -> None:
    with pytest.raises(InvalidInput, match="not whole months"):
        start(is_prorated=False, end_date=date(2026, 11, 20))


def test_a_part_says_of_which_days_it_is(martin: Customer) -> None:
    charged(martin, start_date=date(2026, 11, 16))
    run()
    (line,) = the_invoice(martin).lines.all()
    assert (line.title, line.start_date, line.end_date) == ("Fibre (15 jours sur 30)", date(2026, 11, 16), LAST)


@pytest.mark.parametrize("state", [ServiceState.PENDING, ServiceState.SUSPENDED, ServiceState.CLOSED])
def test_only_active_services_are_billed(martin: Customer, state: ServiceState) -> None:
    service = a_service(martin, state=state)
    charged(martin, service=service)
    assert run().customers == 0


def test_days_before_the_activation_are_not_billed(martin: Customer) -> None:
    charge = charged(martin)
    Service.objects.filter(pk=charge.service_id).update(activated_at=NOW.replace(year=2026, month=11, day=21, hour=12))
    assert run().net_amount == 10


def test_a_second_run_bills_nobody_again(martin: Customer) -> None:
    charged(martin)
    run()
    again = start()
    work(again)
    assert [(row.state, row.reason) for row in rows_of(again.pk)] == [(RowState.NOTHING, BILLED_ALREADY)]
    assert Invoice.objects.count() == 1


def test_a_second_run_bills_what_is_new(martin: Customer) -> None:
    charged(martin)
    run()
    charged(martin, "12", title="TV", start_date=date(2026, 11, 1))
    assert run().net_amount == 12


def test_a_longer_period_bills_the_days_that_are_left(martin: Customer) -> None:
    charged(martin)
    run(end_date=date(2026, 11, 10))
    assert run().net_amount == 20


def test_the_database_refuses_to_bill_a_day_twice(martin: Customer) -> None:
    charge = charged(martin)
    run()
    with pytest.raises(IntegrityError, match="charge_days_are_billed_once"), transaction.atomic():
        BilledDays.objects.create(charge=charge, invoice=the_invoice(martin), start_date=LAST, end_date=LAST)


def test_a_dry_run_adds_up_what_the_run_comes_to_and_issues_nothing(martin: Customer) -> None:
    charged(martin, "29.99", start_date=date(2026, 11, 12))
    charged(a_customer(), "7.77", tax_rate=Decimal("5.5"))
    charged(a_customer(), "-5")
    dry = run(is_dry=True)
    assert (Invoice.objects.count(), Message.objects.count(), BilledDays.objects.count()) == (0, 0, 0)
    assert dry == run()
    assert (dry.invoiced, dry.failed) == (2, 1)
    assert dry.total_amount == sum(invoice.total_amount for invoice in Invoice.objects.all())


def test_a_customer_who_cannot_be_invoiced_is_reported_and_stops_nobody(martin: Customer) -> None:
    charged(martin)
    discounted = a_customer()
    charged(discounted, "-5")
    started = start()
    work(started)
    (failed,) = rows_of(started.pk, state=RowState.FAILED)
    assert failed.customer == discounted
    assert failed.reason == ("The lines come to -€6.00; an invoice cannot be negative. Credit an earlier one instead.")
    assert Invoice.objects.filter(number=None).count() == 0
    assert the_invoice(martin).number


def test_the_reason_is_told_to_each_reader_in_their_language(martin: Customer) -> None:
    charged(martin, "-5")
    started = start()
    work(started)
    (failed,) = rows_of(started.pk)
    assert failed.told_reason == failed.reason
    with override("fr"):
        assert failed.told_reason.startswith("Les lignes donnent -6,00\N{NO-BREAK SPACE}€\N{NO-BREAK SPACE};")


def test_the_reason_tells_a_day_in_the_readers_language_too(martin: Customer) -> None:
    charged(martin)
    started = start(due_date=local_day(NOW))
    assert work_on(run_id=started.pk, now=NOW + timedelta(days=1)) == 1
    (failed,) = rows_of(started.pk, state=RowState.FAILED)
    tomorrow = local_day(NOW) + timedelta(days=1)
    assert formatted(tomorrow, "en") in failed.told_reason
    with override("fr"):
        assert formatted(tomorrow, "fr") in failed.told_reason
        assert formatted(tomorrow, "en") not in failed.told_reason


def test_a_reason_of_before_it_was_data_stays_readable(martin: Customer) -> None:
    charged(martin)
    started = start()
    started.rows.update(state=RowState.NOTHING, reason=BILLED_ALREADY)
    (row,) = rows_of(started.pk)
    assert (row.reasons, row.told_reason) == ([], BILLED_ALREADY)
    with override("fr"):
        assert row.told_reason not in ("", BILLED_ALREADY)


def test_data_that_nobody_expected_fails_its_customer_alone(martin: Customer) -> None:
    charged(martin)
    broken = a_customer()
    charged(broken)
    broken.contacts.update(email="UPPER@EXAMPLE.COM Ü@x")  # written past all rules: the outbox will not take it
    started = start()
    work(started)
    (failed,) = rows_of(started.pk, state=RowState.FAILED)
    assert (failed.customer, failed.reason.partition(":")[0]) == (broken, "InvalidAddress")
    assert [invoice.customer for invoice in Invoice.objects.all()] == [martin]
    assert the_invoice(martin).sequence == 1


def test_a_customer_without_address_is_invoiced_and_reported(db: None) -> None:
    charged(a_customer(contacts=[{"first_name": "Paul", "phone": "+33 1 99 00 12 34"}]))
    started = start()
    work(started)
    assert [(row.state, row.reason) for row in rows_of(started.pk)] == [
        (RowState.INVOICED, "No contact of the customer has an email address.")
    ]


def test_a_run_can_be_for_some_customers(martin: Customer) -> None:
    charged(martin)
    charged(a_customer())
    assert run(customer_ids=[martin.pk]).customers == 1


def test_a_cancelled_run_stops_and_keeps_what_is_issued(martin: Customer) -> None:
    charged(martin)
    charged(a_customer())
    started = start()
    assert work_on(run_id=started.pk, limit=1, now=NOW) == 1
    assert cancel_run(run_id=started.pk, by=SYSTEM, now=NOW).state == RunState.CANCELLED
    work(started)
    progress = progress_of(started.pk)
    assert (progress.invoiced, progress.cancelled, Invoice.objects.count()) == (1, 1, 1)


def test_a_run_that_is_over_cannot_be_cancelled(martin: Customer) -> None:
    started = start()
    with pytest.raises(WrongState, match="The run is over"):
        cancel_run(run_id=started.pk, by=SYSTEM, now=NOW)


def test_a_run_without_charges_is_done_at_once(db: None) -> None:
    assert start().state == RunState.DONE


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"start_date": LAST, "end_date": FIRST}, "end_date"),
        ({"end_date": date(2028, 1, 1)}, "end_date"),
        ({"due_date": YESTERDAY}, "due_date"),
        ({"customer_ids": [0]}, "customer_ids[0]"),
    ],
    ids=["backwards", "too long", "due before issue", "unknown customer"],
)
@pytest.mark.django_db
def test_a_run_that_makes_no_sense_is_refused(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        start(**fields)
    assert [error.field for error in refused.value.errors] == [wrong]
    assert not InvoiceRun.objects.exists()


@pytest.mark.django_db
def test_a_broken_template_is_told_before_anything_is_issued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from omnicrm.invoices.template_files import PACKAGED, Template  # noqa: PLC0415

    (tmp_path / "broken.html").write_text("{{ nobody_knows_this }}")
    template = Template(folders=(tmp_path, PACKAGED), name="broken.html")
    monkeypatch.setattr("omnicrm.invoices.rendering.configured_template", lambda: template)
    with pytest.raises(InvalidInput, match=r"broken.html"):
        start()


def test_a_charge_that_was_billed_is_ended_not_removed(martin: Customer) -> None:
    charge = charged(martin)
    run()
    with pytest.raises(WrongState, match="end date"):
        remove_charge(charge_id=charge.pk, now=NOW)
    with pytest.raises(InvalidInput, match="billed up to 30 November 2026"):
        change_charge(charge_id=charge.pk, now=NOW, end_date=date(2026, 11, 20))
    assert change_charge(charge_id=charge.pk, now=NOW, end_date=LAST).end_date == LAST
