"""Events of a charging system, checked and in the units we keep, whatever form they came in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from omnicrm.balances.models import MAX_ID_LENGTH
from omnicrm.balances.units import Scale, amount, in_unit, scale
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.rules import text
from omnicrm.emails.balances import BalanceType

UNLIMITED: Final = frozenset({"unlimited", "*unlimited"})
"""How a value without end, or an expiry that never comes, may be written."""
_ID_RULE = text(MAX_ID_LENGTH, required=True)
_EVENT_ID_RULE = text(MAX_ID_LENGTH)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingEvent:
    """One event of one balance, in the unit we keep. `value` None: without end.

    `event_id` names it among the events of its balance; empty when its sender has no ids, and then what it says names
    it. `event_time` None: it happened as it came in. `tells_expiry` is False for an event that leaves the expiry as it
    was. `account` is the sender's own name for the service.
    """

    service_uuid: UUID | None
    account: str
    balance_id: str
    balance_type: BalanceType
    unit: str
    value: Decimal | None
    initial_value: Decimal | None = None
    threshold: Decimal | None = None
    expiry: datetime | None = None
    tells_expiry: bool = False
    event_id: str = ""
    event_time: datetime | None = None


def fingerprint(event: IncomingEvent) -> str:
    """What the event says, as 64 characters."""
    return hashlib.sha256(orjson.dumps(to_json(event), option=orjson.OPT_SORT_KEYS)).hexdigest()


def named(event: IncomingEvent, *, now: datetime, fallback_id: str) -> IncomingEvent:
    """The event with an id and a time. One that has neither is named `fallback_id`, and happens `now`."""
    event_id = event.event_id or (fingerprint(event) if event.event_time else fallback_id)
    return replace(event, event_id=event_id, event_time=event.event_time or now)


def read_event(fields: Mapping[str, Any]) -> IncomingEvent:
    """The event that fields of the right types describe (api.balance_schemas). Raises InvalidInput with all that is
    wrong in it."""
    kind = BalanceType(fields["balance_type"])
    errors: list[FieldError] = []

    def checked(name: str, rule: Any) -> Any:  # noqa: ANN401 - each rule has its own type
        try:
            return rule(fields.get(name))
        except ValueError as error:
            errors.append(FieldError(field=name, message=str(error)))
            return None

    kept = checked("unit", lambda unit: scale(kind, unit or "")) or Scale("")
    balance_id = checked("balance_id", _ID_RULE)
    event_id = checked("event_id", _EVENT_ID_RULE)
    values = {name: checked(name, lambda given: _kept(given, kept)) for name in ("initial_value", "threshold")}
    value = checked("value", lambda given: _value(given, kept, kind))
    expiry = checked("expiry", _expiry)
    if errors:
        raise InvalidInput(*errors)
    return IncomingEvent(
        service_uuid=fields["service_uuid"],
        account=str(fields["service_uuid"]),
        balance_id=balance_id,
        balance_type=kind,
        unit=kept.unit,
        value=value,
        expiry=expiry,
        tells_expiry="expiry" in fields,
        event_id=event_id,
        event_time=fields.get("event_time"),
        **values,
    )


def _value(given: object, of: Scale, kind: BalanceType) -> Decimal | None:
    if kind is BalanceType.SERVICE or (isinstance(given, str) and given in UNLIMITED):
        return None
    if given is None:
        raise ValueError(_("This field is required."))
    return in_unit(amount(given), of)


def _kept(given: object, of: Scale) -> Decimal | None:
    if given is None:
        return None
    kept = in_unit(amount(given), of)
    if kept < 0:
        raise ValueError(_("Give a number that is not negative."))
    return kept


def _expiry(given: object) -> datetime | None:
    """Go's zero time, of the year 1, means that there is none."""
    return given if isinstance(given, datetime) and given.year > 1 else None


def to_json(event: IncomingEvent) -> dict[str, Any]:
    """As it is kept in quarantine."""
    numbers = {"value": event.value, "initial_value": event.initial_value, "threshold": event.threshold}
    times = {"expiry": event.expiry, "event_time": event.event_time}
    return {
        "service_uuid": str(event.service_uuid) if event.service_uuid else None,
        "account": event.account,
        "balance_id": event.balance_id,
        "balance_type": event.balance_type.value,
        "unit": event.unit,
        "tells_expiry": event.tells_expiry,
        "event_id": event.event_id,
        **{name: None if number is None else format(number, "f") for name, number in numbers.items()},
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
    }


def from_json(kept: Mapping[str, Any]) -> IncomingEvent:
    def number(name: str) -> Decimal | None:
        return None if kept[name] is None else Decimal(kept[name])

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(kept[name]) if kept[name] else None

    return IncomingEvent(
        service_uuid=UUID(kept["service_uuid"]) if kept["service_uuid"] else None,
        account=kept["account"],
        balance_id=kept["balance_id"],
        balance_type=BalanceType(kept["balance_type"]),
        unit=kept["unit"],
        value=number("value"),
        initial_value=number("initial_value"),
        threshold=number("threshold"),
        expiry=moment("expiry"),
        tells_expiry=kept["tells_expiry"],
        event_id=kept["event_id"],
        event_time=moment("event_time"),
    )
