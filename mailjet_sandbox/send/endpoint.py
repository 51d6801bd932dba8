"""POST /v3.1/send: reads the call, judges each message, answers for all of them in order."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailjet_sandbox.access import credentials
from mailjet_sandbox.errors import gateway_error
from mailjet_sandbox.http import Request, Response, Route, json_response
from mailjet_sandbox.records import Template
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.send.call import SendCall, read_call
from mailjet_sandbox.send.content import Files
from mailjet_sandbox.send.delivery import FIELDS, Delivery
from mailjet_sandbox.send.problems import Problem, mismatch
from mailjet_sandbox.send.rules import check_account, check_properties, later_reason
from mailjet_sandbox.send.shape import check_shape
from mailjet_sandbox.settings import Settings

PATH = "/v3.1/send"


def count_messages(request: Request) -> int:
    """How many messages a call carries, good or bad; 0 if it is not a send call."""
    if request.path.lower().rstrip("/") != PATH or request.json is None:
        return 0
    messages = request.json.get("Messages")
    return len(messages) if isinstance(messages, list) else 0


def send(sandbox: Sandbox, request: Request) -> Response:
    call = read_call(request.json, allow_unknown=not sandbox.settings.strict_properties)
    if isinstance(call, Problem):
        return gateway_error(call.status, call.text, code=call.code, related_to=call.related_to)
    judge = _Judge(sandbox, request, call)
    entries = [judge.entry(message) for message in call.messages]
    return json_response({"Messages": entries}, status=_status(entries, sandbox.settings))


class _Judge:
    """Takes the messages of one call one by one and gives an entry of the answer for each."""

    def __init__(self, sandbox: Sandbox, request: Request, call: SendCall) -> None:
        self._sandbox = sandbox
        self._call = call
        self._api_key = credentials(request)[0]
        self._href = f"http://{request.headers.get('host', 'api.mailjet.com')}/v3/REST/message/"
        self._files = Files()

    def entry(self, message: dict[str, Any] | None) -> dict[str, Any]:
        if message is None:
            return _refused([mismatch("Messages", "object")])
        template = self._template(message)
        problems = [
            *check_shape(message, allow_unknown=not self._sandbox.settings.strict_properties),
            *check_properties(message, template),
        ]
        if problems:
            return _refused(problems)
        account = list(check_account(self._sandbox, message, template, api_key=self._api_key))
        if account and self._call.checks_account:
            return _refused(account)
        return self._accepted(message, template, reason=later_reason(account))

    def _template(self, message: Mapping[str, Any]) -> Template | None:
        template_id = message.get("TemplateID")
        if not isinstance(template_id, int):
            return None
        return self._sandbox.store.template_of(self._api_key, template_id)

    def _accepted(self, message: Mapping[str, Any], template: Template | None, *, reason: str) -> dict[str, Any]:
        answer: dict[str, Any] = {"Status": "success", "CustomID": message.get("CustomID", "")}
        if self._call.only_validate:
            return answer | {
                field: [self._recipient(each["Email"]) for each in message.get(field, ())] for field in FIELDS
            }
        stored = Delivery(
            message=message,
            template=template,
            api_key=self._api_key,
            now=self._sandbox.now(),
            reason=reason,
            files=self._files,
        ).run(self._sandbox)
        return answer | {
            field: [
                self._recipient(each.recipient.email, each.message_id, each.message_uuid)
                for each in stored
                if each.recipient_field == field
            ]
            for field in FIELDS
        }

    def _recipient(self, email: str, message_id: int = 0, message_uuid: str = "") -> dict[str, Any]:
        return {
            "Email": email,
            "MessageUUID": message_uuid,
            "MessageID": message_id,
            "MessageHref": f"{self._href}{message_id}",
        }


def _refused(problems: Sequence[Problem]) -> dict[str, Any]:
    return {"Status": "error", "Errors": [problem.to_json() for problem in problems]}


def _status(entries: Sequence[Mapping[str, Any]], settings: Settings) -> int:
    """200 if all were accepted, 403 if all failures are 403s, else 400, or what is set for mixed batches."""
    failures = [{error["StatusCode"] for error in entry["Errors"]} for entry in entries if entry["Status"] == "error"]
    if not failures:
        return 200
    if len(failures) < len(entries) and settings.mixed_batch_status == 200:
        return 200
    return 403 if set.union(*failures) == {403} else 400


routes = (Route(method="POST", pattern=PATH, endpoint=send),)
