"""Routes of users. Staff are created here; customers' users come from self-care."""

# ruff: noqa: ARG001 - ninja hands every route its request
from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from omnicrm.accounts import operations as accounts
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.factors import with_second_factor
from omnicrm.accounts.pages.visitors import client_ip
from omnicrm.accounts.queries import find_users
from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs
from omnicrm.api.message_schemas import MessageOut
from omnicrm.api.shapes import Page, page
from omnicrm.api.user_schemas import NewPassword, UserIn, UserOut, UserPatch, UserQuery
from omnicrm.outbox.models import Message

router = Router(tags=["Users"])
MANAGE = Needs(Permission.MANAGE_ACCOUNTS)


@router.post("/user", auth=MANAGE, response={HTTPStatus.CREATED: UserOut})
def create_user(request: HttpRequest, body: UserIn) -> UserOut:
    """Creates a member of staff, and sends the welcome with a temporary password."""
    given = body.given()
    welcome = given.pop("send_welcome", True)
    return UserOut.of(accounts.create_user(**given, welcome=welcome, by=actor_of(request), now=timezone.now()))


@router.get("/user", auth=MANAGE, response=Page[UserOut])
def list_users(request: HttpRequest, query: Query[UserQuery]) -> Page[UserOut]:
    """Lists users, staff and customers', by their addresses."""
    found = find_users(
        search=query.search, role=query.role or "", is_active=query.is_active, customer_id=query.customer_id
    )
    return page(with_second_factor(found), query, Page[UserOut])


@router.get("/user/{int:user_id}", auth=MANAGE, response=UserOut)
def get_user(request: HttpRequest, user_id: int) -> UserOut:
    return UserOut.of(User.objects.get(pk=user_id))


@router.patch("/user/{int:user_id}", auth=MANAGE, response=UserOut)
def update_user(request: HttpRequest, user_id: int, body: UserPatch) -> UserOut:
    """Changes what is given. The address is the user's own to change."""
    given = body.given()
    return UserOut.of(accounts.update_user(user_id=user_id, by=actor_of(request), now=timezone.now(), **given))


@router.post("/user/{int:user_id}/welcome_email", auth=MANAGE, response={HTTPStatus.CREATED: MessageOut})
def send_welcome(request: HttpRequest, user_id: int) -> Message:
    """Sends UserWelcome with a new temporary password. The password before it stops working, and all sessions end."""
    message_id = accounts.send_staff_welcome(user_id=user_id, by=actor_of(request), now=timezone.now())
    return Message.objects.get(pk=message_id)


@router.post("/user/{int:user_id}/reset_password", auth=MANAGE, response={HTTPStatus.ACCEPTED: UserOut})
def reset_password(request: HttpRequest, user_id: int, body: NewPassword) -> UserOut:
    """Sets a password, or has a link sent to choose one; the user is told by email either way."""
    user = User.objects.get(pk=user_id)
    if body.new_password is None:
        accounts.request_reset(email=user.email, ip=client_ip(request), by=actor_of(request), now=timezone.now())
    else:
        by = actor_of(request)
        user = accounts.set_password(user_id=user_id, new_password=body.new_password, by=by, now=timezone.now())
    return UserOut.of(user)


@router.post("/user/{int:user_id}/deactivate", auth=MANAGE, response=UserOut)
def deactivate_user(request: HttpRequest, user_id: int) -> UserOut:
    """Signs the user out everywhere and for good."""
    return UserOut.of(accounts.deactivate(user_id=user_id, by=actor_of(request), now=timezone.now()))


@router.post("/user/{int:user_id}/reactivate", auth=MANAGE, response=UserOut)
def reactivate_user(request: HttpRequest, user_id: int) -> UserOut:
    return UserOut.of(accounts.reactivate(user_id=user_id, by=actor_of(request), now=timezone.now()))
