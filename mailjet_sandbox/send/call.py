"""The outer shape of a send call: what is wrong here refuses the whole call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailjet_sandbox.send.content import encoded_size
from mailjet_sandbox.send.problems import Problem, empty_array, mismatch, missing, unknown_property

MAX_MESSAGES = 50
MAX_RECIPIENTS = 50
MAX_ATTACHED = 15 * 1024 * 1024
"""Bytes of all attachments of a call. Whether Mailjet counts before or after base64 is unknown: after is stricter."""

ROOT = ("Messages", "Globals", "SandboxMode", "AdvanceErrorHandling")


@dataclass(frozen=True, kw_only=True, slots=True)
class SendCall:
    """`messages` have Globals merged in; what is not even an object is None."""

    messages: tuple[dict[str, Any] | None, ...]
    only_validate: bool
    checks_account: bool


def read_call(body: Mapping[str, Any] | None, *, allow_unknown: bool) -> SendCall | Problem:
    if body is None:
        return Problem(code="mj-0002", text="Malformed JSON, please review the syntax and properties types.")
    problem = next(_root_problems(body, allow_unknown=allow_unknown), None)
    if problem is not None:
        return problem
    shared = body.get("Globals") or {}
    messages = tuple(_merged(shared, message) for message in body["Messages"])
    return next(_limit_problems(body, messages), None) or SendCall(
        messages=messages,
        only_validate=body.get("SandboxMode", False),
        checks_account=body.get("AdvanceErrorHandling", False),
    )


def _root_problems(body: Mapping[str, Any], *, allow_unknown: bool) -> Iterator[Problem]:
    for name in body:
        if name not in ROOT and not allow_unknown:
            yield unknown_property(name, ROOT)
    for name in ("SandboxMode", "AdvanceErrorHandling"):
        if not isinstance(body.get(name, False), bool):
            yield mismatch(name, "boolean")
    if not isinstance(body.get("Globals", {}), dict):
        yield mismatch("Globals", "object")
    if body.get("Messages") is None:
        yield missing("Messages")
    elif not isinstance(body["Messages"], list):
        yield mismatch("Messages", "array of messages")
    elif not body["Messages"]:
        yield empty_array("Messages")


def _limit_problems(body: Mapping[str, Any], messages: tuple[dict[str, Any] | None, ...]) -> Iterator[Problem]:
    if sum(_count_recipients(message) for message in messages if message) > MAX_RECIPIENTS:
        text = f"Total number of recipients exceeded. Max allowed - {MAX_RECIPIENTS}."
        yield Problem(code="send-0015", text=text, related_to=("To", "Bcc", "Cc"))
    if len(messages) > MAX_MESSAGES:
        text = f"Total number of messages exceeded. Max allowed - {MAX_MESSAGES}."
        yield Problem(code="mj-0008", text=text, related_to=("Messages",))
    if encoded_size([body.get("Globals"), *body["Messages"]]) > MAX_ATTACHED:
        text = f"The payload is too large. Max allowed for attachments - {MAX_ATTACHED // 2**20} MB."
        yield Problem(code="mj-0011", text=text, related_to=("Attachments", "InlinedAttachments"))


def _count_recipients(message: Mapping[str, Any]) -> int:
    return sum(len(message[field]) for field in ("To", "Cc", "Bcc") if isinstance(message.get(field), list))


def _merged(shared: Mapping[str, Any], message: object) -> dict[str, Any] | None:
    """A message over Globals; Variables and Headers are merged name by name."""
    if not isinstance(message, dict):
        return None
    merged = {**shared, **message}
    for name in ("Variables", "Headers"):
        mine, theirs = message.get(name), shared.get(name)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            merged[name] = {**theirs, **mine}
    return merged
