"""What is typed on the account pages. Rules about it are the operations': `accepted` shows what they object to."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from typing_extensions import override

from omnicrm.accounts.pages import trail
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import MAX_EMAIL_LENGTH

Result = TypeVar("Result")
EMAIL: Final = _("Email")
PASSWORD: Final = _("Password")


def accepted(form: forms.Form, operation: Callable[[], Result]) -> Result | None:
    """What the operation returned, or None after its objections were added to the form."""
    if not form.is_valid():
        return None
    try:
        return operation()
    except InvalidInput as refusal:
        for error in refusal.errors:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


def password_rules() -> SafeString:
    """What a password has to be like, in the user's language."""
    return format_html_join("", "<span>{}</span> ", ([text] for text in password_validators_help_texts()))


def email_field(
    label: StrOrPromise = EMAIL, *, autocomplete: str = "username", autofocus: bool = False
) -> forms.EmailField:
    attributes: dict[str, Any] = {"autocomplete": autocomplete, "autofocus": autofocus, "spellcheck": "false"}
    return forms.EmailField(label=label, max_length=MAX_EMAIL_LENGTH, widget=forms.EmailInput(attributes))


def password_field(
    label: StrOrPromise = PASSWORD, *, autocomplete: str, help_text: StrOrPromise = ""
) -> forms.CharField:
    widget = forms.PasswordInput({"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=128, strip=False, widget=widget, help_text=help_text)


def code_field(label: StrOrPromise) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attributes))


class SignInForm(LoginForm):
    """allauth's fields, told apart for password managers; and it tells a wrong address from none at all to nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field(autofocus=True)
        self.fields["password"] = password_field(autocomplete="current-password")
        self.fields["remember"].label = _("Stay signed in on this device for 30 days")
        self.order_fields(["login", "password", "remember"])

    @override
    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        if not self.cleaned_data["remember"]:
            request.session.set_expiry(0)  # as allauth does afterwards; the audit log is to know it by then
        response: HttpResponse = super().login(request, redirect_url)
        return response


class ConfirmPasswordForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(autocomplete="current-password")


class SignInCodeForm(AuthenticateForm):
    code = code_field(_("Code from your app, or a recovery code"))

    @override
    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except ValidationError as refusal:
            request = get_adapter().request
            if refusal.code == "too_many_login_attempts":
                trail.locked_out(request, self.user.email, now=now())
            else:
                trail.sign_in_failed(request, self.user.email, why="second factor", now=now())
            raise


class ConfirmCodeForm(ReauthenticateByCodeForm):
    code = code_field(_("Code from your app, or a recovery code"))


class SetUpCodeForm(ActivateTOTPForm):
    code = code_field(_("Code that the app shows"))


class ForgotForm(forms.Form):
    email = email_field(autofocus=True)


class NewPasswordForm(forms.Form):
    new_password = password_field(_("New password"), autocomplete="new-password")
    new_password_again = password_field(_("New password, again"), autocomplete="new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = password_rules()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned["new_password"] != cleaned["new_password_again"]:
            self.add_error("new_password_again", _("The two passwords differ."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    current_password = password_field(_("Current password"), autocomplete="current-password")
    field_order = ("current_password", "new_password", "new_password_again")


class AddressForm(forms.Form):
    new_email = email_field(_("New email address"), autocomplete="email")


class CodeForm(forms.Form):
    code = code_field(_("Six-digit code"))
