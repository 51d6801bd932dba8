"""What administrators do to the ways others sign in."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from omnicrm.accounts.actors import user_target
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.sessions import end
from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record


@transaction.atomic
def remove_second_factor(*, user_id: int, by: Actor, now: datetime) -> bool:
    """For somebody who lost their phone and their recovery codes; False if there was no second factor.

    Where the role needs one, the user sets up a new one at the next sign-in. Raises User.DoesNotExist.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if removed:
        record(action=Action.SECOND_FACTOR_OFF, by=by, target=user_target(user), now=now)
    return bool(removed)


@transaction.atomic
def end_sessions(*, user_id: int, by: Actor, now: datetime) -> int:
    """Signs the user out everywhere; returns of how many sessions. Raises User.DoesNotExist."""
    user = User.objects.get(pk=user_id)
    sessions = list(UserSession.objects.filter(user=user))
    end(sessions)
    if sessions:
        detail = {"count": len(sessions)}
        record(action=Action.SESSIONS_ENDED, by=by, target=user_target(user), detail=detail, now=now)
    return len(sessions)
