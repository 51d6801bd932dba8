"""Who is calling: HTTP Basic with an API key and its secret."""

import base64
import binascii
import hmac
from dataclasses import replace
from datetime import datetime

from mailjet_sandbox.errors import gateway_error
from mailjet_sandbox.http import HTML, Request, Response
from mailjet_sandbox.records import ApiKey
from mailjet_sandbox.store import Store

FAILURE = (
    "API key authentication/authorization failure. You may be unauthorized to access the API or your API key may be "
    "expired. Visit API keys management section to check your keys."
)
SUSPENDED = "Your account has been temporarily blocked. Please contact our Support team to get assistance."
REALM = {"WWW-Authenticate": 'Basic realm="Provide an apiKey and secretKey"'}


def credentials(request: Request) -> tuple[str, str]:
    """The key and the secret that a call carries; ("", "") if it carries none that can be read."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return key, secret


def refusal(store: Store, request: Request, *, now: datetime) -> Response | None:
    """None if the call may go on. As long as no key pair is registered, any is good and is remembered by its key."""
    key, secret = credentials(request)
    if not key or not secret:
        return _unauthorized(request)
    known = store.keys.get(key)
    if known is None or not known.is_registered:
        if any(other.is_registered for other in store.keys.values()):
            return _unauthorized(request)
    elif not hmac.compare_digest(known.api_secret.encode(), secret.encode()):
        return _unauthorized(request)
    if known is None:
        store.put_key(ApiKey(id=store.next_key_id(), api_key=key, api_secret="", created_at=now))
    elif known.is_suspended:
        return gateway_error(401, SUSPENDED, code="mj-0001")
    return None


def suspend(store: Store, api_key: str, *, suspended: bool, now: datetime) -> ApiKey:
    """Suspends or revives a key, whether or not it was ever seen."""
    known = store.keys.get(api_key)
    if known is None:
        known = ApiKey(id=store.next_key_id(), api_key=api_key, api_secret="", created_at=now)
    changed = replace(known, is_suspended=suspended)
    store.put_key(changed)
    return changed


def _unauthorized(request: Request) -> Response:
    """The two engines say it differently: the new gateway in JSON, the old one with an empty body."""
    if is_gateway(request.path):
        return gateway_error(401, FAILURE)
    return Response(status=401, content_type=HTML, headers=REALM)


def is_gateway(path: str) -> bool:
    lowered = path.lower()
    return lowered.startswith(("/v3.1/", "/v1/", "/v4/")) or "/detailcontent" in lowered or "/statistics/" in lowered
