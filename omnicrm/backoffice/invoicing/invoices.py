"""Invoices and credit notes: finding them, what they come to, and the page about each."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import display, register
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import Action
from omnicrm.audit.operations import record
from omnicrm.backoffice.access import require
from omnicrm.backoffice.invoicing import page as invoice_page
from omnicrm.backoffice.invoicing import wording as invoice_wording
from omnicrm.backoffice.invoicing.actions import InvoiceActions
from omnicrm.backoffice.invoicing.draft_entry import InvoiceEntry
from omnicrm.backoffice.invoicing.export import as_csv, exported
from omnicrm.backoffice.invoicing.filters import (
    AgeFilter,
    CustomerFilter,
    IssuedFilter,
    LookFilter,
    RunFilter,
    StateFilter,
)
from omnicrm.backoffice.listing import SECONDS_TO_READ, BoundedChangeList, TakesTooLong, time_limit
from omnicrm.backoffice.site import site
from omnicrm.backoffice.wording import NOTHING, current_locale, two_lines
from omnicrm.customers.queries import find_customers
from omnicrm.invoices.figures import Ageing, CurrencyTotals, overdue_ageing, totals_by_currency
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.states import Kind

MAX_SEARCH: Final = 200


class InvoiceChangeList(BoundedChangeList):
    """Knows besides the page what all that was found comes to."""

    totals: Sequence[CurrencyTotals] = ()
    ageing: Sequence[Ageing] = ()

    @override
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.result_list:
            try:
                with time_limit(SECONDS_TO_READ):
                    self.totals = totals_by_currency(self.queryset, now=now())
                    self.ageing = overdue_ageing(self.queryset, now=now())
            except TakesTooLong:
                messages.warning(request, _("Adding all of this up takes too long: choose a shorter period."))


@register(Invoice, site=site)
class InvoiceAdmin(InvoiceActions, InvoiceEntry):
    reads = Permission.READ_INVOICES
    acts = Permission.WRITE_INVOICES
    edits = False

    list_display = ("name", "state_now", "whose", "dates", "amounts")
    list_display_links = ("name",)
    list_filter = (StateFilter, AgeFilter, LookFilter, "kind", IssuedFilter, "currency", CustomerFilter, RunFilter)
    list_select_related = ("customer",)
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("number",)  # shows the field; get_search_results does the work
    search_help_text = gettext_lazy("Number, or customer's name or email")
    fields = readonly_fields = ()
    change_list_template = "backoffice/invoices.html"
    change_form_template = "backoffice/invoice.html"
    empty_text = gettext_lazy("There is no invoice yet. Add the first one, or let an invoice run write them.")

    @override
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(require_POST(self.export)), name="invoices_invoice_export"),
            *self.entry_urls(),
            *super().get_urls(),
        ]

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return InvoiceChangeList

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str
    ) -> tuple[QuerySet[Invoice], bool]:
        wanted = search_term.strip()[:MAX_SEARCH]
        if not wanted:
            return queryset, False
        owners = find_customers(search=wanted).order_by().values("pk")
        found = Q(number__startswith=wanted) | Q(number__startswith=wanted.upper()) | Q(customer__in=owners)
        return queryset.filter(found), False

    @display(description=gettext_lazy("number"))
    def name(self, invoice: Invoice) -> SafeString:
        kind = Kind(invoice.kind).label if invoice.number and invoice.kind == Kind.CREDIT_NOTE else ""
        return two_lines(str(invoice), str(kind))

    @display(description=gettext_lazy("state"))
    def state_now(self, invoice: Invoice) -> SafeString:
        moment = now()
        return two_lines(invoice_wording.state_badges(invoice, now=moment), invoice_wording.due(invoice, now=moment))

    @display(description=gettext_lazy("customer"))
    def whose(self, invoice: Invoice) -> SafeString | str:
        if invoice.customer is None:
            return invoice.customer_name or NOTHING
        page = reverse("admin:customers_customer_change", args=[invoice.customer_id])
        return format_html('<a class="bo-link" href="{}" dir="auto">{}</a>', page, invoice.customer_name)

    @display(description=gettext_lazy("issued, due"))
    def dates(self, invoice: Invoice) -> SafeString:
        return two_lines(invoice_wording.day(invoice.issue_date), invoice_wording.day(invoice.due_date))

    @display(description=gettext_lazy("total, still due"))
    def amounts(self, invoice: Invoice) -> SafeString:
        total = invoice_wording.amount(invoice.total_amount, invoice.currency)
        left = invoice_wording.amount(invoice.balance_due, invoice.currency) if invoice.balance_due else ""
        return two_lines(total, left)

    @override
    def about(self, request: HttpRequest, record: Invoice) -> dict[str, Any]:
        return {
            "title": invoice_wording.title(record),
            "original": "",  # unfold would show str(record) as the title
            "may_act": self.has_act_permission(request),
            "offers": self.offers(request, record),
            **invoice_page.told(record, now=now()),
        }

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All that the filters show, however much; the audit log tells who took it away."""
        require(request, self.reads)
        found = self.get_changelist_instance(request).get_queryset(request)
        with transaction.atomic():
            record(action=Action.INVOICES_EXPORTED, by=visitor(request), detail=exported(request.GET), now=now())
        return StreamingHttpResponse(
            as_csv(found, language=get_language() or current_locale(), now=now()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="invoices-{localdate().isoformat()}.csv"'},
        )
