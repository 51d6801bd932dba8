"""Suppressions. Those that staff decide, added with a reason or lifted, are kept in the audit log.

Those that follow from what Mailjet tells have their evidence in the events of delivery.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import Actor, Target, record
from omnicrm.customers import rules
from omnicrm.customers.errors import AlreadyTaken, FieldError
from omnicrm.customers.models import MAX_EMAIL_LENGTH
from omnicrm.outbox.models import Suppression, SuppressionScope


def _required_address(value: object) -> str:
    return str(rules.address(rules.text(MAX_EMAIL_LENGTH, required=True)(value)))


_RULES: rules.Rules = {
    "address": _required_address,
    "scope": rules.one_of(SuppressionScope),
    "reason": rules.text(500, required=True),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """An address in its normal form that must not be written to, as far as `scope` goes, and why."""

    address: str
    scope: SuppressionScope
    reason: str


@transaction.atomic
def suppress(*, address: str, scope: str, reason: str, by: Actor, now: datetime) -> Suppression:
    """Stops all email to the address, or marketing. Raises InvalidInput, AlreadyTaken if it is stopped already."""
    given = rules.clean(_RULES, {"address": address, "scope": scope, "reason": reason})
    try:
        with transaction.atomic():
            suppression = Suppression.objects.create(**given, created_at=now)
    except IntegrityError:
        text = _("This address is suppressed already in this scope.")
        raise AlreadyTaken(FieldError(field="address", message=text)) from None
    _note(Action.SUPPRESSION_ADDED, suppression, by=by, now=now)
    return suppression


@transaction.atomic
def lift_suppression(*, suppression_id: int, by: Actor, now: datetime) -> Suppression:
    """Lets email to the address leave again. Raises Suppression.DoesNotExist, also if somebody else was quicker."""
    suppression = Suppression.objects.select_for_update().get(pk=suppression_id)
    _note(Action.SUPPRESSION_LIFTED, suppression, by=by, now=now)
    suppression.delete()
    return suppression


def suppress_all(stops: Sequence[Stop], *, now: datetime) -> None:
    """Suppresses what is not suppressed yet, in one order for all who do. Of several reasons the first is kept."""
    Suppression.objects.bulk_create(
        [
            Suppression(address=stop.address, scope=stop.scope, reason=stop.reason, created_at=now)
            for stop in sorted(stops, key=lambda stop: (stop.address, stop.scope))
        ],
        ignore_conflicts=True,
    )


def latest_lifts(addresses: Collection[str]) -> dict[tuple[str, str], datetime]:
    """When staff last lifted a suppression of one of the addresses, in whatever case they wrote it: by address and
    scope. Where they never did, there is none."""
    if not addresses:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LATEST_LIFTS, {"addresses": sorted(addresses), "action": Action.SUPPRESSION_LIFTED.value})
        return {(address, scope): at for address, scope, at in cursor.fetchall()}


def _note(action: Action, suppression: Suppression, *, by: Actor, now: datetime) -> None:
    target = Target(kind=TargetKind.ADDRESS, name=suppression.address)
    detail = {"scope": suppression.scope, "reason": suppression.reason}
    record(action=action, by=by, target=target, detail=detail, now=now)


_LATEST_LIFTS = """
SELECT address, entry.detail ->> 'scope', max(entry.at)
FROM unnest(%(addresses)s::text[]) AS address
JOIN audit_entry AS entry ON upper(entry.target_name) = upper(address) AND entry.target_kind = 'address'
WHERE entry.action = %(action)s
GROUP BY 1, 2
"""
