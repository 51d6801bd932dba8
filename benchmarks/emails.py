"""The one email that everybody sends: an invoice from a Mailjet template, with about 150 bytes of variables."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson

PER_CALL = 50
"""Mailjet's limit."""
API_KEY, API_SECRET = "benchmark", "benchmark"
SENDER_EMAIL, SENDER_NAME = "billing@yourcompany.com", "Facturation de Votre Entreprise"
SUBJECT = "Votre facture"
TEMPLATE_ID = 6759851


def recipient(number: int) -> str:
    return f"customer{number}@example.com"


def variables(number: int) -> dict[str, str]:
    return {
        "customer_name": f"Client {number}",
        "invoice_number": f"FR-2026-{number:07d}",
        "due_date": "12 mars 2026",
        "total_amount": "42,90 €",
        "pay_url": f"https://selfcare.yourcompany.com/pay/{number}",
    }


def message(number: int) -> dict[str, Any]:
    """One entry of a v3.1 send call."""
    return {
        "From": {"Email": SENDER_EMAIL, "Name": SENDER_NAME},
        "To": [{"Email": recipient(number)}],
        "TemplateID": TEMPLATE_ID,
        "TemplateLanguage": True,
        "Subject": SUBJECT,
        "Variables": variables(number),
        "CustomID": str(UUID(int=number)),
    }


def call(numbers: Iterable[int]) -> dict[str, Any]:
    return {"AdvanceErrorHandling": True, "Messages": [message(number) for number in numbers]}


def body(numbers: Iterable[int]) -> bytes:
    return orjson.dumps(call(numbers))


def batches(count: int) -> Iterator[range]:
    """The numbers of `count` messages, cut into calls."""
    return (range(start, min(start + PER_CALL, count)) for start in range(0, count, PER_CALL))
