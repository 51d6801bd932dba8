"""Payments and credit notes from the page about an invoice."""

from decimal import Decimal

import pytest
from django.test import Client

from omnicrm.customers.models import Customer
from omnicrm.invoices.models import Invoice
from tests.integration.backoffice.invoice_pages import PAYMENT, page, paid, words
from tests.integration.invoices.conftest import TOMORROW, files, fresh, issue, martin

__all__ = ["files", "martin"]


class TestPayments:
    def test_one_is_booked(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "payment_page"), PAYMENT, follow=True)
        assert words(response) == "The payment of €20.00 is booked."
        assert fresh(invoice).balance_due == Decimal(100)
        shown = admin.get(page(invoice)).content.decode()
        assert "RIB 77" in shown
        assert "€100.00" in shown

    def test_the_form_proposes_what_is_due_today(self, admin: Client, martin: Customer) -> None:
        form = admin.get(page(issue(martin), "payment_page")).context["form"]
        assert (form["amount"].value(), form["method"].value()) == ("120.00", None)

    def test_the_same_reference_is_booked_once(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        admin.post(page(invoice, "payment_page"), PAYMENT)
        assert (
            "is booked on this invoice already" in admin.post(page(invoice, "payment_page"), PAYMENT).content.decode()
        )
        assert fresh(invoice).paid_amount == 20

    def test_too_much_is_asked_about(self, admin: Client, martin: Customer) -> None:
        invoice, too_much = issue(martin), {**PAYMENT, "amount": "200"}
        assert "Only €120.00 is still due" in admin.post(page(invoice, "payment_page"), too_much).content.decode()
        admin.post(page(invoice, "payment_page"), {**too_much, "allow_overpayment": "on"})
        assert fresh(invoice).overpaid_amount == 80

    @pytest.mark.parametrize(("field", "value"), [("amount", "x"), ("date", TOMORROW.isoformat()), ("reference", "")])
    def test_wrong_input_books_nothing(self, admin: Client, martin: Customer, field: str, value: str) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "payment_page"), {**PAYMENT, field: value})
        assert response.context["form"].errors[field]
        assert fresh(invoice).paid_amount == 0

    def test_one_is_taken_back_once(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        payment = paid(invoice)
        undo = f"{page(invoice, 'reverse_page')}?payment={payment.pk}"
        assert undo in admin.get(page(invoice)).content.decode()
        assert "€120.00" in admin.get(undo).content.decode()
        assert words(admin.post(undo, follow=True)) == "The payment is taken back."
        assert "It has been taken back before." in words(admin.post(undo, follow=True))
        assert fresh(invoice).paid_amount == 0
        assert undo not in admin.get(page(invoice)).content.decode()

    def test_a_payment_of_another_invoice_is_not_taken_back_here(self, admin: Client, martin: Customer) -> None:
        mine, other = issue(martin), issue(martin)
        payment = paid(other)
        admin.post(f"{page(mine, 'reverse_page')}?payment={payment.pk}")
        assert fresh(other).paid_amount == 120


class TestCrediting:
    def test_all_of_it_cancels_the_invoice(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "credit_page"), {"extent": "all", "notes": ""}, follow=True)
        note = Invoice.objects.get(credited_invoice=invoice)
        assert str(note.number) in words(response)
        assert fresh(invoice).state == "cancelled"
        assert page(note) in admin.get(page(invoice)).content.decode()

    def test_a_part_is_credited_at_a_rate_of_the_invoice(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        part = {"extent": "part", "title": "Geste", "amount": "10,00", "tax_rate": "20", "notes": ""}
        admin.post(page(invoice, "credit_page"), part)
        assert fresh(invoice).credited_amount == 12

    def test_more_than_is_left_is_refused_beside_the_amount(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        part = {"extent": "part", "title": "Geste", "amount": "101", "tax_rate": "20", "notes": ""}
        response = admin.post(page(invoice, "credit_page"), part)
        assert "At most €100.00" in response.context["form"].errors["amount"][0]
        assert not Invoice.objects.filter(kind="credit_note").exists()

    def test_a_part_needs_its_words_and_amount(self, admin: Client, martin: Customer) -> None:
        response = admin.post(page(issue(martin), "credit_page"), {"extent": "part"})
        assert set(response.context["form"].errors) == {"title", "amount", "tax_rate"}
