"""What staff type on the pages that ask before something is done about an invoice. invoices.rules decides about it."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from omnicrm.backoffice.invoicing.wording import exact, rate, typed_number
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.days import local_day
from omnicrm.invoices.fields import LineFields, PaymentFields
from omnicrm.invoices.models import MAX_TITLE_LENGTH, Invoice
from omnicrm.invoices.states import PauseReason, PaymentMethod

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ALL, PART = "all", "part"


class NumberField(forms.CharField):
    """A number as people write it; what is none reaches the rules, which say so."""

    def __init__(self, *, label: "StrOrPromise", required: bool = True) -> None:
        widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, max_length=40, required=required, widget=widget)

    def clean(self, value: Any) -> str:  # noqa: ANN401 - as Django's own field
        return typed_number(super().clean(value))


def day_field(label: "StrOrPromise", *, required: bool = False, help_text: "StrOrPromise" = "") -> forms.DateField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return forms.DateField(
        label=label, required=required, help_text=help_text, input_formats=["%Y-%m-%d"], widget=widget
    )


def text_field(label: "StrOrPromise", limit: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=required, widget=UnfoldAdminTextInputWidget)


class IssueForm(forms.Form):
    send = forms.BooleanField(
        label=gettext_lazy("Send it by email at once"), required=False, initial=True, widget=UnfoldBooleanWidget
    )


class PaymentForm(forms.Form):
    amount = NumberField(label=gettext_lazy("Amount"))
    date = day_field(gettext_lazy("Date"), required=True)
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=PaymentMethod, widget=UnfoldAdminSelectWidget)
    reference = text_field(gettext_lazy("Reference"), 100, required=True)
    allow_overpayment = forms.BooleanField(
        label=gettext_lazy("More than is due has come in"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, data: QueryDict | None, *, invoice: Invoice, now: datetime) -> None:
        due = exact(invoice.balance_due, invoice.currency) if invoice.balance_due else ""
        super().__init__(data, initial={"amount": due, "date": local_day(now)})
        self.fields["amount"].help_text = _("In %(currency)s. A negative amount is a refund of what was overpaid.") % {
            "currency": invoice.currency
        }
        self.fields["reference"].help_text = _("As on the bank statement. The same one is booked only once.")

    def payment(self) -> PaymentFields:
        given = self.cleaned_data
        return PaymentFields(
            amount=given["amount"], date=given["date"], method=given["method"], reference=given["reference"]
        )


class CreditForm(forms.Form):
    """All that is left of the invoice, which cancels it, or an amount without tax at one of its rates."""

    extent = forms.ChoiceField(
        label=gettext_lazy("What is credited"),
        choices=[
            (ALL, gettext_lazy("all that is left: the invoice is cancelled")),
            (PART, gettext_lazy("a part of it")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    title = text_field(gettext_lazy("For what"), MAX_TITLE_LENGTH)
    amount = NumberField(label=gettext_lazy("Amount without tax"), required=False)
    tax_rate = forms.ChoiceField(label=gettext_lazy("Tax rate"), required=False, widget=UnfoldAdminSelectWidget)
    notes = text_field(gettext_lazy("Note on the credit note"), 500)

    PATHS: Final = {"lines": "amount", "lines[0].title": "title", "lines[0].unit_price": "amount"}
    """From the operation's field paths to this form's names."""

    def __init__(self, data: QueryDict | None, *, invoice: Invoice) -> None:
        super().__init__(data)
        rates = [tax.tax_rate for tax in invoice.taxes.all()]
        field = self.fields["tax_rate"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells mypy what stands above
        field.choices = [(str(shortest(each)), rate(each)) for each in rates]
        for name in ("title", "amount", "tax_rate"):
            self.fields[name].help_text = _("Only for a part.")

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("extent") == PART:
            for name in ("title", "amount", "tax_rate"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("This field must not be empty."))
        return self.cleaned_data

    def lines(self) -> list[LineFields] | None:
        given = self.cleaned_data
        if given["extent"] == ALL:
            return None
        amount, percent = given["amount"], Decimal(given["tax_rate"])
        return [LineFields(title=given["title"], quantity=Decimal(1), unit_price=amount, tax_rate=percent)]


class RunForm(forms.Form):
    start_date = day_field(gettext_lazy("From"), required=True)
    end_date = day_field(gettext_lazy("Until"), required=True)
    is_prorated = forms.BooleanField(
        label=gettext_lazy("Charge incomplete months by days"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )
    tag = forms.CharField(
        label=gettext_lazy("Only customers with the tag"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("Empty: all customers."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    due_date = day_field(gettext_lazy("Due date"), help_text=gettext_lazy("Empty: after the usual time to pay."))
    sends = forms.BooleanField(
        label=gettext_lazy("Send each invoice by email"), required=False, initial=True, widget=UnfoldBooleanWidget
    )
    is_dry = forms.BooleanField(
        label=gettext_lazy("Dry run: add up, issue nothing"), required=False, widget=UnfoldBooleanWidget
    )


class ReminderForm(forms.Form):
    force_reason = text_field(gettext_lazy("Reason to send it all the same"), 500)

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["force_reason"].help_text = _(
            "Needed only if reminders pause, or the customer was reminded today. It is noted on the invoice."
        )


class PauseForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=PauseReason, widget=UnfoldAdminSelectWidget)
    until = day_field(
        gettext_lazy("Up to and with"),
        help_text=gettext_lazy("Empty: until somebody resumes them. A promise needs its day."),
    )
    note = text_field(gettext_lazy("Note"), 500)
