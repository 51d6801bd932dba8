"""How a custom email is asked for, and how a message is shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from omnicrm.api.shapes import Body, Moment, Paging, Query, Resource, SearchText, own_id
from omnicrm.customers import rules
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.queries import events_of
from omnicrm.delivery.wording import detail, outcome, shown
from omnicrm.emails.operations import MAX_KEY_LENGTH
from omnicrm.emails.recipients import Addressee
from omnicrm.outbox import reasons
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane, State

LaneWord = Literal["security", "transactional", "bulk"]

_TRIES = frozenset({State.QUEUED, State.ACCEPTED, State.REFUSED, State.FAILED, State.UNKNOWN})
_WITHOUT_CALL = frozenset(
    {
        reasons.CHECK_FAILED,
        reasons.NOT_CONFIGURED,
        reasons.NEVER_PUSHED,
        reasons.NOT_LISTED_YET,
        reasons.NEVER_ARRIVED,
        reasons.FOUND,
    }
)


def tries(attempts: Sequence[Mapping[str, str]]) -> int:
    """How many times the message was handed to Mailjet: attempts also tell of look-ups, and of what had no call."""
    return sum(
        attempt["outcome"] in _TRIES
        and attempt["detail"] not in _WITHOUT_CALL
        and (attempt["outcome"], attempt["detail"]) != (State.QUEUED, "")
        for attempt in attempts
    )


def _of_our_time(moment: datetime) -> datetime:
    """Beyond these years there is no message, and arithmetic with dates fails."""
    if not 2000 <= moment.year < 2100:
        raise ValueError(_("Use a year from 2000 to 2099."))
    return moment


Tries = Annotated[int, BeforeValidator(tries)]
Translated = Annotated[str, BeforeValidator(shown)]


ThisTime = Annotated[Moment, AfterValidator(_of_our_time)]


class MessageIn(Body):
    """A custom email to a customer, a contact or any address: exactly one of the three."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "section": "planned_maintenance",
                "customer_id": 42,
                "variables": {"service_name": "Fibre 1 Gb/s", "starts_at": "2026-12-01T22:00:00+01:00"},
                "key": "maintenance-2026-12-01:42",
            }
        }
    )

    section: str = Field(description="The custom email, by the name of its file in email_templates")
    to_email: str = Field("", json_schema_extra={"maxLength": MAX_EMAIL_LENGTH})
    customer_id: int | None = Field(None, description="Goes to the primary contact, else to the first with an address")
    contact_id: int | None = None
    language: Language | None = Field(None, description="The customer's own, or the company's, unless given")
    variables: dict[str, Any] = Field({}, description="By name, as the custom email describes them")
    key: str = Field(
        "",
        json_schema_extra={"maxLength": MAX_KEY_LENGTH},
        description="What the message is about: the same key again answers the first message",
    )
    consent_given: bool = Field(
        False, description="For marketing to an address that is no contact's: whether it has agreed to such email"
    )
    not_before: ThisTime | None = None
    expires_at: ThisTime | None = Field(None, description="Later than that it is not sent any more")

    def addressee(self) -> Addressee:
        return Addressee(
            to_email=self.to_email,
            customer_id=self.customer_id,
            contact_id=self.contact_id,
            language=self.language or "",
            consent_given=self.consent_given,
        )


class AttachmentOut(BaseModel):
    filename: str
    size: int = Field(description="In bytes")


class MessageOut(Resource):
    message_id: UUID = own_id()
    section: str = Field(description="The email, by the name of its section in crm_config.yaml")
    state: str = Field(description="One of the words of the query parameter")
    reason: Translated = Field(description="Why it did not leave, or what Mailjet said")
    lane: Annotated[str, BeforeValidator(lambda lane: Lane(lane).name.lower())] = Field(description="Its urgency")
    to_email: str
    to_name: str
    subject: str
    language: str
    customer_id: int | None
    attempts: Tries = Field(description="How many times it was handed to Mailjet")
    variables: dict[str, Any] = Field(validation_alias="shown_variables", description="Secrets are masked")
    attachments: list[AttachmentOut]
    created_at: datetime
    not_before: datetime
    expires_at: datetime | None
    accepted_at: datetime | None
    mailjet_message_id: Annotated[str | None, BeforeValidator(lambda number: number and str(number))]


class Event(BaseModel):
    at: datetime
    outcome: str = Field(description="A state, “retried”, “opened”, “clicked” or “unsubscribed”")
    detail: Translated = Field(description="Why, or what Mailjet or the recipient's server said of it")

    @classmethod
    def of(cls, event: DeliveryEvent) -> "Event":
        return cls(at=event.happened_at, outcome=outcome(event).value, detail=detail(event))


class MessageDetail(MessageOut):
    timeline: list[Event] = Field(description="What happened to it, oldest first")

    @classmethod
    def of(cls, message: Message) -> "MessageDetail":
        timeline = timeline_of(message, events_of([message.pk]).get(message.pk, ()))
        return cls.model_construct(**dict(MessageOut.model_validate(message)), timeline=timeline)


def timeline_of(message: Message, told: Sequence[DeliveryEvent]) -> list[Event]:
    """The creation, then attempts and what Mailjet told, in the order of their time. Mailjet's time has no fractions of
    a second: within one, what we did comes first."""
    created = Event(at=message.created_at, outcome=State.QUEUED, detail="")
    attempts = [Event.model_validate(attempt) for attempt in message.attempts]
    events = [Event.of(event) for event in told]
    return [created, *sorted([*attempts, *events], key=lambda event: event.at.replace(microsecond=0))]


class MessageQuery(Paging):
    customer_id: int | None = None
    section: SearchText = ""
    state: State | None = None
    to_email: Annotated[str, AfterValidator(rules.address)] = ""
    lane: LaneWord | None = None


class StatsQuery(Query):
    start: ThisTime | None = Field(None, description="Created then or later")
    end: ThisTime | None = Field(None, description="Created before")


class MessageCountOut(Resource):
    section: str
    lane: str
    state: str
    count: int


class Stats(BaseModel):
    count: int
    by_state: dict[str, int]
    by_lane: dict[str, int]
    by_section: dict[str, int]
    items: list[MessageCountOut] = Field(description="Every combination there is")
