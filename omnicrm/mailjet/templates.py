"""Templates stored at Mailjet: `/v3/REST/template` for what they are, `/detailcontent` for what they say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Literal

import orjson

from omnicrm.mailjet.errors import OutcomeUnknown, Problem, RequestRejected
from omnicrm.mailjet.transport import Answer, Transport, problem_of, rows_of

PATH = "/v3/REST/template"
PAGE_ROWS = 100
NAME_TAKEN_CODE = "MJ18"

Owner = Literal["apikey", "user", "global"]
Purpose = Literal["transactional", "marketing", "automation"]


class EditMode(IntEnum):
    """What Mailjet opens a template with."""

    DRAG_AND_DROP = 1
    HTML = 2
    SECTION = 3
    MJML = 4


class TemplateNotFound(RequestRejected):
    """The key pair has no template with this id."""


class TemplateNameTaken(RequestRejected):
    """Another template of the same owner has this name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateInfo:
    """A template without its content. `edit_mode` is one of EditMode, unless Mailjet has added others since."""

    id: int
    name: str
    locale: str
    purposes: tuple[str, ...]
    edit_mode: int
    owner_type: str
    description: str
    created_at: datetime | None
    last_updated_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateContent:
    """What a template says; None for a part that it does not have.

    `mjml` is text, or a tree of objects if Mailjet's own editor wrote it. `headers` may hold From, Subject, Reply-to,
    SenderName and SenderEmail.
    """

    html: str | None
    text: str | None
    mjml: str | Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)


async def list_templates(transport: Transport, *, owner: Owner = "apikey") -> AsyncIterator[TemplateInfo]:
    """Yields all templates of this owner, by ascending id, over as many calls as there are pages.

    A template deleted meanwhile may hide another one from the list. Raises the errors of errors.py.
    """
    last_id, offset, has_more = 0, 0, True
    while has_more:
        page = await _page(transport, owner=owner, offset=offset)
        if page and page[0].id <= last_id:
            raise OutcomeUnknown("Mailjet repeats a page of its list of templates")
        for template in page:
            # Mailjet answers a filter that it does not know with everything.
            if template.owner_type == owner:
                yield template
        # Total counts this page only; the end shows in a page that is not full.
        last_id, offset, has_more = page[-1].id if page else 0, offset + len(page), len(page) == PAGE_ROWS


async def get_template(transport: Transport, template_id: int) -> TemplateInfo | None:
    """Returns None if the key pair has no template with this id. Raises the errors of errors.py."""
    answer = await transport.request("GET", f"{PATH}/{template_id}")
    return None if answer.status == 404 else _info(_row(answer))


async def create_template(
    transport: Transport,
    *,
    name: str,
    locale: str,
    purposes: Sequence[Purpose] = ("transactional",),
    edit_mode: EditMode = EditMode.MJML,
    description: str = "",
) -> TemplateInfo:
    """Creates a template without content, owned by the key pair. `locale` reads like fr_FR.

    Raises TemplateNameTaken, and the other errors of errors.py. After OutcomeUnknown the template may exist: a second
    try then raises TemplateNameTaken.
    """
    properties = {
        "Name": name,
        "Locale": locale,
        "Purposes": list(purposes),
        "EditMode": int(edit_mode),
        "Description": description,
    }
    answer = await transport.request("POST", PATH, body=orjson.dumps(properties))
    _check_name(answer, name)
    return _info(_row(answer))


async def update_template(
    transport: Transport,
    template_id: int,
    *,
    name: str | None = None,
    locale: str | None = None,
    purposes: Sequence[Purpose] | None = None,
    description: str | None = None,
) -> bool:
    """Changes what is given and keeps what is None. Returns False if all was so already.

    Raises TemplateNotFound, TemplateNameTaken, and the other errors of errors.py.
    """
    properties = {
        "Name": name,
        "Locale": locale,
        "Purposes": None if purposes is None else list(purposes),
        "Description": description,
    }
    answer = await _put(transport, f"{PATH}/{template_id}", properties)
    _check_name(answer, name or "")
    return _has_changed(answer, template_id)


