"""The addresses of the inbox. Each translates: reads the request, asks listing or reading, answers with a page."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from mailjet_sandbox.events.happening import happen, is_told
from mailjet_sandbox.http import HTML, Request, Response, Route
from mailjet_sandbox.inbox import pages
from mailjet_sandbox.inbox.choices import choose_texts, choose_view, remember_language, remember_view
from mailjet_sandbox.inbox.links import find_link
from mailjet_sandbox.inbox.listing import InboxQuery, find_page, read_id
from mailjet_sandbox.inbox.mail_document import mail_document, mail_policy
from mailjet_sandbox.inbox.marks import has_leftovers
from mailjet_sandbox.inbox.reading import Reading, is_image, is_openable, read_message
from mailjet_sandbox.inbox.texts import LANGUAGES
from mailjet_sandbox.records import EventKind, StoredMessage
from mailjet_sandbox.sandbox import Sandbox

BY_BUTTON: Final[Mapping[str, EventKind]] = {"spam": "spam", "unsub": "unsub"}
"""What a reader does to a message by a button of the page."""
FILE_POLICY: Final = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'"


def show_inbox(sandbox: Sandbox, request: Request) -> Response:
    return _page(sandbox, request, reading=None)


def show_message(sandbox: Sandbox, request: Request, message_id: str) -> Response:
    message = _message(sandbox, message_id)
    if message is None:
        return _page(sandbox, request, reading=None, is_gone=True)
    tab, view = request.query.get("tab", ""), choose_view(request)
    reading = read_message(sandbox, message, tab=tab, view=view)
    return _page(sandbox, request, reading=reading)


def show_mail(sandbox: Sandbox, request: Request, message_id: str) -> Response:
    """The HTML part alone, for the frame: with it a reader opens the message."""
    message = _message(sandbox, message_id)
    if message is None:
        return _nothing()
    if message.has_arrived and message.is_open_tracked:
        happen(sandbox, message, "open", more=_reader(request))
    policy = mail_policy(message, origin=pages.own_origin(request))
    document = mail_document(message, tracks_clicks=_tracks_clicks(sandbox, message))
    return pages.guarded(document.encode("utf-8", "replace"), HTML, policy=policy)


def follow_link(sandbox: Sandbox, request: Request, message_id: str, number: str) -> Response:
    """A click on a tracked link."""
    message, position = _message(sandbox, message_id), read_id(number)
    place = None if message is None or position is None else find_link(message, position)
    if message is None or place is None:
        return _nothing()
    if _tracks_clicks(sandbox, message):
        happen(sandbox, message, "click", more={"url": place, **_reader(request)})
    return pages.redirect(place)


def act(sandbox: Sandbox, request: Request, message_id: str, deed: str) -> Response:
    """What the reader does to the message by a button, and only from this page itself."""
    message, kind = _message(sandbox, message_id), BY_BUTTON.get(deed)
    if message is None or kind is None or not message.has_arrived:
        return _nothing()
    if not _is_from_own_page(request):
        return _forbidden("This is done from the inbox page only.")
    happen(sandbox, message, kind)
    return pages.redirect(f"/message/{message.message_id}?tab=events")


def send_file(sandbox: Sandbox, request: Request, message_id: str, place: str) -> Response:
    """An attachment. Only what a browser shows without running anything is opened in it, and only when asked for."""
    message, number = _message(sandbox, message_id), read_id(place)
    if message is None or number is None or number >= len(message.attachments):
        return _nothing()
    file = message.attachments[number]
    is_shown = is_openable(file) and "download" not in request.query
    kind = file.content_type.lower() if is_shown or is_image(file) else "application/octet-stream"
    name = quote(file.filename, safe="", errors="replace")
    disposition = f"{'inline' if is_shown else 'attachment'}; filename*=UTF-8''{name}"
    return pages.guarded(file.content, kind, policy=FILE_POLICY, headers={"Content-Disposition": disposition})


def delete_all(sandbox: Sandbox, request: Request) -> Response:
    """Only from this page itself: another site must not be able to empty the inbox."""
    if not _is_from_own_page(request):
        return _forbidden("Messages are deleted from the inbox page only.")
    sandbox.store.clear_messages()
    return pages.redirect("/")


def choose_language(_: Sandbox, request: Request, code: str) -> Response:
    if code not in LANGUAGES:
        return _nothing()
    return pages.redirect(_own_place(request.query.get("next", "/")), headers=remember_language(code))


def send_asset(_: Sandbox, __: Request, name: str) -> Response:
    return pages.asset(name) or _nothing()


def _page(sandbox: Sandbox, request: Request, *, reading: Reading | None, is_gone: bool = False) -> Response:
    store, texts, now = sandbox.store, choose_texts(request), sandbox.now()
    version = f'"{store.revision}-{sandbox.events.revision}-{texts.code}-{choose_view(request)}-{now:%j}"'
    if request.headers.get("if-none-match") == version:
        return Response(status=304, headers={"ETag": version, "Cache-Control": "no-cache"})
    query = InboxQuery.of(request)
    return pages.page(
        "inbox.html",
        status=404 if is_gone else 200,
        headers={"ETag": version, "Vary": "Accept-Language, Cookie", **remember_view(request)},
        texts=texts,
        now=now,
        query=query,
        list=find_page(store, query),
        kept_count=store.kept_count,
        templates=store.templates,
        has_leftovers=has_leftovers,
        is_openable=is_openable,
        reading=reading,
        is_gone=is_gone,
        list_path=f"/message/{reading.message.message_id}" if reading else "/",
        place=request.path + (f"?{request.query_string}" if request.query_string else ""),
        origin=pages.own_origin(request),
    )


def _message(sandbox: Sandbox, message_id: str) -> StoredMessage | None:
    number = read_id(message_id)
    return None if number is None else sandbox.store.message(number)


def _tracks_clicks(sandbox: Sandbox, message: StoredMessage) -> bool:
    return message.has_arrived and message.is_click_tracked and is_told(sandbox, message, "click")


def _reader(request: Request) -> dict[str, Any]:
    return {"agent": request.headers.get("user-agent", "")}


def _forbidden(why: str) -> Response:
    return Response(status=403, content_type="text/plain", body=f"{why}\n".encode())


def _nothing() -> Response:
    return Response(status=404, content_type="text/plain", body=b"There is nothing here (any more).\n")


def _is_from_own_page(request: Request) -> bool:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and (origin is None or urlsplit(origin).netloc == request.headers.get("host"))


def _own_place(place: str) -> str:
    """An address inside this page: never another host, however it is dressed up."""
    is_own = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isascii() and place.isprintable()
    return place if is_own else "/"


routes = (
    Route(method="GET", pattern="/", endpoint=show_inbox),
    Route(method="GET", pattern="/message/{message_id}", endpoint=show_message),
    Route(method="GET", pattern="/message/{message_id}/mail", endpoint=show_mail),
    Route(method="GET", pattern="/message/{message_id}/file/{place}", endpoint=send_file),
    Route(method="GET", pattern="/message/{message_id}/link/{number}", endpoint=follow_link),
    Route(method="POST", pattern="/message/{message_id}/act/{deed}", endpoint=act),
    Route(method="POST", pattern="/delete", endpoint=delete_all),
    Route(method="GET", pattern="/language/{code}", endpoint=choose_language),
    Route(method="GET", pattern="/static/{name}", endpoint=send_asset),
)
