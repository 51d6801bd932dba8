"""Writing an invoice: for whom, the form with its totals, how it will look. It stays a draft until it is issued."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from typing_extensions import override

from omnicrm.backoffice.access import StaffModelAdmin, page_about_one
from omnicrm.backoffice.entry import require_act
from omnicrm.backoffice.filters import record_id
from omnicrm.backoffice.invoicing.actions import pdf_answer
from omnicrm.backoffice.invoicing.draft_form import MAX_ROWS, DraftForm
from omnicrm.backoffice.invoicing.money_actions import invoice_page
from omnicrm.backoffice.invoicing.wording import amount, rate
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.customers.queries import find_customers
from omnicrm.invoices.drafts import create_draft, update_draft
from omnicrm.invoices.errors import not_a_draft
from omnicrm.invoices.estimating import Estimate
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.previewing import preview_fields
from omnicrm.invoices.template_files import RenderError

CHOICES_SHOWN = 20
MAX_SEARCH = 200
_FINAL_STEPS = ("save", "issue", "preview")


class InvoiceEntry(StaffModelAdmin):
    def entry_urls(self) -> list[URLPattern]:
        totals = self.admin_site.admin_view(require_POST(self.totals))
        return [path("totals/", totals, name="invoices_invoice_totals")]

    @override
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """`?customer=5` says for whom; without, the page asks."""
        require_act(request, self)
        number = record_id(request.GET.get("customer", ""))
        customer = Customer.objects.filter(pk=number).first() if number else None
        if customer is None:
            return self._choose(request)
        form = DraftForm(request.POST if request.method == "POST" else None)
        return self._written(request, form, customer, draft=None)

    @page_about_one(description=gettext_lazy("Change"), url_path="edit", icon="edit")
    def edit_page(self, request: HttpRequest, draft: Invoice) -> HttpResponse:
        customer = draft.customer
        if draft.number is not None or customer is None:
            messages.error(request, not_a_draft(draft).errors[0].message)
            return redirect(invoice_page(draft))
        if draft.lines.count() > MAX_ROWS:
            limit = _("A draft of more than %(limit)d lines can be changed through the API only.") % {"limit": MAX_ROWS}
            messages.error(request, limit)
            return redirect(invoice_page(draft))
        form = DraftForm(request.POST, draft=draft) if request.method == "POST" else DraftForm(draft=draft)
        return self._written(request, form, customer, draft=draft)

    def totals(self, request: HttpRequest) -> HttpResponse:
        """What the form comes to at this moment; fetched while it is being filled in."""
        require_act(request, self)
        return TemplateResponse(request, "backoffice/invoice_totals.html", _summed(DraftForm(request.POST)))

    def _choose(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("q", "").strip()[:MAX_SEARCH]
        found = list(find_customers(search=wanted)[:CHOICES_SHOWN]) if wanted else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add an invoice"),
            "wanted": wanted,
            "customers": found,
            "latest": [] if wanted else list(find_customers()[:CHOICES_SHOWN]),
        }
        return TemplateResponse(request, "backoffice/invoice_customer.html", context)

    def _written(
        self, request: HttpRequest, form: DraftForm, customer: Customer, *, draft: Invoice | None
    ) -> HttpResponse:
        """Does the step that a button asks for, or shows the form with what is wrong with it."""
        step = request.POST.get("step", "")
        if step == "more":
            form.add_rows()
        elif step in _FINAL_STEPS and form.is_valid():
            try:
                return (
                    self._preview(form, customer) if step == "preview" else self._saved(request, form, customer, draft)
                )
            except InvalidInput as refusal:
                form.refuse(refusal)
            except RenderError as error:
                form.add_error(None, str(error))
        return self._page(request, form, customer, draft=draft, shows_errors=step in _FINAL_STEPS)

    def _preview(self, form: DraftForm, customer: Customer) -> HttpResponse:
        drawn = preview_fields(customer_id=customer.pk, fields=form.invoice(), now=now())
        return pdf_answer(drawn, "preview.pdf", is_ours=True)

    def _saved(self, request: HttpRequest, form: DraftForm, customer: Customer, draft: Invoice | None) -> HttpResponse:
        fields = form.invoice()
        if draft is None:
            saved = create_draft(customer_id=customer.pk, now=now(), **fields)
        else:
            saved = update_draft(invoice_id=draft.pk, now=now(), **fields)
        messages.success(request, _("The draft is saved."))
        if request.POST["step"] == "issue":
            return redirect("admin:invoices_invoice_issue_page", saved.pk)
        return redirect(invoice_page(saved))

    def _page(
        self,
        request: HttpRequest,
        form: DraftForm,
        customer: Customer,
        *,
        draft: Invoice | None,
        shows_errors: bool,
    ) -> HttpResponse:
        lists = reverse("admin:invoices_invoice_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Change the draft") if draft else _("Add an invoice"),
            "customer": customer,
            "form": form,
            "shows_errors": shows_errors and bool(form.errors),
            "head": [form[name] for name in ("start_date", "end_date", "due_date", "currency")],
            "back": invoice_page(draft) if draft else lists,
            "max_rows": MAX_ROWS,
            **_summed(form),
        }
        return TemplateResponse(request, "backoffice/invoice_entry.html", context)


def _summed(form: DraftForm) -> dict[str, Any]:
    """What templates show of the totals."""
    found: Estimate = form.estimate()

    def shown(value: Any) -> str:  # noqa: ANN401 - a Decimal
        return amount(value, found.currency)

    taxes = [
        {"rate": rate(tax.tax_rate), "net": shown(tax.net_amount), "tax": shown(tax.tax_amount)}
        for tax in found.totals.taxes
    ]
    return {
        "rows": form.rows,
        "taxes": taxes,
        "net": shown(found.totals.net_amount),
        "tax": shown(found.totals.total_tax),
        "total": shown(found.totals.total_amount),
        "is_partial": found.is_partial,
        "is_negative": found.totals.total_amount < 0,
    }
