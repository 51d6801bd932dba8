"""Messages: every email of the outbox, what became of it, and queueing it again or cancelling it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.admin import action, display, register
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from typing_extensions import override
from unfold.dataclasses import UnfoldAction

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import StaffModelAdmin, page_about_one
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.email import message_page
from omnicrm.backoffice.filters import EmailFilter, MessagePeriodFilter
from omnicrm.backoffice.forms import ReasonForm
from omnicrm.backoffice.listing import COUNT_LIMIT
from omnicrm.backoffice.outcomes import tell_changed
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, email_name, moment, reason_text, state_badge, two_lines
from omnicrm.delivery.figures import openings
from omnicrm.delivery.queries import events_of
from omnicrm.outbox import operations
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Changed
from omnicrm.outbox.queries import matching
from omnicrm.outbox.states import CANCELLABLE, RETRYABLE

CANCELLED_BY_STAFF = gettext_noop("Cancelled by staff.")
CONFIRMED = "confirmed"
MAX_REASON_SHOWN = 90


@register(Message, site=site)
class MessageAdmin(StaffModelAdmin):
    reads = Permission.READ_MESSAGES
    acts = Permission.WRITE_MESSAGES
    adds = edits = False

    list_display = ("state_and_reason", "email_and_subject", "recipient", "lane", "times")
    list_display_links = ("email_and_subject",)
    list_filter = ("state", "lane", EmailFilter, "language", MessagePeriodFilter)
    list_select_related = ("customer",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("to_email",)  # shows the field; get_search_results does the work
    search_help_text = gettext_lazy("Full address, CustomID, business key or Mailjet MessageID")
    actions = ("queue_again", "cancel")
    actions_detail = ("queue_again_page", "cancel_page")
    change_form_template = "backoffice/message.html"
    empty_text = gettext_lazy("Every email that OmniCRM sends appears here. Create a customer to queue a first one.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Each knows whether it was read, which costs an index look-up for every row that is shown."""
        messages: QuerySet[Message] = super().get_queryset(request)
        return messages.annotate(is_opened=Exists(openings()))

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        return (queryset.filter(matching(search_term)) if search_term else queryset), False

    @display(description=gettext_lazy("state"))
    def state_and_reason(self, message: Message) -> SafeString:
        reason = reason_text(message.reason)
        opened = _("opened") if message.is_opened else ""  # type: ignore[attr-defined]  # annotated above
        below = Truncator(reason).chars(MAX_REASON_SHOWN)
        return two_lines(state_badge(message.state), " · ".join(filter(None, [opened, below])), title=reason)

    @display(description=gettext_lazy("email"))
    def email_and_subject(self, message: Message) -> SafeString:
        return two_lines(email_name(message.section), message.subject)

    @display(description=gettext_lazy("recipient"))
    def recipient(self, message: Message) -> SafeString:
        if message.customer is None:
            return two_lines(message.to_email or NOTHING)
        page = reverse("admin:customers_customer_change", args=[message.customer_id])
        link = format_html('<a class="bo-link" href="{}">{}</a>', page, message.customer.customer_name)
        return two_lines(message.to_email, link)

    @display(description=gettext_lazy("created, accepted"))
    def times(self, message: Message) -> SafeString:
        return two_lines(moment(message.created_at), moment(message.accepted_at))

    @override
    def about(self, request: HttpRequest, record: Message) -> dict[str, Any]:
        events = events_of([record.id]).get(record.id, [])
        return {
            "title": email_name(record.section),
            "original": "",  # unfold would show str(record) as the title
            "message": record,
            "reason": reason_text(record.reason),
            "facts": message_page.facts(record),
            "variables": message_page.variables(record),
            "timeline": message_page.timeline(record, events),
            "why_nothing_told": message_page.why_nothing_told(record, events, now=now()),
        }

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what this message's state allows."""
        message = self.get_object(request, object_id)
        state = message.state if message else None
        possible = {"queue-again": state in RETRYABLE, "cancel": state in CANCELLABLE}
        return [each for each in super().get_actions_detail(request, object_id) if possible[each.path]]

    @action(description=gettext_lazy("Queue again"), permissions=["act"])
    def queue_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._queue_again(request, _selected(queryset))

    @action(description=gettext_lazy("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse | None:
        ids = _selected(queryset)
        form = ReasonForm(request.POST if CONFIRMED in request.POST else None)
        if form.is_valid():
            self._cancel(request, ids, form.cleaned_data["reason"])
            return None
        hidden = {ACTION_CHECKBOX_NAME: [str(id_) for id_ in ids], "action": ["cancel"], CONFIRMED: ["yes"]}
        return ask(request, self, _cancel_question(len(ids), hidden), back=request.get_full_path(), form=form)

    @page_about_one(description=gettext_lazy("Queue again"), url_path="queue-again", icon="replay")
    def queue_again_page(self, request: HttpRequest, message: Message) -> HttpResponse:
        if request.method == "POST":
            self._queue_again(request, [message.id])
            return redirect(_page(message))
        question = Question(
            title=_("Queue this message again?"),
            text=_("It is sent as soon as its turn comes, to the same address and with the same content."),
            facts=[f"{email_name(message.section)} → {message.to_email}", reason_text(message.reason)],
            answer=_("Queue again"),
        )
        return ask(request, self, question, back=_page(message))

    @page_about_one(description=gettext_lazy("Cancel"), url_path="cancel", icon="cancel")
    def cancel_page(self, request: HttpRequest, message: Message) -> HttpResponse:
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            self._cancel(request, [message.id], form.cleaned_data["reason"])
            return redirect(_page(message))
        return ask(request, self, _cancel_question(1, {}), back=_page(message), form=form)

    def _queue_again(self, request: HttpRequest, ids: Collection[UUID]) -> None:
        changed = operations.retry(ids, now=now())
        done = ngettext("%(count)d message is queued again.", "%(count)d messages are queued again.", changed.changed)
        tell_changed(request, changed, done=done)

    def _cancel(self, request: HttpRequest, ids: Collection[UUID], reason: str) -> None:
        changed = _cancelled(ids, reason=reason or CANCELLED_BY_STAFF)
        done = ngettext("%(count)d message is cancelled.", "%(count)d messages are cancelled.", changed.changed)
        tell_changed(request, changed, done=done)


def _cancelled(ids: Collection[UUID], *, reason: str) -> Changed:
    """Cancels what still waits, and says of each other message why it stays."""
    with transaction.atomic():
        waiting = Message.objects.select_for_update().filter(id__in=ids, state__in=CANCELLABLE)
        cancelled = set(waiting.values_list("id", flat=True))
        operations.cancel(Q(id__in=cancelled), reason=reason, now=now())
    others = Message.objects.filter(id__in=set(ids) - cancelled)
    return Changed(changed=len(cancelled), skipped={message.id: _why_not_cancelled(message) for message in others})


def _why_not_cancelled(message: Message) -> str:
    state = message.get_state_display()
    return _("It is %(state)s: only a message that still waits can be cancelled.") % {"state": state}


def _cancel_question(count: int, hidden: Mapping[str, Sequence[str]]) -> Question:
    title = ngettext("Cancel %(count)d message?", "Cancel %(count)d messages?", count) % {"count": count}
    text = _("What has not left yet stays here. It can be queued again later.")
    return Question(title=title, text=text, answer=_("Cancel the email"), is_dangerous=True, hidden=hidden)


def _selected(queryset: QuerySet[Message]) -> list[UUID]:
    return list(queryset.values_list("id", flat=True)[:COUNT_LIMIT])


def _page(message: Message) -> str:
    return reverse("admin:outbox_message_change", args=[message.id])
