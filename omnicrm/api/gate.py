"""The one way into the API: size, caller, rate, repetition; and no error that is not a problem+json."""

from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from omnicrm.api.callers import SIGNING_IN, identify
from omnicrm.api.idempotency import once
from omnicrm.api.limits import count_request, refuse_large_body
from omnicrm.api.problems import answer_to, method_not_allowed
from omnicrm.customers.models import Language

View = Callable[..., HttpResponseBase]


def gated(view: View, *, takes_uploads: bool = False, is_metered: bool = True) -> View:
    """The view behind the gate. One that takes uploads limits them, and keeps its answers, by itself.

    Requests are counted against the API key's rate, except where a machine reports as things happen.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 - the route's own
        with translation.override(_language(request)):
            try:
                run = partial(view, request, *args, **kwargs)
                answer = _admitted(request, run, takes_uploads=takes_uploads, is_metered=is_metered)
            except Exception as error:
                answer = answer_to(error, request)
            answer.headers.setdefault("Cache-Control", "no-store")  # it may be about a person
            return answer

    return gate


def _admitted(
    request: HttpRequest, run: Callable[[], HttpResponseBase], *, takes_uploads: bool, is_metered: bool
) -> HttpResponseBase:
    now = timezone.now()
    if not takes_uploads:
        refuse_large_body(request)
    caller = identify(request, now=now)
    if caller and caller.api_key and is_metered:
        count_request(caller.api_key.pk, now=now)
    is_repeatable = not takes_uploads and not request.path.startswith(SIGNING_IN)  # answers there hold cookies
    if caller and request.method == "POST" and is_repeatable:
        response = once(request, caller, now=now, run=run)
    else:
        response = run()
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        raise method_not_allowed(request, response["Allow"])
    return response


def _language(request: HttpRequest) -> str:
    """The first the caller asks for and we speak, else English, the language of the documentation."""
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        language = wanted.partition("-")[0]
        if language in Language.values:
            return language
    return Language.ENGLISH
