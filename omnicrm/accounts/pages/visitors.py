"""Where a request comes from, and who sends it."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.audit.operations import Actor, anonymous


def client_ip(request: HttpRequest) -> str | None:
    """The visitor's IP address, or None if the server was not reached over IP.

    Each proxy adds the address it was called from to the right of X-Forwarded-For. What stands left of the entries that
    our own `server.trusted_proxies` wrote was sent by the visitor, who can write there what they like.
    """
    hops = [hop for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    proxies: int = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(hops):
        return _address(hops[-proxies]) or _address(request.META.get("REMOTE_ADDR", ""))
    return _address(request.META.get("REMOTE_ADDR", ""))


def visitor(request: HttpRequest) -> Actor:
    """The signed-in user, or whoever it is, as the audit log names them."""
    ip = client_ip(request)
    return user_actor(request.user, ip=ip) if isinstance(request.user, User) else anonymous(ip)


def signed_in_user(request: HttpRequest) -> User:
    """The user of a page that only signed-in users reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _address(text: str) -> str | None:
    """Some proxies write a port as well; IPv6 sockets show IPv4 visitors as ::ffff:192.0.2.1."""
    for written in (text.strip(), _without_port(text.strip())):
        try:
            address = ip_address(written.partition("%")[0])
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return str(mapped or address)
    return None


def _without_port(text: str) -> str:
    try:
        return urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return ""
