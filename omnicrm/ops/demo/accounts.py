"""A colleague's way into the back office: every email about signing in is sent once."""

import secrets
import time
from typing import Final

from mailjet_sandbox.control import SandboxControl
from omnicrm.ops.demo.processes import DemoFailedError
from omnicrm.ops.demo.scenario import ARRIVAL_SECONDS, Api

COLLEAGUE: Final = {
    "email": "claire.fontaine@example.com",
    "full_name": "Claire Fontaine",
    "role": "Support",
    "language": "fr",
}


def invite_colleague(api: Api, sandbox: SandboxControl) -> None:
    """Welcomes a colleague, who forgets the password and whose password an administrator then sets, unless done before.

    Each step waits for the emails of the one before: what a later step makes untrue is not sent any more.
    """
    if api.call("GET", f"/user?search={COLLEAGUE['email']}")["count"]:
        return
    user = f"/user/{api.call('POST', '/user', COLLEAGUE)['user_id']}"
    _awaited(sandbox, "temp_password")
    _awaited(sandbox, "verification_code")
    api.call("POST", f"{user}/reset_password", {})
    token = _awaited(sandbox, "reset_url").rstrip("/").rpartition("/")[2]
    api.call("POST", "/auth/reset_password", {"token": token, "new_password": secrets.token_urlsafe(16)})
    _awaited(sandbox, "ip_address")
    api.call("POST", f"{user}/reset_password", {"new_password": secrets.token_urlsafe(16)})


def _awaited(sandbox: SandboxControl, variable: str) -> str:
    """What an email to the colleague says in a variable, as soon as it is in the inbox."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        for message in sandbox.messages():
            if message.recipient == COLLEAGUE["email"] and variable in message.variables:
                return str(message.variables[variable])
        time.sleep(0.2)
    raise DemoFailedError(f"no email with {variable} arrived within {ARRIVAL_SECONDS} s")
