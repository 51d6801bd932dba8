"""The audit log as a file for spreadsheets."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from omnicrm.audit.models import Entry
from omnicrm.backoffice.audit import wording as audit_wording
from omnicrm.backoffice.spreadsheet import csv_of


def as_csv(entries: QuerySet[Entry], *, language: str) -> Iterator[bytes]:
    """Any number of entries, with times in UTC."""
    return csv_of(entries, head=_head, row=_row, language=language)


def _head() -> list[str]:
    return [
        _("time (UTC)"),
        _("action"),
        _("action's name"),
        _("by whom"),
        _("actor's number"),
        _("actor"),
        _("to what"),
        _("target's number"),
        _("target"),
        _("IP address"),
        _("details"),
    ]


def _row(entry: Entry) -> list[Any]:
    return [
        entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        audit_wording.action(entry),
        entry.action,
        entry.get_actor_kind_display(),
        entry.actor_id,
        entry.actor_name,
        audit_wording.target_kind(entry),
        entry.target_id,
        entry.target_name,
        entry.ip,
        audit_wording.details(entry),
    ]
