"""The words of the outbox: what a message can be, how urgent it is, and which changes are possible.

queued ──claim──> claimed ──record──> accepted | refused | failed
  ^ ^                │  └──outcome unknown, lease over──> unknown ──reconcile──> accepted | queued
  │ └──release, back-off┘
  └──retry by staff── refused | failed | cancelled | expired
queued ──just before the call──> suppressed | cancelled | expired
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("queued")
    CLAIMED = "claimed", _("being handed over")
    ACCEPTED = "accepted", _("accepted by Mailjet")
    DELIVERED = "delivered", _("delivered")
    DEFERRED = "deferred", _("deferred by the recipient's server")
    BOUNCED = "bounced", _("bounced")
    BLOCKED = "blocked", _("blocked by Mailjet")
    COMPLAINED = "complained", _("reported as spam")
    SUPPRESSED = "suppressed", _("address suppressed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    REFUSED = "refused", _("refused by Mailjet")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("outcome unknown")


class Lane(models.IntegerChoices):
    """Lower goes first."""

    SECURITY = 0, _("security")
    TRANSACTIONAL = 1, _("transactional")
    BULK = 2, _("bulk")


CANCELLABLE = frozenset({State.QUEUED})
RETRYABLE = frozenset({State.REFUSED, State.FAILED, State.CANCELLED, State.EXPIRED, State.SUPPRESSED})
"""States from which staff may queue a message again. `unknown` is not one: Mailjet is asked first."""
