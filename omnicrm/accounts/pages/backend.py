"""Who an address and a password belong to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from typing_extensions import override

from omnicrm.accounts.models import User


class EmailBackend(ModelBackend):
    """Django's, which takes as long for an unknown address; allauth calls the address `email`."""

    @override
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **names: Any,
    ) -> User | None:
        return super().authenticate(request, username=names.get("email", username), password=password)
