"""The page on which something new is entered: a form in sections, whose input one operation takes or refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise

from omnicrm.backoffice.access import StaffModelAdmin
from omnicrm.customers.errors import InvalidInput

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Fields that belong together; `hint` says what a reader of the title may still wonder."""

    title: str | Promise
    fields: Sequence[str]
    hint: str | Promise = ""


def accepted(
    form: BaseForm, operation: Callable[[], Result], *, fields: Mapping[str, str] | None = None
) -> Result | None:
    """What the operation returned, or None after its objections were added to the form.

    `fields` leads from the operation's field paths to the form's names where the two differ.
    """
    if not form.is_valid():
        return None
    try:
        return operation()
    except InvalidInput as refusal:
        add_errors(form, refusal, fields=fields or {})
        return None


def add_errors(form: BaseForm, refusal: InvalidInput, *, fields: Mapping[str, str] | None = None) -> None:
    for error in refusal.errors:
        name = (fields or {}).get(error.field, error.field)
        form.add_error(name if name in form.fields else None, error.message)


def require_act(request: HttpRequest, admin: StaffModelAdmin) -> None:
    if not admin.has_act_permission(request):
        raise PermissionDenied


def enter(
    request: HttpRequest,
    admin: StaffModelAdmin,
    *,
    form: BaseForm,
    sections: Sequence[Section],
    title: str,
    answer: str,
    back: str = "",
) -> TemplateResponse:
    """The page with the form, and what is wrong with what was entered. "Back" leads to `back`, or to the list."""
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "answer": answer,
        "form": form,
        "sections": [(section, [form[name] for name in section.fields]) for section in sections],
        "back": back or reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist"),
        "media": admin.media + form.media,
    }
    return TemplateResponse(request, "backoffice/entry.html", context)
