"""Filters of the audit log: what was done, by whom, to whom, from where, when."""

from ipaddress import ip_address
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from omnicrm.accounts.models import User
from omnicrm.audit.models import Action, ActorKind, Entry, TargetKind
from omnicrm.backoffice.filters import PeriodFilter, TextFilter, TypedInFilter, record_id
from omnicrm.customers.models import Customer
from omnicrm.invoices.models import Invoice


class ActionFilter(TypedInFilter):
    title = _("action")
    parameter_name = "action_done"
    template = "backoffice/select_filter.html"

    @override
    def shown(self) -> dict[str, Any]:
        chosen = self.value()
        options = sorted(Action.choices, key=lambda each: str(each[1]).casefold())
        return {"options": [(value, label, value == chosen) for value, label in options]}

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(TextFilter):
    title = _("who did it")
    parameter_name = "actor"

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        typed = self.value()
        return queryset.filter(actor_name__icontains=typed) if typed else queryset


class TargetFilter(TextFilter):
    title = _("to whom or what")
    parameter_name = "target"

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        typed = self.value()
        return queryset.filter(target_name__icontains=typed) if typed else queryset


class IPFilter(TextFilter):
    """One address; of what is none, nothing is found."""

    title = _("IP address")
    parameter_name = "ip"

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        typed = (self.value() or "").strip()
        if not typed:
            return queryset
        try:
            return queryset.filter(ip=str(ip_address(typed)))
        except ValueError:
            return queryset.none()


class AtFilter(PeriodFilter):
    title = _("time")
    column = "at"


class AboutFilter(TypedInFilter):
    """All that one did and that was done to it, as links from other pages ask: `user:5`. Shown only while it is on."""

    title = _("about")
    parameter_name = "about"
    template = "backoffice/about_filter.html"

    @override
    def shown(self) -> dict[str, Any]:
        wanted = _subject(self.value())
        return {"is_on": bool(self.value()), "name": _name_of(*wanted) if wanted else ""}

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        if not self.value():
            return queryset
        wanted = _subject(self.value())
        return queryset.filter(about(*wanted)) if wanted else queryset.none()


def _subject(text: str | None) -> tuple[TargetKind, int] | None:
    kind, _colon, written = (text or "").partition(":")
    number = record_id(written)
    return (TargetKind(kind), number) if kind in TargetKind and number else None


def _name_of(kind: TargetKind, record_id: int) -> str:
    """As the log knew it last; the kind and the number where it names none."""
    named = Entry.objects.filter(target_kind=kind, target_id=record_id).exclude(target_name="").order_by("-id").first()
    return named.target_name if named else f"{kind.label} {record_id}"


def about(kind: TargetKind, record_id: int) -> Q:
    """Entries of this one. A customer's are also those of its users and invoices, a user's those of the address."""
    found = _one(kind, record_id)
    if kind == TargetKind.USER:
        user = User.objects.filter(pk=record_id).first()
        return found | _address(user) if user else found
    if kind == TargetKind.CUSTOMER and Customer.objects.filter(pk=record_id).exists():
        for user in User.objects.filter(customer_id=record_id):
            found |= _one(TargetKind.USER, user.pk) | _address(user)
        invoices = Invoice.objects.filter(customer_id=record_id).values("pk")
        found |= Q(target_kind=TargetKind.INVOICE, target_id__in=invoices)
    return found


def _one(kind: TargetKind, record_id: int) -> Q:
    done_to = Q(target_kind=kind, target_id=record_id)
    return done_to | Q(actor_kind=kind, actor_id=record_id) if kind.value in ActorKind else done_to


def _address(user: User) -> Q:
    """Failed sign-ins and requests for a reset name an address, and not whose it is."""
    return Q(target_kind=TargetKind.ADDRESS, target_name__iexact=user.email)
