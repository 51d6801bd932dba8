"""Callers as the audit log names them."""

from django.http import HttpRequest

from omnicrm.accounts.actors import key_actor
from omnicrm.accounts.pages.visitors import client_ip, visitor
from omnicrm.api.callers import caller_of
from omnicrm.audit.operations import Actor


def actor_of(request: HttpRequest) -> Actor:
    """The API key or the member of staff that makes this request."""
    api_key = caller_of(request).api_key
    return key_actor(api_key, ip=client_ip(request)) if api_key else visitor(request)
