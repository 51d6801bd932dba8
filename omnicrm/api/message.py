"""Routes of messages."""

# ruff: noqa: ARG001 - ninja hands every route its request
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.callers import Needs
from omnicrm.api.message_schemas import MessageCountOut, MessageDetail, MessageOut, MessageQuery, Stats, StatsQuery
from omnicrm.api.problems import Problem
from omnicrm.api.queries import count_messages, find_messages, sums
from omnicrm.api.shapes import Page, page
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import retry
from omnicrm.outbox.states import Lane

router = Router(tags=["Messages"])
READ = Needs(Permission.READ_MESSAGES)


@router.get("/message", auth=READ, response=Page[MessageOut])
def list_messages(request: HttpRequest, query: Query[MessageQuery]) -> Page[MessageOut]:
    """Lists messages, newest first."""
    found = find_messages(
        customer_id=query.customer_id,
        section=query.section,
        state=query.state,
        to_email=query.to_email,
        lane=Lane[query.lane.upper()] if query.lane else None,
    )
    return page(found, query, Page[MessageOut])


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


@router.get("/message/{message_id}", auth=READ, response=MessageDetail)
def get_message(request: HttpRequest, message_id: UUID) -> MessageDetail:
    """One message with its timeline."""
    return MessageDetail.of(Message.objects.get(pk=message_id))


@router.post("/message/{message_id}/resend", auth=Needs(Permission.WRITE_MESSAGES), response=MessageDetail)
def resend_message(request: HttpRequest, message_id: UUID) -> MessageDetail:
    """Queues a message again that ended without having been accepted. 409, with the reason, for any other."""
    message = Message.objects.get(pk=message_id)
    if refusal := retry([message_id], now=timezone.now()).skipped.get(message_id):
        raise Problem(HTTPStatus.CONFLICT, refusal)
    message.refresh_from_db()
    return MessageDetail.of(message)
