"""Forms about customers and what belongs to them. customers.rules decides what they accept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from django import forms
from django.db.models import Model, TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from omnicrm.backoffice.customers.fields import AttributesField, TagsField
from omnicrm.backoffice.entry import add_errors
from omnicrm.customers import rules
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.fields import NewCustomer
from omnicrm.customers.models import (
    AccountType,
    Contact,
    ContactType,
    Customer,
    Language,
    PaymentType,
    Service,
    ServiceState,
    Site,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AnyModel = TypeVar("AnyModel", bound=Model)

CONTACT_FIELDS = ("contact_type", "first_name", "last_name", "email", "phone")
SITE_FIELDS = {f"site_{name}": name for name in ("name", "address", "city", "postcode", "country")}
"""By the names they have in the form of a new customer."""


class RuledForm(forms.ModelForm[AnyModel]):
    """A form whose fields are checked by the rules that its operation will apply."""

    rules: ClassVar[rules.Rules]

    def clean(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if name in self.rules}
        try:
            self.cleaned_data |= rules.clean(self.rules, given)
        except InvalidInput as refusal:
            add_errors(self, refusal)
        return self.cleaned_data


class CustomerForm(RuledForm[Customer]):
    rules = rules.CUSTOMER
    tags = TagsField(
        label=gettext_lazy("Tags"), help_text=gettext_lazy("Separated by commas, such as: vip, fibre"), required=False
    )
    attributes = AttributesField(label=gettext_lazy("Custom attributes"), required=False)

    class Meta:
        model = Customer
        fields = (
            "customer_name",
            "customer_account_type",
            "customer_payment_type",
            "language",
            "tags",
            "attributes",
        )


class ContactForm(RuledForm[Contact]):
    rules = rules.CONTACT

    class Meta:
        model = Contact
        fields = CONTACT_FIELDS
        widgets: ClassVar = {"email": UnfoldAdminEmailInputWidget}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("email") and not cleaned.get("phone"):
            self.add_error("email", _("Give an email address or a phone number."))
        return cleaned


class SiteForm(RuledForm[Site]):
    rules = rules.SITE

    class Meta:
        model = Site
        fields = tuple(SITE_FIELDS.values())


class ServiceForm(RuledForm[Service]):
    rules = rules.SERVICE

    class Meta:
        model = Service
        fields = ("service_name", "service_type", "service_uuid", "site", "state")


class ServiceFormSet(PaginationInlineFormSet):
    """Services of one customer: only its own sites can be chosen."""

    @cached_property
    def _sites(self) -> list[Site]:
        return list(self.instance.sites.all())

    def add_fields(self, form: forms.ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)
        field = cast("forms.ModelChoiceField[Site]", form.fields["site"])
        field.queryset = self.instance.sites.all()
        field.choices = [("", "–"), *((site.pk, site.name) for site in self._sites)]


def _text(label: "StrOrPromise", limit: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=required, widget=UnfoldAdminTextInputWidget)


def _choice(label: "StrOrPromise", choices: type[TextChoices]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget)


class NewCustomerForm(forms.Form):
    """A customer with its first contact and, if wished, its first site."""

    customer_name = _text(gettext_lazy("Name"), 200, required=True)
    customer_account_type = _choice(gettext_lazy("Account type"), AccountType)
    customer_payment_type = _choice(gettext_lazy("Payment type"), PaymentType)
    language = _choice(gettext_lazy("Language"), Language)
    tags = TagsField(
        label=gettext_lazy("Tags"), help_text=gettext_lazy("Separated by commas, such as: vip, fibre"), required=False
    )
    attributes = AttributesField(label=gettext_lazy("Custom attributes"), required=False)
    contact_type = _choice(gettext_lazy("Type"), ContactType)
    first_name = _text(gettext_lazy("First name"), 100)
    last_name = _text(gettext_lazy("Last name"), 100)
    email = forms.CharField(
        label=gettext_lazy("Email"), max_length=254, required=False, widget=UnfoldAdminEmailInputWidget
    )
    phone = _text(gettext_lazy("Phone"), 40)
    site_name = _text(gettext_lazy("Name"), 200)
    site_address = _text(gettext_lazy("Address"), 300)
    site_city = _text(gettext_lazy("City"), 100)
    site_postcode = _text(gettext_lazy("Postcode"), 20)
    site_country = _text(gettext_lazy("Country"), 100)

    def new_customer(self) -> NewCustomer:
        """The input as register_customer takes it: without a contact or site that nobody filled in."""
        given = self.cleaned_data
        contact = {name: given[name] for name in CONTACT_FIELDS}
        site = {name: given[own] for own, name in SITE_FIELDS.items()}
        is_reachable = any(value for name, value in contact.items() if name != "contact_type")
        own = {name: given[name] for name in CustomerForm.Meta.fields}
        contacts, sites = [contact] if is_reachable else [], [site] if any(site.values()) else []
        return cast("NewCustomer", {**own, "contacts": contacts, "sites": sites})

    @staticmethod
    def paths() -> dict[str, str]:
        """From the operation's field paths to this form's names."""
        contact = {f"contacts[0].{name}": name for name in CONTACT_FIELDS}
        return contact | {f"sites[0].{name}": own for own, name in SITE_FIELDS.items()}


class ConsentForm(forms.Form):
    """A switch for each contact: whether it has agreed to marketing email."""

    def __init__(self, data: QueryDict | None, *, contacts: Sequence[Contact]) -> None:
        super().__init__(data)
        self.contacts = contacts
        for contact in contacts:
            self.fields[_switch(contact)] = forms.BooleanField(
                label=f"{contact.full_name} <{contact.email}>" if contact.full_name else contact.email,
                help_text=contact.get_marketing_consent_source_display(),
                initial=contact.marketing_consent_at is not None,
                required=False,
                widget=UnfoldBooleanSwitchWidget,
            )

    def answers(self) -> list[tuple[Contact, bool]]:
        """Every contact, and whether it agrees."""
        return [(contact, self.cleaned_data[_switch(contact)]) for contact in self.contacts]


def _switch(contact: Contact) -> str:
    return f"contact_{contact.pk}"


class ActivationForm(forms.Form):
    """Which of the customer's services becomes active."""

    def __init__(self, data: QueryDict | None, *, customer: Customer) -> None:
        super().__init__(data)
        self.fields["service"] = forms.ModelChoiceField(
            label=_("Service"),
            queryset=customer.services.exclude(state=ServiceState.ACTIVE),
            empty_label=None,
            widget=UnfoldAdminSelectWidget,
        )
