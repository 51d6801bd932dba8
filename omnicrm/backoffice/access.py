"""Who may do what in the back office: every page and action asks one permission of the user's role."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from typing_extensions import override

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.listing import BoundedChangeList, BoundedPaginator
from omnicrm.backoffice.unfolded import ModelAdmin, action
from omnicrm.customers.errors import InvalidInput


def allows(request: HttpRequest, permission: Permission) -> bool:
    """Whether the signed-in user's role includes the permission; never for someone who is not signed in."""
    user = request.user
    return user.is_authenticated and user.may(permission)


def require(request: HttpRequest, permission: Permission) -> None:
    """Raises PermissionDenied, which leads to a page that explains it."""
    if not allows(request, permission):
        raise PermissionDenied


class StaffModelAdmin(ModelAdmin):
    """Pages about one model. `reads` is asked for seeing them, `acts` for everything that changes something.

    Nothing can be deleted: what has to go goes through an action that says what it does.
    """

    reads: ClassVar[Permission]
    acts: ClassVar[Permission]
    adds: ClassVar[bool] = True
    """Whether records are entered by hand."""
    edits: ClassVar[bool] = True
    """Whether records have a form; the others change by actions alone."""

    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_disable_select_all = True
    change_list_template = "backoffice/change_list.html"
    empty_text: ClassVar[str | Promise]
    """What a list says that has nothing to show: why, or what to do."""

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def about(self, _request: HttpRequest, _record: Any) -> dict[str, Any]:  # noqa: ANN401 - each has its own model
        """What the page about a record knows beyond its form."""
        return {}

    @override
    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False, **self.about(request, obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @override
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What an operation refuses to save is told in a message, and nothing of the form is saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except InvalidInput as refusal:
            errors = " ".join(error.message for error in refusal.errors)
            messages.error(request, _("Nothing was saved. %(errors)s") % {"errors": errors})
            return redirect(request.path)

    @override
    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return allows(request, self.reads)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return allows(request, self.reads)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.adds and allows(request, self.acts)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.edits and allows(request, self.acts)

    def has_act_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        """For actions; stays what it is where nothing can be edited."""
        return allows(request, self.acts)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


Page = Callable[[Any, HttpRequest, Any], HttpResponse]


def page_about_one(
    *, description: str | Promise, url_path: str, icon: str, permission: str = "act"
) -> Callable[[Page], Callable[..., HttpResponse]]:
    """Makes of a method `(admin, request, record)` a page that the record's page links to.

    `permission` names a `has_…_permission` method. A record that does not exist leads back with a message.
    """

    def decorate(method: Page) -> Callable[..., HttpResponse]:
        @action(description=description, url_path=url_path, icon=icon, permissions=[permission])
        @wraps(method)
        def page(admin: StaffModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
            record = admin.get_object(request, unquote(object_id))
            if record is None:
                messages.warning(request, _("This is no longer there."))
                return redirect(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
            return method(admin, request, record)

        return page

    return decorate
