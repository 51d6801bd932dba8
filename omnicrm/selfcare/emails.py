"""What was sent to the customer: when, whether it arrived, and what it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from omnicrm.accounts.pages.policies import content_security_policy
from omnicrm.accounts.roles import Permission
from omnicrm.delivery.queries import events_of
from omnicrm.emails.browser_policy import EMAIL
from omnicrm.emails.templates.past import past_rendition
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane, State
from omnicrm.selfcare.access import Visit, customers_only

LATEST: Final = 5
PAGE_SIZE: Final = 25

_ON_ITS_WAY = _("on its way")
_NOT_DELIVERED = _("could not be delivered")
_NOT_SENT = _("not sent")
_STATES: Final[dict[State, str | Promise]] = {
    State.QUEUED: _ON_ITS_WAY,
    State.CLAIMED: _ON_ITS_WAY,
    State.UNKNOWN: _ON_ITS_WAY,
    State.DEFERRED: _ON_ITS_WAY,
    State.ACCEPTED: _("sent"),
    State.DELIVERED: _("delivered"),
    State.BOUNCED: _NOT_DELIVERED,
    State.BLOCKED: _NOT_DELIVERED,
    State.COMPLAINED: _("delivered, and reported as spam"),
    State.SUPPRESSED: _("not sent: we no longer write to this address"),
    State.CANCELLED: _NOT_SENT,
    State.EXPIRED: _NOT_SENT,
    State.REFUSED: _NOT_SENT,
    State.FAILED: _NOT_SENT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldEmail:
    """A message as its recipient sees it. Mail that opens an account shows no content, not even to its owner."""

    message: Message
    state: str | Promise
    is_trouble: bool
    may_be_read: bool


def told(message: Message) -> ToldEmail:
    state = State(message.state)
    return ToldEmail(
        message=message,
        state=_STATES[state],
        is_trouble=_STATES[state] in (_NOT_DELIVERED, _STATES[State.SUPPRESSED]),
        may_be_read=message.lane != Lane.SECURITY and bool(message.variables),
    )


@require_safe
@customers_only(Permission.READ_OWN)
def my_emails(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Newest first; `?before=<id>` goes on from there."""
    found = visit.messages.order_by("-id")
    if before := _uuid(request.GET.get("before", "")):
        found = found.filter(id__lt=before)
    page = list(found[: PAGE_SIZE + 1])
    about = {
        "emails": [told(message) for message in page[:PAGE_SIZE]],
        "before": page[PAGE_SIZE - 1].id if len(page) > PAGE_SIZE else None,
        "is_first": before is None,
    }
    return render(request, "selfcare/emails.html", about)


@require_safe
@customers_only(Permission.READ_OWN)
def my_email(request: HttpRequest, visit: Visit, message_id: UUID) -> HttpResponse:
    message = _own(visit, message_id)
    about = {"email": told(message), "delivered_at": _delivered_at(message)}
    response = render(request, "selfcare/email.html", about)
    response.headers["Content-Security-Policy"] = f"{content_security_policy()}; frame-src 'self'"
    return response


@require_safe
@xframe_options_sameorigin
@customers_only(Permission.READ_OWN)
def my_email_content(request: HttpRequest, visit: Visit, message_id: UUID) -> HttpResponse:  # noqa: ARG001 - a view
    """The HTML that the frame shows; drawn anew from what was stored, secrets masked."""
    email = told(_own(visit, message_id))
    shown = past_rendition(email.message, now=timezone.now()) if email.may_be_read else None
    if shown is None:
        raise Http404
    return HttpResponse(shown.light, headers={"Content-Security-Policy": EMAIL})


def _delivered_at(message: Message) -> datetime | None:
    """When its recipient's server took it. That it was opened is not told: it is nobody's business in the portal."""
    events = events_of([message.id]).get(message.id, [])
    return next((event.happened_at for event in events if event.kind == Kind.SENT), None)


def _own(visit: Visit, message_id: UUID) -> Message:
    message = visit.messages.filter(id=message_id).first()
    if message is None:
        raise Http404
    return message


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
