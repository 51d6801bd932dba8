"""Suppressions: addresses that must not be written to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import StaffModelAdmin, page_about_one
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import badge, moment, reason_text
from omnicrm.customers.models import MAX_EMAIL_LENGTH
from omnicrm.outbox.models import Suppression, SuppressionScope
from omnicrm.outbox.suppressions import lift_suppression, suppress


class SuppressionForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address"), max_length=MAX_EMAIL_LENGTH, widget=UnfoldAdminEmailInputWidget
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Scope"),
        choices=SuppressionScope,
        initial=SuppressionScope.EVERYTHING,
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Colleagues will read it, so that they know whether it may be lifted."),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
    )


@register(Suppression, site=site)
class SuppressionAdmin(StaffModelAdmin):
    reads = Permission.READ_MESSAGES
    acts = Permission.WRITE_MESSAGES
    edits = False

    fields = ("address", "scope_badge", "why", "created")
    list_display = ("address", "scope_badge", "why", "created")
    list_filter = ("scope",)
    readonly_fields = ("scope_badge", "why", "created")
    search_fields = ("address",)
    search_help_text = gettext_lazy("Part of an address")
    sortable_by = ()
    actions_detail = ("lift_page",)
    empty_text = gettext_lazy("No address is suppressed: OmniCRM may write to everybody.")

    @display(description=gettext_lazy("scope"))
    def scope_badge(self, suppression: Suppression) -> SafeString:
        colour = "danger" if suppression.scope == SuppressionScope.EVERYTHING else "warning"
        return badge(suppression.get_scope_display(), colour)

    @display(description=gettext_lazy("reason"))
    def why(self, suppression: Suppression) -> str:
        return reason_text(suppression.reason)

    @display(description=gettext_lazy("created"))
    def created(self, suppression: Suppression) -> str:
        return moment(suppression.created_at)

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = SuppressionForm(request.POST or None)
        suppression = accepted(form, lambda: suppress(**form.cleaned_data, by=visitor(request), now=now()))
        if suppression:
            messages.success(request, _("OmniCRM no longer writes to %(address)s.") % {"address": suppression.address})
            return redirect("admin:outbox_suppression_changelist")
        sections = [Section(title=_("Suppression"), fields=["address", "scope", "reason"])]
        words = {"title": _("Suppress an address"), "answer": _("Suppress the address")}
        return enter(request, self, form=form, sections=sections, **words)

    @page_about_one(description=gettext_lazy("Lift"), url_path="lift", icon="lock_open")
    def lift_page(self, request: HttpRequest, suppression: Suppression) -> HttpResponse:
        if request.method == "POST":
            _lift(request, suppression)
            return redirect("admin:outbox_suppression_changelist")
        question = Question(
            title=_("Lift the suppression of %(address)s?") % {"address": suppression.address},
            text=_("Email to this address will leave again. Make sure that its owner agrees, or that it works now."),
            facts=[suppression.get_scope_display(), reason_text(suppression.reason)],
            answer=_("Lift the suppression"),
        )
        return ask(request, self, question, back=reverse("admin:outbox_suppression_change", args=[suppression.pk]))


def _lift(request: HttpRequest, suppression: Suppression) -> None:
    try:
        lift_suppression(suppression_id=suppression.pk, by=visitor(request), now=now())
    except Suppression.DoesNotExist:  # a colleague was quicker
        messages.warning(request, _("This is no longer there."))
    else:
        messages.success(request, _("OmniCRM may write to %(address)s again.") % {"address": suppression.address})
