"""Users: who may sign in, and in which role."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display, register
from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from typing_extensions import override
from unfold.dataclasses import UnfoldAction
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from omnicrm.accounts import operations
from omnicrm.accounts.models import User
from omnicrm.accounts.roles import Permission, Role
from omnicrm.backoffice.access import StaffModelAdmin, page_about_one
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.passwords import NewPasswordForm, password_field
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, badge, moment
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language

_LAST_ADMIN = gettext_lazy("Nobody else could manage users then: make somebody else an administrator first.")


class NewUserForm(forms.Form):
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=200, widget=UnfoldAdminTextInputWidget)
    email = forms.CharField(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("They sign in with it."),
        max_length=MAX_EMAIL_LENGTH,
        widget=UnfoldAdminEmailInputWidget,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role, initial=Role.READ_ONLY, widget=UnfoldAdminSelectWidget
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=Language, widget=UnfoldAdminSelectWidget)
    password = password_field()


class UserForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("full_name", "role", "language")

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if role != Role.ADMIN and _is_last_admin(self.instance):
            raise forms.ValidationError(_LAST_ADMIN)
        return role


@register(User, site=site)
class UserAdmin(StaffModelAdmin):
    reads = acts = Permission.MANAGE_ACCOUNTS

    form = UserForm
    list_display = ("full_name", "email", "role", "language", "may_sign_in", "last_seen")
    list_filter = ("role", "is_active", "language")
    search_fields = ("full_name", "email")
    search_help_text = gettext_lazy("Name or address")
    sortable_by = ()
    ordering = ("-is_active", "full_name", "email")
    fields = ("full_name", "email", "role", "language", "may_sign_in", "last_seen", "created")
    readonly_fields = ("email", "may_sign_in", "last_seen", "created")
    actions_detail = ("password_page", "deactivate_page", "reactivate_page")
    empty_text = gettext_lazy("No user is like that.")

    @display(description=gettext_lazy("state"))
    def may_sign_in(self, user: User) -> SafeString:
        return badge(_("active"), "success") if user.is_active else badge(_("deactivated"), "")

    @display(description=gettext_lazy("last signed in"))
    def last_seen(self, user: User) -> str:
        return moment(user.last_login) if user.last_login else NOTHING

    @display(description=gettext_lazy("created"))
    def created(self, user: User) -> str:
        return moment(user.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(is_staff=True)

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = NewUserForm(request.POST or None, initial={"language": get_language()})
        user = accepted(form, lambda: operations.create_user(**form.cleaned_data, now=now()))
        if user:
            self.log_addition(request, user, [{"added": {}}])
            messages.success(request, _("%(name)s may sign in now.") % {"name": user})
            return redirect("admin:accounts_user_change", user.pk)
        sections = [
            Section(title=_("Person"), fields=["full_name", "email", "language"]),
            Section(title=_("Access"), fields=["role", "password"]),
        ]
        return enter(request, self, form=form, sections=sections, title=_("Add a user"), answer=_("Add the user"))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        user = self.get_object(request, object_id)
        impossible = "reactivate" if user and user.is_active else "deactivate"
        return [each for each in super().get_actions_detail(request, object_id) if each.path != impossible]

    @page_about_one(description=gettext_lazy("Set password"), url_path="set-password", icon="password")
    def password_page(self, request: HttpRequest, user: User) -> HttpResponse:
        form = NewPasswordForm(request.POST or None)
        changed = accepted(form, lambda: operations.set_password(user_id=user.pk, **form.cleaned_data))
        if changed:
            if changed == request.user:
                update_session_auth_hash(request, changed)
            self.log_change(request, user, [{"changed": {"fields": ["password"]}}])
            messages.success(request, _("The new password of %(name)s is set.") % {"name": user})
            return redirect(_page(user))
        question = Question(
            title=_("Set a password for %(name)s") % {"name": user},
            text=_("Their sessions end, and they sign in with the new password from now on."),
            answer=_("Set the password"),
        )
        return ask(request, self, question, about=user, back=_page(user), form=form)

    @page_about_one(description=gettext_lazy("Deactivate"), url_path="deactivate", icon="person_off")
    def deactivate_page(self, request: HttpRequest, user: User) -> HttpResponse:
        if _is_last_admin(user):
            messages.error(request, _LAST_ADMIN)
            return redirect(_page(user))
        question = Question(
            title=_("Deactivate %(name)s?") % {"name": user},
            text=_("They are signed out at once and cannot sign in any more. What they did stays."),
            answer=_("Deactivate"),
            is_dangerous=True,
        )
        return self._switch(request, user, question, is_active=False)

    @page_about_one(description=gettext_lazy("Reactivate"), url_path="reactivate", icon="person_check")
    def reactivate_page(self, request: HttpRequest, user: User) -> HttpResponse:
        question = Question(
            title=_("Reactivate %(name)s?") % {"name": user},
            text=_("They can sign in again with their password."),
            answer=_("Reactivate"),
        )
        return self._switch(request, user, question, is_active=True)

    def _switch(self, request: HttpRequest, user: User, question: Question, *, is_active: bool) -> HttpResponse:
        if request.method != "POST":
            return ask(request, self, question, about=user, back=_page(user))
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        self.log_change(request, user, [{"changed": {"fields": ["active"]}}])
        return redirect(_page(user))


def _is_last_admin(user: User) -> bool:
    others = User.objects.filter(is_staff=True, is_active=True, role=Role.ADMIN).exclude(pk=user.pk)
    return user.is_active and user.role == Role.ADMIN and not others.exists()


def _page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])
