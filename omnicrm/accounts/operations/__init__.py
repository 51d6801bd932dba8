"""Writes to accounts. Errors are those of customers.errors and accounts.errors, and DoesNotExist for an unknown id."""

from omnicrm.accounts.operations.addresses import (
    cancel_address_change,
    change_address,
    request_verification,
    verify_by_code,
    verify_by_link,
)
from omnicrm.accounts.operations.api_keys import (
    NewApiKey,
    authenticate_api_key,
    create_api_key,
    revoke_api_key,
)
from omnicrm.accounts.operations.languages import choose_language
from omnicrm.accounts.operations.passwords import change_password, set_password
from omnicrm.accounts.operations.resets import request_reset, reset_password
from omnicrm.accounts.operations.users import (
    change_role,
    create_proven_user,
    create_user,
    deactivate,
    reactivate,
    update_user,
)
from omnicrm.accounts.operations.welcome import send_staff_welcome

__all__ = [
    "NewApiKey",
    "authenticate_api_key",
    "cancel_address_change",
    "change_address",
    "change_password",
    "change_role",
    "choose_language",
    "create_api_key",
    "create_proven_user",
    "create_user",
    "deactivate",
    "reactivate",
    "request_reset",
    "request_verification",
    "reset_password",
    "revoke_api_key",
    "send_staff_welcome",
    "set_password",
    "update_user",
    "verify_by_code",
    "verify_by_link",
]
