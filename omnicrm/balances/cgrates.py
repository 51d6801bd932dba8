"""What CGRateS posts, as events of balances.

An action `*http_post` (also `*http_post_async`, and `*call_url` of old) posts the JSON of

- the account, where there is one: an ActionTrigger, or ThresholdS for an event of an account.
  {"ID": "tenant:account", "BalanceMap": {"*monetary": [{"Uuid", "ID", "Value", "ExpirationDate", "Disabled", ...}]},
  "ActionTriggers": [...], "Disabled", "UpdateTime"}; before version 0.10 "Id": "*out:tenant:account", keys such as
  "*monetary*out", and no UpdateTime;
- else the event: {"Tenant", "ID", "Time", "Event": {...}, "APIOpts": {...}}. One of an account's update carries
  "AccountID" and "BalanceSummaries": [{"UUID", "ID", "Type", "Value", "Disabled"}], which tell no expiry. Other events
  say nothing about balances.

Later versions, which have no such action any more, post by an action `*export` through an exporter `*http_json_map`
(without fields of its own) only what is in the event: {"Account": the account, "EventType", "EventSource"}, or the
account's update {"Tenant", "AccountID", "BalanceSummaries", ...}, with neither id nor time.

The account's name, behind its tenant, is the service's UUID. Voice is counted in nanoseconds, before version 0.10 in
seconds; data in bytes. A zero time means none. What an ActionTrigger of type `*min_balance` waits for is the charging
system's own threshold. "Initial" of a summary is the value before the last debit, and no initial value in our sense.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.models import MAX_ID_LENGTH
from omnicrm.balances.units import amount, in_unit, scale
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.emails.balances import BalanceType

_KINDS: Final = {
    "*data": BalanceType.DATA,
    "*voice": BalanceType.VOICE,
    "*sms": BalanceType.SMS,
    "*monetary": BalanceType.MONETARY,
    "*mms": BalanceType.OTHER,
    "*generic": BalanceType.OTHER,
}
_OLD_DIRECTION: Final = "*out"
_MOST_BALANCES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Post:
    """One post, whatever its form. `balances` are pairs of CGRateS' type and balance."""

    account: str
    balances: Sequence[tuple[str, Mapping[str, Any]]]
    at: datetime | None
    event_id: str = ""
    tells_expiry: bool = True
    is_old: bool = False
    triggers: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def read_post(payload: object) -> list[IncomingEvent]:
    """The events in a post; none in one that says nothing about balances in use. Raises InvalidInput."""
    try:
        post = _post(payload)
        return [_event(post, kind, balance) for kind, balance in post.balances if not balance.get("Disabled")]
    except (TypeError, AttributeError) as error:
        raise _not_cgrates("body", str(error)) from None


def _post(payload: object) -> _Post:
    if not isinstance(payload, Mapping):
        raise _not_cgrates("body", _("it is no object"))
    if isinstance(payload.get("Event"), Mapping):
        return _of_event(payload)
    if "AccountID" in payload and "BalanceSummaries" in payload:
        return _of_event({"Event": payload})
    account = payload["Account"] if isinstance(payload.get("Account"), Mapping) else payload
    if isinstance(account.get("BalanceMap"), Mapping):
        return _of_account(account)
    if "ID" in account or "Id" in account:
        return _Post(account=_name(account), balances=(), at=None)  # an account without balances: null in Go
    raise _not_cgrates("body", _("it has neither BalanceMap nor Event"))


def _of_account(account: Mapping[str, Any]) -> _Post:
    pairs = [
        (kind.removesuffix(_OLD_DIRECTION), balance)
        for kind, balances in account["BalanceMap"].items()
        for balance in balances or ()
    ]
    return _Post(
        account=_name(account),
        balances=() if account.get("Disabled") else _limited(pairs),
        at=_moment(account.get("UpdateTime"), "UpdateTime"),
        is_old="ID" not in account,
        triggers=[each for each in account.get("ActionTriggers") or () if isinstance(each, Mapping)],
    )


