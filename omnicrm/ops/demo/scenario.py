"""What the demo does: customers are created and written to through the API, and their emails are awaited in the local
Mailjet.
"""

import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from mailjet_sandbox.control import SandboxControl

ARRIVAL_SECONDS = 60
UNTOLD = frozenset({"queued", "claimed", "accepted", "unknown"})
"""States in which the CRM has not been told what became of a message."""

CUSTOMERS: tuple[dict[str, Any], ...] = (  # the newest of each language gets everything; one mailbox does not exist
    {"customer_name": "Hélène Lefèvre", "language": "fr", "email": "helene.lefevre@example.com", "city": "Lyon"},
    {"customer_name": "Karim Benali", "language": "fr", "email": "karim.benali@example.com", "city": "Marseille"},
    {"customer_name": "Boulangerie du Port", "language": "fr", "email": "compta@boulangerie-du-port.example.com",
     "customer_account_type": "Business", "city": "Brest"},
    {"customer_name": "Zoé Dubois", "language": "fr", "email": "zoé.dubois@exämple.com", "city": "Lille"},
    {"customer_name": "Paul Martin", "language": "fr", "email": "paul.martin+hardbounce@example.com", "city": "Nantes"},
    {"customer_name": "Olivia Turner", "language": "en", "email": "olivia.turner@example.com", "city": "London"},
    {"customer_name": "Highland Crafts Ltd", "language": "en", "email": "accounts@highland-crafts.example.com",
     "customer_account_type": "Business", "city": "Inverness"},
    {"customer_name": "Seán O'Brien & Sons <Ltd>", "language": "en", "email": "sean@obrien.example.com",
     "customer_account_type": "Business", "city": "Cork"},
    {"customer_name": "Amina Diallo", "language": "fr", "email": "amina.diallo@example.com", "city": "Toulouse"},
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One email of the demo: what the CRM says of it, and whether the local Mailjet has it."""

    message_id: str
    email: str
    to: str
    subject: str
    state: str
    reason: str
    has_arrived: bool

    @property
    def is_told(self) -> bool:
        """Whether the CRM knows more than that Mailjet has taken it."""
        return self.state not in UNTOLD


class Api:
    """OmniCRM's own HTTP API."""

    def __init__(self, *, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON in, JSON out
        return self._ask(method, path, orjson.dumps(body) if body is not None else None, "application/json")

    def upload(self, path: str, fields: Mapping[str, object], *, pdf: bytes) -> Any:  # noqa: ANN401 - JSON out
        """Posts a form with a file."""
        boundary = uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        file = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="pdf"; filename="invoice.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        body = b"".join([*parts, file.encode(), pdf, f"\r\n--{boundary}--\r\n".encode()])
        return self._ask("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def _ask(self, method: str, path: str, body: bytes | None, content_type: str) -> Any:  # noqa: ANN401 - JSON out
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{self._url}/crm{path}",
            method=method,
            data=body,
            headers={"X-API-KEY": self._key, "Content-Type": content_type},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            content = answer.read()
        return orjson.loads(content) if content else None


def create_customers(api: Api) -> None:
    """Creates the sample customers, unless there are customers already."""
    if api.call("GET", "/customer?limit=1")["count"]:
        return
    for sample in CUSTOMERS:
        given_name, _, family_name = sample["customer_name"].partition(" ")
        customer = {
            name: sample[name] for name in ("customer_name", "language", "customer_account_type") if name in sample
        }
        contact = {
            "contact_type": "primary",
            "first_name": given_name,
            "last_name": family_name,
            "email": sample["email"],
        }
        site = {"name": sample["city"], "city": sample["city"]}
        api.call("POST", "/customer", {**customer, "tags": ["demo"], "contacts": [contact], "sites": [site]})


def announce_maintenance(api: Api) -> None:
    """Sends the operator's own email to a reader of each language. Repeated, it sends nothing more."""
    for language in ("fr", "en"):
        customer = api.call("GET", f"/customer?limit=1&language={language}")["items"][0]
        message = {
            "section": "planned_maintenance",
            "customer_id": customer["customer_id"],
            "variables": {
                "customer_name": customer["customer_name"],
                "service_name": "Fibre 1 Gb/s",
                "starts_at": "2026-12-01T22:00:00+01:00",
                "ends_at": "2026-12-02T04:00:00+01:00",
                "affected_places": [site["city"] for site in customer["sites"]],
                "status_url": "https://status.example.com/",
            },
            "key": f"2026-12-01:{customer['customer_id']}",
        }
        api.call("POST", "/message", message)


def await_arrivals(api: Api, sandbox: SandboxControl) -> None:
    """Waits until every message is in the local Mailjet's inbox, a minute at most."""
    _await(api, sandbox, lambda message: message.has_arrived)


def await_outcomes(api: Api, sandbox: SandboxControl) -> list[Sent]:
    """Waits until the CRM was told all that the local Mailjet has to tell, a minute at most; returns the messages.

    Of a demo before this one it has nothing more to tell.
    """
    happened = {event.payload["CustomID"] for event in sandbox.events()}
    return _await(api, sandbox, lambda message: message.is_told or message.message_id not in happened)


def _await(api: Api, sandbox: SandboxControl, is_done: Callable[[Sent], bool]) -> list[Sent]:
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        sent = _sent(api, sandbox)
        if all(map(is_done, sent)) or time.monotonic() > deadline:
            return sent
        time.sleep(0.2)


def _sent(api: Api, sandbox: SandboxControl) -> list[Sent]:
    arrived = {message.custom_id for message in sandbox.messages()}
    return [
        Sent(
            message_id=message["message_id"],
            email=message["section"].removeprefix("api_crmCommunication"),
            to=message["to_email"],
            subject=message["subject"],
            state=message["state"],
            reason=message["reason"],
            has_arrived=message["message_id"] in arrived,
        )
        for message in api.call("GET", "/message?limit=500")["items"]
    ]
