"""What is typed about users."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from omnicrm.accounts.models import User
from omnicrm.accounts.roles import Role, staff_role_choices
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language


def _role_field(**more: Any) -> forms.ChoiceField:  # noqa: ANN401 - the field's own
    return forms.ChoiceField(label=_("Role"), choices=staff_role_choices, widget=UnfoldAdminSelectWidget, **more)


class NewUserForm(forms.Form):
    full_name = forms.CharField(label=_("Full name"), max_length=200, widget=UnfoldAdminTextInputWidget)
    email = forms.CharField(
        label=_("Email"),
        help_text=_("They sign in with it."),
        max_length=MAX_EMAIL_LENGTH,
        widget=UnfoldAdminEmailInputWidget,
    )
    role = _role_field(initial=Role.READ_ONLY)
    language = forms.ChoiceField(label=_("Language"), choices=Language, widget=UnfoldAdminSelectWidget)
    welcome = forms.BooleanField(
        label=_("Send the welcome email"),
        help_text=_(
            "It holds a temporary password, and their address is verified. Without it nothing is sent: they choose "
            "a password by “Forgot your password?”, or you send the welcome later."
        ),
        initial=True,
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )


class UserForm(forms.ModelForm[User]):
    """Of a user of a customer, whose role is fixed, without the role."""

    role = _role_field()

    class Meta:
        model = User
        fields = ("full_name", "role", "language")


class NewPasswordForm(forms.Form):
    """Typed once, because it can be made visible."""

    password = forms.CharField(
        label=_("Password"),
        help_text=password_validators_help_text_html(),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
    )
