"""Filters of lists that Django and unfold do not bring."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from omnicrm.backoffice.wording import email_names
from omnicrm.outbox.queries import created_between

_LARGEST_ID = 2**63 - 1
_YEARS = range(2000, 3000)
"""Days that every database and UUID can hold; nothing here is older."""


class EmailFilter(SimpleListFilter):
    title = _("email")
    parameter_name = "section"

    @override
    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(section, str(name)) for section, name in email_names().items()]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(section=self.value()) if self.value() else queryset


class TypedInFilter(SimpleListFilter):
    """A filter with a form instead of choices. `shown` is what its template shows."""

    @override
    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("", "")]

    @override
    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        kept = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name not in {*self.expected_parameters(), PAGE_VAR}
            for value in values
        ]
        yield {"kept": kept, **self.shown()}

    def shown(self) -> dict[str, Any]:
        raise NotImplementedError


class TextFilter(TypedInFilter):
    template = "backoffice/text_filter.html"

    @override
    def shown(self) -> dict[str, Any]:
        return {"value": self.value() or ""}


class TagFilter(TextFilter):
    title = _("tag")
    parameter_name = "tag"

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


class RecordFilter(TypedInFilter):
    """What belongs to one `record`, as links from other pages ask: `customer=5`. Shown only while it is on."""

    template = "backoffice/about_filter.html"
    record: ClassVar[type[Model]]
    column: ClassVar[str]

    @override
    def shown(self) -> dict[str, Any]:
        known: QuerySet[Model] = QuerySet(self.record).filter(pk=self.wanted())
        return {"is_on": bool(self.value()), "name": next(iter(known), self.value())}

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.column: self.wanted()}) if self.value() else queryset

    def wanted(self) -> int:
        """An id; 0, which nothing has, for what cannot be one."""
        return record_id(self.value() or "") or 0


class PeriodFilter(TypedInFilter):
    """From one day to another, both included, in the user's time zone. Dates nobody can read are ignored."""

    title = _("date of creation")
    parameter_name = "created_from"
    template = "backoffice/period_filter.html"
    column: ClassVar[str] = "created_at"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: ModelAdmin[Any]
    ) -> None:
        super().__init__(request, params, model, model_admin)
        if "created_until" in params:
            self.used_parameters["created_until"] = params.pop("created_until")[-1]

    def expected_parameters(self) -> list[str | None]:
        return ["created_from", "created_until"]

    @override
    def shown(self) -> dict[str, Any]:
        return {"first": self._day("created_from"), "last": self._day("created_until")}

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("created_from"), self._day("created_until")
        start = _midnight(first) if first else None
        end = _midnight(last + timedelta(days=1)) if last else None
        return queryset.filter(self.between(start, end))

    def between(self, start: datetime | None, end: datetime | None) -> Q:
        bounds = {f"{self.column}__gte": start, f"{self.column}__lt": end}
        return Q(**{lookup: bound for lookup, bound in bounds.items() if bound})

    def _day(self, parameter: str) -> date | None:
        try:
            day = date.fromisoformat(self.used_parameters.get(parameter) or "")
        except ValueError:
            return None
        return day if day.year in _YEARS else None


class MessagePeriodFilter(PeriodFilter):
    def between(self, start: datetime | None, end: datetime | None) -> Q:
        return created_between(start, end)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=get_current_timezone())


def record_id(text: str) -> int | None:
    """The id that somebody wrote into an address; None for what cannot be one."""
    number = int(text[:20]) if text.isascii() and text.isdecimal() else 0
    return number if 0 < number <= _LARGEST_ID else None
