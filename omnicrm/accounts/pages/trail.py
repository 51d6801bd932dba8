"""What the audit log hears of signing in and out."""

from datetime import datetime

from allauth.account.authentication import get_authentication_records
from django.core.cache import cache
from django.http import HttpRequest

from omnicrm.accounts.actors import user_actor, user_target
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.visitors import client_ip, visitor
from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import Target, record

LOCKED_FOR = 300
"""Seconds; as long as ACCOUNT_RATE_LIMITS counts failed sign-ins."""


def signed_in(request: HttpRequest, user: User, *, now: datetime) -> None:
    factors = [each["type"] for each in get_authentication_records(request, user) if each["method"] == "mfa"]
    detail = {
        "second_factor": factors[-1] if factors else None,
        "remembered": not request.session.get_expire_at_browser_close(),
    }
    actor = user_actor(user, ip=client_ip(request))
    record(action=Action.SIGNED_IN, by=actor, target=user_target(user), detail=detail, now=now)


def sign_in_failed(request: HttpRequest, address: str, *, why: str, now: datetime) -> None:
    """Notes the address that was given, and not whether anybody has it."""
    target = Target(kind=TargetKind.ADDRESS, name=address)
    record(action=Action.SIGN_IN_FAILED, by=visitor(request), target=target, detail={"why": why}, now=now)


def locked_out(request: HttpRequest, address: str, *, now: datetime) -> None:
    """One entry per lock-out, however often somebody knocks."""
    if cache.add(f"locked-out:{client_ip(request)}:{address}", 1, timeout=LOCKED_FOR):
        target = Target(kind=TargetKind.ADDRESS, name=address)
        record(action=Action.LOCKED_OUT, by=visitor(request), target=target, now=now)


def signed_out(request: HttpRequest, *, now: datetime) -> None:
    _about_oneself(request, Action.SIGNED_OUT, now=now)


def second_factor_on(request: HttpRequest, *, now: datetime) -> None:
    _about_oneself(request, Action.SECOND_FACTOR_ON, now=now)


def second_factor_off(request: HttpRequest, *, now: datetime) -> None:
    _about_oneself(request, Action.SECOND_FACTOR_OFF, now=now)


def sessions_ended(request: HttpRequest, count: int, *, now: datetime) -> None:
    _about_oneself(request, Action.SESSIONS_ENDED, now=now, detail={"count": count})


def _about_oneself(
    request: HttpRequest, action: Action, *, now: datetime, detail: dict[str, object] | None = None
) -> None:
    target = user_target(request.user) if isinstance(request.user, User) else None
    record(action=action, by=visitor(request), target=target, detail=detail, now=now)
