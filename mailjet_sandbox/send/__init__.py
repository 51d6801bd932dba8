"""Send API v3.1: one call, at most 50 messages, each accepted or refused by itself."""

from mailjet_sandbox.send.endpoint import count_messages, routes

__all__ = ["count_messages", "routes"]
