"""The back office as one Django admin site: who enters, what every answer carries, the dashboard as front page."""

from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any, TypeVar, cast
from urllib.parse import unquote
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from typing_extensions import override
from unfold.sites import UnfoldAdminSite

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.dashboard import dashboard
from omnicrm.backoffice.passwords import OwnPasswordForm
from omnicrm.backoffice.policies import PAGE
from omnicrm.backoffice.templates_page import TemplatesPages

AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])
Response = TypeVar("Response", bound=HttpResponseBase)

TIME_ZONE_COOKIE = "omnicrm_timezone"
"""Set by backoffice.js to the browser's time zone."""


class BackOfficeSite(UnfoldAdminSite):
    index_template = "backoffice/dashboard.html"

    def get_urls(self) -> list[Any]:
        return [
            path("figures/", self.admin_view(self.figures), name="figures"),
            *TemplatesPages(self).urls(),
            *super().get_urls(),
        ]

    @override
    def admin_view(self, view: AnyView, cacheable: bool = False) -> AnyView:
        """As Django's, and: times in the user's time zone, a page that explains a refusal, a strict CSP."""
        guarded = super().admin_view(view, cacheable)

        def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest("PostgreSQL knows no NUL in a text")
            with timezone.override(_time_zone(request)):
                try:
                    response = _rendered(guarded(request, *args, **kwargs))
                except PermissionDenied:
                    response = self._refusal(request)
                except ValidationError as error:  # of an id that no page of ours offered
                    raise BadRequest from error
            return _secured(response)

        return cast("AnyView", update_wrapper(page, view))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Signs in by email and then speaks the user's own language, until they switch it."""
        response = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            if not {REDIRECT_FIELD_NAME} & {*request.GET, *request.POST}:
                response = redirect("admin:index")
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                request.user.language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return _secured(response)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if not allows(request, Permission.READ_MESSAGES):
            raise PermissionDenied
        return super().index(request, {**dashboard(timezone.now()), **(extra_context or {})})

    def figures(self, request: HttpRequest) -> TemplateResponse:
        """The dashboard's figures alone, which the page fetches again and again."""
        if not allows(request, Permission.READ_MESSAGES):
            raise PermissionDenied
        return TemplateResponse(request, "backoffice/figures.html", dashboard(timezone.now()))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast("TemplateResponse", view(request))

    def _refusal(self, request: HttpRequest) -> HttpResponseBase:
        context = self.each_context(request)
        return TemplateResponse(request, "backoffice/forbidden.html", context, status=403).render()


def _time_zone(request: HttpRequest) -> str:
    named = unquote(request.COOKIES.get(TIME_ZONE_COOKIE, ""))
    return named if named in _time_zones() else settings.TIME_ZONE


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Renders now what Django would render later, outside the user's time zone."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def _secured(response: Response) -> Response:
    response.setdefault("Content-Security-Policy", PAGE)
    return response


site = BackOfficeSite()
