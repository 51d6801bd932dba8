"""/message and /messagehistory: what became of the messages that were sent. Mailjet never shows their bodies."""

from datetime import timedelta
from typing import Any

from mailjet_sandbox.access import credentials
from mailjet_sandbox.errors import object_not_found, rest_error
from mailjet_sandbox.http import Request, Response, Route
from mailjet_sandbox.records import StoredMessage, contact_id, number_of
from mailjet_sandbox.rest.listing import TRUE, Listing, Params, enveloped, exact, query_params, row_id
from mailjet_sandbox.rest.times import WINDOW_OPTIONS, read_window, rfc3339
from mailjet_sandbox.sandbox import Sandbox

STATUS_NUMBERS = {"sent": 2, "blocked": 8, "softbounced": 9, "hardbounced": 10, "deferred": 11}
STATES = {
    "user unknown": 1,
    "mailbox inactive": 2,
    "quota exceeded": 3,
    "invalid domain": 4,
    "no mail host": 5,
    "relay/access denied": 6,
    "sender blocked": 7,
    "content blocked": 8,
    "policy issue": 9,
    "system issue": 10,
    "protocol issue": 11,
    "connection issue": 12,
    "greylisted": 13,
    "preblocked": 14,
    "duplicate in campaign": 15,
    "spam preblocked": 16,
    "bad or empty template": 17,
    "error in template language": 18,
    "typofix": 19,
    "blacklisted": 20,
    "spam reporter": 21,
}
PERMANENT = frozenset({"blocked", "hardbounced"})
HISTORY = {"hardbounced": "bounced", "softbounced": "bounced", "deferred": "bounced"}
"""What a status is called as an event of the history, where that is another word."""
SHOW = frozenset({"showcustomid", "showcontactalt", "showsubject"})


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _view(message: StoredMessage, params: Params) -> dict[str, Any]:
    shown = {name for name in SHOW if params.get(name, "").lower() in TRUE}
    return {
        "ArrivedAt": rfc3339(message.accepted_at),
        "AttachmentCount": len(message.attachments),
        "AttemptCount": 0,
        "CampaignID": number_of(message.campaign),
        "ContactAlt": message.recipient.email if "showcontactalt" in shown else "",
        "ContactID": contact_id(message.recipient.email),
        "CustomID": message.custom_id if "showcustomid" in shown else "",
        "Delay": 0,
        "DestinationID": number_of(_domain(message.recipient.email)),
        "FilterTime": 0,
        "ID": message.message_id,
        "IsClickTracked": message.is_click_tracked,
        "IsHTMLPartIncluded": bool(message.html),
        "IsOpenTracked": message.is_open_tracked,
        "IsTextPartIncluded": bool(message.text),
        "IsUnsubTracked": False,
        "MessageSize": message.size,
        "SenderID": contact_id(message.sender.email),
        "SpamassassinScore": 0,
        "SpamassRules": "",
        "StateID": STATES.get(message.reason, 0),
        "StatePermanent": message.status in PERMANENT,
        "Status": message.status,
        "Subject": message.subject if "showsubject" in shown else "",
        "UUID": message.message_uuid,
    }


MESSAGES = Listing[StoredMessage](
    view=_view,
    filters={
        "customid": lambda message, value, _: message.custom_id == value,
        "campaign": exact(lambda message: number_of(message.campaign)),
        "contact": exact(lambda message: contact_id(message.recipient.email)),
        "contactalt": exact(lambda message: message.recipient.email),
        "destination": exact(lambda message: number_of(_domain(message.recipient.email))),
        "from": exact(lambda message: message.sender.email),
        "fromdomain": exact(lambda message: _domain(message.sender.email)),
        "fromtype": exact(lambda _: 1),
        "senderid": exact(lambda message: contact_id(message.sender.email)),
        "messagestatus": exact(lambda message: STATUS_NUMBERS[message.status]),
        "messagestate": exact(lambda message: STATES.get(message.reason, 0)),
    },
    options=SHOW | WINDOW_OPTIONS,
)


def list_messages(sandbox: Sandbox, request: Request) -> Response:
    """Without a time range only today's. A message is listed once it is as old as the listing lag."""
    now = sandbox.now()
    try:
        window = read_window(query_params(request), now=now)
    except ValueError as error:
        return rest_error(400, str(error))
    api_key = credentials(request)[0]
    visible_until = now - timedelta(seconds=sandbox.settings.listing_lag_seconds)
    rows = [
        message
        for message in sandbox.store.messages()
        if message.api_key == api_key and window.holds(message.accepted_at) and message.accepted_at <= visible_until
    ]
    return MESSAGES.answer(sandbox, request, reversed(rows))


def read_message(sandbox: Sandbox, request: Request, key: str) -> Response:
    message = _find(sandbox, request, key)
    return object_not_found() if message is None else enveloped(_view(message, query_params(request)))


def read_history(sandbox: Sandbox, request: Request, key: str) -> Response:
    """An unknown message has an empty history: 200, Count 0."""
    message = _find(sandbox, request, key)
    if message is None:
        return enveloped()
    return enveloped(
        {
            "Comment": "; ".join(message.errors),
            "EventAt": int(message.accepted_at.timestamp()),
            "EventType": HISTORY.get(message.status, message.status),
            "State": message.reason,
            "Useragent": "",
            "UseragentID": 0,
        }
    )


def _find(sandbox: Sandbox, request: Request, key: str) -> StoredMessage | None:
    number = row_id(key)
    message = None if number is None else sandbox.store.message(number)
    return message if message is not None and message.api_key == credentials(request)[0] else None


routes = (
    Route(method="GET", pattern="/v3/REST/message", endpoint=list_messages),
    Route(method="GET", pattern="/v3/REST/message/{key}", endpoint=read_message),
    Route(method="GET", pattern="/v3/REST/messagehistory/{key}", endpoint=read_history),
)
