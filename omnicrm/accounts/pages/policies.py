"""What browsers may do with the account pages."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from omnicrm.config import current_config

P = ParamSpec("P")
Response = TypeVar("Response", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def private(view: View[P]) -> View[P]:
    """For pages about one person: no cache keeps them, no frame shows them, and nothing but our own files runs."""

    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return secured(never_cache(view)(request, *args, **kwargs))

    return page


def secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", content_security_policy())
    return response


@cache
def content_security_policy() -> str:
    """The company's logo is the one thing that may come from elsewhere."""
    logo = urlsplit(current_config().company.logo_url)
    images = f"'self' {logo.scheme}://{logo.netloc}" if logo.netloc else "'self'"
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {images}",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
