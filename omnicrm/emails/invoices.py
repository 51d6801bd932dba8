"""Emails about invoices."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import SAMPLE_CUSTOMER, CatalogueEmail, ListItem, Variable
from omnicrm.emails.formats import Money, Wording


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CustomerInvoice(CatalogueEmail):
    """The subject is the configured prefix followed by the invoice number, with nothing added in between."""

    section = "api_crmCommunicationCustomerInvoice"
    sent_when = _("An invoice is issued by a run or by staff, or the customer asks for a copy. The PDF is attached.")
    default_subject = Wording(fr="Votre facture - ", en="Your invoice - ")

    customer_name: Annotated[str, Variable(_("Full name of the customer"))]
    invoice_number: Annotated[str, Variable(_("Number of the invoice"), required=True)]
    invoice_date: Annotated[date, Variable(_("Date of issue of the invoice"))]
    due_date: Annotated[date, Variable(_("Date by which to pay"))]
    total_amount: Annotated[Money, Variable(_("Total amount due"), required=True)]
    invoice_url: Annotated[str, Variable(_("Link to view or download the PDF of the invoice"))]
    pay_url: Annotated[
        str | None,
        Variable(
            _("Link to pay the invoice online; empty where that is not offered"), required=True, or_else="invoice_url"
        ),
    ]

    def subject(self, language: str) -> str:
        return self.configured_subject(language) + self.invoice_number

    @classmethod
    def sample(cls, language: str) -> Self:
        portal = current_config().server.public_url
        return cls(
            customer_name=SAMPLE_CUSTOMER.in_language(language),
            invoice_number="INV-2026-0042",
            invoice_date=date(2026, 11, 24),
            due_date=date(2026, 12, 24),
            total_amount=Money(amount=Decimal("120.50"), currency="EUR"),
            invoice_url=f"{portal}/self-care/invoices/42/",
            pay_url=f"{portal}/self-care/invoices/42/pay/",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OverdueInvoice(ListItem):
    """One of the invoices that a reminder is about. Its fields are called as the reminder's own variables."""

    invoice_number: Annotated[str, Variable(_("Number of the invoice"))]
    due_date: Annotated[date, Variable(_("Date by which it should have been paid"))]
    days_overdue: Annotated[int, Variable(_("Number of days since the due date"))]
    total_amount: Annotated[Money, Variable(_("Amount still due"))]
    invoice_url: Annotated[str, Variable(_("Link to view or download the PDF of the invoice"))]
    pay_url: Annotated[str | None, Variable(_("Link to pay the invoice online; empty where that is not offered"))]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CustomerInvoiceReminder(CatalogueEmail):
    """One mail may remind of several invoices: it lists them. For templates that show no list it names them all, their
    oldest due date, and what they come to.
    """

    section = "api_crmCommunicationCustomerInvoiceReminder"
    sent_when = _("An invoice is a configured number of days overdue, or staff send a reminder.")
    default_subject = Wording(fr="Rappel de paiement - Facture en retard", en="Payment reminder - Overdue invoice")

    customer_name: Annotated[str, Variable(_("Full name of the customer"))]
    invoice_number: Annotated[
        str | tuple[str, ...], Variable(_("Number of the invoice; of several, their numbers"), required=True)
    ]
    due_date: Annotated[date, Variable(_("Date by which it should have been paid; of several, the oldest"))]
    days_overdue: Annotated[int, Variable(_("Number of days since the due date"))]
    total_amount: Annotated[Money | tuple[Money, ...], Variable(_("Total amount due"), required=True)]
    pay_url: Annotated[
        str | None,
        Variable(_("Link to pay the invoice online, of several the oldest; empty where that is not offered")),
    ]
    invoice_count: Annotated[int, Variable(_("Number of invoices in the list"))]
    invoices: Annotated[tuple[OverdueInvoice, ...], Variable(_("List of the overdue invoices, the oldest first"))]

    @classmethod
    def about(cls, *invoices: OverdueInvoice, customer_name: str) -> Self:
        """The reminder of one or several invoices, the oldest first; different currencies are not added up."""
        oldest, sums = invoices[0], defaultdict[str, Decimal](Decimal)
        for invoice in invoices:
            sums[invoice.total_amount.currency] += invoice.total_amount.amount
        return cls(
            customer_name=customer_name,
            invoice_number=tuple(invoice.invoice_number for invoice in invoices),
            due_date=oldest.due_date,
            days_overdue=oldest.days_overdue,
            total_amount=tuple(Money(amount=amount, currency=currency) for currency, amount in sums.items()),
            pay_url=oldest.pay_url,
            invoice_count=len(invoices),
            invoices=invoices,
        )

    @classmethod
    def sample(cls, language: str) -> Self:
        """Of two invoices, so that a preview shows the list."""
        customer_name = SAMPLE_CUSTOMER.in_language(language)
        older = _sample_invoice(41, due_date=date(2026, 11, 24), days_overdue=37, amount="79.90")
        newer = _sample_invoice(42, due_date=date(2026, 12, 24), days_overdue=7, amount="120.50")
        return cls.about(older, newer, customer_name=customer_name)


def _sample_invoice(number: int, *, due_date: date, days_overdue: int, amount: str) -> OverdueInvoice:
    url = f"{current_config().server.public_url}/self-care/invoices/{number}/"
    return OverdueInvoice(
        invoice_number=f"INV-2026-00{number}",
        due_date=due_date,
        days_overdue=days_overdue,
        total_amount=Money(amount=Decimal(amount), currency="EUR"),
        invoice_url=url,
        pay_url=f"{url}pay/",
    )
