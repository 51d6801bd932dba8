"""Emails about invoices."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import SAMPLE_CUSTOMER, CatalogueEmail, Variable
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CustomerInvoiceReminder(CatalogueEmail):
    """One mail may remind of several invoices: it names them all, their oldest due date, and what they come to."""

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
    pay_url: Annotated[str | None, Variable(_("Link to pay the invoice online; empty where that is not offered"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            customer_name=SAMPLE_CUSTOMER.in_language(language),
            invoice_number="INV-2026-0042",
            due_date=date(2026, 12, 24),
            days_overdue=7,
            total_amount=Money(amount=Decimal("120.50"), currency="EUR"),
            pay_url=f"{current_config().server.public_url}/self-care/invoices/42/pay/",
        )
