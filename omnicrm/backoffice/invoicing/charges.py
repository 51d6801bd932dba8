"""Recurring charges: what services cost each month. Added from the customer's page, changed, ended, removed."""

from collections.abc import Container
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin import display, register
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import page_about_one
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.filters import record_id
from omnicrm.backoffice.invoicing.charge_forms import ChargeForm, EndForm, of_charge, proposed
from omnicrm.backoffice.invoicing.charge_wording import facts, per_month, state_badge, stretch
from omnicrm.backoffice.invoicing.wording import period, rate
from omnicrm.backoffice.offers import Offering
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import two_lines
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Service
from omnicrm.invoices.charges import add_charge, change_charge, remove_charge
from omnicrm.invoices.days import local_day
from omnicrm.invoices.run_models import RecurringCharge

BILLED_SHOWN: Final = 24


def charge_page(charge: RecurringCharge) -> str:
    return reverse("admin:invoices_recurringcharge_change", args=[charge.pk])


def _customer_page(service: Service) -> str:
    return reverse("admin:customers_customer_change", args=[service.customer_id])


@register(RecurringCharge, site=site)
class ChargeAdmin(Offering):
    reads = Permission.READ_INVOICES
    acts = Permission.WRITE_INVOICES
    edits = False

    list_display = ("name", "state_now", "whose", "cost", "charged")
    list_select_related = ("service__customer",)
    sortable_by = ()
    ordering = ("-id",)
    fields = readonly_fields = ()
    actions_detail = ("edit_page", "end_page", "remove_page")
    change_form_template = "backoffice/charge.html"
    empty_text = gettext_lazy("No service has a charge yet. Add one on a customer's page.")

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only with a service, on whose customer's page the button stands."""
        return bool(request.GET.get("service")) and super().has_add_permission(request)

    @override
    def possible(self, _request: HttpRequest, record: RecurringCharge) -> Container[str]:
        return {"edit", "end", "remove"} - ({"remove"} if record.billed_days.exists() else set())

    @display(description=gettext_lazy("title"))
    def name(self, charge: RecurringCharge) -> SafeString:
        return two_lines(charge.title, charge.service.service_name)

    @display(description=gettext_lazy("state"))
    def state_now(self, charge: RecurringCharge) -> SafeString:
        return state_badge(charge, now=now())

    @display(description=gettext_lazy("customer"))
    def whose(self, charge: RecurringCharge) -> SafeString:
        page = _customer_page(charge.service)
        return format_html('<a class="bo-link" href="{}" dir="auto">{}</a>', page, charge.service.customer)

    @display(description=gettext_lazy("amount"))
    def cost(self, charge: RecurringCharge) -> SafeString:
        return two_lines(per_month(charge), rate(charge.tax_rate))

    @display(description=gettext_lazy("charged"))
    def charged(self, charge: RecurringCharge) -> str:
        return stretch(charge.start_date, charge.end_date)

    @override
    def about(self, request: HttpRequest, record: RecurringCharge) -> dict[str, Any]:
        billed = list(record.billed_days.select_related("invoice").order_by("-start_date")[: BILLED_SHOWN + 1])
        return {
            "title": _("Recurring charge: %(title)s") % {"title": record.title},
            "original": "",
            "charge": record,
            "badge": state_badge(record, now=now()),
            "facts": facts(record),
            "offers": self.offers(request, record),
            "billed": [(period(each.start_date, each.end_date), each.invoice) for each in billed[:BILLED_SHOWN]],
            "billed_before": len(billed) > BILLED_SHOWN,
        }

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """`?service=5`: of which service."""
        require_act(request, self)
        service = Service.objects.filter(pk=record_id(request.GET.get("service", "")) or 0).first()
        if service is None:
            raise Http404
        form = ChargeForm(request.POST or None, initial=proposed(service, now=now()))
        charge = accepted(
            form, lambda: add_charge(service_id=service.pk, by=visitor(request), now=now(), **form.cleaned_data)
        )
        if charge:
            messages.success(request, _("“%(title)s” is charged.") % {"title": charge.title})
            return redirect(_customer_page(service))
        title = _("Add a charge for %(service)s") % {"service": service}
        back = _customer_page(service)
        return enter(
            request, self, form=form, sections=_sections(service), title=title, answer=_("Add the charge"), back=back
        )

    @page_about_one(description=gettext_lazy("Change"), url_path="edit", icon="edit")
    def edit_page(self, request: HttpRequest, charge: RecurringCharge) -> HttpResponse:
        form = ChargeForm(request.POST or None, initial=of_charge(charge))
        if _changed(request, form, charge):
            messages.success(request, _("The charge is changed, for what is invoiced from now on."))
            return redirect(charge_page(charge))
        title = _("Change the charge “%(title)s”") % {"title": charge.title}
        back = charge_page(charge)
        return enter(
            request, self, form=form, sections=_sections(charge.service), title=title, answer=_("Save"), back=back
        )

    @page_about_one(description=gettext_lazy("End"), url_path="end", icon="event_busy")
    def end_page(self, request: HttpRequest, charge: RecurringCharge) -> HttpResponse:
        form = EndForm(request.POST or None, initial={"end_date": charge.end_date or local_day(now())})
        ended = _changed(request, form, charge)
        if ended:
            told = {"title": ended.title, "stretch": stretch(ended.start_date, ended.end_date)}
            messages.success(request, _("“%(title)s” is charged %(stretch)s.") % told)
            return redirect(charge_page(charge))
        question = Question(
            title=_("End the charge “%(title)s”?") % {"title": charge.title},
            text=_("What is invoiced already stays invoiced. Its last day can be changed again later."),
            facts=[per_month(charge), stretch(charge.start_date, charge.end_date)],
            answer=_("End the charge"),
        )
        return ask(request, self, question, about=charge, back=charge_page(charge), form=form)

    @page_about_one(description=gettext_lazy("Remove"), url_path="remove", icon="delete")
    def remove_page(self, request: HttpRequest, charge: RecurringCharge) -> HttpResponse:
        if request.method == "POST":
            try:
                remove_charge(charge_id=charge.pk, by=visitor(request), now=now())
            except InvalidInput as refusal:
                tell_refusal(request, refusal)
                return redirect(charge_page(charge))
            messages.success(request, _("The charge is removed."))
            return redirect(_customer_page(charge.service))
        question = Question(
            title=_("Remove the charge “%(title)s”?") % {"title": charge.title},
            text=_("Nothing of it was invoiced yet. This cannot be undone."),
            facts=[per_month(charge), stretch(charge.start_date, charge.end_date)],
            answer=_("Remove the charge"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=charge, back=charge_page(charge))


def _changed(request: HttpRequest, form: forms.Form, charge: RecurringCharge) -> RecurringCharge | None:
    """The charge with what the form says, or None while the form is asking."""
    by = visitor(request)
    return accepted(form, lambda: change_charge(charge_id=charge.pk, by=by, now=now(), **form.cleaned_data))


def _sections(service: Service) -> list[Section]:
    hint = _("A month that is charged in part costs its share in days, unless a run charges whole months.")
    return [
        Section(title=_("Charge"), fields=["title", "amount", "tax_rate"], hint=f"{service} · {service.customer}"),
        Section(title=_("Period"), fields=["start_date", "end_date"], hint=hint),
    ]
