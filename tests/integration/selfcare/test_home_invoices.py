"""The overview says what is still to be paid, and when."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from omnicrm.accounts.models import User
from tests.integration.invoices.conftest import TODAY, files
from tests.integration.selfcare.test_invoices import late, of, page, pay

__all__ = ["files"]

HOME = reverse("self_care")


def test_what_is_to_be_paid_is_added_up_with_its_next_day(at_zoes: Client, zoe: User) -> None:
    of(zoe, due_date=TODAY + timedelta(days=20))
    pay(of(zoe, due_date=TODAY + timedelta(days=5)), "20")
    told = page(at_zoes, HOME)
    assert "2 invoices are still to be paid: <strong>€220.00</strong>." in told
    assert "The next is due on" in told
    assert reverse("my_invoices") in told


def test_an_overdue_invoice_is_told_as_such(at_zoes: Client, zoe: User) -> None:
    assert late(zoe).total_amount == Decimal(120)
    told = page(at_zoes, HOME)
    assert "1 invoice is still to be paid: <strong>€120.00</strong>." in told
    assert "The oldest was due on" in told


def test_nothing_is_said_where_nothing_is_to_be_paid(at_zoes: Client, zoe: User) -> None:
    pay(of(zoe), "120")
    assert "To pay" not in page(at_zoes, HOME)
