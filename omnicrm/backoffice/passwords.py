"""Passwords: one's own, and those administrators set."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _
from typing_extensions import override
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.widgets import UnfoldAdminPasswordToggleWidget

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import set_password


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    @override
    def save(self, commit: bool = True) -> User:
        self.user = set_password(user_id=self.user.pk, password=self.cleaned_data["new_password1"])
        return self.user


def password_field() -> forms.CharField:
    """A new password, typed once because it can be made visible."""
    return forms.CharField(
        label=_("Password"),
        help_text=password_validators_help_text_html(),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
    )


class NewPasswordForm(forms.Form):
    password = password_field()
