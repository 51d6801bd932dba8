"""Mailjet's two shapes of a refused request: the new gateway's and the old REST engine's."""

from collections.abc import Sequence
from uuid import uuid4

from mailjet_sandbox.http import Response, json_response


def gateway_error(status: int, message: str, *, code: str = "", related_to: Sequence[str] = ()) -> Response:
    """`{ErrorIdentifier, StatusCode, ErrorMessage[, ErrorCode, ErrorRelatedTo]}`."""
    problem: dict[str, object] = {
        "ErrorIdentifier": str(uuid4()),
        **({"ErrorCode": code} if code else {}),
        "StatusCode": status,
        "ErrorMessage": message,
        **({"ErrorRelatedTo": list(related_to)} if related_to else {}),
    }
    return json_response(problem, status=status)


def rest_error(status: int, message: str, *, info: str = "") -> Response:
    """`{ErrorInfo, ErrorMessage, StatusCode}`, the message also as the HTTP reason phrase, as the old engine does."""
    reason = "".join(character if " " <= character <= "~" else "?" for character in message)
    problem = {"ErrorInfo": info, "ErrorMessage": message, "StatusCode": status}
    return json_response(problem, status=status, reason=reason)


def object_not_found() -> Response:
    return rest_error(404, "Object not found")
