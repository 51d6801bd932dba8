"""Telling staff what their action did."""

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.customers.errors import InvalidInput
from omnicrm.onboarding.welcome import Welcome
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Changed

NAMED = 5
"""Recipients named for each reason; of the others only the number is told."""


def tell_changed(request: HttpRequest, changed: Changed, *, done: str) -> None:
    """Says `done`, which holds %(count)d, and for each reason which messages were left as they are."""
    if changed.changed:
        messages.success(request, done % {"count": changed.changed})
    recipients = dict(Message.objects.filter(id__in=changed.skipped).values_list("id", "to_email"))
    by_reason: dict[str, list[str]] = defaultdict(list)
    for message_id, reason in changed.skipped.items():
        by_reason[reason].append(recipients.get(message_id) or str(message_id))
    for reason, skipped in by_reason.items():
        named = ", ".join(skipped[:NAMED])
        if others := len(skipped) - NAMED if len(skipped) > NAMED else 0:
            more = ngettext("%(named)s and %(count)d other", "%(named)s and %(count)d others", others)
            named = more % {"named": named, "count": others}
        messages.warning(request, _("Not changed: %(messages)s. %(reason)s") % {"messages": named, "reason": reason})


def tell_welcome(request: HttpRequest, welcome: Welcome) -> None:
    """Says to whom the welcome email was queued, or why it was not."""
    if welcome.reason:
        messages.warning(request, _("No welcome email was queued. %(reason)s") % {"reason": welcome.reason})
    elif welcome.message_id and (message := Message.objects.filter(id=welcome.message_id).first()):
        messages.success(request, _("Welcome email queued for %(address)s.") % {"address": message.to_email})


def tell_refusal(request: HttpRequest, refusal: InvalidInput) -> None:
    messages.error(request, " ".join(error.message for error in refusal.errors))
