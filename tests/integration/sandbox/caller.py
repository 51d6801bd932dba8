"""A caller of Mailjet's API, and a good message to change."""

from collections.abc import Callable, Mapping
from typing import Any

import requests

KEY = ("test-key", "test-secret")


class Api:
    """Mailjet's API as a caller sees it: status and body, nothing judged."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = KEY

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=20, **options)

    def get(self, path: str, **params: object) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: object) -> requests.Response:
        return self.call("POST", path, json=body)

    def put(self, path: str, body: object) -> requests.Response:
        return self.call("PUT", path, json=body)

    def send(self, *messages: object, **root: object) -> requests.Response:
        return self.post("/v3.1/send", {"Messages": list(messages), **root})

    def refusal(self, message: Mapping[str, Any], **root: object) -> tuple[int, list[tuple[str, list[str]]]]:
        """The HTTP status and, for one message that must be refused, its error codes with what they relate to."""
        answer = self.send(message, **root)
        entry = answer.json()["Messages"][0]
        assert entry["Status"] == "error"
        return answer.status_code, [(error["ErrorCode"], error["ErrorRelatedTo"]) for error in entry["Errors"]]


def build_message(**changes: object) -> dict[str, Any]:
    """A good message; a change to ... leaves the property out."""
    message = {
        "From": {"Email": "billing@example.com", "Name": "Billing"},
        "To": [{"Email": "customer@example.org", "Name": "Customer"}],
        "Subject": "Your invoice",
        "TextPart": "Hello",
        **changes,
    }
    return {name: value for name, value in message.items() if value is not ...}


NewApi = Callable[[str], Api]
"""Makes a caller of the sandbox at a URL."""
