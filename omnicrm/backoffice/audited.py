"""Pages about what the audit log tells of: their history is that log."""

from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from typing_extensions import override

from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import StaffModelAdmin, require


def log_about(kind: TargetKind, record_id: int) -> str:
    """The audit log's page with all that this one did, and that was done to it."""
    return f"{reverse('admin:audit_entry_changelist')}?about={kind.value}:{record_id}"


class Audited(StaffModelAdmin):
    """Django's own log of changes stays empty: it could be rewritten, and knows neither IP addresses nor the API."""

    kind: ClassVar[TargetKind]

    @override
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, Permission.READ_AUDIT)
        record = self.get_object(request, object_id)
        if record is None:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return redirect(log_about(self.kind, record.pk))

    @override
    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    @override
    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None