async def read_content(transport: Transport, template_id: int) -> TemplateContent | None:
    """Returns None if the key pair has no template with this id. Raises the errors of errors.py."""
    answer = await transport.request("GET", f"{PATH}/{template_id}/detailcontent")
    return None if answer.status == 404 else _content(_row(answer))


async def write_content(
    transport: Transport,
    template_id: int,
    *,
    html: str | None = None,
    text: str | None = None,
    mjml: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Replaces the parts that are given and keeps those that are None. Returns False if all was so already.

    Mailjet does not compile MJML: give the HTML that belongs to it too. `headers` replaces all headers.
    Raises TemplateNotFound, and the other errors of errors.py.
    """
    parts = {"Html-part": html, "Text-part": text, "MJMLContent": mjml, "Headers": headers}
    # PUT keeps a part that is not given; POST would blank it.
    answer = await _put(transport, f"{PATH}/{template_id}/detailcontent", parts)
    return _has_changed(answer, template_id)


async def _page(transport: Transport, *, owner: Owner, offset: int) -> list[TemplateInfo]:
    params = {"OwnerType": owner, "Limit": str(PAGE_ROWS), "Offset": str(offset), "Sort": "ID"}
    return [_info(row) for row in rows_of(await transport.request("GET", PATH, params=params))]


async def _put(transport: Transport, path: str, properties: Mapping[str, object]) -> Answer:
    given = {name: value for name, value in properties.items() if value is not None}
    if not given:
        raise ValueError(f"nothing to change: give at least one of {', '.join(properties)}")
    return await transport.request("PUT", path, body=orjson.dumps(given))


def _check_name(answer: Answer, name: str) -> None:
    if answer.status < 400:
        return
    problem = problem_of(answer.body, status=answer.status)
    if NAME_TAKEN_CODE in problem.text:
        raise TemplateNameTaken(
            replace(problem, code=NAME_TAKEN_CODE, text=f'there is already a template named "{name}"')
        )


def _has_changed(answer: Answer, template_id: int) -> bool:
    if answer.status == 404:
        raise TemplateNotFound(Problem(code="", status=404, text=f"Mailjet has no template {template_id} for this key"))
    if answer.status == 304:
        return False
    rows_of(answer)
    return True


def _row(answer: Answer) -> Mapping[str, Any]:
    rows = rows_of(answer)
    if len(rows) != 1:
        raise OutcomeUnknown(f"Mailjet answered with {len(rows)} templates instead of one")
    return rows[0]


def _info(row: Mapping[str, Any]) -> TemplateInfo:
    try:
        return TemplateInfo(
            id=int(row["ID"]),
            name=str(row["Name"]),
            locale=str(row.get("Locale") or ""),
            purposes=tuple(str(purpose) for purpose in row.get("Purposes") or ()),
            edit_mode=int(row["EditMode"]),
            owner_type=str(row["OwnerType"]),
            description=str(row.get("Description") or ""),
            created_at=_time(row.get("CreatedAt")),
            last_updated_at=_time(row.get("LastUpdatedAt")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown(f"Mailjet described a template in an unknown form: {error!r}") from error


def _content(row: Mapping[str, Any]) -> TemplateContent:
    html, text, mjml = (row.get(name) for name in ("Html-part", "Text-part", "MJMLContent"))
    headers = row.get("Headers") or {}
    is_known = all(isinstance(part, str | None) for part in (html, text)) and isinstance(mjml, str | dict | None)
    if not is_known or not isinstance(headers, dict):
        raise OutcomeUnknown("Mailjet sent a template's content in an unknown form")
    return TemplateContent(
        html=html, text=text, mjml=mjml, headers={str(name): str(value) for name, value in headers.items()}
    )


def _time(text: str | None) -> datetime | None:
    """RFC 3339, in UTC; Mailjet writes "" for a date that is not set."""
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
