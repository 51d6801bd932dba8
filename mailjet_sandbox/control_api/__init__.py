"""/sandbox: steers the sandbox and shows what it took. JSON, without authentication; README.md describes it."""

from mailjet_sandbox.control_api import accounts, events, messages, steering

__all__ = ["routes"]

routes = (*steering.routes, *messages.routes, *accounts.routes, *events.routes)
