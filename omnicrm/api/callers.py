"""Who calls: an API key, or a signed-in member of staff. Each route names the one permission it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import authenticate_api_key
from omnicrm.accounts.roles import Permission, may
from omnicrm.api.problems import Problem, not_signed_in

HEADER = "X-API-KEY"
_META_KEY = "omnicrm.caller"


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """`name` is `key:<id>` or `user:<id>`. Only API keys have a rate limit."""

    name: str
    may: Callable[[Permission], bool]
    api_key_id: int | None = None


class Needs(AuthBase):
    """Lets through callers with one permission. Raises Problem 401 without a caller, 403 without the permission."""

    openapi_type = "apiKey"
    csrf = True
    """For ninja's documentation page, which then sends the session's CSRF token."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Caller:
        caller = caller_of(request)
        if not caller.may(self.permission):
            raise Problem(
                HTTPStatus.FORBIDDEN, _("Your role lacks the permission “%(name)s”.") % {"name": self.permission}
            )
        return caller


def caller_of(request: HttpRequest) -> Caller:
    """Who was identified at the gate. Raises Problem 401 if nobody was."""
    caller: Caller | None = request.META.get(_META_KEY)
    if caller is None:
        raise not_signed_in()
    return caller


def identify(request: HttpRequest, *, now: datetime) -> Caller | None:
    """The caller, or None. Raises Problem 401 for a wrong key, 403 for a session's write without its CSRF token."""
    caller = _identified(request, now=now)
    request.META[_META_KEY] = caller
    return caller


def _identified(request: HttpRequest, *, now: datetime) -> Caller | None:
    plain_key = request.headers.get(HEADER)
    if plain_key is not None:
        return _of_key(plain_key, now=now)
    user = request.user
    if not isinstance(user, User):
        return None
    if check_csrf(request):
        raise Problem(HTTPStatus.FORBIDDEN, _("Send the CSRF token of your session in the header X-CSRFToken."))
    return Caller(name=f"user:{user.pk}", may=lambda permission: user.is_staff and user.may(permission))


def _of_key(plain_key: str, *, now: datetime) -> Caller:
    api_key = authenticate_api_key(plain_key=plain_key, now=now)
    if api_key is None:
        raise not_signed_in()
    return Caller(name=f"key:{api_key.pk}", may=lambda permission: may(api_key.role, permission), api_key_id=api_key.pk)
