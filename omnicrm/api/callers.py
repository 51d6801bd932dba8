"""Who calls: an API key, or a signed-in member of staff. Each route names the one permission it needs."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import authenticate_api_key
from omnicrm.accounts.pages.first_steps import must_do_first
from omnicrm.accounts.roles import Permission, may
from omnicrm.api.problems import Problem, not_signed_in

HEADER = "X-API-KEY"
SIGNING_IN = "/crm/auth/"
"""Under this address is what a session may do in any state: change its password, and end."""
_META_KEY = "omnicrm.caller"
Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """`name` is `key:<id>` or `user:<id>`. Only API keys have a rate limit; only customers have a `customer_id`."""

    name: str
    may: Callable[[Permission], bool]
    api_key: ApiKey | None = None
    customer_id: int | None = None


class Needs(AuthBase):
    """Lets through callers with one permission. Raises Problem 401 without a caller, 403 without the permission.

    With `or_own`, customers pass as well; the route then shows what is `visible` to its caller, and no more.
    """

    openapi_type = "apiKey"
    csrf = True
    """For ninja's documentation page, which then sends the session's CSRF token."""

    def __init__(self, permission: Permission, *, or_own: bool = False) -> None:
        super().__init__()
        self.permission = permission
        self.or_own = or_own

    def __call__(self, request: HttpRequest) -> Caller:
        caller = caller_of(request)
        if not (caller.may(self.permission) or (self.or_own and caller.may(Permission.READ_OWN))):
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


def visible(records: QuerySet[Record], request: HttpRequest, *, owner: str = "customer_id") -> QuerySet[Record]:
    """Those of the records that the caller may see: to a customer, their own; `owner` leads to the customer's id."""
    customer_id = caller_of(request).customer_id
    return records if customer_id is None else records.filter(**{owner: customer_id})


def identify(request: HttpRequest, *, now: datetime) -> Caller | None:
    """The caller, or None. Raises Problem 401 for a wrong key, 403 for a session's write without its CSRF token."""
    caller = _identified(request, now=now)
    request.META[_META_KEY] = caller
    return caller


def identify_by_password(request: HttpRequest, *, now: datetime) -> None:
    """Takes the password of HTTP basic authentication as an API key, for a caller who can give nothing but a URL.

    Raises Problem 401 for a wrong key. Without a password nothing changes.
    """
    scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic" or HEADER in request.headers:
        return
    try:
        password = b64decode(encoded, validate=True).decode().partition(":")[2]
    except ValueError:
        raise not_signed_in() from None
    request.META[_META_KEY] = _of_key(password, now=now)


def _identified(request: HttpRequest, *, now: datetime) -> Caller | None:
    plain_key = request.headers.get(HEADER)
    if plain_key is not None:
        return _of_key(plain_key, now=now)
    user = request.user
    if not isinstance(user, User):
        return None
    if check_csrf(request):
        raise Problem(HTTPStatus.FORBIDDEN, _("Send the CSRF token of your session in the header X-CSRFToken."))
    first = must_do_first(user)
    if first and not request.path.startswith(SIGNING_IN):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            _("Go to %(page)s first, and do what it asks.") % {"page": reverse(first)},
            kind=f"urn:omnicrm:{first.replace('_', '-')}-first",
        )
    comes_in = user.is_staff or user.customer_id is not None
    return Caller(
        name=f"user:{user.pk}",
        may=lambda permission: comes_in and user.may(permission),
        customer_id=user.customer_id,
    )


def _of_key(plain_key: str, *, now: datetime) -> Caller:
    api_key = authenticate_api_key(plain_key=plain_key, now=now)
    if api_key is None:
        raise not_signed_in()
    return Caller(name=f"key:{api_key.pk}", may=lambda permission: may(api_key.role, permission), api_key=api_key)
