"""Pages whose address is the key to them: shown without signing in, in the reader's language, and told to nobody."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


def shown_by_link(request: HttpRequest, draw: Callable[[], HttpResponse], *, language: str | None) -> HttpResponse:
    """The page that `draw` makes, in `language` unless another was chosen here before; None: what the browser
    prefers."""
    with translation.override(language_of(request, language)):
        response = draw()
        response.headers["Content-Language"] = translation.get_language()
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key; no-referrer would break our forms
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def language_of(request: HttpRequest, language: str | None) -> str:
    """As chosen here before, or `language`, or what the browser prefers."""
    is_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return language if language and not is_chosen else translation.get_language() or settings.LANGUAGE_CODE
