"""Users: who may sign in, staff and customers, and how they prove who they are."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin import SimpleListFilter, display, register
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from typing_extensions import override

from omnicrm.accounts import operations
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.factors import HAS_SECOND_FACTOR, with_second_factor
from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.entry import Section, accepted, enter, require_act
from omnicrm.backoffice.site import site
from omnicrm.backoffice.users.actions import UserActions, user_page
from omnicrm.backoffice.users.forms import NewUserForm, UserForm
from omnicrm.backoffice.users.state import user_state
from omnicrm.backoffice.wording import NOTHING, badge, moment, two_lines

CUSTOMERS = "customers"


class KindFilter(SimpleListFilter):
    """Staff unless asked otherwise: customers may be a hundred thousand times as many."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(CUSTOMERS, _("Customers"))]

    @override
    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        staff, *others = super().choices(changelist)
        yield {**staff, "display": _("Staff")}
        yield from others

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(customer__isnull=False) if self.value() == CUSTOMERS else queryset.filter(is_staff=True)


class SecondFactorFilter(SimpleListFilter):
    title = gettext_lazy("second factor")
    parameter_name = "second_factor"

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("on", _("on")), ("off", _("off"))]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() is None:
            return queryset
        return queryset.filter(HAS_SECOND_FACTOR if self.value() == "on" else ~HAS_SECOND_FACTOR)


@register(User, site=site)
class UserAdmin(UserActions):
    reads = acts = Permission.MANAGE_ACCOUNTS

    form = UserForm
    list_display = ("person", "belonging", "may_sign_in", "second_factor", "verified", "last_seen")
    list_filter = (KindFilter, "role", "is_active", SecondFactorFilter, "language")
    list_select_related = ("customer",)
    search_fields = ("full_name", "email")
    search_help_text = gettext_lazy("Name or address")
    sortable_by = ()
    ordering = ("-is_active", "full_name", "email")
    readonly_fields = ("email", "belonging", "may_sign_in", "second_factor", "verified", "last_seen", "created")
    empty_text = gettext_lazy("No user is like that.")

    @display(description=gettext_lazy("user"))
    def person(self, user: User) -> SafeString:
        return two_lines(user.full_name or NOTHING, user.email)

    @display(description=gettext_lazy("role"))
    def belonging(self, user: User) -> str | SafeString:
        if user.customer is None:
            return user.get_role_display()
        page = reverse("admin:customers_customer_change", args=[user.customer_id])
        link = format_html('<a class="bo-link" href="{}">{}</a>', page, user.customer)
        return two_lines(user.get_role_display(), link)

    @display(description=gettext_lazy("state"))
    def may_sign_in(self, user: User) -> SafeString:
        return user_state(user)

    @display(description=gettext_lazy("second factor"))
    def second_factor(self, user: User) -> SafeString:
        is_on = getattr(user, "has_second_factor", False)
        return badge(_("on"), "success") if is_on else badge(_("off"), "")

    @display(description=gettext_lazy("address verified"))
    def verified(self, user: User) -> str | SafeString:
        return moment(user.email_verified_at) if user.email_verified_at else badge(_("not yet"), "warning")

    @display(description=gettext_lazy("last signed in"))
    def last_seen(self, user: User) -> str:
        return moment(user.last_login)

    @display(description=gettext_lazy("created"))
    def created(self, user: User) -> str:
        return moment(user.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        staff_or_customers = users.filter(Q(is_staff=True) | Q(customer__isnull=False))
        return with_second_factor(staff_or_customers)

    @override
    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        role = "role" if obj and obj.is_staff else "belonging"
        return (
            "full_name",
            "email",
            role,
            "language",
            "may_sign_in",
            "second_factor",
            "verified",
            "last_seen",
            "created",
        )

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Users of customers keep their role, so the form must not ask for it."""
        return [*super().get_readonly_fields(request, obj), *([] if obj and obj.is_staff else ["role"])]

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        require_act(request, self)
        form = NewUserForm(request.POST or None, initial={"language": get_language()})
        by = visitor(request)
        user = accepted(form, lambda: operations.create_user(**form.cleaned_data, by=by, now=now()))
        if user:
            messages.success(request, _created(user))
            return redirect(user_page(user))
        sections = [
            Section(title=_("Person"), fields=["full_name", "email", "language"]),
            Section(title=_("Access"), fields=["role", "welcome"]),
        ]
        return enter(request, self, form=form, sections=sections, title=_("Add a user"), answer=_("Add the user"))

    @override
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        operations.update_user(user_id=obj.pk, by=visitor(request), now=now(), **changes)


def _created(user: User) -> str:
    if user.must_change_password:
        return _("%(name)s is a user now. The welcome with a temporary password is queued for %(address)s.") % {
            "name": user,
            "address": user.email,
        }
    return _("%(name)s is a user now. No email was sent: “Send welcome” gives them a password.") % {"name": user}
