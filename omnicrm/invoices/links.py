"""Links that show an invoice to whoever has them, without signing in, until they expire.

A token is the invoice's id and the moment its link expires, signed: it cannot be made up, and nothing is stored.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final
from urllib.parse import quote

from django.core.signing import BadSignature, Signer

from omnicrm.config import current_config
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded

_SIGNER: Final = Signer(salt="omnicrm.invoices.links", sep=".")


class LinkState(Enum):
    EXPIRED = "expired"
    WRONG = "wrong"


def invoice_url(invoice_id: int, *, now: datetime) -> str:
    """The page of an invoice, valid for `invoice.link_expiry` from now on."""
    return f"{current_config().server.public_url}/invoice/{token_for(invoice_id, now=now)}/"


def pay_url(invoice_id: int, *, now: datetime) -> str | None:
    """Where to pay: through our own page, so that the amount is what is still due at the click. None if there is
    neither a payment page nor a bank account to show."""
    invoicing = current_config().invoice
    page = invoice_url(invoice_id, now=now)
    if invoicing.pay_url:
        return f"{page}pay/"
    return f"{page}#pay" if invoicing.bank.iban else None


def token_for(invoice_id: int, *, now: datetime) -> str:
    expires = now + current_config().invoice.link_expiry
    return _SIGNER.sign(f"{invoice_id}-{int(expires.timestamp())}")


def read_token(token: str, *, now: datetime) -> int | LinkState:
    """The invoice's id, or why the token opens nothing."""
    try:
        invoice_id, _, expires = _SIGNER.unsign(token).partition("-")
    except BadSignature:
        return LinkState.WRONG
    return int(invoice_id) if now.timestamp() < int(expires) else LinkState.EXPIRED


def outside_pay_url(invoice: Invoice) -> str:
    """The configured payment page for what is still due of this invoice, or an empty text if there is no such page."""
    values: Mapping[str, object] = {
        "number": invoice.number or "",
        "amount": rounded(invoice.balance_due, invoice.currency),
        "currency": invoice.currency,
        "invoice_id": invoice.pk,
        "customer_id": invoice.customer_id or "",
        "language": invoice.language,
    }
    return current_config().invoice.pay_url.format(
        **{name: quote(str(value), safe="") for name, value in values.items()}
    )
