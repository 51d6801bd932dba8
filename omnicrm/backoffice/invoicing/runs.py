"""Invoice runs: started with a dry run first, watched while they work, cancelled; who failed and why."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import display, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from typing_extensions import override
from unfold.dataclasses import UnfoldAction

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import StaffModelAdmin, page_about_one, require
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.filters import record_id
from omnicrm.backoffice.invoicing.forms import RunForm
from omnicrm.backoffice.invoicing.run_page import chosen_customers, state_badge, told
from omnicrm.backoffice.invoicing.wording import amount, period
from omnicrm.backoffice.listing import BoundedChangeList
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import badge, moment, two_lines
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.days import local_day
from omnicrm.invoices.run_models import InvoiceRun, RunState
from omnicrm.invoices.run_queries import RunProgress, progress_of, progress_of_many
from omnicrm.invoices.runs import cancel_run, start_run

_ASKED: Final = ("start_date", "end_date", "tag", "due_date", "is_prorated", "sends")


class RunChangeList(BoundedChangeList):
    """Knows of each run on the page how far it is."""

    progress: Mapping[int, RunProgress]

    @override
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.progress = progress_of_many(run.pk for run in self.result_list)
        for run in self.result_list:
            run.progress = self.progress[run.pk]


@register(InvoiceRun, site=site)
class InvoiceRunAdmin(StaffModelAdmin):
    reads = Permission.READ_INVOICES
    acts = Permission.WRITE_INVOICES
    edits = False

    list_display = ("billed_period", "state_now", "customers", "total", "started")
    list_filter = ("is_dry",)
    sortable_by = ()
    ordering = ("-id",)
    fields = readonly_fields = ()
    actions_detail = ("for_real_page", "cancel_page")
    change_form_template = "backoffice/invoice_run.html"
    empty_text = gettext_lazy("There was no run yet. Begin with a dry run: it adds up and issues nothing.")

    @override
    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress)
        return [
            path("<int:run_id>/progress/", progress, name="invoices_invoicerun_progress"),
            *super().get_urls(),
        ]

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return RunChangeList

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what this run's state allows."""
        run = self.get_object(request, object_id)
        is_running = bool(run and run.state == RunState.RUNNING)
        possible = {"cancel": is_running, "for-real": bool(run and run.is_dry and not is_running)}
        return [each for each in super().get_actions_detail(request, object_id) if possible[each.path]]

    @display(description=gettext_lazy("period"))
    def billed_period(self, run: InvoiceRun) -> SafeString:
        marks = [_("dry run") if run.is_dry else "", run.tag]
        return two_lines(period(run.start_date, run.end_date), " · ".join(filter(None, marks)))

    @display(description=gettext_lazy("state"))
    def state_now(self, run: InvoiceRun) -> SafeString:
        failed = self._progress(run).failed
        trouble = badge(_("%(count)d failed") % {"count": failed}, "danger") if failed else ""
        return two_lines(state_badge(run), trouble)

    @display(description=gettext_lazy("customers"))
    def customers(self, run: InvoiceRun) -> str:
        progress = self._progress(run)
        return f"{progress.done} / {progress.customers}"

    @display(description=gettext_lazy("total"))
    def total(self, run: InvoiceRun) -> str:
        return amount(self._progress(run).total_amount, run.currency)

    @display(description=gettext_lazy("started"))
    def started(self, run: InvoiceRun) -> str:
        return moment(run.created_at)

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """`?like=5` proposes what the dry run 5 added up."""
        require_act(request, self)
        tried = InvoiceRun.objects.filter(pk=record_id(request.GET.get("like", "")) or 0).first()
        form = RunForm(request.POST if request.method == "POST" else None, initial=_proposed(tried))
        only = tried.customer_ids if tried else ()
        run = accepted(form, lambda: start_run(customer_ids=only, by=visitor(request), now=now(), **form.cleaned_data))
        if run:
            messages.success(request, _("The run is started."))
            return redirect("admin:invoices_invoicerun_change", run.pk)
        hint = _("All active services with a recurring charge are billed, one invoice per customer.")
        sections = [
            Section(title=_("Period"), fields=["start_date", "end_date", "is_prorated"], hint=hint),
            Section(title=_("Customers"), fields=["tag"], hint=chosen_customers(len(only)) if only else ""),
            Section(title=_("Invoices"), fields=["due_date", "sends", "is_dry"]),
        ]
        return enter(
            request, self, form=form, sections=sections, title=_("Start an invoice run"), answer=_("Start the run")
        )

    @page_about_one(description=gettext_lazy("Issue these invoices"), url_path="for-real", icon="task_alt")
    def for_real_page(self, _request: HttpRequest, run: InvoiceRun) -> HttpResponse:
        return redirect(f"{reverse('admin:invoices_invoicerun_add')}?like={run.pk}")

    @page_about_one(description=gettext_lazy("Cancel"), url_path="cancel", icon="cancel")
    def cancel_page(self, request: HttpRequest, run: InvoiceRun) -> HttpResponse:
        page = reverse("admin:invoices_invoicerun_change", args=[run.pk])
        if request.method == "POST":
            try:
                cancel_run(run_id=run.pk, by=visitor(request), now=now())
            except InvalidInput as refusal:
                tell_refusal(request, refusal)
            else:
                messages.success(request, _("The run is cancelled."))
            return redirect(page)
        progress = progress_of(run.pk)
        question = Question(
            title=_("Cancel the run of %(period)s?") % {"period": period(run.start_date, run.end_date)},
            text=_("What is issued stays issued. Who still waits is not invoiced; another run can do so later."),
            facts=[
                ngettext("Done: %(count)d customer", "Done: %(count)d customers", progress.done)
                % {"count": progress.done},
                ngettext("Waiting: %(count)d customer", "Waiting: %(count)d customers", progress.waiting)
                % {"count": progress.waiting},
            ],
            answer=_("Cancel the run"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=run, back=page)

    @override
    def about(self, request: HttpRequest, record: InvoiceRun) -> dict[str, Any]:
        title = _("Invoice run of %(period)s") % {"period": period(record.start_date, record.end_date)}
        return {"title": title, "original": "", **told(record, request.GET)}

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """How far the run is, alone; its page fetches it again and again until it is led back: the run is over."""
        require(request, self.reads)
        run = InvoiceRun.objects.filter(pk=run_id).first()
        if run is None or run.state != RunState.RUNNING:
            return redirect("admin:invoices_invoicerun_change", run_id)
        return TemplateResponse(request, "backoffice/invoice_run_progress.html", told(run, request.GET))

    @staticmethod
    def _progress(run: InvoiceRun) -> RunProgress:
        progress: RunProgress = run.progress  # type: ignore[attr-defined]  # set by RunChangeList
        return progress


def _proposed(tried: InvoiceRun | None) -> dict[str, Any]:
    """What the dry run added up; without one, this month, dry."""
    if tried:
        return {**{name: getattr(tried, name) for name in _ASKED}, "is_dry": False}
    first = local_day(now()).replace(day=1)
    return {"start_date": first, "end_date": _last_of_month(first), "is_dry": True}


def _last_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
