"""Signing up in self-care: nothing is created, and nothing is told, before the address is proven.

A stranger learns from no answer and no delay whether an address has a user: each sign-up is stored with the same work,
and a job decides what is mailed. Who has a user already gets a way to a new password instead of a code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from omnicrm.accounts.errors import ProofRefused, TooOften, WrongCode, WrongPassword
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_proven_user
from omnicrm.accounts.operations.passwords import check_password as check_strength
from omnicrm.accounts.operations.resets import FIRST, QUEUE, answer_reset_request
from omnicrm.accounts.operations.rules import ADDRESS
from omnicrm.accounts.proofs import TRIES, code_hash, new_code, new_token, token_hash
from omnicrm.accounts.throttle import Limit
from omnicrm.audit.operations import anonymous
from omnicrm.config import current_config
from omnicrm.customers import rules
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import AccountType, ConsentSource, Contact, ContactType, Customer, Language
from omnicrm.customers.operations import give_marketing_consent
from omnicrm.emails.users import EmailVerification
from omnicrm.onboarding.models import PendingSignUp
from omnicrm.onboarding.operations import register_customer
from omnicrm.onboarding.welcome import welcome_once
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.operations import enqueue

SEND_PROOF: Final = "onboarding.send_proof"
FROM_ONE_PLACE: Final = Limit(name="sign_up_ip", tries=20, per=timedelta(hours=1))
FOR_ONE_ADDRESS: Final = Limit(name="sign_up_address", tries=5, per=timedelta(hours=1))
PASSWORDS: Final = Limit(name="sign_up_password", tries=10, per=timedelta(minutes=15))

_RULES: Final[rules.Rules] = {
    "email": ADDRESS,
    "full_name": rules.text(200, required=True),
    "company_name": rules.text(200),
    "account_type": rules.one_of(AccountType),
    "language": rules.one_of(Language),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedUp:
    """`is_new_customer` is False when the address was a contact of a customer already, whom the user then joined."""

    user: User
    customer: Customer
    is_new_customer: bool


@transaction.atomic
def sign_up(
    *,
    email: str,
    full_name: str,
    password: str,
    language: str,
    wants_marketing: bool,
    ip: str | None,
    now: datetime,
    account_type: str = AccountType.INDIVIDUAL,
    company_name: str = "",
) -> PendingSignUp:
    """Stores the wish and has an email sent with a link and a code. A business gives its `company_name` too.

    Raises InvalidInput for wrong fields or a weak password, TooOften for too many from one place or for one address.
    """
    given = {
        "email": email,
        "full_name": full_name,
        "company_name": company_name,
        "account_type": account_type,
        "language": language,
    }
    fields = rules.clean(_RULES, given)
    if fields["account_type"] == AccountType.BUSINESS and not fields["company_name"]:
        raise InvalidInput(FieldError(field="company_name", message=_("Give the name of the company.")))
    address = fields.pop("email")
    check_strength(password, User(email=address, full_name=fields["full_name"]), field="password")
    FROM_ONE_PLACE.take(ip or "", now=now)
    FOR_ONE_ADDRESS.take(address, now=now)
    pending = PendingSignUp.objects.create(
        **fields,
        address=address,
        password=make_password(password),
        wants_marketing=wants_marketing,
        tries_left=TRIES,
        asked_at=now,
        expires_at=now + current_config().security.verification_expiry,
    )
    _have_proof_sent(pending)
    return pending


def pending_sign_up(*, sign_up_id: UUID, now: datetime) -> PendingSignUp | None:
    """The sign-up that a browser began, or None once it is completed or has run out."""
    return PendingSignUp.objects.filter(pk=sign_up_id, expires_at__gt=now).first()


def may_ask_again_at(pending: PendingSignUp) -> datetime:
    return pending.asked_at + current_config().security.verification_cooldown


@transaction.atomic
def resend(*, sign_up_id: UUID, now: datetime) -> None:
    """Has the email sent once more, with a new link and code. Raises ProofRefused, TooOften within the cool-down."""
    pending = _held(now=now, pk=sign_up_id)
    again_at = may_ask_again_at(pending)
    if now < again_at:
        raise TooOften(retry_at=again_at, now=now)
    FOR_ONE_ADDRESS.take(pending.address, now=now)
    pending.asked_at = now
    pending.save(update_fields=["asked_at"])
    _have_proof_sent(pending)


@transaction.atomic
def send_proof(*, sign_up_id: UUID, now: datetime) -> None:
    """What the job does: mails a link and a code, or to an address that has a user a way to a new password."""
    pending = PendingSignUp.objects.select_for_update().filter(pk=sign_up_id, expires_at__gt=now).first()
    if pending is None:
        return
    if User.objects.filter(email__iexact=pending.address).exists():
        answer_reset_request(address=pending.address, asked_at=pending.asked_at)
        return
    token, code = new_token(), new_code()
    pending.token_hash = token_hash(token)
    pending.code_hash = code_hash(code, bound_to=pending.token_hash)
    pending.tries_left, pending.mails = TRIES, pending.mails + 1
    pending.save(update_fields=["token_hash", "code_hash", "tries_left", "mails"])
    email = EmailVerification(
        user_name=pending.full_name,
        verification_url=f"{current_config().server.public_url}/self-care/sign-up/{token}/",
        verification_code=code,
    )
    to = Recipient(email=pending.address, name=pending.full_name, language=pending.language)
    enqueue(email, to=to, key=f"sign_up:{pending.pk}:{pending.mails}", now=now, expires_at=pending.expires_at)


def awaited(*, token: str, now: datetime) -> PendingSignUp | None:
    """The sign-up whose link this is, or None. Changes nothing, so that a scanner may look."""
    return PendingSignUp.objects.filter(token_hash=token_hash(token), expires_at__gt=now).first()


def confirm_by_link(*, token: str, password: str, ip: str | None, now: datetime) -> SignedUp:
    """Completes a sign-up by its link. The password proves that it is one's own: anybody may have typed the address.

    Raises ProofRefused, WrongPassword, TooOften. A try is counted for good, therefore this must not be called inside a
    transaction.
    """
    PASSWORDS.take(token_hash(token), now=now)
    with transaction.atomic():
        pending = _held(now=now, token_hash=token_hash(token))
        if not check_password(password, pending.password):
            raise WrongPassword
        return _completed(pending, ip=ip, now=now)


def confirm_by_code(*, sign_up_id: UUID, code: str, ip: str | None, now: datetime) -> SignedUp:
    """Completes a sign-up in the browser that began it. Raises ProofRefused, WrongCode with the tries left.

    A wrong try is counted for good, therefore this must not be called inside a transaction.
    """
    with transaction.atomic():
        pending = _held(now=now, pk=sign_up_id)
        if pending.tries_left and _is_code_of(pending, code):
            return _completed(pending, ip=ip, now=now)
        pending.tries_left = max(pending.tries_left - 1, 0)
        pending.save(update_fields=["tries_left"])
    raise WrongCode(tries_left=pending.tries_left) if pending.tries_left else ProofRefused("code")


def forget_old(*, now: datetime) -> int:
    """Deletes sign-ups that nobody confirmed in time; returns how many."""
    dropped, _by_model = PendingSignUp.objects.filter(expires_at__lte=now).delete()
    return dropped


def _have_proof_sent(pending: PendingSignUp) -> None:
    app.configure_task(SEND_PROOF, queue=QUEUE, priority=FIRST).defer(sign_up_id=str(pending.pk))


def _is_code_of(pending: PendingSignUp, code: str) -> bool:
    """Never true of a sign-up that got no code, because its hash is empty."""
    return constant_time_compare(pending.code_hash, code_hash("".join(code.split()), bound_to=pending.token_hash or ""))


def _held(*, now: datetime, **which: object) -> PendingSignUp:
    pending = PendingSignUp.objects.select_for_update().filter(expires_at__gt=now, **which).first()
    if pending is None:
        raise ProofRefused("code")
    return pending


def _completed(pending: PendingSignUp, *, ip: str | None, now: datetime) -> SignedUp:
    known = _contact_with(pending.address)
    contact = known or _new_customer(pending, now=now).contacts.get()
    welcome_once(contact.customer, contact.customer.contacts.all(), now=now)
    if pending.wants_marketing:
        give_marketing_consent(contact_id=contact.pk, source=ConsentSource.SELF_CARE, now=now)
    user = create_proven_user(
        customer_id=contact.customer_id,
        email=pending.address,
        full_name=pending.full_name,
        language=pending.language,
        password_hash=pending.password,
        by=anonymous(ip),
        now=now,
    )
    PendingSignUp.objects.filter(address=pending.address).delete()
    return SignedUp(user=user, customer=contact.customer, is_new_customer=known is None)


def _contact_with(address: str) -> Contact | None:
    """Whose address this is already: a customer's primary contact before others, then the longest known."""
    is_primary = Case(When(contact_type=ContactType.PRIMARY, then=Value(0)), default=Value(1))
    known = Contact.objects.filter(email__iexact=address).select_related("customer")
    return known.order_by(is_primary, "customer_id", "id").first()


def _new_customer(pending: PendingSignUp, *, now: datetime) -> Customer:
    first_name, _space, last_name = pending.full_name.partition(" ")
    return register_customer(
        customer_name=pending.company_name or pending.full_name,
        customer_account_type=pending.account_type,
        language=pending.language,
        contacts=[{"first_name": first_name[:100], "last_name": last_name[:100], "email": pending.address}],
        now=now,
    ).customer
