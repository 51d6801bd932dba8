"""Where allauth meets OmniCRM: whom it lets in and where to, what the audit log hears of it; and it sends no mail."""

import base64
import time
from typing import Any, NoReturn

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from qrcode import QRCode
from qrcode.image.svg import SvgPathImage
from typing_extensions import override

from omnicrm.accounts.models import User
from omnicrm.accounts.pages import trail
from omnicrm.accounts.pages.first_steps import needs_second_factor
from omnicrm.accounts.pages.sessions import begin, speak
from omnicrm.accounts.pages.visitors import client_ip
from omnicrm.config import current_config

UNKNOWN_IP = "0.0.0.0"  # noqa: S104 - stands for "none" where allauth's table wants an address; nothing listens on it
SELF_CARE = "/self-care/"


class OnlyByOutbox(RuntimeError):
    """Something tried to send mail past the outbox."""


def home_of(user: User) -> str:
    """Where a user works: staff in the back office, customers in self-care."""
    return reverse("admin:index") if user.is_staff else SELF_CARE


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "temporary_password_over": _(
            "Your temporary password has run out. Ask an administrator for a new one, or follow “Forgot your password?”"
        ),
    }

    @override
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> NoReturn:
        raise OnlyByOutbox(template_prefix)

    @override
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # customers sign up in self-care, staff are invited

    @override
    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or UNKNOWN_IP

    @override
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user) if isinstance(request.user, User) else reverse("account_login")

    @override
    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    @override
    def is_reauthentication_required(self, *, app: str, **_more: Any) -> bool:
        """Whoever has just signed in need not do so again."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] >= app_settings.REAUTHENTICATION_TIMEOUT

    @override
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            trail.locked_out(request, credentials["email"], now=now())
            raise

    @override
    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user = super().authenticate(request, **credentials)
        if isinstance(user, User) and user.temporary_password_is_over(now=now()):
            trail.sign_in_failed(request, user.email, why="temporary password over", now=now())
            raise self.validation_error("temporary_password_over")
        return user

    @override
    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        trail.sign_in_failed(request, credentials["email"], why="password", now=now())

    @override
    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        return self.authenticate(self.request, email=user.get_username(), password=password) == user

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:  # type: ignore[override]  # noqa: ANN401 - allauth spells out what we pass on
        response = super().post_login(request, user, **how)
        begin(request, now=now())
        trail.signed_in(request, user, now=now())
        speak(response, user.language)
        return response

    @override
    def logout(self, request: HttpRequest) -> None:
        trail.signed_out(request, now=now())
        super().logout(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ANN401, ARG002 - allauth's signature
        """As allauth's without the host: each name the server answers to would give a guesser as many tries again."""
        return str(credentials["email"]).lower()


class MFAAdapter(DefaultMFAAdapter):
    @override
    def get_totp_issuer(self) -> str:
        return current_config().company.name

    @override
    def build_totp_svg(self, url: str) -> str:
        code = QRCode(image_factory=SvgPathImage, border=2)
        code.add_data(url)
        return str(code.make_image().to_string(encoding="unicode"))

    @override
    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not needs_second_factor(authenticator.user)

    @override
    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    @override
    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValidationError under another secret key than before: no code is right until a new set-up."""
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise self.validation_error("incorrect_code") from None


def _vault() -> Fernet:
    """A copy of the database alone gives no second factor away."""
    key = salted_hmac("omnicrm.accounts.second_factor", "", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
