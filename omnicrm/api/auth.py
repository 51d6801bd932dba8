"""Routes to sign in and out, and to look after one's own password and address: what the account pages do, as JSON.

They begin and end sessions, so they take JSON alone: no form on another site can send that without being asked first.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from ninja import Router

from omnicrm.accounts import operations as accounts
from omnicrm.accounts.models import User
from omnicrm.accounts.pages import trail
from omnicrm.accounts.pages.sessions import keep_after_password_change
from omnicrm.accounts.pages.signing_in import NeedsSecondFactor, RefusedSignIn, sign_in
from omnicrm.accounts.pages.visitors import client_ip, signed_in_user, visitor
from omnicrm.api.auth_schemas import Forgotten, PasswordChange, Reset, SignIn, Verification
from omnicrm.api.problems import Problem, not_signed_in
from omnicrm.api.user_schemas import UserOut
from omnicrm.customers.errors import FieldError, InvalidInput

router = Router(tags=["Signing in"])
Route = TypeVar("Route", bound=Callable[..., Any])
SECOND_FACTOR_REQUIRED = "urn:omnicrm:second-factor-required"


def json_only(route: Route) -> Route:
    """Raises Problem 415 for a body that another site's form could send."""

    @wraps(route)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the route's own
        if request.content_type != "application/json":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("Send JSON, with Content-Type: application/json."))
        return route(request, *args, **kwargs)

    return checked  # type: ignore[return-value]  # it takes what the route takes


@router.post("/auth/login", auth=None, response=UserOut)
@json_only
@sensitive_variables("body")
def login(request: HttpRequest, body: SignIn) -> UserOut:
    """Begins a session: the answer sets its cookie, and `csrftoken` for the header X-CSRFToken of later requests.

    401 for a wrong address or password; with the type `urn:omnicrm:second-factor-required` where a `code` is missing.
    """
    try:
        user = sign_in(request, email=body.email, password=body.password, code=body.code, remember=body.remember)
    except NeedsSecondFactor:
        text = _("Send the code of your authenticator app as well, or a recovery code, as “code”.")
        raise Problem(HTTPStatus.UNAUTHORIZED, text, kind=SECOND_FACTOR_REQUIRED) from None
    except RefusedSignIn as refusal:
        status = HTTPStatus.TOO_MANY_REQUESTS if refusal.is_too_often else HTTPStatus.UNAUTHORIZED
        raise Problem(status, str(refusal)) from None
    return UserOut.of(user)


@router.post("/auth/logout", auth=None, response={HTTPStatus.NO_CONTENT: None})
def end_session(request: HttpRequest) -> None:
    """Ends the session. Without one there is nothing to do."""
    if request.user.is_authenticated:
        trail.signed_out(request, now=timezone.now())
        logout(request)


@router.post("/auth/forgot_password", auth=None, response={HTTPStatus.ACCEPTED: None})
@json_only
def forgot_password(request: HttpRequest, body: Forgotten) -> None:
    """Has a link to a new password sent, if the address has an account; the answer is the same if not."""
    accounts.request_reset(email=body.email, ip=client_ip(request), now=timezone.now())


@router.post("/auth/reset_password", auth=None, response={HTTPStatus.NO_CONTENT: None})
@json_only
@sensitive_variables("body")
def reset_password(request: HttpRequest, body: Reset) -> None:
    """Sets the password by the link of the email. All sessions end; the user signs in with the new password."""
    accounts.reset_password(token=body.token, new_password=body.new_password, ip=client_ip(request), now=timezone.now())


@router.post("/auth/change_password", auth=None, response={HTTPStatus.NO_CONTENT: None})
@json_only
@sensitive_variables("body")
def change_password(request: HttpRequest, body: PasswordChange) -> None:
    """Changes the signed-in user's password. Every other session ends."""
    user = _signed_in(request)
    changed = accounts.change_password(
        user_id=user.pk,
        current_password=body.current_password,
        new_password=body.new_password,
        by=visitor(request),
        now=timezone.now(),
    )
    keep_after_password_change(request, changed)


@router.post("/auth/verify_email", auth=None, response={HTTPStatus.NO_CONTENT: None})
@json_only
def verify_email(request: HttpRequest, body: Verification) -> None:
    """Verifies an address by the link of the email, or by the code that the signed-in user was sent."""
    ip, now = client_ip(request), timezone.now()
    if body.token is not None and body.code is None:
        accounts.verify_by_link(token=body.token, ip=ip, now=now)
    elif body.code is not None and body.token is None:
        accounts.verify_by_code(user_id=_signed_in(request).pk, code=body.code, ip=ip, now=now)
    else:
        raise InvalidInput(FieldError(field="token", message=_("Send either token or code.")))


def _signed_in(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise not_signed_in()
    return signed_in_user(request)
