"""How a user is written and shown."""

from datetime import datetime
from typing import Any, Final

from pydantic import ConfigDict, Field

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.factors import with_second_factor
from omnicrm.accounts.roles import Role
from omnicrm.api.shapes import Body, Paging, Patch, Resource, SearchText, own_id, text_field
from omnicrm.customers.models import Language

_EXAMPLE: Final[dict[str, Any]] = {
    "email": "claire@yourcompany.com",
    "full_name": "Claire Fontaine",
    "role": "Support",
    "language": "fr",
}


class UserPatch(Patch):
    full_name: str = text_field(User, "full_name")
    role: Role = Field(Role.READ_ONLY, description="Any but Customer: a user of a customer signs up in self-care")
    language: Language = Field(Language.FRENCH, description="Language of the pages and of the emails to this user")


class UserIn(UserPatch):
    """A member of staff."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    email: str = text_field(User, "email", ...)
    full_name: str = text_field(User, "full_name", ...)
    role: Role = Field(..., description="Any but Customer")
    send_welcome: bool = Field(
        True, description="Sends UserWelcome with a temporary password, and EmailVerification; false for an import"
    )


class UserOut(Resource):
    user_id: int = own_id()
    email: str
    full_name: str
    role: str
    language: str
    customer_id: int | None
    is_active: bool
    email_verified_at: datetime | None
    temporary_password_until: datetime | None = Field(
        description="Until then the user may sign in with the temporary password, and only to change it"
    )
    has_second_factor: bool
    last_login: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserOut":
        return cls.model_validate(with_second_factor(User.objects.filter(pk=user.pk)).get())


class UserQuery(Paging):
    search: SearchText = Field("", description="Part of the name or address")
    role: Role | None = None
    is_active: bool | None = None
    customer_id: int | None = None


class NewPassword(Body):
    new_password: str | None = Field(
        None,
        max_length=128,
        description="Sets this password and tells the user so. Without it, the user is sent a link to choose one",
    )
