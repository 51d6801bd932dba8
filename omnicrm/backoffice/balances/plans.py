"""Plans: the thresholds below which the balances of their services are low."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import display, register
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import StaffModelAdmin, page_about_one, require
from omnicrm.backoffice.audited import Audited
from omnicrm.backoffice.balances.page import margin
from omnicrm.backoffice.balances.plan_forms import PlanForm, StepsForm
from omnicrm.backoffice.balances.plan_preview import ShownPreview, compared
from omnicrm.backoffice.balances.wording import steps_summary
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import accepted, require_act
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING
from omnicrm.balances import operations
from omnicrm.balances.models import Plan
from omnicrm.balances.previewing import preview_plan
from omnicrm.customers.errors import InvalidInput


@register(Plan, site=site)
class PlanAdmin(Audited):
    kind = TargetKind.PLAN
    reads = Permission.READ_BALANCES
    acts = Permission.WRITE_BALANCES

    list_display = ("name", "thresholds", "used_by")
    search_fields = ("name",)
    sortable_by = ()
    ordering = ("name", "id")
    actions_detail = ("remove_page",)
    empty_text = gettext_lazy(
        "There is no plan yet: thresholds come from the charging system, or from crm_config.yaml."
    )

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return Plan.objects.annotate(service_count=Count("services"))

    @display(description=gettext_lazy("thresholds"))
    def thresholds(self, plan: Plan) -> str:
        return " · ".join(f"{kind}: {text}" for kind, text in steps_summary(plan.steps)) or NOTHING

    @display(description=gettext_lazy("services"))
    def used_by(self, plan: Plan) -> SafeString:
        page = f"{reverse('admin:balances_balance_changelist')}?plan={plan.pk}"
        count = plan.service_count  # type: ignore[attr-defined]  # annotated above
        return format_html('<a class="bo-link" href="{}">{}</a>', page, count)

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = PlanForm(request.POST or None, steps={}, initial={})
        plan = accepted(
            form,
            lambda: operations.create_plan(
                name=form.cleaned_data["name"], steps=form.steps(), by=visitor(request), now=now()
            ),
            fields=form.paths(),
        )
        if plan:
            messages.success(
                request, _("The plan “%(name)s” is there. Give it to services on their pages.") % {"name": plan}
            )
            return redirect("admin:balances_plan_changelist")
        back = reverse("admin:balances_plan_changelist")
        return thresholds_page(request, self, form=form, head=["name"], title=_("Add a plan"), back=back)

    @override
    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require(request, self.acts if request.method == "POST" else self.reads)
        plan = self.get_object(request, object_id)
        if plan is None:
            messages.warning(request, _("This is no longer there."))
            return redirect("admin:balances_plan_changelist")
        form = PlanForm(request.POST or None, steps=plan.steps, initial={"name": plan.name})
        if "preview" not in request.POST and self._saved(request, form, plan):
            messages.success(request, _("Saved. New thresholds hold from the next event of each balance on."))
            return redirect("admin:balances_plan_change", plan.pk)
        preview = previewed(
            request,
            form,
            lambda: compared(
                lambda: preview_plan(plan_id=plan.pk, steps=form.steps(), now=now()),
                lambda: preview_plan(plan_id=plan.pk, steps=plan.steps, now=now()),
            ),
        )
        back = reverse("admin:balances_plan_changelist")
        return thresholds_page(
            request, self, form=form, head=["name"], title=plan.name, back=back, about=plan, preview=preview
        )

    def _saved(self, request: HttpRequest, form: PlanForm, plan: Plan) -> Plan | None:
        return accepted(
            form,
            lambda: operations.update_plan(
                plan_id=plan.pk, name=form.cleaned_data["name"], steps=form.steps(), by=visitor(request), now=now()
            ),
            fields=form.paths(),
        )

    @page_about_one(description=gettext_lazy("Remove"), url_path="remove", icon="delete")
    def remove_page(self, request: HttpRequest, plan: Plan) -> HttpResponse:
        if request.method == "POST":
            try:
                operations.remove_plan(plan_id=plan.pk, by=visitor(request), now=now())
            except InvalidInput as refusal:
                tell_refusal(request, refusal)
                return redirect("admin:balances_plan_change", plan.pk)
            messages.success(request, _("The plan “%(name)s” is removed.") % {"name": plan})
            return redirect("admin:balances_plan_changelist")
        question = Question(
            title=_("Remove the plan “%(name)s”?") % {"name": plan},
            text=_("This cannot be undone. A plan in use cannot be removed."),
            answer=_("Remove the plan"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=plan, back=reverse("admin:balances_plan_change", args=[plan.pk]))


def previewed(request: HttpRequest, form: StepsForm, preview: Callable[[], ShownPreview]) -> ShownPreview | None:
    """The preview, if it was asked for and what was typed is right; else what is wrong stands in the form."""
    if "preview" not in request.POST:
        return None
    return accepted(form, preview, fields=form.paths())


def thresholds_page(
    request: HttpRequest,
    admin: StaffModelAdmin,
    *,
    form: StepsForm,
    head: Sequence[str],
    title: str,
    back: str,
    about: Plan | None = None,
    can_preview: bool = False,
    preview: ShownPreview | None = None,
) -> TemplateResponse:
    """The form with thresholds by type, and what they would have done. Who may only read finds it filled in."""
    may_act = admin.has_act_permission(request)
    for field in form.fields.values():
        field.disabled = not may_act
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "form": form,
        "head": [form[name] for name in head],
        "margin": margin(),
        "may_act": may_act,
        "can_preview": can_preview or about is not None,
        "preview": preview,
        "remove": about and reverse("admin:balances_plan_remove_page", args=[about.pk]),
        "back": back,
    }
    return TemplateResponse(request, "backoffice/thresholds.html", context)
