"""The list of invoices: found by state, age, customer and number; added up; taken away as a file."""

import csv
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.config import current_config
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.days import local_day
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders
from omnicrm.invoices.payments import register_payment
from tests.integration.backoffice.conftest import SignIn
from tests.integration.invoices.conftest import NOW, TODAY, a_customer, files, issue, line, martin

__all__ = ["files", "martin"]

LIST = reverse("admin:invoices_invoice_changelist")
EXPORT = reverse("admin:invoices_invoice_export")


def late(customer: Customer, days: int, **fields: Any) -> Invoice:
    """An invoice of 120 that fell due that many days ago."""
    then = NOW.astimezone(ZoneInfo(current_config().server.timezone)) - timedelta(days=days)  # by the company's clock
    fields = {"lines": [line()], "due_date": local_day(then), **fields}
    return create_invoice(customer_id=customer.pk, send=False, by=SYSTEM, now=then, **fields).invoice


def pay(invoice: Invoice, amount: str) -> None:
    fields: Any = {"amount": Decimal(amount), "date": TODAY, "method": "transfer", "reference": f"R{amount}"}
    register_payment(invoice_id=invoice.pk, by=SYSTEM, now=NOW, **fields)


def found(browser: Client, **query: str) -> list[Any]:
    response = browser.get(LIST, query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_each_state_finds_its_invoices(admin: Client, martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, now=NOW, lines=[line()])
    issued, paid, overdue, cancelled = issue(martin), issue(martin), late(martin, 5), issue(martin)
    pay(paid, "120")
    note = credit_invoice(invoice_id=cancelled.pk, by=SYSTEM, now=NOW)
    expected = {"draft": draft, "paid": paid, "overdue": overdue, "cancelled": cancelled}
    for state, invoice in expected.items():
        assert found(admin, state=state) == [invoice], state
    assert found(admin, state="issued") == [note, issued]


@pytest.mark.parametrize(
    ("age", "days"), [("1-30", [1, 30]), ("31-60", [31, 60]), ("61-90", [61, 90]), ("90+", [91, 400])]
)
def test_an_age_finds_what_is_overdue_for_that_long(admin: Client, martin: Customer, age: str, days: list[int]) -> None:
    invoices = [late(martin, each) for each in (1, 30, 31, 60, 61, 90, 91, 400)]
    shown = found(admin, overdue=age)
    assert sorted((TODAY - invoice.due_date).days for invoice in shown) == days
    assert set(shown) <= set(invoices)


def test_disputed_invoices_are_found_and_marked(admin: Client, martin: Customer) -> None:
    disputed, _other = issue(martin), issue(martin)
    pause_reminders(invoice_id=disputed.pk, reason="dispute", by=SYSTEM, now=NOW)
    assert found(admin, look="dispute") == [disputed]
    assert "disputed" in admin.get(LIST).content.decode()


def test_one_customer_s_invoices_are_shown_alone(admin: Client, martin: Customer) -> None:
    own, _other = issue(martin), issue(a_customer(customer_name="Garage Petit", contacts=[{"email": "g@example.com"}]))
    assert found(admin, customer=str(martin.pk)) == [own]
    assert "Only about Boulangerie Martin" in admin.get(LIST, {"customer": str(martin.pk)}).content.decode()
    assert found(admin, customer="nobody") == []


def test_a_number_its_beginning_and_the_customer_s_name_are_searched(admin: Client, martin: Customer) -> None:
    invoice = issue(martin)
    for wanted in (str(invoice.number), str(invoice.number)[:-2].lower(), "boulang"):
        assert found(admin, q=wanted) == [invoice], wanted
    assert found(admin, q="garage") == []


def test_the_period_is_that_of_the_date_of_issue(admin: Client, martin: Customer) -> None:
    old, new = late(martin, 40), issue(martin)
    day = (TODAY - timedelta(days=40)).isoformat()
    assert found(admin, created_from=day, created_until=day) == [old]
    assert found(admin, created_from=TODAY.isoformat()) == [new]


def test_what_was_found_is_added_up_per_currency(admin: Client, martin: Customer) -> None:
    pay(issue(martin), "20")
    late(martin, 3)
    credit_invoice(invoice_id=issue(martin, line("50")).pk, by=SYSTEM, now=NOW)
    create_draft(customer_id=martin.pk, now=NOW, lines=[line("10")])
    issue(martin, line("1000", rate="0"), currency="JPY")
    euros, yen = admin.get(LIST).context["cl"].totals
    assert (euros.currency, euros.count) == ("EUR", 5)
    assert (euros.invoiced, euros.credited, euros.paid) == (Decimal(300), Decimal(60), Decimal(20))
    assert (euros.due, euros.overdue, euros.drafts) == (Decimal(220), Decimal(120), Decimal(12))
    assert (yen.currency, yen.invoiced) == ("JPY", Decimal(1000))
    (paid,) = admin.get(LIST, {"state": "partially_paid"}).context["cl"].totals
    assert (paid.count, paid.due) == (1, Decimal(100))


def test_the_chart_shows_how_long_how_much_is_overdue(admin: Client, martin: Customer) -> None:
    late(martin, 10)
    late(martin, 20)
    late(martin, 200)
    response = admin.get(LIST)
    (ageing,) = response.context["cl"].ageing
    assert [(each.count, each.amount) for each in ageing.aged] == [(2, 240), (0, 0), (0, 0), (1, 120)]
    assert "?overdue=90%2B" in response.content.decode()
    assert "Overdue, by how long" not in admin.get(LIST, {"state": "paid"}).content.decode()


def test_the_export_holds_what_the_filters_show_and_no_formula(admin: Client) -> None:
    issue(a_customer(customer_name="=HYPERLINK(1)"))
    late(a_customer(customer_name="Zoé", contacts=[{"email": "z@example.com"}]), 5)
    response = admin.post(f"{EXPORT}?state=issued")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(content.splitlines())
    assert row["customer"] == "'=HYPERLINK(1)"
    assert (row["total"], row["still due"], row["currency"]) == ("120.00", "120.00", "EUR")
    assert response["Content-Disposition"].startswith('attachment; filename="invoices-')


def test_who_takes_a_list_away_stands_in_the_audit_log_without_what_was_searched(
    admin: Client, martin: Customer
) -> None:
    issue(martin)
    assert admin.post(f"{EXPORT}?state=issued&created_from=2026-01-31&q=Martin").status_code == 200
    entry = Entry.objects.get(action=Action.INVOICES_EXPORTED)
    assert entry.actor_name == "Admin Person"
    assert entry.detail == {"state": "issued", "from": "2026-01-31", "searched": True}
    told = admin.get(reverse("admin:audit_entry_changelist")).content.decode()
    assert "list of invoices exported" in told
    assert "from: 2026-01-31; state: issued; searched for a text: yes" in told
    assert admin.get(EXPORT).status_code == 405


def test_sums_that_take_too_long_leave_the_list_as_it_is(
    admin: Client, martin: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_invoices: object, **_now: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1ms'")
            cursor.execute("SELECT pg_sleep(60)")

    invoice = issue(martin)
    monkeypatch.setattr("omnicrm.backoffice.invoicing.invoices.totals_by_currency", slowly)
    shown = admin.get(LIST)
    assert "Adding all of this up takes too long" in shown.content.decode()
    assert list(shown.context["cl"].result_list) == [invoice]


def test_a_page_of_invoices_takes_as_many_queries_as_one_invoice(
    admin: Client, martin: Customer, django_assert_num_queries: Any
) -> None:
    issue(martin)
    admin.get(LIST)
    with CaptureQueriesContext(connection) as one:
        admin.get(LIST)
    for _each in range(4):
        issue(martin)
    with django_assert_num_queries(len(one)):
        admin.get(LIST)


def test_marketing_sees_no_invoice(sign_in: SignIn, martin: Customer) -> None:
    issue(martin)
    browser = sign_in(Role.MARKETING)
    assert browser.get(LIST).status_code == 403
    assert browser.post(EXPORT).status_code == 403
    assert not Entry.objects.filter(action=Action.INVOICES_EXPORTED).exists()
    assert (
        "Latest invoices"
        not in browser.get(reverse("admin:customers_customer_change", args=[martin.pk])).content.decode()
    )


def test_a_customer_s_page_shows_its_invoices(admin: Client, martin: Customer) -> None:
    invoice = issue(martin)
    page = admin.get(reverse("admin:customers_customer_change", args=[martin.pk])).content.decode()
    assert str(invoice.number) in page
    assert f"{reverse('admin:invoices_invoice_add')}?customer={martin.pk}" in page
