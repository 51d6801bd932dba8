"""The back office as one Django admin site: who enters, what every answer carries, the dashboard as front page."""

from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any, TypeVar, cast
from urllib.parse import unquote
from zoneinfo import available_timezones

from allauth.account.views import logout as sign_out
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from typing_extensions import override
from unfold.sites import UnfoldAdminSite

from omnicrm.accounts.pages.answers import not_for_customers
from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import allows
from omnicrm.backoffice.dashboard import dashboard
from omnicrm.backoffice.email.custom_messages import CustomMessagePages
from omnicrm.backoffice.email.templates_page import TemplatesPages
from omnicrm.backoffice.policies import PAGE

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
            *CustomMessagePages(self).urls(),
            *super().get_urls(),
        ]

    @override
    def admin_view(self, view: AnyView, cacheable: bool = False) -> AnyView:
        """As Django's, and: times in the user's time zone, a page that explains a refusal, a strict CSP."""
        guarded = super().admin_view(view, cacheable)

        def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest("PostgreSQL knows no NUL in a text")
            if request.user.is_authenticated and not self.has_permission(request):
                return not_for_customers(request)
            with timezone.override(_time_zone(request)):
                try:
                    response = _rendered(guarded(request, *args, **kwargs))
                except PermissionDenied:
                    response = self._refusal(request)
                except ValidationError as error:  # of an id that no page of ours offered
                    raise BadRequest from error
            return _secured(response)

        return cast("AnyView", update_wrapper(page, view))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """There is one page to sign in for everybody; people who are signed in already go on."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(wanted, reverse("account_login"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002 - Django's signature, whose stubs want a page
        response: HttpResponse = sign_out(request)
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        if not allows(request, Permission.READ_MESSAGES):
            raise PermissionDenied
        return super().index(request, {**dashboard(timezone.now()), **(extra_context or {})})

    def figures(self, request: HttpRequest) -> TemplateResponse:
        """The dashboard's figures alone, which the page fetches again and again."""
        if not allows(request, Permission.READ_MESSAGES):
            raise PermissionDenied
        return TemplateResponse(request, "backoffice/figures.html", dashboard(timezone.now()))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002 - as above
        return redirect("account_password")

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
