"""The list of invoices as a file for spreadsheets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from omnicrm.backoffice.spreadsheet import csv_of
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.queries import state_of
from omnicrm.invoices.states import Kind

_KEPT_OF_FILTERS: Final = {
    "state": "state",
    "overdue": "overdue",
    "look": "look",
    "kind__exact": "kind",
    "currency": "currency",
    "created_from": "from",
    "created_until": "until",
    "customer": "customer",
    "run": "run",
}
"""What the audit log tells of a list's filters. Texts that were searched for, which may be names, stay out of it."""
_MAX_KEPT: Final = 40
_AMOUNTS = ("net_amount", "total_tax", "total_amount", "paid_amount", "credited_amount", "balance_due")


def as_csv(invoices: QuerySet[Invoice], *, language: str, now: datetime) -> Iterator[bytes]:
    """Amounts have a decimal point and no currency sign; days are written as 2026-05-31."""
    return csv_of(invoices.select_related("customer"), head=_head, row=partial(_row, now=now), language=language)


def exported(asked: Mapping[str, str]) -> dict[str, object]:
    """Which invoices were taken away, for the audit log."""
    told: dict[str, object] = {
        name: asked[filtered][:_MAX_KEPT] for filtered, name in _KEPT_OF_FILTERS.items() if asked.get(filtered)
    }
    if asked.get("q"):
        told["searched"] = True
    return told


def _head() -> list[str]:
    return [
        _("number"),
        _("kind"),
        _("state"),
        _("customer's number"),
        _("customer"),
        _("date of issue"),
        _("due date"),
        _("start of the period"),
        _("end of the period"),
        _("currency"),
        _("net amount"),
        _("tax"),
        _("total"),
        _("paid"),
        _("credited"),
        _("still due"),
    ]


def _row(invoice: Invoice, *, now: datetime) -> list[Any]:
    days = (invoice.issue_date, invoice.due_date, invoice.start_date, invoice.end_date)
    return [
        invoice.number or "",
        str(Kind(invoice.kind).label),
        str(state_of(invoice, now=now).label),
        invoice.customer_id,
        invoice.customer_name,
        *(day.isoformat() if day else "" for day in days),
        invoice.currency,
        *(f"{rounded(getattr(invoice, name), invoice.currency):f}" for name in _AMOUNTS),
    ]
