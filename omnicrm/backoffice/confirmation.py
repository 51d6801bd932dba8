"""The page that asks before something is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.response import TemplateResponse

from omnicrm.backoffice.access import StaffModelAdmin


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """`facts` are shown as a list below `text`. `hidden` comes back with the answer."""

    title: str
    text: str
    answer: str
    facts: Sequence[str] = ()
    is_dangerous: bool = False
    hidden: Mapping[str, Sequence[str]] = field(default_factory=dict)


def ask(
    request: HttpRequest,
    admin: StaffModelAdmin,
    question: Question,
    *,
    back: str,
    about: Model | None = None,
    form: BaseForm | None = None,
) -> TemplateResponse:
    """The page with the question. Its form posts to the same address; `back` is where "Back" leads."""
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": question.title,
        "original": about or "",
        "question": question,
        "form": form,
        "back": back,
    }
    return TemplateResponse(request, "backoffice/confirmation.html", context)
