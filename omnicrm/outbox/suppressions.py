"""Suppressions as staff decide them: added with a reason, lifted. Both are kept in the audit log."""

from datetime import datetime

from django.db import IntegrityError, transaction
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


def _note(action: Action, suppression: Suppression, *, by: Actor, now: datetime) -> None:
    target = Target(kind=TargetKind.ADDRESS, name=suppression.address)
    detail = {"scope": suppression.scope, "reason": suppression.reason}
    record(action=action, by=by, target=target, detail=detail, now=now)
