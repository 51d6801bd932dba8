"""The address that Mailjet posts its events to."""

from base64 import b64decode
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.security.base import AuthBase
from pydantic import BaseModel, Field

from omnicrm.api.limits import refuse_large_body
from omnicrm.api.problems import Problem
from omnicrm.config import Webhook, current_config
from omnicrm.delivery.operations import take_events
from omnicrm.mailjet.events import MalformedEvents, read_events

log = structlog.get_logger()
router = Router(tags=["Mailjet"])
MAX_BODY_BYTES: Final = 10_000_000
"""Some ten thousand events. Mailjet gathers those of a second into one post; one refused would be told again, and so
would all that come behind it."""

DOCUMENTATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"type": "object", "additionalProperties": True},
                        {"type": "array", "items": {"type": "object", "additionalProperties": True}},
                    ]
                },
                "example": [
                    {
                        "event": "sent",
                        "time": 1767225600,
                        "MessageID": 1152921504606846977,
                        "email": "helene@example.com",
                        "CustomID": "01974d2c-1b5e-7000-8000-000000000001",
                        "smtp_reply": "250 2.0.0 OK",
                    }
                ],
            }
        },
    }
}


class NeedsWebhookPassword(AuthBase):
    """Lets through who knows user and password of `mailjet.webhook`, as Mailjet does from the URL it was given."""

    openapi_type = "http"
    openapi_scheme = "basic"

    def __call__(self, request: HttpRequest) -> Webhook:
        webhook = current_config().mailjet.webhook
        if webhook is None:
            text = _("Events are not taken here: crm_config.yaml has no mailjet.webhook with username and password.")
            raise Problem(HTTPStatus.NOT_FOUND, text)
        if not _is_right(request.headers.get("Authorization", ""), webhook):
            log.warning("mailjet_events_refused", why="user and password are not those of mailjet.webhook")
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                _("User and password are not those of mailjet.webhook in crm_config.yaml."),
                headers={"WWW-Authenticate": 'Basic realm="OmniCRM", charset="UTF-8"'},
            )
        return webhook


class EventsTaken(BaseModel):
    new: int = Field(description="Events that were not known yet")
    known: int = Field(description="Events that had been told before")
    unread: int = Field(description="Events that could not be read; the log of OmniCRM says why")


@router.post("/mailjet/events", auth=NeedsWebhookPassword(), response=EventsTaken, openapi_extra=DOCUMENTATION)
def take_mailjet_events(request: HttpRequest) -> EventsTaken:
    """Takes in what Mailjet's webhook posts: one event, or an array of them. 200 means that all of it is durable.

    The caller is known by HTTP basic authentication, with user and password of `mailjet.webhook` in crm_config.yaml,
    which stand in the URL that Mailjet is given. Telling an event again changes nothing.
    """
    refuse_large_body(request, limit=MAX_BODY_BYTES)
    try:
        reading = read_events(request.read(MAX_BODY_BYTES))
    except MalformedEvents as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    for line in reading.unread:
        log.warning("mailjet_event_unread", what=line)
    taken = take_events(reading.events, now=timezone.now())
    return EventsTaken(new=taken.new, known=taken.known, unread=len(reading.unread))


def _is_right(authorization: str, webhook: Webhook) -> bool:
    """Takes the same time however much of it is right."""
    scheme, _space, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        username, _colon, password = b64decode(encoded, validate=True).partition(b":")
    except ValueError:
        return False
    is_user = compare_digest(username, webhook.username.encode())
    return compare_digest(password, webhook.password.get_secret_value().encode()) and is_user
