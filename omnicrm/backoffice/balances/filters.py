"""Filters of the lists of balances, alerts and events in quarantine."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.backoffice.filters import PeriodFilter, RecordFilter, TextFilter, TypedInFilter, record_id
from omnicrm.balances.models import Balance, Plan, Quarantined
from omnicrm.balances.quarantine import releasable
from omnicrm.balances.queries import expired, low
from omnicrm.customers.models import Customer, Service


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", _("low")), ("expired", _("expired")), ("unlimited", _("unlimited"))]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Balance]) -> QuerySet[Balance]:
        conditions = {"low": low(), "expired": expired(now()), "unlimited": Q(value=None) & ~Q(balance_type="service")}
        return queryset.filter(conditions.get(self.value() or "", Q()))


class PlanFilter(TypedInFilter):
    title = gettext_lazy("plan")
    parameter_name = "plan"
    template = "backoffice/select_filter.html"

    @override
    def shown(self) -> dict[str, Any]:
        chosen = self.value()
        return {"options": [(str(plan.pk), plan.name, str(plan.pk) == chosen) for plan in Plan.objects.all()]}

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Balance]) -> QuerySet[Balance]:
        wanted = record_id(self.value() or "") or 0
        return queryset.filter(service__alerts__plan=wanted) if self.value() else queryset


class UnitFilter(TextFilter):
    """As balances are kept: B, s, SMS, a currency, or what the charging system calls it."""

    title = gettext_lazy("unit")
    parameter_name = "unit"

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Balance]) -> QuerySet[Balance]:
        typed = (self.value() or "").strip()
        return queryset.filter(unit__iexact=typed) if typed else queryset


class ServiceFilter(RecordFilter):
    title = gettext_lazy("service")
    parameter_name = "service"
    record = Service
    column = "service"


class AlertServiceFilter(ServiceFilter):
    column = "balance__service"


class BalanceCustomerFilter(RecordFilter):
    title = gettext_lazy("customer")
    parameter_name = "customer"
    record = Customer
    column = "service__customer"


class AlertCustomerFilter(BalanceCustomerFilter):
    column = "customer"


class DecidedFilter(PeriodFilter):
    title = gettext_lazy("date of decision")
    column = "decided_at"


class ReceivedFilter(PeriodFilter):
    title = gettext_lazy("date of receipt")
    column = "received_at"


class ReadyFilter(SimpleListFilter):
    title = gettext_lazy("can be applied now")
    parameter_name = "ready"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("yes")), ("no", _("no"))]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> QuerySet[Quarantined]:
        ready = Q(pk__in=releasable(now=now()).order_by().values("pk"))
        return queryset.filter({"yes": ready, "no": ~ready}.get(self.value() or "", Q()))
