"""The webhook as operators see it: the address Mailjet should post its events to, and what it posts them to instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from pydantic import HttpUrl, ValidationError

from omnicrm.config import Config
from omnicrm.mailjet.events import Kind
from omnicrm.mailjet.webhooks import VERSION, Webhook

PATH: Final = "/crm/mailjet/events"
MASK: Final = "•••"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".test")


class NoAddressError(Exception):
    """There is no address that Mailjet could post to; str() says why and how to mend it."""


class Owner(StrEnum):
    """Whose address Mailjet posts a kind of event to."""

    OURS = "ours"
    OTHER = "somebody else's"
    NOBODY = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How one kind of event stands at Mailjet. `why` says what is amiss; it is empty if all is well."""

    kind: Kind
    owner: Owner
    webhook: Webhook | None
    why: str

    @property
    def shown_url(self) -> str:
        """Without secrets; "" where there is none."""
        return masked(self.webhook.url) if self.webhook else ""


def address(config: Config, *, public_url: str = "") -> str:
    """The URL to give to Mailjet, with the credentials, under `public_url` or else that of the config.

    Raises NoAddressError: without credentials in the config, and for an address that Mailjet cannot reach, unless it is
    a local one too.
    """
    webhook = config.mailjet.webhook
    if webhook is None:
        raise NoAddressError(
            "mailjet.webhook is not configured; choose a username and a password and write them there "
            "(crm_config.example.yaml shows how)"
        )
    base = _read(public_url or config.server.public_url)
    if not _is_local(urlsplit(config.mailjet.base_url).hostname or ""):
        _require_within_reach(base)
    username, password = (quote(part, safe="") for part in (webhook.username, webhook.password.get_secret_value()))
    return urlunsplit(base._replace(netloc=f"{username}:{password}@{base.netloc}"))


def masked(url: str) -> str:
    """The URL for people's eyes: no password, and no query, which is where others keep their tokens."""
    parts = _split(url)
    user, at, place = parts.netloc.rpartition("@")
    name, colon, _password = user.partition(":")
    shown = f"{name}:{MASK}" if colon else at and MASK
    return urlunsplit(parts._replace(netloc=f"{shown}{at}{place}", query=parts.query and MASK, fragment=""))


def standings(webhooks: Iterable[Webhook], *, url: str) -> list[Standing]:
    """How each kind of event stands, where all of them should be posted to `url`. Backups are their owner's affair."""
    primary = {webhook.kind: webhook for webhook in webhooks if not webhook.is_backup}
    return [_standing(kind, primary, url) for kind in Kind]


def _standing(kind: Kind, primary: Mapping[Kind, Webhook], url: str) -> Standing:
    webhook = primary.get(kind)
    if webhook is None:
        return Standing(kind=kind, owner=Owner.NOBODY, webhook=None, why="Mailjet posts it to nobody")
    if _place(webhook.url) != _place(url):
        why = f"Mailjet posts it to somebody else: {masked(webhook.url)}"
        return Standing(kind=kind, owner=Owner.OTHER, webhook=webhook, why=why)
    return Standing(kind=kind, owner=Owner.OURS, webhook=webhook, why=_why(webhook, url))


def _why(webhook: Webhook, url: str) -> str:
    if not webhook.is_alive:
        return "dead: Mailjet has given up after a day of failures"
    if webhook.version != VERSION:
        return f"of version {webhook.version}, one event per call; version {VERSION} is quicker"
    if _user(webhook.url) != _user(url):
        return "not with the credentials in mailjet.webhook, so that its events are turned away"
    return ""


def _read(public_url: str) -> SplitResult:
    try:
        url = HttpUrl(public_url)
    except ValidationError:
        raise NoAddressError(f'"{masked(public_url)}" is no web address; write https://crm.example.com') from None
    if url.username or url.password:
        raise NoAddressError(f"{masked(public_url)}: leave the credentials out; they come from mailjet.webhook")
    scheme, port = url.scheme, url.port
    netloc = f"{url.host}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{url.host}:{port}"
    path = (url.path or "").rstrip("/").removesuffix(PATH)
    return SplitResult(scheme=scheme, netloc=netloc, path=path + PATH, query="", fragment="")


def _require_within_reach(base: SplitResult) -> None:
    shown = f"{base.scheme}://{base.netloc}"
    mend = "set server.public_url to the address by which the internet reaches this server, or give it with --url"
    if _is_local(base.hostname or ""):
        raise NoAddressError(f"Mailjet cannot reach {shown}; {mend}")
    if base.scheme != "https":
        raise NoAddressError(f"{shown} is not https, so the password would travel in clear; {mend}")


def _is_local(host: str) -> bool:
    """Whether a name or an address means something in this machine's or this network's eyes only."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return not ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_NAMES)


def _place(url: str) -> tuple[str, str, str]:
    parts = _split(url)
    place = parts.netloc.rpartition("@")[2].lower().removesuffix(f":{_DEFAULT_PORTS.get(parts.scheme)}")
    return parts.scheme, place, parts.path.rstrip("/")


def _user(url: str) -> str:
    return _split(url).netloc.rpartition("@")[0]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # Mailjet keeps whatever somebody wrote
        return SplitResult(scheme="", netloc="", path=MASK, query="", fragment="")
