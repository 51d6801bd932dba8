"""Answers to requests that go no further, in the look of the account pages."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from omnicrm.accounts.pages.policies import private

LONGEST_WAIT = 60
"""Seconds; the rates that answer so count over a minute."""


@private
def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = render(request, "account/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(LONGEST_WAIT)
    return response


@private
def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it for its log
    """A form without its CSRF token: sent from elsewhere, or from a page open since before signing in or out."""
    return render(request, "account/forged.html", status=HTTPStatus.FORBIDDEN)


@private
def not_for_customers(request: HttpRequest) -> HttpResponse:
    return render(request, "account/not_for_customers.html", status=HTTPStatus.FORBIDDEN)
