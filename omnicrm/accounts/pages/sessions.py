"""Sessions of users: begun, kept alive while they are used, shown, and ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import now

from omnicrm.accounts.models import User

USED_AT: Final = "omnicrm.used_at"
PRECISION: Final = timedelta(minutes=5)
"""A session in use is written at most this often."""
IDLE_LIMIT: Final = timedelta(hours=12)
"""A session that nobody asked to be remembered ends after so long without use, even in a browser that stays open."""


def begin(request: HttpRequest, *, now: datetime) -> None:
    """From here on `kept_alive` looks after the session that has just been signed in."""
    request.session[USED_AT] = now.timestamp()


def speak(response: HttpResponse, language: str) -> None:
    """From now on the browser is spoken to in the user's own language, until they switch it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def kept_alive(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: 30 days count from a remembered session's last use; a session of a browser ends when left idle."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        used_at = request.session.get(USED_AT)
        if used_at is not None and request.user.is_authenticated:
            _look_after(request, idle=now() - datetime.fromtimestamp(used_at, UTC))
        return get_response(request)

    return middleware


def _look_after(request: HttpRequest, *, idle: timedelta) -> None:
    if idle >= IDLE_LIMIT and request.session.get_expire_at_browser_close():
        logout(request)
    elif idle >= PRECISION:
        begin(request, now=now())
        UserSession.objects.create_from_request(request)


def keep_after_password_change(request: HttpRequest, user: User) -> None:
    """This browser stays signed in, under a new session key; every other is signed out."""
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def sessions_of(user: User) -> list[UserSession]:
    """Those still open, the latest used first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda each: each.last_seen_at, reverse=True)


def end(sessions: list[UserSession]) -> None:
    get_adapter().end_sessions(sessions)
