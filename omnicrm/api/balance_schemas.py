"""How balance events are written and answered, and how balances, alerts and thresholds are shown."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, PlainSerializer, WithJsonSchema

from omnicrm.api.shapes import Body, Paging, Patch, Resource, own_id
from omnicrm.balances.explaining import Explained
from omnicrm.balances.models import AlertKind, Kind, Outcome, QuarantineReason, Source

Number = Annotated[object, WithJsonSchema({"type": ["number", "string", "null"]})]
"""Judged by the balances themselves, whose refusals say more."""
Amount = Annotated[Decimal, PlainSerializer(lambda number: format(number.normalize(), "f"), return_type=str)]
"""A text, which no client bends into a binary fraction."""

_AMOUNT: Final = "A number, or a text that is one"
_STEPS: Final = 'By type of balance, or "*" for all others: steps such as "20%", "500 MB", "2.50"; none: never low'


class BalanceEventIn(Body):
    """What the charging system says about one balance. Events may come late, in any order, and more than once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "service_uuid": "6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11",
                "balance_id": "bundle-20GB",
                "balance_type": "data",
                "value": 3.8,
                "initial_value": 20,
                "unit": "GB",
                "expiry": "2026-06-30T22:00:00Z",
                "event_id": "ocs-0815",
                "event_time": "2026-05-31T12:00:00Z",
            }
        }
    )

    service_uuid: UUID
    balance_id: str = Field(description="The charging system's name of the balance, unique within the service")
    balance_type: Literal["data", "voice", "sms", "monetary", "other", "service"] = Field(
        description="`service`: the service itself, which has an expiry and no value"
    )
    value: Number = Field(None, description=f"What is left: {_AMOUNT}, or `unlimited`")
    initial_value: Number = Field(None, description=f"What it began with: {_AMOUNT}")
    threshold: Number = Field(None, description=f"The charging system's own threshold: {_AMOUNT}")
    unit: str = Field("", description="Of value, initial_value and threshold: GB, MiB, min, s, SMS, EUR, ...")
    expiry: AwareDatetime | Literal["unlimited", "*unlimited"] | None = Field(
        None, description="null or `unlimited`: never; left out: as it was"
    )
    event_id: str = Field("", description="Names the event among those of its balance, so that it counts once")
    event_time: AwareDatetime | None = Field(
        None, description="When it happened; of two events the later one counts, and at the same moment the higher id"
    )


class EventResult(Resource):
    """Whatever the status, the event is durable and need not be sent again."""

    status: str = Field(examples=["applied", "late", "repeated", "too_old", "quarantined", "ignored"])
    reason: str = Field(description="Why it waits in quarantine, or is ignored")


class CgratesResult(Resource):
    """One result for each balance in the post."""

    results: list[EventResult]


class BalanceOut(Resource):
    """Amounts are in `unit`: B, s, SMS or a currency. `value` null: without end."""

    id: int = own_id()
    service_id: int
    balance_id: str
    balance_type: str
    unit: str
    value: Amount | None
    initial_value: Amount | None
    percent_left: Amount | None
    expiry: datetime | None
    event_time: datetime | None


class BalanceQuery(Paging):
    customer_id: int | None = Field(None, ge=1, le=2**63 - 1)
    service_id: int | None = Field(None, ge=1, le=2**63 - 1)
    balance_type: Kind | None = None


class ReadingOut(Resource):
    """One event of a balance's course."""

    event_id: str
    event_time: datetime
    received_at: datetime
    value: Amount | None
    initial_value: Amount


class AlertOut(Resource):
    """What was decided about one crossing or expiry; `explanation` is for people."""

    alert_id: UUID = own_id()
    kind: str
    customer_id: int
    service_id: int
    balance_id: str
    step: str
    ordinal: int
    value: Amount | None
    threshold: Amount | None
    expiry: datetime | None
    happened_at: datetime
    decided_at: datetime
    outcome: str
    message_id: UUID | None
    explanation: str

    @classmethod
    def of(cls, explained: Explained) -> Self:
        alert, balance = explained.alert, explained.alert.balance
        given = {name: getattr(alert, name) for name in cls.model_fields if hasattr(alert, name)}
        own = {"pk": alert.pk, "service_id": balance.service_id, "balance_id": balance.balance_id}
        return cls.model_validate({**given, **own, "explanation": explained.explanation})


class AlertQuery(Paging):
    customer_id: int | None = Field(None, ge=1, le=2**63 - 1)
    service_id: int | None = Field(None, ge=1, le=2**63 - 1)
    kind: AlertKind | None = None
    outcome: Outcome | None = None


class QuarantinedOut(Resource):
    quarantined_id: int = own_id()
    source: str
    reason: str
    account: str
    service_uuid: UUID | None
    received_at: datetime
    payload: dict[str, Any]


class QuarantineQuery(Paging):
    source: Source | None = None
    reason: QuarantineReason | None = None


class Replayed(Resource):
    replayed: int = Field(description="How many events left quarantine")


class PlanPatch(Patch):
    name: str = Field("", description="Unique")
    steps: dict[str, list[str | int | float]] = Field(default_factory=dict, description=_STEPS)


class PlanIn(PlanPatch):
    """What services are sold as, with the thresholds below which its balances are low."""

    name: str = Field(json_schema_extra={"maxLength": 200})


class PlanOut(Resource):
    plan_id: int = own_id()
    name: str
    steps: dict[str, list[str]]


class ServiceThresholdsIn(Body):
    """A service's plan, and thresholds of its own that come before the plan's."""

    plan_id: int | None = Field(None, ge=1, le=2**63 - 1)
    steps: dict[str, list[str | int | float]] = Field(default_factory=dict, description=_STEPS)


class ServiceThresholdsOut(Resource):
    service_id: int
    plan_id: int | None
    steps: dict[str, list[str]]


EVENT_ROW: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "row": {"type": "integer", "description": "Line or element of the upload, from 1"},
        "status": {"type": "string"},
        "reason": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "example": {"row": 1, "status": "applied", "reason": "", "errors": []},
}
INTAKE_DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        BalanceEventIn.model_json_schema(),
                        {"type": "array", "items": BalanceEventIn.model_json_schema()},
                    ]
                }
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "responses": {
        200: {
            "description": "The result of the event; for an array or NDJSON one row for each, in its form",
            "content": {
                "application/json": {
                    "schema": {"oneOf": [EVENT_ROW, {"type": "array", "items": EVENT_ROW}]},
                },
                "application/x-ndjson": {"schema": EVENT_ROW},
            },
        }
    },
}
CGRATES_DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}
