"""An invoice as it is printed: everything a template may show, as plain values.

`render_invoice(document, template=...)` draws one. The fields of InvoiceDocument are the variables of a template under
the same names (docs/invoice-templates.md): renaming one breaks the templates of operators.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientDetails:
    """The customer as of the day of issue. `address` has one entry per printed line; what is unknown is empty."""

    name: str
    account_number: str = ""
    address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    tax_number: str = ""
    registration_number: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyDetails:
    """The operator as of the day of issue. `legal_form` is such as "SAS au capital de 50 000 €"."""

    name: str
    address: tuple[str, ...] = ()
    legal_form: str = ""
    registration_number: str = ""
    tax_number: str = ""
    email: str = ""
    phone: str = ""
    website_url: str = ""
    bank_name: str = ""
    iban: str = ""
    bic: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentLine:
    """`tax_rate` is in percent: 20 means 20 %. `net_amount` is the line's rounded total without tax. The dates are
    those of what was delivered, where they differ from the invoice's own."""

    title: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    net_amount: Decimal
    unit: str = ""
    start_date: datetime.date | None = None
    end_date: datetime.date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxTotal:
    """What all lines of one rate come to. `tax_rate` is in percent."""

    tax_rate: Decimal
    net_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentPayment:
    """A payment that was known when the invoice was issued."""

    date: datetime.date
    amount: Decimal
    method: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoiceDocument:
    """One invoice or credit note, in the language it is written in.

    Amounts are in `currency`, an ISO 4217 code; those of a credit note are positive: what the customer gets back.
    A draft has no `invoice_number` yet. `balance_due` is `total_amount` less the payments. `payment_reference` is what
    the customer writes on a transfer. `legal_mentions` are paragraphs for the foot of the last page.
    """

    language: Literal["fr", "en"]
    kind: DocumentKind = DocumentKind.INVOICE
    invoice_number: str
    date: datetime.date
    due_date: datetime.date | None = None
    start_date: datetime.date | None = None
    end_date: datetime.date | None = None
    credited_invoice_number: str = ""
    credited_invoice_date: datetime.date | None = None

    client: ClientDetails
    company: CompanyDetails

    currency: str
    lines: tuple[DocumentLine, ...]
    taxes: tuple[TaxTotal, ...]
    net_amount: Decimal
    total_tax: Decimal
    total_amount: Decimal
    payments: tuple[DocumentPayment, ...] = ()
    balance_due: Decimal

    payment_reference: str = ""
    payment_terms: str = ""
    pay_url: str = ""
    notes: str = ""
    legal_mentions: tuple[str, ...] = ()

    @property
    def transactions(self) -> tuple[DocumentLine, ...]:
        """The lines, by their other name."""
        return self.lines
