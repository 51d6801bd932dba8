"""The inbox page: look at what was sent, from a list down to the bytes of an attachment, in French or English."""

from mailjet_sandbox.inbox.endpoints import routes

__all__ = ["routes"]
