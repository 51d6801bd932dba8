"""From the model to the document that is printed: who gets it, who issues it, what it comes to."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from omnicrm.config import Config, current_config
from omnicrm.customers.models import Contact, Customer, Site
from omnicrm.invoices.document import (
    ClientDetails,
    CompanyDetails,
    DocumentKind,
    DocumentLine,
    InvoiceDocument,
    TaxTotal,
)
from omnicrm.invoices.models import Invoice, InvoiceLine, InvoiceTax
from omnicrm.invoices.money import rounded

TAX_NUMBER, REGISTRATION_NUMBER = "tax_number", "registration_number"
"""Custom attributes of a customer that the law wants to read on invoices to companies."""


def client_details(customer: Customer, *, sites: Sequence[Site], contact: Contact | None) -> ClientDetails:
    """The customer as an invoice names it, at its first site. `contact` is whom invoices go to."""
    return ClientDetails(
        name=customer.customer_name,
        account_number=str(customer.pk),
        address=_address(sites[0]) if sites else (),
        email=contact.email if contact else "",
        phone=contact.phone if contact else "",
        tax_number=str(customer.attributes.get(TAX_NUMBER, "")),
        registration_number=str(customer.attributes.get(REGISTRATION_NUMBER, "")),
    )


def client_column(client: ClientDetails) -> dict[str, Any]:
    """As Invoice.client holds it."""
    return {**asdict(client), "address": list(client.address)}


def compose(
    invoice: Invoice, *, lines: Iterable[InvoiceLine], taxes: Iterable[InvoiceTax], today: date, pay_url: str
) -> InvoiceDocument:
    """The document of an invoice whose `client` is set. One without a number yet is dated `today`."""
    currency, credited, config = invoice.currency, invoice.credited_invoice, current_config()
    language = cast("Literal['fr', 'en']", invoice.language)
    return InvoiceDocument(
        language=language,
        kind=DocumentKind(invoice.kind),
        invoice_number=invoice.number or "",
        date=invoice.issue_date or today,
        due_date=invoice.due_date,
        start_date=invoice.start_date,
        end_date=invoice.end_date,
        credited_invoice_number=credited.number or "" if credited else "",
        credited_invoice_date=credited.issue_date if credited else None,
        client=ClientDetails(**{**invoice.client, "address": tuple(invoice.client.get("address", ()))}),
        company=company_details(config),
        currency=currency,
        lines=tuple(_line(line, currency) for line in lines),
        taxes=tuple(_tax(tax, currency) for tax in taxes),
        net_amount=rounded(invoice.net_amount, currency),
        total_tax=rounded(invoice.total_tax, currency),
        total_amount=rounded(invoice.total_amount, currency),
        balance_due=rounded(invoice.total_amount, currency),
        payment_reference=invoice.number or "",
        payment_terms=config.invoice.payment_terms.in_language(language),
        pay_url=pay_url,
        notes=invoice.notes,
        legal_mentions=tuple(config.invoice.legal_mentions.in_language(language).splitlines()),
    )


def company_details(config: Config) -> CompanyDetails:
    company, issuer, bank = config.company, config.invoice.issuer, config.invoice.bank
    return CompanyDetails(
        name=company.name,
        address=tuple(line.strip() for line in company.address.splitlines() if line.strip()),
        legal_form=issuer.legal_form,
        registration_number=issuer.registration_number,
        tax_number=issuer.tax_number,
        email=issuer.email or company.support_email,
        phone=issuer.phone,
        website_url=company.website_url,
        bank_name=bank.name,
        iban=bank.iban,
        bic=bank.bic,
    )


def shortest(number: Decimal) -> Decimal:
    """Without the zeros that only fill up a column: 1.500000 is 1.5, and 100.000 is 100."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _address(site: Site) -> tuple[str, ...]:
    town = f"{site.postcode} {site.city}".strip()
    return tuple(filter(None, (site.address, town, site.country)))


def _line(line: InvoiceLine, currency: str) -> DocumentLine:
    return DocumentLine(
        title=line.title,
        quantity=shortest(line.quantity),
        unit=line.unit,
        unit_price=_price(line.unit_price, currency),
        tax_rate=shortest(line.tax_rate),
        net_amount=rounded(line.net_amount, currency),
        start_date=line.start_date,
        end_date=line.end_date,
    )


def _price(price: Decimal, currency: str) -> Decimal:
    """In the currency's decimals, or in more where it has more: a minute may cost 0.0385."""
    in_currency = rounded(price, currency)
    return in_currency if in_currency == price else shortest(price)


def _tax(tax: InvoiceTax, currency: str) -> TaxTotal:
    return TaxTotal(
        tax_rate=shortest(tax.tax_rate),
        net_amount=rounded(tax.net_amount, currency),
        tax_amount=rounded(tax.tax_amount, currency),
    )
