"""Routes of messages."""

# ruff: noqa: ARG001 - ninja hands every route its request
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs, caller_of, visible
from omnicrm.api.idempotency import HEADER
from omnicrm.api.message_schemas import (
    MessageCountOut,
    MessageDetail,
    MessageIn,
    MessageOut,
    MessageQuery,
    Stats,
    StatsQuery,
)
from omnicrm.api.problems import Problem
from omnicrm.api.queries import count_messages, find_messages, sums
from omnicrm.api.shapes import Page, page
from omnicrm.emails.operations import send_custom_email
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import retry
from omnicrm.outbox.states import Lane

router = Router(tags=["Messages"])
READ = Needs(Permission.READ_MESSAGES)
READ_OWN = Needs(Permission.READ_MESSAGES, or_own=True)
WRITE = Needs(Permission.WRITE_MESSAGES)


@router.post("/message", auth=WRITE, response={HTTPStatus.CREATED: MessageDetail, HTTPStatus.OK: MessageDetail})
def send_message(request: HttpRequest, body: MessageIn) -> Status[MessageDetail]:
    """Sends a custom email. 200 with the first message where its key, or else the Idempotency-Key, was used before.

    OmniCRM's own emails are sent by what they are about, such as POST /crm/user/{id}/reset_password.
    """
    enqueued = send_custom_email(
        section=body.section,
        variables=body.variables,
        to=body.addressee(),
        by=actor_of(request),
        key=body.key or _key_of_request(request),
        not_before=body.not_before,
        expires_at=body.expires_at,
        now=timezone.now(),
    )
    message = Message.objects.filter(pk=enqueued.message_id).first()
    if message is None:
        raise Problem(HTTPStatus.CONFLICT, _("This key was used for a message that is no longer kept; use a new one."))
    return Status(HTTPStatus.CREATED if enqueued.created else HTTPStatus.OK, MessageDetail.of(message))


@router.get("/message", auth=READ_OWN, response=Page[MessageOut])
def list_messages(request: HttpRequest, query: Query[MessageQuery]) -> Page[MessageOut]:
    """Lists messages, newest first."""
    found = find_messages(
        customer_id=query.customer_id,
        section=query.section,
        state=query.state,
        to_email=query.to_email,
        lane=Lane[query.lane.upper()] if query.lane else None,
    )
    return page(visible(found, request), query, Page[MessageOut])


@router.get("/message/stats", auth=READ, response=Stats)
def get_message_stats(request: HttpRequest, query: Query[StatsQuery]) -> Stats:
    """Counts messages by state, lane and section, all of them or those created in a range of time."""
    counts = count_messages(start=query.start, end=query.end)
    return Stats(
        count=sum(each.count for each in counts),
        by_state=sums(counts, by="state"),
        by_lane=sums(counts, by="lane"),
        by_section=sums(counts, by="section"),
        items=[MessageCountOut.model_validate(each) for each in counts],
    )


@router.get("/message/{message_id}", auth=READ_OWN, response=MessageDetail)
def get_message(request: HttpRequest, message_id: UUID) -> MessageDetail:
    """One message with its timeline."""
    return MessageDetail.of(visible(Message.objects.all(), request).get(pk=message_id))


@router.post("/message/{message_id}/resend", auth=WRITE, response=MessageDetail)
def resend_message(request: HttpRequest, message_id: UUID) -> MessageDetail:
    """Queues a message again that ended without having been accepted. 409, with the reason, for any other."""
    message = Message.objects.get(pk=message_id)
    if refusal := retry([message_id], now=timezone.now()).skipped.get(message_id):
        raise Problem(HTTPStatus.CONFLICT, refusal)
    message.refresh_from_db()
    return MessageDetail.of(message)


def _key_of_request(request: HttpRequest) -> str:
    """Stored answers are forgotten after a day, business keys never: sent again later, a request still sends once."""
    named = request.headers.get(HEADER)
    return f"{caller_of(request).name}:{named}" if named else ""
