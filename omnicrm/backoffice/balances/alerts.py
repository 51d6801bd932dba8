"""Alerts: what was decided about each balance that fell low or expired, and why."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import display, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.accounts.roles import Permission
from omnicrm.backoffice.access import StaffModelAdmin, allows, require
from omnicrm.backoffice.balances import wording as balance_wording
from omnicrm.backoffice.balances.filters import AlertCustomerFilter, AlertServiceFilter, DecidedFilter
from omnicrm.backoffice.balances.wording import service_link, service_page
from omnicrm.backoffice.listing import BoundedChangeList
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, moment, two_lines
from omnicrm.balances.explaining import Explained, explain_alerts
from omnicrm.balances.models import Alert


class AlertChangeList(BoundedChangeList):
    """Knows of each alert on the page why it was or was not sent."""

    @override
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        may_read = allows(request, Permission.READ_MESSAGES)
        for explained in explain_alerts(self.result_list):
            explained.alert.explained = explained  # type: ignore[attr-defined]  # read by AlertAdmin
            explained.alert.leads_to_message = may_read  # type: ignore[attr-defined]  # as above


@register(Alert, site=site)
class AlertAdmin(StaffModelAdmin):
    reads = Permission.READ_BALANCES
    acts = Permission.WRITE_BALANCES
    adds = edits = False

    list_display = ("what", "whose", "decision", "email", "times")
    list_display_links = None
    list_filter = ("kind", "outcome", DecidedFilter, AlertServiceFilter, AlertCustomerFilter)
    list_select_related = ("balance__service", "customer")
    ordering = ("-id",)
    sortable_by = ()
    empty_text = gettext_lazy("No balance fell below a threshold or expired yet.")

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return AlertChangeList

    @display(description=gettext_lazy("alert"))
    def what(self, alert: Alert) -> SafeString:
        return two_lines(balance_wording.alert_badge(alert), balance_wording.what_happened(alert))

    @display(description=gettext_lazy("service"))
    def whose(self, alert: Alert) -> SafeString:
        page = reverse("admin:customers_customer_change", args=[alert.customer_id])
        owner = format_html('<a class="bo-link" href="{}" dir="auto">{}</a>', page, alert.customer.customer_name)
        return two_lines(service_link(alert.balance.service), owner)

    @display(description=gettext_lazy("decision"))
    def decision(self, alert: Alert) -> SafeString:
        return two_lines(balance_wording.outcome_badge(alert), self._explained(alert).explanation)

    @display(description=gettext_lazy("email"))
    def email(self, alert: Alert) -> SafeString | str:
        message = self._explained(alert).message
        if message is None:
            return NOTHING
        page = reverse("admin:outbox_message_change", args=[message.pk])
        leads = alert.leads_to_message  # type: ignore[attr-defined]  # set by AlertChangeList
        return format_html('<a class="bo-link" href="{}">{}</a>', page, message.to_email) if leads else message.to_email

    @display(description=gettext_lazy("happened, decided"))
    def times(self, alert: Alert) -> SafeString:
        return two_lines(moment(alert.happened_at), moment(alert.decided_at))

    @override
    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """An alert is looked at on its service's page."""
        require(request, self.reads)
        alert = self.get_object(request, object_id)
        if alert is None:
            messages.warning(request, _("This is no longer there."))
            return redirect("admin:balances_alert_changelist")
        return redirect(f"{service_page(alert.balance.service_id)}#alerts")

    @staticmethod
    def _explained(alert: Alert) -> Explained:
        explained: Explained = alert.explained  # type: ignore[attr-defined]  # set by AlertChangeList
        return explained
