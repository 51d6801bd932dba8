"""What customers type in the portal. Rules about it are the operations'."""

from django import forms
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from omnicrm.accounts.pages.forms import email_field, password_field, password_rules
from omnicrm.customers.models import AccountType, Language


class SignUpForm(forms.Form):
    account_type = forms.ChoiceField(
        label=_("I am"),
        choices=[(AccountType.INDIVIDUAL, _("a person")), (AccountType.BUSINESS, _("a company"))],
        initial=AccountType.INDIVIDUAL,
    )
    company_name = forms.CharField(
        label=_("Name of the company"),
        max_length=200,
        required=False,
        help_text=_("Only if you sign up for a company."),
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    full_name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    email = email_field(autocomplete="email")
    password = password_field(autocomplete="new-password", help_text=lazy(password_rules, SafeString)())
    language = forms.ChoiceField(label=_("Language"), choices=Language)
    wants_marketing = forms.BooleanField(
        label=_("Send me news and offers by email. I can change my mind at any time."), required=False
    )


class ConfirmForm(forms.Form):
    """The link may have been opened on another device; the password shows that it is the same person."""

    current_password = password_field(_("The password you chose"), autocomplete="current-password")


class ProfileForm(forms.Form):
    full_name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=Language, help_text=_("Of these pages, and of the emails we send you.")
    )
