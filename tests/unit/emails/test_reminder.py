"""The reminder of one overdue invoice, and of several: a list that templates may show, or leave."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mailjet_sandbox.language import render
from omnicrm.config import Company
from omnicrm.emails.designs import compile_design
from omnicrm.emails.formats import Money
from omnicrm.emails.invoices import CustomerInvoiceReminder, OverdueInvoice

COMPANY = Company(name="Télécom & Fils", website_url="https://telecom.example.com")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
OLD = OverdueInvoice(
    invoice_number="INV-1",
    due_date=date(2026, 10, 1),
    days_overdue=54,
    total_amount=Money(amount=Decimal("1234.50"), currency="EUR"),
    invoice_url="https://telecom.example.com/1/",
    pay_url=None,
)
NEW = replace(
    OLD,
    invoice_number="INV-2",
    due_date=date(2026, 11, 20),
    days_overdue=4,
    total_amount=Money(amount=Decimal(30), currency="EUR"),
    invoice_url="https://telecom.example.com/2/",
    pay_url="https://telecom.example.com/2/pay/",
)
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def received(email: CustomerInvoiceReminder, language: str) -> list[str]:
    design = compile_design(email.section, language, company=COMPANY)
    parts = [render(part, variables=email.variables(language), now=NOW) for part in (design.html, design.text)]
    assert [part.errors for part in parts] == [(), ()]
    return [part.output for part in parts]


def test_the_list_reads_as_the_other_variables_do_in_the_recipients_language() -> None:
    email = CustomerInvoiceReminder.about(OLD, NEW, customer_name="Zoé")
    assert email.variables("fr")["invoices"] == [
        {
            "invoice_number": "INV-1",
            "due_date": "1 octobre 2026",
            "days_overdue": "54",
            "total_amount": "1\u202f234,50\u00a0€",
            "invoice_url": "https://telecom.example.com/1/",
            "pay_url": "",
        },
        {
            "invoice_number": "INV-2",
            "due_date": "20 novembre 2026",
            "days_overdue": "4",
            "total_amount": "30,00\u00a0€",
            "invoice_url": "https://telecom.example.com/2/",
            "pay_url": "https://telecom.example.com/2/pay/",
        },
    ]


def test_the_other_variables_tell_the_numbers_the_oldest_and_the_sum() -> None:
    shown = CustomerInvoiceReminder.about(OLD, NEW, customer_name="Zoé").variables("en")
    assert [shown[name] for name in ("invoice_number", "due_date", "days_overdue", "total_amount", "pay_url")] == [
        "INV-1 and INV-2",
        "1 October 2026",
        "54",
        "€1,264.50",
        "",
    ]


def test_an_items_text_can_neither_open_a_tag_nor_leave_an_attribute() -> None:
    hostile = replace(OLD, invoice_number='"><script>')
    assert hostile.fields("en")["invoice_number"] == "&quot;&gt;&lt;script&gt;"


@LANGUAGES
def test_several_invoices_are_listed_each_with_its_link_to_pay(language: str) -> None:
    email = CustomerInvoiceReminder.about(OLD, NEW, customer_name="Zoé")
    for part in received(email, language):
        assert [item.fields(language)["total_amount"] in part for item in (OLD, NEW)] == [True, True]
        assert NEW.pay_url
        assert part.count(NEW.pay_url) == 1


@LANGUAGES
def test_one_invoice_makes_no_list(language: str) -> None:
    one = CustomerInvoiceReminder.about(NEW, customer_name="Zoé")
    for part in received(one, language):
        assert part.count(NEW.pay_url or "") == 1
        assert part.count(NEW.invoice_url) == 1  # as the beginning of the link to pay


def test_an_item_of_the_plain_text_begins_on_a_line_of_its_own() -> None:
    _html, text = received(CustomerInvoiceReminder.about(OLD, NEW, customer_name="Zoé"), "en")
    assert (
        "INV-1 (https://telecom.example.com/1/): €1,234.50\n"
        "Due date: 1 October 2026\nDays overdue: 54\n"
        "INV-2 (https://telecom.example.com/2/): €30.00\n"
        "Due date: 20 November 2026\nDays overdue: 4\n"
        "Pay this invoice (https://telecom.example.com/2/pay/)\n"
        "Total due: €1,264.50\n"
    ) in text
