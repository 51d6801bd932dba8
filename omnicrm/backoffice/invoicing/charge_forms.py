"""What staff type about recurring charges. invoices.charges decides about it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnicrm.backoffice.invoicing.forms import NumberField, day_field, text_field
from omnicrm.backoffice.invoicing.wording import number
from omnicrm.config import current_config
from omnicrm.customers.models import Service
from omnicrm.invoices.days import local_day
from omnicrm.invoices.models import MAX_TITLE_LENGTH
from omnicrm.invoices.run_models import RecurringCharge

FIELDS = ("title", "amount", "tax_rate", "start_date", "end_date")


class ChargeForm(forms.Form):
    title = text_field(gettext_lazy("Title"), MAX_TITLE_LENGTH, required=True)
    amount = NumberField(label=gettext_lazy("Amount per month, without tax"))
    tax_rate = NumberField(label=gettext_lazy("Tax, in %"))
    start_date = day_field(gettext_lazy("Charged from"), required=True)
    end_date = day_field(
        gettext_lazy("Charged up to and including"), help_text=gettext_lazy("Empty: until somebody ends it.")
    )

    def __init__(self, data: QueryDict | None, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["title"].help_text = _("As on the invoice.")
        self.fields["amount"].help_text = _("In %(currency)s. A negative amount is a discount.") % {
            "currency": current_config().invoice.currency
        }


class EndForm(forms.Form):
    end_date = day_field(gettext_lazy("Charged up to and including"), required=True)


def proposed(service: Service, *, now: datetime) -> dict[str, Any]:
    """What the form shows of a charge that is to be added."""
    rate = number(current_config().invoice.tax_rate)
    return {"title": service.service_name, "tax_rate": rate, "start_date": local_day(now)}


def of_charge(charge: RecurringCharge) -> dict[str, Any]:
    """What the form shows of a charge."""
    return {
        "title": charge.title,
        "amount": number(charge.amount),
        "tax_rate": number(charge.tax_rate),
        "start_date": charge.start_date,
        "end_date": charge.end_date,
    }
