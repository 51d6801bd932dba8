"""Quarantine: events that could not be applied, with the reason; replaying and discarding them."""

import json
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import action, display, register
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import page_about_one
from omnicrm.backoffice.audited import Audited
from omnicrm.backoffice.balances.filters import ReadyFilter, ReceivedFilter
from omnicrm.backoffice.balances.quarantine_replay import ReplayPages, tell_replayed
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.listing import COUNT_LIMIT
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import moment, two_lines
from omnicrm.balances.models import Quarantined, QuarantineReason
from omnicrm.balances.quarantine import releasable
from omnicrm.balances.replaying import discard, replay_quarantine

CONFIRMED: Final = "confirmed"


@register(Quarantined, site=site)
class QuarantinedAdmin(ReplayPages, Audited):
    kind = TargetKind.BALANCE_EVENT
    reads = Permission.READ_BALANCES
    acts = Permission.WRITE_BALANCES
    adds = edits = False

    list_display = ("from_whom", "why", "came_from", "received")
    list_display_links = ("from_whom",)
    list_filter = ("reason", "source", ReadyFilter, ReceivedFilter)
    ordering = ("-received_at", "-id")
    sortable_by = ()
    search_fields = ("account",)
    search_help_text = gettext_lazy("Part of an account's name or of a service UUID")
    actions = ("replay_selected", "discard_selected")
    actions_detail = ("replay_page", "discard_page")
    change_form_template = "backoffice/quarantined.html"
    change_list_template = "backoffice/quarantine.html"
    fields = readonly_fields = ()
    empty_text = gettext_lazy("Nothing waits here: every event that came in was applied.")

    @override
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        asked = request.GET.copy()
        asked.pop(PAGE_VAR, None)
        more = {
            "has_replay": self.has_act_permission(request),
            "replay_query": f"?{asked.urlencode()}" if asked else "",
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @display(description=gettext_lazy("account"))
    def from_whom(self, held: Quarantined) -> SafeString:
        return two_lines(held.account, held.payload["balance_id"])

    @display(description=gettext_lazy("reason"))
    def why(self, held: Quarantined) -> str:
        return str(QuarantineReason(held.reason).label)

    @display(description=gettext_lazy("source"))
    def came_from(self, held: Quarantined) -> str:
        return held.get_source_display()

    @display(description=gettext_lazy("received"))
    def received(self, held: Quarantined) -> SafeString | str:
        return moment(held.received_at)

    @override
    def about(self, request: HttpRequest, record: Quarantined) -> dict[str, Any]:
        return {
            "title": _("Event of %(account)s") % {"account": record.account},
            "original": "",  # unfold would show str(record) as the title
            "reason": QuarantineReason(record.reason).label,
            "is_ready": _is_ready(record),
            "facts": [
                (_("Account"), record.account),
                (_("Service UUID"), record.service_uuid or _("none")),
                (_("Source"), record.get_source_display()),
                (_("Received"), moment(record.received_at, seconds=True)),
            ],
            "payload": json.dumps(record.payload, indent=2, ensure_ascii=False, sort_keys=True),
        }

    @action(description=gettext_lazy("Replay"), permissions=["act"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> None:
        self._replay(request, _selected(queryset))

    @action(description=gettext_lazy("Discard"), permissions=["act"])
    def discard_selected(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> HttpResponse | None:
        ids = _selected(queryset)
        if CONFIRMED in request.POST:
            self._discard(request, ids)
            return None
        hidden = {ACTION_CHECKBOX_NAME: list(map(str, ids)), "action": ["discard_selected"], CONFIRMED: ["yes"]}
        return ask(request, self, _discard_question(len(ids), hidden), back=request.get_full_path())

    @page_about_one(description=gettext_lazy("Replay"), url_path="replay", icon="replay")
    def replay_page(self, request: HttpRequest, held: Quarantined) -> HttpResponse:
        if request.method == "POST":
            self._replay(request, [held.pk])
            return redirect("admin:balances_quarantined_changelist")
        is_ready = _("It can be applied now.")
        question = Question(
            title=_("Replay the event of %(account)s?") % {"account": held.account},
            text=_("It is applied at its place in the balance's course, as if it had come in time."),
            facts=[is_ready if _is_ready(held) else str(QuarantineReason(held.reason).label)],
            answer=_("Replay the event"),
        )
        return ask(request, self, question, back=reverse("admin:balances_quarantined_change", args=[held.pk]))

    @page_about_one(description=gettext_lazy("Discard"), url_path="discard", icon="delete")
    def discard_page(self, request: HttpRequest, held: Quarantined) -> HttpResponse:
        if request.method == "POST":
            self._discard(request, [held.pk])
            return redirect("admin:balances_quarantined_changelist")
        back = reverse("admin:balances_quarantined_change", args=[held.pk])
        return ask(request, self, _discard_question(1, {}), back=back)

    def _replay(self, request: HttpRequest, ids: list[int]) -> None:
        replayed = replay_quarantine(only=Q(pk__in=ids), by=visitor(request), now=now())
        tell_replayed(request, replayed.by_status)
        if waiting := Quarantined.objects.filter(pk__in=ids).first():
            left = Quarantined.objects.filter(pk__in=ids).count()
            told = ngettext(
                "%(count)d event cannot be applied yet. %(reason)s",
                "%(count)d events cannot be applied yet. %(reason)s",
                left,
            )
            messages.warning(request, told % {"count": left, "reason": QuarantineReason(waiting.reason).label})

    def _discard(self, request: HttpRequest, ids: list[int]) -> None:
        discarded = 0
        for quarantined_id in ids:
            try:
                discard(quarantined_id=quarantined_id, by=visitor(request), now=now())
            except Quarantined.DoesNotExist:  # replayed meanwhile, or a colleague was quicker
                continue
            discarded += 1
        if discarded:
            told = ngettext("%(count)d event is discarded.", "%(count)d events are discarded.", discarded)
            messages.success(request, told % {"count": discarded})
        else:
            messages.warning(request, _("This is no longer there."))


def _discard_question(count: int, hidden: dict[str, list[str]]) -> Question:
    title = ngettext("Discard %(count)d event?", "Discard %(count)d events?", count) % {"count": count}
    text = _("What it says of the balance is lost. This cannot be undone.")
    return Question(title=title, text=text, answer=_("Discard"), is_dangerous=True, hidden=hidden)


def _is_ready(held: Quarantined) -> bool:
    return releasable(now=now()).filter(pk=held.pk).exists()


def _selected(queryset: QuerySet[Quarantined]) -> list[int]:
    return list(queryset.values_list("pk", flat=True)[:COUNT_LIMIT])
