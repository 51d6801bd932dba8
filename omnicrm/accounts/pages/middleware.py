"""Who has something to do first is led to it, whatever page they ask for."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.first_steps import must_do_first

ALWAYS_OPEN: Final = {
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "set_language",
}
API: Final = "crm"
"""Its gate asks by itself, and answers in its own way."""


class FirstThingsFirst:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_of_view: object) -> HttpResponse | None:
        """Pages that need no signing in stay as they are, for instance the link in an email."""
        here = request.resolver_match
        is_open = here is None or here.namespaces[:1] == [API] or here.url_name in ALWAYS_OPEN
        if is_open or not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        first = must_do_first(request.user)
        if first is None or (here and here.view_name == first):
            return None
        return redirect(first)
