"""API keys: how other systems sign in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override
from unfold.dataclasses import UnfoldAction
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from omnicrm.accounts import operations
from omnicrm.accounts.models import ApiKey
from omnicrm.accounts.operations import NewApiKey
from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission, Role, staff_role_choices
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import page_about_one
from omnicrm.backoffice.audited import Audited
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, badge, moment


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Which system uses it, such as “Billing”."),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        help_text=gettext_lazy("What that system may do."),
        choices=staff_role_choices,
        initial=Role.READ_ONLY,
        widget=UnfoldAdminSelectWidget,
    )


@register(ApiKey, site=site)
class ApiKeyAdmin(Audited):
    kind = TargetKind.API_KEY
    reads = acts = Permission.MANAGE_ACCOUNTS
    edits = False

    list_display = ("name", "prefix", "role", "in_use", "created", "last_used")
    list_filter = ("role",)
    sortable_by = ()
    ordering = ("revoked_at", "name")
    fields = ("name", "prefix", "role", "in_use", "created", "last_used")
    readonly_fields = ("in_use", "created", "last_used")
    actions_detail = ("revoke_page",)
    empty_text = gettext_lazy("No system has a key yet. Add one to let a system use the API.")

    @display(description=gettext_lazy("state"))
    def in_use(self, api_key: ApiKey) -> SafeString:
        return badge(_("revoked"), "") if api_key.revoked_at else badge(_("in use"), "success")

    @display(description=gettext_lazy("created"))
    def created(self, api_key: ApiKey) -> str:
        return moment(api_key.created_at)

    @display(description=gettext_lazy("last used"))
    def last_used(self, api_key: ApiKey) -> str:
        return moment(api_key.last_used_at) if api_key.last_used_at else NOTHING

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = ApiKeyForm(request.POST or None)
        by = visitor(request)
        created = accepted(form, lambda: operations.create_api_key(**form.cleaned_data, by=by, now=now()))
        if created:
            return self._shown_once(request, created)
        sections = [Section(title=_("API key"), fields=["name", "role"])]
        return enter(request, self, form=form, sections=sections, title=_("Add an API key"), answer=_("Create the key"))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        api_key = self.get_object(request, object_id)
        return super().get_actions_detail(request, object_id) if api_key and api_key.revoked_at is None else []

    @page_about_one(description=gettext_lazy("Revoke"), url_path="revoke", icon="key_off")
    def revoke_page(self, request: HttpRequest, api_key: ApiKey) -> HttpResponse:
        if request.method == "POST":
            operations.revoke_api_key(api_key_id=api_key.pk, by=visitor(request), now=now())
            messages.success(request, _("The key “%(name)s” is revoked.") % {"name": api_key.name})
            return redirect("admin:accounts_apikey_changelist")
        question = Question(
            title=_("Revoke the key “%(name)s”?") % {"name": api_key.name},
            text=_("The system that uses it is refused from now on. This cannot be undone."),
            answer=_("Revoke the key"),
            is_dangerous=True,
        )
        return ask(
            request, self, question, about=api_key, back=reverse("admin:accounts_apikey_change", args=[api_key.pk])
        )

    def _shown_once(self, request: HttpRequest, created: NewApiKey) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": created.api_key.name,
            "plain_key": created.plain_key,
            "back": reverse("admin:accounts_apikey_changelist"),
        }
        return TemplateResponse(request, "backoffice/new_api_key.html", context, headers={"Cache-Control": "no-store"})
