"""Emails about signing in: staff accounts, passwords, verified addresses. All of them go in the security lane."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from omnicrm.config import current_config
from omnicrm.emails.base import CatalogueEmail, Variable
from omnicrm.emails.formats import Wording
from omnicrm.outbox.states import Lane

_NAME = Wording(fr="Claire Fontaine", en="Clara Fields")
_CHANGED_AT = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)


class _SampleRole(TextChoices):
    SUPPORT = "Support", _("Support")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UserWelcome(CatalogueEmail):
    section = "api_crmCommunicationUserWelcome"
    lane = Lane.SECURITY
    sent_when = _('An administrator creates a staff user, or clicks "Send welcome email".')
    default_subject = Wording(fr="Bienvenue dans l'équipe", en="Welcome to the team")

    user_name: Annotated[str, Variable(_("Full name of the staff user"))]
    email: Annotated[str, Variable(_("Email address of the staff user"), required=True)]
    role: Annotated[TextChoices, Variable(_("Assigned role"))]
    login_url: Annotated[str, Variable(_("Link to sign in to the back office"), required=True)]
    temp_password: Annotated[str | None, Variable(_("Temporary password, if there is one"), secret=True, required=True)]
    support_email: Annotated[str, Variable(_("Address of IT support"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        company = current_config().company
        return cls(
            user_name=_NAME.in_language(language),
            email="claire@example.com",
            role=_SampleRole.SUPPORT,
            login_url=company.admin_login_url,
            temp_password="example-only",  # noqa: S106 - made up, opens nothing
            support_email=company.it_support_email,
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UserPasswordReset(CatalogueEmail):
    section = "api_crmCommunicationUserPasswordReset"
    lane = Lane.SECURITY
    sent_when = _('A user clicks "Forgot password" and asks for a reset.')
    default_subject = Wording(fr="Demande de réinitialisation de mot de passe", en="Password reset request")

    user_name: Annotated[str, Variable(_("Full name of the user"))]
    reset_url: Annotated[
        str, Variable(_("Link to choose a new password, valid for a limited time"), secret=True, required=True)
    ]
    expiry_time: Annotated[timedelta, Variable(_("How long the link stays valid"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            user_name=_NAME.in_language(language),
            reset_url=f"{current_config().server.public_url}/account/reset/example-only/",
            expiry_time=timedelta(hours=1),
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UserPasswordResetSuccess(CatalogueEmail):
    section = "api_crmCommunicationUserPasswordResetSuccess"
    lane = Lane.SECURITY
    sent_when = _("A password reset is completed, as soon as the new password is set.")
    default_subject = Wording(fr="Mot de passe changé avec succès", en="Password changed successfully")

    user_name: Annotated[str, Variable(_("Full name of the user"))]
    change_date: Annotated[datetime, Variable(_("Date and time of the change"))]
    ip_address: Annotated[str | None, Variable(_("IP address the change came from, if known"))]
    support_email: Annotated[str, Variable(_("Address to write to if the change was not authorised"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            user_name=_NAME.in_language(language),
            change_date=_CHANGED_AT,
            ip_address="203.0.113.7",
            support_email=current_config().company.support_email,
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UserPasswordChange(CatalogueEmail):
    """`changed_by` is the administrator's name, or None when the users themselves changed it."""

    section = "api_crmCommunicationUserPasswordChange"
    lane = Lane.SECURITY
    sent_when = _("A user changes the password in the settings, or an administrator resets it.")
    default_subject = Wording(fr="Notification de changement de mot de passe", en="Your password was changed")

    user_name: Annotated[str, Variable(_("Full name of the user"))]
    change_date: Annotated[datetime, Variable(_("Date and time of the change"))]
    changed_by: Annotated[
        str | None,
        Variable(_('"yourself", or the name of the administrator'), absent=Wording(fr="vous-même", en="yourself")),
    ]
    support_email: Annotated[str, Variable(_("Address to write to if the change was not authorised"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            user_name=_NAME.in_language(language),
            change_date=_CHANGED_AT,
            changed_by=None,
            support_email=current_config().company.support_email,
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class EmailVerification(CatalogueEmail):
    section = "api_crmCommunicationEmailVerification"
    lane = Lane.SECURITY
    sent_when = _("An account is created, its email address changes, or the address has to be verified again.")
    default_subject = Wording(fr="Vérifiez votre adresse e-mail", en="Verify your email address")

    user_name: Annotated[str, Variable(_("Full name of the user"))]
    verification_url: Annotated[
        str,
        Variable(_("Link to verify the address"), secret=True, required=True, or_else="verification_code"),
    ]
    verification_code: Annotated[str, Variable(_("Code to type in instead of using the link"), secret=True)]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            user_name=_NAME.in_language(language),
            verification_url=f"{current_config().server.public_url}/account/verify/example-only/",
            verification_code="123456",
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UserAddressChange(CatalogueEmail):
    """Goes to the address still in force; `new_email` is masked, as in h•••@example.com."""

    section = "api_crmCommunicationUserAddressChange"
    lane = Lane.SECURITY
    sent_when = _("A change of a user's email address is asked for; it goes to the address still in force.")
    default_subject = Wording(fr="Changement de votre adresse e-mail", en="Change of your email address")

    user_name: Annotated[str, Variable(_("Full name of the user"))]
    new_email: Annotated[str, Variable(_("The new address, partly masked"))]
    change_date: Annotated[datetime, Variable(_("Date and time of the request"))]
    support_email: Annotated[str, Variable(_("Address to write to if the change was not authorised"))]

    @classmethod
    def sample(cls, language: str) -> Self:
        return cls(
            user_name=_NAME.in_language(language),
            new_email="c•••@example.com",
            change_date=_CHANGED_AT,
            support_email=current_config().company.support_email,
        )
