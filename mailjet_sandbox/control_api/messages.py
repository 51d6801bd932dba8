"""What was sent: rendered messages, and their files."""

from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import quote

from mailjet_sandbox.control_api.inputs import BadInputError, explaining, read_number, read_query
from mailjet_sandbox.http import Request, Response, Route, json_response
from mailjet_sandbox.records import Address, StoredMessage
from mailjet_sandbox.sandbox import Sandbox

MOST = 1000


@explaining
def list_messages(sandbox: Sandbox, request: Request) -> Response:
    """Newest first. `to` is the recipient's address, `subject` a part of the subject; neither minds the case."""
    query = read_query(request, "to", "custom_id", "template", "subject", "status", "limit", "offset")
    limit = read_number(query, "limit", default=100, most=MOST)
    offset = read_number(query, "offset", default=0, most=10**9)
    matching = [message for message in sandbox.store.messages() if _passes(message, query)]
    page = islice(matching, offset, offset + limit)
    return json_response({"count": len(matching), "items": [_view(message) for message in page]})


def _passes(message: StoredMessage, query: dict[str, str]) -> bool:
    return (
        ("to" not in query or message.recipient.email.lower() == query["to"].lower())
        and ("custom_id" not in query or message.custom_id == query["custom_id"])
        and ("template" not in query or str(message.template_id or "") == query["template"])
        and ("subject" not in query or query["subject"].casefold() in message.subject.casefold())
        and ("status" not in query or message.status == query["status"])
    )


def read_message(sandbox: Sandbox, _: Request, message_id: str) -> Response:
    message = _find(sandbox, message_id)
    return _not_found(message_id) if message is None else json_response(_view(message))


def read_attachment(sandbox: Sandbox, _: Request, message_id: str, position: str) -> Response:
    message = _find(sandbox, message_id)
    files = {} if message is None else {str(index): file for index, file in enumerate(message.attachments)}
    file = files.get(position)
    if file is None:
        return _not_found(f"{message_id}/attachments/{position}")
    return Response(
        body=file.content,
        content_type=_safe_content_type(file.content_type),
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename, safe='')}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def clear_messages(sandbox: Sandbox, _: Request) -> Response:
    sandbox.store.clear_messages()
    return Response(status=204)


def _find(sandbox: Sandbox, message_id: str) -> StoredMessage | None:
    try:
        return sandbox.store.message(read_number({"id": message_id}, "id", default=0, most=2**63))
    except BadInputError:
        return None


def _not_found(what: str) -> Response:
    return json_response({"error": f"message {what} does not exist, or was dropped since"}, status=404)


def _safe_content_type(text: str) -> str:
    """A sender chooses it freely: what cannot stand in a header becomes a plain download."""
    return text if text.isascii() and text.isprintable() and "/" in text else "application/octet-stream"


def _view(message: StoredMessage) -> dict[str, Any]:
    """`message_id` is a string: it is beyond what a JavaScript number holds."""
    return {
        "message_id": str(message.message_id),
        "message_uuid": message.message_uuid,
        "api_key": message.api_key,
        "accepted_at": message.accepted_at.isoformat(),
        "recipient": _address(message.recipient),
        "recipient_field": message.recipient_field,
        "from": _address(message.sender),
        "to": _addresses(message.to),
        "cc": _addresses(message.cc),
        "bcc": _addresses(message.bcc),
        "reply_to": message.reply_to and _address(message.reply_to),
        "subject": message.subject,
        "html": message.html,
        "text": message.text,
        "headers": message.headers,
        "variables": message.variables,
        "template_id": message.template_id,
        "attachments": [_file(message, position) for position in range(len(message.attachments))],
        "custom_id": message.custom_id,
        "event_payload": message.event_payload,
        "campaign": message.campaign,
        "status": message.status,
        "reason": message.reason,
        "errors": message.errors,
        "request": message.request,
    }


def _address(address: Address) -> dict[str, str]:
    return {"email": address.email, "name": address.name}


def _addresses(addresses: Iterable[Address]) -> list[dict[str, str]]:
    return [_address(address) for address in addresses]


def _file(message: StoredMessage, position: int) -> dict[str, Any]:
    file = message.attachments[position]
    return {
        "filename": file.filename,
        "content_type": file.content_type,
        "content_id": file.content_id,
        "size": len(file.content),
        "url": f"/sandbox/messages/{message.message_id}/attachments/{position}",
    }


routes = (
    Route(method="GET", pattern="/sandbox/messages", endpoint=list_messages),
    Route(method="DELETE", pattern="/sandbox/messages", endpoint=clear_messages),
    Route(method="GET", pattern="/sandbox/messages/{message_id}", endpoint=read_message),
    Route(method="GET", pattern="/sandbox/messages/{message_id}/attachments/{position}", endpoint=read_attachment),
)
