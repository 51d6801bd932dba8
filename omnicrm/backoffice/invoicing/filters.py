"""Filters of the list of invoices: state, how late, period, kind, disputed, of whom."""

from datetime import date
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.backoffice.filters import PeriodFilter, RecordFilter
from omnicrm.backoffice.invoicing.wording import age_text
from omnicrm.customers.models import Customer
from omnicrm.invoices.days import local_day
from omnicrm.invoices.figures import AGES
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import in_state, overdue, paused, too_large_to_mail
from omnicrm.invoices.run_models import InvoiceRun, RunRow
from omnicrm.invoices.states import PauseReason, State


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in State]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return queryset.filter(in_state(self.value() or "", now=now())) if self.value() else queryset


class AgeFilter(SimpleListFilter):
    title = gettext_lazy("overdue for")
    parameter_name = "overdue"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(age.name, age_text(age)) for age in AGES]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        moment = now()
        for age in AGES:
            if age.name == self.value():
                return queryset.filter(overdue(now=moment) & age.on(local_day(moment)))
        return queryset


class LookFilter(SimpleListFilter):
    """Invoices that ask for a look: disputed, promised to be paid, or mailed without their PDF."""

    title = gettext_lazy("to look at")
    parameter_name = "look"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (PauseReason.DISPUTE.value, _("disputed")),
            (PauseReason.PROMISE.value, _("promised to be paid")),
            ("paused", _("no reminders at present")),
            ("large", _("mailed without its PDF")),
        ]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        wanted = self.value()
        if wanted == "large":
            return queryset.filter(too_large_to_mail())
        if wanted == "paused":
            return queryset.filter(paused(now=now()))
        if wanted in PauseReason.values:
            return queryset.filter(paused(now=now()), pause_reason=wanted)
        return queryset


class IssuedFilter(PeriodFilter):
    """Days of the company's calendar, which invoices are dated by."""

    title = gettext_lazy("date of issue")

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        bounds: dict[str, date | None] = {
            "issue_date__gte": self._day("created_from"),
            "issue_date__lte": self._day("created_until"),
        }
        return queryset.filter(**{lookup: day for lookup, day in bounds.items() if day})


class CustomerFilter(RecordFilter):
    title = gettext_lazy("customer")
    parameter_name = "customer"
    record = Customer
    column = "customer"


class RunFilter(RecordFilter):
    """Invoices that one run issued."""

    title = gettext_lazy("invoice run")
    parameter_name = "run"
    record = InvoiceRun

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if not self.value():
            return queryset
        rows = RunRow.objects.filter(run=self.wanted(), invoice__isnull=False)
        return queryset.filter(pk__in=rows.values("invoice"))
