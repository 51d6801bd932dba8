"""Made-up invoices, to look at a template and to check it with: one that has everything, and one with the least."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from typing import Literal

from omnicrm.emails.formats import Wording
from omnicrm.invoices.document import (
    ClientDetails,
    CompanyDetails,
    DocumentKind,
    DocumentLine,
    DocumentPayment,
    InvoiceDocument,
    TaxTotal,
)

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
_CENT = Decimal("0.01")
_ISSUED, _DUE = date(2026, 11, 24), date(2026, 12, 24)
_START, _END = date(2026, 11, 1), date(2026, 11, 30)
_COMPANY = CompanyDetails(
    name="Votre Entreprise",
    address=("12 rue des Lilas", "69003 Lyon", "France"),
    legal_form="SAS au capital de 50 000 €",
    registration_number="RCS Lyon 123 456 782",
    tax_number="FR32123456782",
    email="facturation@yourcompany.com",
    phone="04 00 00 00 00",
    website_url="https://yourcompany.com",
    bank_name="Banque de Lyon",
    iban="FR76 3000 6000 0112 3456 7890 189",
    bic="BDLYFRPPXXX",
)
_CLIENT = ClientDetails(
    name="Boulangerie Élysée",
    account_number="C-10042",
    address=("Résidence Les Tilleuls", "8 avenue de la Gare", "38000 Grenoble", "France"),
    email="comptabilite@example.com",
    tax_number="FR81987654324",
    registration_number="987 654 324",
)
_OFFERS = (
    (Wording(fr="Fibre 1 Gb/s, abonnement", en="Fibre 1 Gb/s, subscription"), "1", "39.99", "20"),
    (Wording(fr="Mobile 100 Go, abonnement", en="Mobile 100 GB, subscription"), "3", "12.50", "20"),
    (Wording(fr="Appels vers l’international", en="International calls"), "127.5", "0.0385", "20"),
    (Wording(fr="Location de la box", en="Router rental"), "1", "3", "20"),
    (Wording(fr="Bouquet de presse", en="Newspaper bundle"), "1", "9.90", "2.1"),
    (Wording(fr="Remise de fidélité", en="Loyalty discount"), "1", "-5", "20"),
)
_LEGAL = Wording(
    fr="En cas de retard de paiement, une pénalité de trois fois le taux d’intérêt légal est due, ainsi qu’une "
    "indemnité forfaitaire de 40 € pour frais de recouvrement. Pas d’escompte pour paiement anticipé.",
    en="Late payment bears a penalty of three times the legal interest rate and a fixed charge of €40 for recovery "
    "costs. No discount for early payment.",
)
_NOTES = Wording(
    fr="Merci de votre confiance.\nVotre conseiller est joignable du lundi au samedi.",
    en="Thank you for your custom.\nYour adviser can be reached from Monday to Saturday.",
)


def sample_document(language: Language, *, lines: int = 6, company: CompanyDetails = _COMPANY) -> InvoiceDocument:
    """An invoice on which every variable has a value, but for those of a credit note."""
    printed = tuple(islice((_line(*offer, language=language) for offer in cycle(_OFFERS)), lines))
    printed = (*printed[:-1], replace(printed[-1], start_date=date(2026, 10, 12), end_date=date(2026, 10, 31)))
    taxes = _taxes(printed)
    net = sum((tax.net_amount for tax in taxes), Decimal(0))
    tax_amount = sum((tax.tax_amount for tax in taxes), Decimal(0))
    paid = DocumentPayment(date=_ISSUED, amount=Decimal("10.00"), method="SEPA", reference="RF18")
    return InvoiceDocument(
        language=language,
        invoice_number="INV-2026-000042",
        date=_ISSUED,
        due_date=_DUE,
        start_date=_START,
        end_date=_END,
        client=_CLIENT,
        company=company,
        currency="EUR",
        lines=printed,
        taxes=taxes,
        net_amount=net,
        total_tax=tax_amount,
        total_amount=net + tax_amount,
        payments=(paid,),
        balance_due=net + tax_amount - paid.amount,
        payment_reference="INV-2026-000042",
        payment_terms=Wording(fr="Paiement à 30 jours.", en="Payment within 30 days.").in_language(language),
        pay_url="https://crm.yourcompany.com/self-care/invoices/42/pay/",
        notes=_NOTES.in_language(language),
        legal_mentions=(_LEGAL.in_language(language),),
    )


def sample_credit_note(language: Language, *, lines: int = 6, company: CompanyDetails = _COMPANY) -> InvoiceDocument:
    """A credit note on which everything has a value."""
    invoice = sample_document(language, lines=lines, company=company)
    return replace(
        invoice,
        kind=DocumentKind.CREDIT_NOTE,
        invoice_number="CN-2026-000007",
        due_date=None,
        credited_invoice_number=invoice.invoice_number,
        credited_invoice_date=invoice.date,
        payments=(),
        balance_due=invoice.total_amount,
        payment_terms="",
        pay_url="",
    )


def sample_draft(language: Language) -> InvoiceDocument:
    """A draft in which everything that can be empty is."""
    line = DocumentLine(
        title="1", quantity=Decimal(1), unit_price=Decimal(0), tax_rate=Decimal(0), net_amount=Decimal("0.00")
    )
    return InvoiceDocument(
        language=language,
        invoice_number="",
        date=_ISSUED,
        client=ClientDetails(name=_CLIENT.name),
        company=CompanyDetails(name=_COMPANY.name),
        currency="EUR",
        lines=(line,),
        taxes=_taxes([line]),
        net_amount=Decimal("0.00"),
        total_tax=Decimal("0.00"),
        total_amount=Decimal("0.00"),
        balance_due=Decimal("0.00"),
    )


def _line(title: Wording, quantity: str, unit_price: str, tax_rate: str, *, language: Language) -> DocumentLine:
    return DocumentLine(
        title=title.in_language(language),
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        tax_rate=Decimal(tax_rate),
        net_amount=(Decimal(quantity) * Decimal(unit_price)).quantize(_CENT),
    )


def _taxes(lines: Sequence[DocumentLine]) -> tuple[TaxTotal, ...]:
    rates = sorted({line.tax_rate for line in lines}, reverse=True)
    return tuple(
        _tax(rate, sum((line.net_amount for line in lines if line.tax_rate == rate), Decimal(0))) for rate in rates
    )


def _tax(rate: Decimal, net_amount: Decimal) -> TaxTotal:
    return TaxTotal(tax_rate=rate, net_amount=net_amount, tax_amount=(net_amount * rate / 100).quantize(_CENT))
