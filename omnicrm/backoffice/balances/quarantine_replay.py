"""Replaying all events in quarantine, or those that the list's filters show: chunk by chunk, with progress."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.backoffice.access import StaffModelAdmin, require
from omnicrm.backoffice.filters import record_id
from omnicrm.balances.intake import Status
from omnicrm.balances.quarantine import releasable
from omnicrm.balances.replaying import replay_quarantine

CHUNKS_AT_ONCE: Final = 3
"""Chunks that are applied in one request: it takes seconds at most."""


class ReplayPages(StaffModelAdmin):
    @override
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_view)
        return [path("replay/", view, name="balances_quarantined_replay"), *super().get_urls()]

    def replay_view(self, request: HttpRequest) -> HttpResponse:
        """Asks first; each answer applies some chunks and comes back, until nothing is left that can be applied."""
        require(request, self.acts)
        try:
            shown = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:balances_quarantined_changelist")
        only = Q(pk__in=shown.order_by().values("pk"))
        if request.method != "POST":
            return self._page(request, after=0, by_status={}, left=_count(only, after=0))
        after = record_id(request.POST.get("after", "")) or 0
        replayed = replay_quarantine(only=only, after=after, chunks=CHUNKS_AT_ONCE, by=visitor(request), now=now())
        by_status = _added(_so_far(request), replayed.by_status)
        left = 0 if replayed.last is None else _count(only, after=replayed.last)
        if left and replayed.last:
            return self._page(request, after=replayed.last, by_status=by_status, left=left)
        tell_replayed(request, by_status)
        return redirect("admin:balances_quarantined_changelist")

    def _page(
        self, request: HttpRequest, *, after: int, by_status: Mapping[Status, int], left: int
    ) -> TemplateResponse:
        done = sum(by_status.values())
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Replay events in quarantine"),
            "is_running": done > 0,
            "after": after,
            "by_status": by_status,
            "told": outcomes(by_status),
            "done": done,
            "left": left,
            "total": done + left,
            "is_filtered": bool(request.GET),
            "back": f"{reverse('admin:balances_quarantined_changelist')}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "backoffice/quarantine_replay.html", context)


def outcomes(by_status: Mapping[Status, int]) -> list[str]:
    """What became of events, each with its number."""
    return [
        _("%(count)d: %(what)s") % {"count": count, "what": Status(status).label}
        for status, count in by_status.items()
        if count
    ]


def tell_replayed(request: HttpRequest, by_status: Mapping[Status, int]) -> None:
    count = sum(by_status.values())
    if not count:
        messages.info(request, _("Nothing was replayed: no event can be applied at present."))
        return
    told = ngettext("%(count)d event was replayed.", "%(count)d events were replayed.", count) % {"count": count}
    messages.success(request, " ".join([told, *outcomes(by_status)]))


def _count(only: Q, *, after: int) -> int:
    return releasable(now=now()).filter(only, pk__gt=after).order_by().count()


def _so_far(request: HttpRequest) -> dict[Status, int]:
    """What the earlier requests of this replay did, as their answer carries it."""
    return {status: record_id(request.POST.get(status.value, "")) or 0 for status in Status}


def _added(before: Mapping[Status, int], more: Mapping[Status, int]) -> dict[Status, int]:
    return {status: before.get(status, 0) + more.get(status, 0) for status in Status}