def _of_event(posted: Mapping[str, Any]) -> _Post:
    event, options = posted["Event"], posted.get("APIOpts") or {}
    account = options.get("*accountID") or event.get("AccountID") or event.get("Account") or ""
    summaries = [(str(each.get("Type", "")), each) for each in event.get("BalanceSummaries") or ()]
    return _Post(
        account=str(account),
        balances=() if event.get("Disabled") else _limited(summaries),
        at=_moment(posted.get("Time"), "Time"),
        event_id=str(posted.get("ID") or "")[:MAX_ID_LENGTH],
        tells_expiry=False,
    )


def _event(post: _Post, kind: str, balance: Mapping[str, Any]) -> IncomingEvent:
    if kind not in _KINDS:
        raise _not_cgrates(f"BalanceMap.{kind[:40]}", _("there is no such type of balance"))
    ours = _KINDS[kind]
    own_id = str(balance.get("ID") or balance.get("Id") or balance.get("Uuid") or balance.get("UUID") or "")
    unit = kind[1:].upper() if ours is BalanceType.OTHER else _unit(ours, is_old=post.is_old)
    kept = scale(ours, unit)
    try:
        value = in_unit(amount(balance.get("Value")), kept)
        threshold = _threshold(post.triggers, kind, own_id)
        threshold = None if threshold is None else max(in_unit(threshold, kept), Decimal(0))
    except ValueError as error:
        raise _not_cgrates(f"{kind}.{own_id[:40]}.Value", str(error)) from None
    return IncomingEvent(
        service_uuid=_uuid(post.account),
        account=post.account[:MAX_ID_LENGTH],
        balance_id=f"{kind[1:]}:{own_id}"[:MAX_ID_LENGTH],
        balance_type=ours,
        unit=kept.unit,
        value=value,
        threshold=threshold,
        expiry=_moment(balance.get("ExpirationDate"), f"{kind}.{own_id[:40]}.ExpirationDate"),
        tells_expiry=post.tells_expiry,
        event_id=post.event_id,
        event_time=post.at,
    )


def _unit(kind: BalanceType, *, is_old: bool) -> str:
    if kind is BalanceType.VOICE:
        return "s" if is_old else "ns"
    return ""


def _threshold(triggers: Sequence[Mapping[str, Any]], kind: str, own_id: str) -> Decimal | None:
    """The highest value at which a trigger about this balance goes off."""
    return max((amount(each.get("ThresholdValue")) for each in _about(triggers, kind, own_id)), default=None)


def _about(triggers: Sequence[Mapping[str, Any]], kind: str, own_id: str) -> Iterator[Mapping[str, Any]]:
    for trigger in triggers:
        wanted = trigger.get("Balance") or {}
        of_type = wanted.get("Type") or trigger.get("BalanceType")
        of_id = wanted.get("ID") or trigger.get("BalanceId")
        if trigger.get("ThresholdType") == "*min_balance" and of_type == kind and of_id in {None, "", own_id}:
            yield trigger


def _name(account: Mapping[str, Any]) -> str:
    return str(account.get("ID") or account.get("Id") or "")


def _uuid(account: str) -> UUID | None:
    try:
        return UUID(account.rpartition(":")[2])
    except ValueError:
        return None


def _moment(written: object, where: str) -> datetime | None:
    """A time of Go's; its zero, of the year 1, means that there is none."""
    if written in {None, ""}:
        return None
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise _not_cgrates(where, _("it is no time")) from None
    if moment.year <= 1:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limited(pairs: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    if len(pairs) > _MOST_BALANCES:
        raise _not_cgrates("BalanceMap", _("it has more than %(limit)d balances") % {"limit": _MOST_BALANCES})
    return pairs


def _not_cgrates(field_: str, why: str) -> InvalidInput:
    message = _("This is no account or event of CGRateS: %(why)s.") % {"why": why.rstrip(".")}
    return InvalidInput(FieldError(field=field_, message=message))
