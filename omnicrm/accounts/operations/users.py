"""Users: created, changed, deactivated. There is always somebody who can manage them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from omnicrm.accounts.actors import user_target
from omnicrm.accounts.models import Purpose, User
from omnicrm.accounts.operations.addresses import send_first_verification
from omnicrm.accounts.operations.passwords import check_password
from omnicrm.accounts.operations.rules import STAFF_ROLE, USER
from omnicrm.accounts.operations.welcome import welcome_staff
from omnicrm.accounts.proofs import lock, void
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor, record
from omnicrm.customers import rules
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.models import Customer, Language


class UserFields(TypedDict, total=False):
    full_name: str
    language: str
    role: str


@transaction.atomic
def create_user(
    *,
    email: str,
    full_name: str,
    role: str,
    now: datetime,
    password: str | None = None,
    language: str = Language.FRENCH,
    customer_id: int | None = None,
    is_staff: bool = True,
    is_superuser: bool = False,
    welcome: bool = False,
    by: Actor = SYSTEM,
) -> User:
    """Creates a user: with the role Customer one of the customer `customer_id`, who is never staff.

    `welcome` sends the verification of the address, and to staff the UserWelcome before it, with a temporary password
    unless `password` is given. Without it (imports) nothing is sent, and without a password there is no signing in by
    one until a reset. Raises InvalidInput for wrong fields or a weak password, AlreadyTaken for an address that has a
    user in any case.
    """
    given = {"email": email, "full_name": full_name, "role": role, "language": language}
    user = _checked(User(is_superuser=is_superuser, created_at=now), given, customer_id)
    user.is_staff = is_staff and user.role != Role.CUSTOMER
    check_password(password, user, field="password")
    user.set_password(password)
    _save_new(user)
    record(action=Action.USER_CREATED, by=by, target=user_target(user), detail={"role": user.role}, now=now)
    if welcome:
        if user.is_staff:
            welcome_staff(user, by=by, now=now, with_own_password=password is not None)
        send_first_verification(user, now=now)
    return user


@transaction.atomic
def create_proven_user(
    *, customer_id: int, email: str, full_name: str, language: str, password_hash: str, by: Actor, now: datetime
) -> User:
    """Creates a user of a customer whose address is verified already and whose checked password is already hashed.

    Nothing is sent. Raises InvalidInput, AlreadyTaken.
    """
    given = {"email": email, "full_name": full_name, "role": Role.CUSTOMER, "language": language}
    user = _checked(User(password=password_hash, email_verified_at=now, created_at=now), given, customer_id)
    _save_new(user)
    record(action=Action.USER_CREATED, by=by, target=user_target(user), detail={"role": user.role}, now=now)
    return user


@transaction.atomic
def update_user(*, user_id: int, by: Actor, now: datetime, **changes: Unpack[UserFields]) -> User:
    """Changes what is given. Raises InvalidInput, also when nobody else could manage users then."""
    user, is_last_admin = _lock_with_admins(user_id)
    cleaned = rules.clean({**USER, "role": _role_rule(user)}, changes)
    if is_last_admin and cleaned.get("role", Role.ADMIN) != Role.ADMIN:
        raise _nobody_else(field="role")
    changed = {name: value for name, value in cleaned.items() if getattr(user, name) != value}
    if changed:
        detail = {name: {"from": getattr(user, name), "to": value} for name, value in changed.items()}
        record(action=Action.USER_CHANGED, by=by, target=user_target(user), detail=detail, now=now)
        _apply(user, changed)
    return user


def change_role(*, user_id: int, role: str, by: Actor, now: datetime) -> User:
    """Gives a staff user another role."""
    return update_user(user_id=user_id, by=by, now=now, role=role)


@transaction.atomic
def deactivate(*, user_id: int, by: Actor, now: datetime) -> User:
    """Signs the user out everywhere and for good. Raises InvalidInput for the last administrator."""
    user, is_last_admin = _lock_with_admins(user_id)
    if is_last_admin:
        raise _nobody_else(field="user_id")
    if user.is_active:
        _apply(user, {"is_active": False})
        void(user, *Purpose, now=now)
        record(action=Action.USER_DEACTIVATED, by=by, target=user_target(user), now=now)
    return user


@transaction.atomic
def reactivate(*, user_id: int, by: Actor, now: datetime) -> User:
    """Lets the user sign in again, with the password of before."""
    user = lock(user_id)
    if not user.is_active:
        _apply(user, {"is_active": True})
        record(action=Action.USER_REACTIVATED, by=by, target=user_target(user), now=now)
    return user


def _checked(user: User, given: Mapping[str, Any], customer_id: int | None) -> User:
    for name, value in rules.clean(USER, given).items():
        setattr(user, name, value)
    user.customer = _customer_for(user, customer_id)
    if User.objects.filter(email__iexact=user.email).exists():
        raise _address_taken()
    return user


def _save_new(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # somebody else was quicker
        raise _address_taken() from None


def _address_taken() -> AlreadyTaken:
    return AlreadyTaken(FieldError(field="email", message=_("A user has this address already.")))


def _customer_for(user: User, customer_id: int | None) -> Customer | None:
    if (user.role == Role.CUSTOMER) != (customer_id is not None):
        raise InvalidInput(
            FieldError(field="customer_id", message=_("Give a customer with the role Customer, and only with it."))
        )
    if customer_id is None:
        return None
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise InvalidInput(FieldError(field="customer_id", message=_("There is no such customer.")))
    return customer


def _role_rule(user: User) -> rules.Rule:
    return _stays_customer if user.role == Role.CUSTOMER else STAFF_ROLE


def _stays_customer(value: object) -> str:
    if value != Role.CUSTOMER:
        raise ValueError(_("A user of a customer keeps the role Customer."))
    return str(value)


def _lock_with_admins(user_id: int) -> tuple[User, bool]:
    """The user, and whether nobody else is an active administrator.

    All of them are locked, in one order: two administrators can neither rely on each other nor wait for each other.
    """
    is_admin = Q(is_staff=True, is_active=True, role=Role.ADMIN)
    locked = list(User.objects.select_for_update(no_key=True).filter(is_admin | Q(pk=user_id)).order_by("pk"))
    user = next((each for each in locked if each.pk == user_id), None)
    if user is None:
        raise User.DoesNotExist
    admins = [each.pk for each in locked if each.is_active and each.role == Role.ADMIN and each.is_staff]
    return user, admins == [user_id]


def _nobody_else(*, field: str) -> InvalidInput:
    text = _("Nobody else could manage users then: make somebody else an administrator first.")
    return InvalidInput(FieldError(field=field, message=text))


def _apply(user: User, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
