"""unfold's classes with types that hold: its own are inferred from defaults, such as "none" from an empty tuple."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest
    from django.utils.functional import Promise
    from unfold.dataclasses import UnfoldAction

    Method = TypeVar("Method", bound=Callable[..., Any])

    class ModelAdmin(admin.ModelAdmin[Any]):
        actions_detail: Sequence[str]
        list_disable_select_all: bool
        change_form_outer_before_template: str | None
        change_form_outer_after_template: str | None

        def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]: ...

    class TabularInline(admin.TabularInline[Any, Any]):
        tab: bool

    def action(
        *, description: str | Promise, url_path: str, icon: str, permissions: Sequence[str]
    ) -> Callable[[Method], Method]: ...
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.decorators import action

__all__ = ["ModelAdmin", "TabularInline", "action"]
