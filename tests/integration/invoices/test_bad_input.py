"""What cannot be an invoice is refused, field by field, and nothing is left half-done."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.emails.formats import formatted
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.models import Invoice
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW, YESTERDAY, line

TEN = Decimal(10)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due_date": YESTERDAY}, "due_date: The due date lies before the date of issue"),
        ({"start_date": TOMORROW, "end_date": TODAY}, "end_date: The period ends before it starts."),
        ({"currency": "EURO"}, "currency: Give the ISO 4217 code of a currency in use, such as EUR."),
        ({"currency": "FRF"}, "currency: Give the ISO 4217 code of a currency in use, such as EUR."),
        ({"notes": "x" * 2_001}, "notes: Use at most 2000 characters; this has 2001."),
        ({"notes": "a\x00b"}, "notes: Remove the control character U\\+0000."),
        ({"lines": [line("-5")]}, "lines: The lines come to -€6.00; an invoice cannot be negative."),
        ({"lines": [line()] * 5_001}, "lines: An invoice has at most 5000 lines; there are 5001."),
        ({"lines": [line("999999999", quantity="999999999")]}, "lines: The total is too large."),
        ({"lines": [line(title="")]}, "lines\\[0\\].title: This field must not be empty."),
        ({"lines": [line(title="x" * 10_000)]}, "lines\\[0\\].title: Use at most 500 characters; this has 10000."),
        ({"lines": [line(rate="101")]}, "lines\\[0\\].tax_rate: Use a number from 0 to 100."),
        ({"lines": [line(rate="-1")]}, "lines\\[0\\].tax_rate: Use a number from 0 to 100."),
        ({"lines": [line("NaN")]}, "lines\\[0\\].unit_price: Give a number."),
        ({"lines": [line("Infinity")]}, "lines\\[0\\].unit_price: Give a number."),
        ({"lines": [line("1e12")]}, "lines\\[0\\].unit_price: Use a number from -1000000000 to 1000000000."),
        ({"lines": [line("0.0000001")]}, "lines\\[0\\].unit_price: Use at most 6 decimals."),
        ({"lines": [{**line(), "start_date": TODAY, "end_date": YESTERDAY}]}, "lines\\[0\\].end_date: The period ends"),
        ({"lines": [{**line(), "colour": "red"}]}, "lines\\[0\\].colour: There is no such field"),
        ({"lines": [{"title": "Fibre"}]}, "lines\\[0\\].quantity: Give a number.; lines\\[0\\].unit_price"),
        ({"due_dat": TODAY}, "due_dat: There is no such field; did you mean “due_date”?"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(martin: Customer, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        create_draft(customer_id=martin.pk, now=NOW, **{"lines": [line()], **fields})
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_day_is_written_as_its_reader_writes_days(martin: Customer, language: str) -> None:
    with override(language), pytest.raises(InvalidInput, match=formatted(TODAY, language)):
        create_draft(customer_id=martin.pk, now=NOW, lines=[line()], due_date=YESTERDAY)


def test_all_mistakes_are_told_at_once(martin: Customer) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_draft(
            customer_id=martin.pk, currency="XXX", notes="\x01", lines=[line("NaN"), line(rate="200")], now=NOW
        )
    fields = [error.field for error in refusal.value.errors]
    assert fields == ["currency", "notes", "lines[0].unit_price", "lines[1].tax_rate"]


@pytest.mark.django_db
def test_a_customer_who_does_not_exist_is_a_wrong_field() -> None:
    with pytest.raises(InvalidInput, match=r"customer_id: There is no such customer\."):
        create_draft(customer_id=10**12, lines=[line()], now=NOW)
