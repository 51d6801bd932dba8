"""The form of a custom email: to whom, and a field for each of its variables, as its description says."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.forms import Widget
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from typing_extensions import override
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanSwitchWidget,
)

from omnicrm.backoffice.entry import add_errors
from omnicrm.config import CustomVariable
from omnicrm.config.variable_types import MAX_LINE, Value, VariableType, WrongValue, read_value
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Contact, Customer, Language
from omnicrm.emails.custom import CustomKind
from omnicrm.emails.custom_values import AT
from omnicrm.emails.recipients import Addressee, reachable_contacts

_PREFIX: Final = "var_"
"""Of the fields of variables, whose names could be those of other fields."""
_PREFILLED: Final = "customer_name"


def _input(kind: str, **attrs: Any) -> Callable[[str], Widget]:  # noqa: ANN401 - HTML attributes
    return lambda sample: UnfoldAdminTextInputWidget(attrs={"type": kind, "placeholder": sample, **attrs})


def _area(rows: int) -> Callable[[str], Widget]:
    return lambda sample: UnfoldAdminTextareaWidget(attrs={"rows": rows, "placeholder": sample})


def _yes_or_no(_sample: str) -> Widget:
    return UnfoldAdminSelectWidget(choices=[("", "–"), ("yes", _("yes")), ("no", _("no"))])


_WIDGETS: Final[Mapping[VariableType, Callable[[str], Widget]]] = {
    VariableType.TEXT: _input("text", maxlength=MAX_LINE),
    VariableType.LONG_TEXT: _area(6),
    VariableType.NUMBER: _input("number", step="any"),
    VariableType.AMOUNT: _input("number", step="any"),
    VariableType.DATE: _input("date"),
    VariableType.DATETIME: _input("datetime-local"),
    VariableType.URL: lambda sample: UnfoldAdminURLInputWidget(attrs={"placeholder": sample}),
    VariableType.YES_NO: _yes_or_no,
    VariableType.LIST: _area(4),
}


class VariableField(forms.Field):
    """Takes what its variable can hold; times are in the user's time zone, lists have an item on each line."""

    def __init__(self, name: str, described: CustomVariable, *, language: str) -> None:
        self.described = described
        sample = described.sample[language]
        widget = _WIDGETS[described.type]("\n".join(sample) if isinstance(sample, list) else str(sample))
        super().__init__(
            label=described.meaning.in_language(language),
            help_text=_help(name, described),
            required=described.required,
            widget=widget,
        )

    @override
    def clean(self, value: Any) -> Value | None:
        try:
            read = read_value(self._given(value), self.described.type)
        except WrongValue as wrong:
            raise forms.ValidationError(_(wrong.message) % wrong.params) from None
        if read is None and self.required:
            raise forms.ValidationError(_("This field is required."))
        return read

    def _given(self, value: object) -> object:
        text = value if isinstance(value, str) else ""
        if self.described.type is VariableType.LIST:
            return text.splitlines()
        return _with_time_zone(text) if self.described.type is VariableType.DATETIME else text


def _help(name: str, described: CustomVariable) -> str:
    told = {
        VariableType.AMOUNT: _("In %(currency)s.") % {"currency": described.currency},
        VariableType.DATETIME: _("In your time zone."),
        VariableType.LIST: _("One item on each line."),
    }.get(described.type, "")
    secret = _("Erased once Mailjet has accepted the email.") if described.secret else ""
    return " ".join(filter(None, (told, secret, _("Variable: %(name)s.") % {"name": name})))


def _with_time_zone(text: str) -> str:
    """What a browser's field for date and time sends, as a moment; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
        return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).isoformat()
    except (ValueError, OverflowError):
        return text


class CustomMessageForm(forms.Form):
    """`token` names this one email, so that a second click or a reload sends no second one."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, kind: CustomKind, customer: Customer | None) -> None:
        initial = {"token": uuid4(), "language": customer.language if customer else (get_language() or "en")[:2]}
        if customer:
            initial[f"{_PREFIX}{_PREFILLED}"] = customer.customer_name
        super().__init__(data, initial=initial)
        self.kind = kind
        self.fields |= _of_recipient(customer, is_marketing=kind.is_marketing)
        if kind.is_marketing and customer is None:
            self.fields["consent_given"] = _consent()
        for name, described in kind.variables.items():
            language = (get_language() or "en")[:2]
            self.fields[f"{_PREFIX}{name}"] = VariableField(name, described, language=language)
        self.fields["not_before"] = forms.CharField(
            label=gettext_lazy("Not before"),
            help_text=gettext_lazy("Empty: now. In your time zone."),
            required=False,
            widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        )

    def clean_not_before(self) -> datetime | None:
        try:
            text = _with_time_zone(self.cleaned_data["not_before"])
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("Give a date and a time.")) from None

    @property
    def recipient_fields(self) -> Sequence[forms.BoundField]:
        return [self[name] for name in ("contact", "to_email", "language", "consent_given") if name in self.fields]

    @property
    def variable_fields(self) -> Sequence[forms.BoundField]:
        return [self[f"{_PREFIX}{name}"] for name in self.kind.variables]

    def addressee(self) -> Addressee:
        contact = self.cleaned_data.get("contact")
        return Addressee(
            to_email=self.cleaned_data.get("to_email", ""),
            contact_id=int(contact) if contact else None,
            language=self.cleaned_data["language"],
            consent_given=self.cleaned_data.get("consent_given", False),
        )

    def variables(self) -> dict[str, object]:
        return {name: self.cleaned_data[f"{_PREFIX}{name}"] for name in self.kind.variables}

    def refuse(self, refusal: InvalidInput) -> None:
        """Shows what an operation objects to, each at its field."""
        named = {f"{AT}.{name}": f"{_PREFIX}{name}" for name in self.kind.variables} | {"contact_id": "contact"}
        add_errors(self, refusal, fields=named)


def _of_recipient(customer: Customer | None, *, is_marketing: bool) -> dict[str, forms.Field]:
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=Language.choices, widget=UnfoldAdminSelectWidget
    )
    if customer is None:
        address = forms.CharField(
            label=gettext_lazy("Address"), max_length=MAX_EMAIL_LENGTH, widget=UnfoldAdminEmailInputWidget
        )
        return {"to_email": address, "language": language}
    reachable = reachable_contacts(customer)
    contacts = [(str(contact.pk), _named(contact, is_marketing=is_marketing)) for contact in reachable]
    contact = forms.ChoiceField(label=gettext_lazy("Contact"), choices=contacts, widget=UnfoldAdminSelectWidget)
    return {"contact": contact, "language": language}


def _consent() -> forms.Field:
    return forms.BooleanField(
        label=gettext_lazy("The recipient has agreed to marketing email"),
        help_text=gettext_lazy("Not asked where the address is a contact’s: what is kept there decides."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


def _named(contact: Contact, *, is_marketing: bool) -> str:
    name = f"{contact.full_name} <{contact.email}>" if contact.full_name else contact.email
    known = [name, contact.get_contact_type_display()]
    if is_marketing and contact.marketing_consent_at is None:
        known.append(_("has not agreed to marketing"))
    return " · ".join(known)
