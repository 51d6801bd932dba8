"""Users and API keys as the audit log names them."""

from omnicrm.accounts.models import ApiKey, User
from omnicrm.audit.models import ActorKind, TargetKind
from omnicrm.audit.operations import Actor, Target


def user_actor(user: User, *, ip: str | None = None) -> Actor:
    return Actor(kind=ActorKind.USER, id=user.pk, name=str(user), ip=ip)


def key_actor(api_key: ApiKey, *, ip: str | None = None) -> Actor:
    return Actor(kind=ActorKind.API_KEY, id=api_key.pk, name=api_key.name, ip=ip)


def user_target(user: User) -> Target:
    return Target(kind=TargetKind.USER, id=user.pk, name=str(user))


def key_target(api_key: ApiKey) -> Target:
    return Target(kind=TargetKind.API_KEY, id=api_key.pk, name=api_key.name)


def is_self(by: Actor, user: User) -> bool:
    return by.kind == ActorKind.USER and by.id == user.pk
