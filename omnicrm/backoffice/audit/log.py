"""The audit log: who did what to whom, from which address and when. It can be read and taken away, never changed."""

from typing import Any, Final

from django.contrib.admin import display, register
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, now
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_POST
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import record
from omnicrm.backoffice.access import StaffModelAdmin, require
from omnicrm.backoffice.audit import wording as audit_wording
from omnicrm.backoffice.audit.export import as_csv
from omnicrm.backoffice.audit.filters import AboutFilter, ActionFilter, ActorFilter, AtFilter, IPFilter, TargetFilter
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, current_locale, moment, two_lines

_KEPT_OF_FILTERS: Final = {"action_done": "action", "about": "about", "created_from": "from", "created_until": "until"}
"""What an entry about an export tells of its filters. Names, addresses and texts that were typed stay out of it."""
_TYPED: Final = ("actor", "target", "ip", "q")


@register(Entry, site=site)
class EntryAdmin(StaffModelAdmin):
    reads = acts = Permission.READ_AUDIT
    adds = edits = False

    list_display = ("when", "what", "who", "whom", "where")
    list_filter = (AboutFilter, ActionFilter, ActorFilter, TargetFilter, IPFilter, AtFilter)
    sortable_by = ()
    ordering = ("-id",)
    fields = readonly_fields = ("when", "done", "who", "whom", "where", "details")
    change_list_template = "backoffice/audit_log.html"
    change_form_template = "backoffice/audit_entry.html"
    counted_as = gettext_lazy("entries")
    empty_text = gettext_lazy("Nothing has happened yet.")

    @override
    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", export, name="audit_entry_export"), *super().get_urls()]

    @display(description=gettext_lazy("time"))
    def when(self, entry: Entry) -> str:
        return moment(entry.at, seconds=True)

    @display(description=gettext_lazy("what"))
    def what(self, entry: Entry) -> SafeString:
        return two_lines(audit_wording.action(entry), audit_wording.details(entry))

    @display(description=gettext_lazy("what"))
    def done(self, entry: Entry) -> str:
        return audit_wording.action(entry)

    @display(description=gettext_lazy("who"))
    def who(self, entry: Entry) -> str | SafeString:
        return audit_wording.linked(self.admin_site, entry.actor_kind, entry.actor_id, audit_wording.actor(entry))

    @display(description=gettext_lazy("to whom or what"))
    def whom(self, entry: Entry) -> SafeString:
        name = audit_wording.target(entry) or NOTHING
        link = audit_wording.linked(self.admin_site, entry.target_kind, entry.target_id, name)
        return two_lines(link, audit_wording.target_kind(entry))

    @display(description=gettext_lazy("from"))
    def where(self, entry: Entry) -> str:
        return entry.ip or NOTHING

    @display(description=gettext_lazy("details"))
    def details(self, entry: Entry) -> str:
        return audit_wording.details(entry) or NOTHING

    @override
    def about(self, _request: HttpRequest, record: Entry) -> dict[str, Any]:
        return {"title": audit_wording.action(record), "original": ""}

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All that the filters show, however much; taking it away is itself in the log."""
        require(request, self.reads)
        found = self.get_changelist_instance(request).get_queryset(request)
        with transaction.atomic():
            record(action=Action.LOG_EXPORTED, by=visitor(request), detail=_filters(request), now=now())
        name = f"audit-{localdate().isoformat()}.csv"
        return StreamingHttpResponse(
            as_csv(found, language=get_language() or current_locale()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _filters(request: HttpRequest) -> dict[str, object]:
    told: dict[str, object] = {
        name: request.GET[asked][:40] for asked, name in _KEPT_OF_FILTERS.items() if request.GET.get(asked)
    }
    if any(request.GET.get(name) for name in _TYPED):
        told["searched"] = True
    return told
