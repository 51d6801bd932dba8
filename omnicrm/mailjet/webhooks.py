"""Where Mailjet tells its events: `/v3/REST/eventcallbackurl`, a URL for each kind and perhaps a backup beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from omnicrm.mailjet.errors import OutcomeUnknown, RequestRejected
from omnicrm.mailjet.events import KINDS, Kind
from omnicrm.mailjet.transport import Answer, Transport, problem_of, rows_of

PATH = "/v3/REST/eventcallbackurl"
LIMIT = 100
"""Rows asked for. Each kind has two at most, and Mailjet has a dozen kinds; its default of 10 would hide some."""
VERSION = 2
"""Events in arrays, at most one POST per second. Version 1 makes a POST of each event."""
REVIVAL = "again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One kind of event, and where it is told. The URL may hold a password, so that repr leaves it out.

    A webhook that is not alive has failed for a day, and Mailjet no longer calls it. A backup is called meanwhile.
    """

    id: int
    kind: Kind
    url: str = field(repr=False)
    version: int
    is_alive: bool
    is_backup: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """The kinds of event whose webhook is new, was changed, or was dead and lives again. The others were so already."""

    created: tuple[Kind, ...] = ()
    changed: tuple[Kind, ...] = ()
    revived: tuple[Kind, ...] = ()

    @property
    def has_changes(self) -> bool:
        return bool(self.created or self.changed or self.revived)


async def list_webhooks(transport: Transport) -> list[Webhook]:
    """Returns the webhooks of all kinds in Kind, backups too, by ascending id. Raises the errors of errors.py."""
    answer = await transport.request("GET", PATH, params={"Limit": str(LIMIT), "Sort": "ID"})
    rows = rows_of(answer)
    return [_webhook(row) for row in rows if row.get("EventType") in KINDS]


async def register(transport: Transport, *, url: str) -> Registered:
    """Makes Mailjet tell events of every kind at `url`, user and password in it, and leaves backups alone.

    One call for each kind that is not so already; two where Mailjet has given up on this very URL. What was done before
    an error remains: a second try does the rest. Raises the errors of errors.py, none of which shows the password.
    """
    found = {webhook.kind: webhook for webhook in await list_webhooks(transport) if not webhook.is_backup}
    created, changed, revived = list[Kind](), list[Kind](), list[Kind]()
    for kind in Kind:
        webhook = found.get(kind)
        if webhook is None:
            await _create(transport, kind, url)
            created.append(kind)
        elif not webhook.is_alive:
            await _revive(transport, webhook, url)
            revived.append(kind)
        elif (webhook.url, webhook.version) != (url, VERSION) and await _update(transport, webhook, url):
            changed.append(kind)
    return Registered(created=tuple(created), changed=tuple(changed), revived=tuple(revived))


async def _create(transport: Transport, kind: Kind, url: str) -> None:
    properties = {"EventType": kind.value, "Url": url, "Version": VERSION, "IsBackup": False}
    _check(await transport.request("POST", PATH, body=orjson.dumps(properties)), url)


async def _update(transport: Transport, webhook: Webhook, url: str) -> bool:
    """False if all was so already."""
    body = orjson.dumps({"Url": url, "Version": VERSION})
    answer = await transport.request("PUT", f"{PATH}/{webhook.id}", body=body)
    _check(answer, url)
    return answer.status != 304


async def _revive(transport: Transport, webhook: Webhook, url: str) -> None:
    """Only a new URL does it: where there is none, another form of the same, and then the right one."""
    if webhook.url == url:
        await _update(transport, webhook, _another_form(url))
    await _update(transport, webhook, url)


def _another_form(url: str) -> str:
    """The same place with a query that nobody reads: events that arrive in between are not lost."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{REVIVAL}" if parts.query else REVIVAL))


def _check(answer: Answer, url: str) -> None:
    """Mailjet repeats a URL that it refuses; its password must not get into a log."""
    if answer.status < 400:
        return
    problem = problem_of(answer.body, status=answer.status)
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    raise RequestRejected(replace(problem, text=problem.text.replace(user, "…") if at else problem.text))


def _webhook(row: Mapping[str, Any]) -> Webhook:
    try:
        return Webhook(
            id=int(row["ID"]),
            kind=Kind(row["EventType"]),
            url=str(row["Url"]),
            version=int(row.get("Version") or 1),
            is_alive=row.get("Status", "alive") != "dead",
            is_backup=row.get("IsBackup") in (True, "true"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown(f"Mailjet described a webhook in an unknown form: {type(error).__name__}") from error
