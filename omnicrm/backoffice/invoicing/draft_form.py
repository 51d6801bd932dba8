"""The form of a draft: whose, for when, and its lines, which are as many rows as were typed.

Rows have the same field names, so that a script can add and remove them; those that are left empty do not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from omnicrm.backoffice.invoicing.forms import day_field
from omnicrm.backoffice.invoicing.wording import exact, number, typed_number
from omnicrm.config import current_config
from omnicrm.config.currencies import CURRENCIES
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.estimating import Estimate, estimate
from omnicrm.invoices.fields import InvoiceFields
from omnicrm.invoices.models import MAX_NOTES_LENGTH, Invoice, InvoiceLine

MAX_ROWS: Final = 100
"""Django reads at most 1,000 fields; longer drafts are the API's."""
BLANK_ROWS: Final = 3
_NAMES: Final = ("title", "quantity", "unit", "unit_price", "tax_rate", "from", "until")


@dataclass(kw_only=True, slots=True)
class Row:
    """A line as it was typed. `values` are by the names of its inputs, `net` is what it comes to, if that is known."""

    values: Mapping[str, str]
    errors: list[str] = field(default_factory=list)
    net: str = ""

    @property
    def is_blank(self) -> bool:
        return not any(self.values.values())

    @property
    def has_period(self) -> bool:
        return bool(self.values["from"] or self.values["until"])

    def line(self) -> dict[str, Any]:
        """As operations take it. What is no number and no date stays what was typed, and is refused by the rules."""
        given = self.values
        numbers = {name: typed_number(given[name]) for name in ("quantity", "unit_price", "tax_rate")}
        return {
            "title": given["title"],
            "unit": given["unit"],
            "quantity": numbers["quantity"] or "1",
            "unit_price": numbers["unit_price"],
            **({"tax_rate": numbers["tax_rate"]} if numbers["tax_rate"] else {}),
            "start_date": _day(given["from"]),
            "end_date": _day(given["until"]),
        }


def _usual_days() -> str:
    return _("Empty: %(count)d days after the day of issue.") % {"count": current_config().invoice.payment_days}


class DraftForm(forms.Form):
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=[(code, code) for code in sorted(CURRENCIES)],
        initial=lambda: current_config().invoice.currency,
        widget=UnfoldAdminSelectWidget,
    )
    start_date = day_field(gettext_lazy("Start of the period"))
    end_date = day_field(gettext_lazy("End of the period"))
    due_date = day_field(gettext_lazy("Due date"), help_text=lazy(_usual_days, str)())
    notes = forms.CharField(
        label=gettext_lazy("Notes on the invoice"),
        max_length=MAX_NOTES_LENGTH,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def __init__(self, data: QueryDict | None = None, *, draft: Invoice | None = None) -> None:
        super().__init__(data, initial=_initial(draft) if draft else None)
        self.rows = _typed(data) if data is not None else _stored(draft)

    @property
    def usual_rate(self) -> str:
        return number(current_config().invoice.tax_rate)

    def invoice(self) -> InvoiceFields:
        """As operations take it."""
        lines = [row.line() for row in self.rows if not row.is_blank]
        return cast("InvoiceFields", {**self.cleaned_data, "lines": lines})

    def add_rows(self) -> None:
        room = MAX_ROWS - len(self.rows)
        self.rows.extend(_blank() for _at in range(min(BLANK_ROWS, room)))

    def estimate(self) -> Estimate:
        """What the rows come to, each row with its share."""
        currency = self["currency"].value()
        filled = [row for row in self.rows if not row.is_blank]
        known = currency if currency in CURRENCIES else current_config().invoice.currency
        found = estimate(currency=known, lines=[row.line() for row in filled])
        for row, net in zip(filled, found.nets, strict=True):
            row.net = "" if net is None else exact(net, known)
        return found

    def refuse(self, refusal: InvalidInput) -> None:
        """Says each objection beside the field or the row that it is about."""
        filled = [row for row in self.rows if not row.is_blank]
        for error in refusal.errors:
            at, name = _row_of(error.field)
            if at is not None and at < len(filled):
                filled[at].errors.append(f"{_LABELS.get(name, name)}: {error.message}")
            else:
                self.add_error(error.field if error.field in self.fields else None, error.message)
        if any(row.errors for row in filled):
            self.add_error(None, _("Some lines need a look."))


_LABELS: Final[Mapping[str, Any]] = {
    "title": gettext_lazy("Title"),
    "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"),
    "unit_price": gettext_lazy("Unit price"),
    "tax_rate": gettext_lazy("Tax, in %"),
    "start_date": gettext_lazy("From"),
    "end_date": gettext_lazy("Until"),
}


def _typed(data: QueryDict) -> list[Row]:
    columns = [data.getlist(f"line_{name}") for name in _NAMES]
    rows = zip_longest(*columns, fillvalue="")
    found = [Row(values=dict(zip(_NAMES, map(str.strip, row), strict=True))) for row in rows]
    return found[:MAX_ROWS] or [_blank()]


def _stored(draft: Invoice | None) -> list[Row]:
    return [_row(line) for line in draft.lines.all()] if draft else [_blank()]


def _row(line: InvoiceLine) -> Row:
    values = {
        "title": line.title,
        "quantity": number(line.quantity),
        "unit": line.unit,
        "unit_price": number(line.unit_price),
        "tax_rate": number(line.tax_rate),
        "from": _written(line.start_date),
        "until": _written(line.end_date),
    }
    return Row(values=values)


def _blank() -> Row:
    return Row(values=dict.fromkeys(_NAMES, ""))


def _initial(draft: Invoice) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in ("currency", "start_date", "end_date", "due_date", "notes")}


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | str | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return text


def _row_of(path: str) -> tuple[int | None, str]:
    """`lines[3].title` is (3, "title")."""
    start, _dot, name = path.partition(".")
    index = start.removeprefix("lines[").removesuffix("]")
    return (int(index), name) if name and index.isdecimal() else (None, path)
