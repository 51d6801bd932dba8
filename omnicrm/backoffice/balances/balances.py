"""Balances: finding them, and a page for each service with all that is known of its balances."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import display, register
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import StaffModelAdmin, require
from omnicrm.backoffice.balances import page as balance_page
from omnicrm.backoffice.balances import wording as balance_wording
from omnicrm.backoffice.balances.filters import (
    BalanceCustomerFilter,
    PlanFilter,
    ServiceFilter,
    StateFilter,
    UnitFilter,
)
from omnicrm.backoffice.balances.plan_forms import ServiceThresholdsForm
from omnicrm.backoffice.balances.plan_preview import ShownPreview, compared
from omnicrm.backoffice.balances.plans import previewed, thresholds_page
from omnicrm.backoffice.balances.wording import service_link, service_page
from omnicrm.backoffice.entry import accepted
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import moment, two_lines
from omnicrm.balances import operations
from omnicrm.balances.models import Balance, Kind, Plan, ServiceAlerts
from omnicrm.balances.previewing import preview_service
from omnicrm.balances.queries import find_balances
from omnicrm.customers.models import Service
from omnicrm.customers.queries import find_customers

MAX_SEARCH: Final = 200


@register(Balance, site=site)
class BalanceAdmin(StaffModelAdmin):
    reads = Permission.READ_BALANCES
    acts = Permission.WRITE_BALANCES
    adds = edits = False

    list_display = ("whose", "what", "left_of_it", "state_now", "expires", "as_of")
    list_display_links = None
    list_filter = (StateFilter, "balance_type", UnitFilter, PlanFilter, ServiceFilter, BalanceCustomerFilter)
    list_select_related = ("service__customer", "service__alerts__plan")
    ordering = ("-service_id", "balance_id")
    sortable_by = ()
    search_fields = ("balance_id",)  # shows the field; get_search_results does the work
    search_help_text = gettext_lazy("Customer's name, email or phone, or service UUID")
    empty_text = gettext_lazy("No balance was reported yet. The charging system posts them to /crm/balance_event.")

    @override
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("service/<int:service_id>/", view(self.service_view), name="balances_service"),
            path(
                "service/<int:service_id>/thresholds/",
                view(self.thresholds_view),
                name="balances_service_thresholds",
            ),
            *super().get_urls(),
        ]

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Balance]:
        return find_balances().order_by()

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Balance], search_term: str
    ) -> tuple[QuerySet[Balance], bool]:
        wanted = search_term.strip()[:MAX_SEARCH]
        if not wanted:
            return queryset, False
        try:
            return queryset.filter(service__service_uuid=UUID(wanted)), False
        except ValueError:
            owners = find_customers(search=wanted).order_by().values("pk")
            return queryset.filter(service__customer__in=owners), False

    @display(description=gettext_lazy("service"))
    def whose(self, balance: Balance) -> SafeString:
        customer = balance.service.customer
        page = reverse("admin:customers_customer_change", args=[customer.pk])
        owner = format_html('<a class="bo-link" href="{}" dir="auto">{}</a>', page, customer.customer_name)
        return two_lines(service_link(balance.service), owner)

    @display(description=gettext_lazy("balance"))
    def what(self, balance: Balance) -> SafeString:
        return two_lines(str(Kind(balance.balance_type).label), balance.balance_id)

    @display(description=gettext_lazy("left"))
    def left_of_it(self, balance: Balance) -> SafeString:
        return two_lines(balance_wording.left(balance), balance_wording.share_left(balance))

    @display(description=gettext_lazy("state"))
    def state_now(self, balance: Balance) -> SafeString:
        own = getattr(balance.service, "alerts", None)
        return two_lines(balance_wording.state_badges(balance, now=now()), own.plan.name if own and own.plan else "")

    @display(description=gettext_lazy("expiry"))
    def expires(self, balance: Balance) -> SafeString | str:
        return balance_wording.expiry(balance)

    @display(description=gettext_lazy("as of"))
    def as_of(self, balance: Balance) -> SafeString | str:
        return moment(balance.event_time)

    @override
    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """A balance is looked at among the others of its service."""
        require(request, self.reads)
        balance = self.get_object(request, object_id)
        if balance is None:
            return self._gone(request)
        return redirect(f"{service_page(balance.service_id)}#balance-{balance.pk}")

    def service_view(self, request: HttpRequest, service_id: int) -> HttpResponse:
        require(request, self.reads)
        service = Service.objects.select_related("customer").filter(pk=service_id).first()
        if service is None:
            return self._gone(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Balances of %(service)s") % {"service": service},
            "may_act": self.has_act_permission(request),
            **balance_page.told(service, request.GET, now=now()),
        }
        return TemplateResponse(request, "backoffice/service_balances.html", context)

    def thresholds_view(self, request: HttpRequest, service_id: int) -> HttpResponse:
        """A service's plan, and thresholds of its own."""
        require(request, self.acts)
        service = Service.objects.filter(pk=service_id).first()
        if service is None:
            return self._gone(request)
        own = ServiceAlerts.objects.select_related("plan").filter(service=service).first() or ServiceAlerts()
        form = ServiceThresholdsForm(request.POST or None, steps=own.steps, initial={"plan": own.plan_id or ""})
        if "preview" not in request.POST and _saved(request, form, service):
            messages.success(request, _("Saved. New thresholds hold from the next event of each balance on."))
            return redirect(service_page(service.pk))
        return thresholds_page(
            request,
            self,
            form=form,
            head=["plan"],
            title=_("Thresholds of %(service)s") % {"service": service},
            back=service_page(service.pk),
            can_preview=True,
            preview=previewed(request, form, lambda: _compared(form, own, service)),
        )

    def _gone(self, request: HttpRequest) -> HttpResponse:
        messages.warning(request, _("This is no longer there."))
        return redirect("admin:balances_balance_changelist")


def _saved(request: HttpRequest, form: ServiceThresholdsForm, service: Service) -> ServiceAlerts | None:
    return accepted(
        form,
        lambda: operations.set_service_alerts(
            service_id=service.pk, plan_id=form.plan_id(), steps=form.steps(), by=visitor(request), now=now()
        ),
        fields=form.paths(),
    )


def _compared(form: ServiceThresholdsForm, own: ServiceAlerts, service: Service) -> ShownPreview:
    plan = Plan.objects.filter(pk=form.plan_id() or 0).first()
    saved = own.plan.steps if own.plan else {}
    return compared(
        lambda: preview_service(
            service_id=service.pk, of_plan=plan.steps if plan else {}, steps=form.steps(), now=now()
        ),
        lambda: preview_service(service_id=service.pk, of_plan=saved, steps=own.steps, now=now()),
    )
