"""What is handed in to sign in, and to look after one's own password and address."""

from typing import Final

from pydantic import Field

from omnicrm.api.shapes import Body

MAX_PASSWORD_LENGTH: Final = 128
MAX_TOKEN_LENGTH: Final = 200
MAX_CODE_LENGTH: Final = 20


class SignIn(Body):
    email: str = Field(max_length=254)
    password: str = Field(max_length=MAX_PASSWORD_LENGTH)
    code: str | None = Field(
        None, max_length=MAX_CODE_LENGTH, description="From the authenticator app, or a recovery code, if one is needed"
    )
    remember: bool = Field(False, description="Stay signed in for 30 days instead of until the browser closes")


class Forgotten(Body):
    email: str = Field(max_length=254)


class Reset(Body):
    token: str = Field(max_length=MAX_TOKEN_LENGTH, description="The last part of the link in the email")
    new_password: str = Field(max_length=MAX_PASSWORD_LENGTH)


class PasswordChange(Body):
    current_password: str = Field(max_length=MAX_PASSWORD_LENGTH)
    new_password: str = Field(max_length=MAX_PASSWORD_LENGTH)


class Verification(Body):
    """One of the two."""

    token: str | None = Field(None, max_length=MAX_TOKEN_LENGTH, description="The last part of the link in the email")
    code: str | None = Field(None, max_length=MAX_CODE_LENGTH, description="The code of the signed-in user's email")
