"""What becomes of sessions and counts of attempts that are over: they go."""

from datetime import UTC, datetime
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from procrastinate.contrib.django import app

from omnicrm.accounts.pages.shared_cache import tidy

QUEUE = "accounts"


@app.periodic(cron="23 * * * *")
@app.task(name="accounts.tidy_cache", queue=QUEUE, queueing_lock="accounts.tidy_cache")
def tidy_cache(timestamp: int) -> None:
    tidy(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="43 3 * * *")
@app.task(name="accounts.forget_sessions", queue=QUEUE, queueing_lock="accounts.forget_sessions")
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the minute
    """Also takes away where ended sessions came from: an IP address is personal data."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
