"""/sender, /apikey and /user: who may send, and with which key."""

from collections.abc import Iterable, Mapping
from typing import Any

from mailjet_sandbox.access import credentials
from mailjet_sandbox.errors import object_not_found, rest_error
from mailjet_sandbox.http import Request, Response, Route
from mailjet_sandbox.records import ApiKey, Sender
from mailjet_sandbox.rest.bodies import BadBodyError, Reader, duplicate, flag, one_of, read_body, require, text
from mailjet_sandbox.rest.listing import TRUE, Listing, Params, enveloped, exact, row_id, text_filters
from mailjet_sandbox.rest.times import rfc3339
from mailjet_sandbox.sandbox import Sandbox


def _sender_email(value: object) -> str:
    """An address, or `*@domain`."""
    local, at, domain = text(value).partition("@")
    if not at:
        raise ValueError(f'Invalid email address "{value}", reason: "No @ character in mail"')
    if not local or "." not in domain or any(character.isspace() for character in domain + local):
        raise ValueError(f'Invalid email address "{value}", reason: "Not a valid address or *@domain"')
    return f"{local}@{domain}"


SENDER_READERS: Mapping[str, Reader] = {
    "Email": _sender_email,
    "Name": text,
    "EmailType": one_of("transactional", "bulk", "unknown"),
    "IsDefaultSender": flag,
}
SENDER_READ_ONLY = frozenset({"id", "createdat", "dnsid", "filename", "status"})


def _sender_view(sender: Sender, _: Params) -> dict[str, Any]:
    return {
        "CreatedAt": rfc3339(sender.created_at),
        "DNSID": 0,
        "Email": sender.email,
        "EmailType": sender.email_type,
        "Filename": "",
        "ID": sender.id,
        "IsDefaultSender": sender.is_default,
        "Name": sender.name,
        "Status": sender.status,
    }


SENDERS = Listing[Sender](
    view=_sender_view,
    filters={
        **text_filters("Email", lambda sender: sender.email),
        "domain": exact(lambda sender: sender.email.rpartition("@")[2]),
        "localpart": exact(lambda sender: sender.email.rpartition("@")[0]),
        "status": exact(lambda sender: sender.status),
        "isdomainsender": lambda sender, value, _: sender.email.startswith("*@") == (value.lower() in TRUE),
        "showdeleted": lambda sender, value, _: sender.status != "Deleted" or value.lower() in TRUE,
    },
    options=frozenset({"dnsid"}),
)


def list_senders(sandbox: Sandbox, request: Request) -> Response:
    return SENDERS.answer(sandbox, request, sandbox.store.senders_of(credentials(request)[0]))


def read_sender(sandbox: Sandbox, request: Request, key: str) -> Response:
    """By ID or email."""
    number, senders = row_id(key), sandbox.store.senders_of(credentials(request)[0])
    found = next((each for each in senders if each.id == number or each.email.lower() == key.lower()), None)
    return object_not_found() if found is None else enveloped(_sender_view(found, {}))


def create_sender(sandbox: Sandbox, request: Request) -> Response:
    """It starts Inactive, as at Mailjet; `POST /sandbox/senders` makes an active one."""
    api_key = credentials(request)[0]
    try:
        body = read_body(request, type_name="TSender", readers=SENDER_READERS, read_only=SENDER_READ_ONLY)
        require(body, "Email")
        _check_email_is_free(sandbox.store.senders_of(api_key), body["Email"])
    except BadBodyError as error:
        return rest_error(400, str(error))
    sender = Sender(
        id=sandbox.store.next_sender_id(),
        email=body["Email"],
        name=body.get("Name", ""),
        api_key=api_key,
        status="Inactive",
        email_type=body.get("EmailType", "unknown"),
        is_default=body.get("IsDefaultSender", False),
        created_at=sandbox.now(),
    )
    sandbox.store.put_sender(sender)
    return enveloped(_sender_view(sender, {}), status=201)


def _check_email_is_free(senders: Iterable[Sender], email: str) -> None:
    if any(sender.email.lower() == email.lower() for sender in senders):
        raise duplicate("Sender", email, "Email")


def _key_view(key: ApiKey, _: Params) -> dict[str, Any]:
    """As at Mailjet, the secret stands there in clear. Of a key that was merely seen, the sandbox keeps none."""
    return {
        "ACL": "",
        "APIKey": key.api_key,
        "CreatedAt": rfc3339(key.created_at),
        "ID": key.id,
        "IsActive": not key.is_suspended,
        "IsMaster": True,
        "Name": key.name,
        "QuarantineValue": 0,
        "RegionID": 0,
        "Runlevel": "Softlock" if key.is_suspended else "Normal",
        "SecretKey": key.api_secret,
        "Skipspamd": False,
        "TrackHost": "",
        "UserID": 1,
    }


KEYS = Listing[ApiKey](
    view=_key_view,
    filters={
        "apikey": exact(lambda key: key.api_key),
        "isactive": lambda key, value, _: key.is_suspended != (value.lower() in TRUE),
        "ismaster": lambda _key, value, _: value.lower() in TRUE,
        "name": exact(lambda key: key.name),
    },
)


def list_keys(sandbox: Sandbox, request: Request) -> Response:
    """Only the key that asks: a sandbox key is an account of its own."""
    return KEYS.answer(sandbox, request, [sandbox.store.keys[credentials(request)[0]]])


def read_key(sandbox: Sandbox, request: Request, key: str) -> Response:
    own = sandbox.store.keys[credentials(request)[0]]
    return enveloped(_key_view(own, {})) if key in {own.api_key, str(own.id)} else object_not_found()


def read_user(sandbox: Sandbox, request: Request) -> Response:
    own = sandbox.store.keys[credentials(request)[0]]
    user = {
        "ACL": "",
        "CreatedAt": rfc3339(own.created_at),
        "Email": "owner@sandbox.invalid",
        "FirstIp": "127.0.0.1",
        "ID": 1,
        "LastIp": "127.0.0.1",
        "LastLoginAt": rfc3339(sandbox.now()),
        "Locale": "en_US",
        "MaxAllowedAPIKeys": 10,
        "Timezone": "UTC",
        "Username": own.name or own.api_key,
        "WarnedRatelimitAt": "",
    }
    return enveloped(user)


routes = (
    Route(method="GET", pattern="/v3/REST/sender", endpoint=list_senders),
    Route(method="POST", pattern="/v3/REST/sender", endpoint=create_sender),
    Route(method="GET", pattern="/v3/REST/sender/{key}", endpoint=read_sender),
    Route(method="GET", pattern="/v3/REST/apikey", endpoint=list_keys),
    Route(method="GET", pattern="/v3/REST/apikey/{key}", endpoint=read_key),
    Route(method="GET", pattern="/v3/REST/user", endpoint=read_user),
)
