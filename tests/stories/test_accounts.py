"""People get into their accounts by what they read in their inbox; real server, worker and sandbox over HTTP."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from typing import Any

import orjson
import pytest

from mailjet_sandbox.control import SandboxControl
from tests.stories.conftest import Installation, wait_until

ADA = {"email": "ada@yourcompany.com", "full_name": "Ada Minot", "role": "Support", "language": "en"}
OWN, NEXT = "correct horse battery", "another battery, another horse"
WELCOME, RESET, DONE, CHANGED, VERIFY = range(101, 106)
VARIABLES = {
    WELCOME: "temp_password",
    RESET: "reset_url",
    DONE: "ip_address",
    CHANGED: "changed_by",
    VERIFY: "verification_code",
}


class Browser:
    """Somebody at a browser: keeps cookies, and sends the CSRF token with everything."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A route of the API: its status, and its JSON."""
        data = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._cookie("csrftoken")}
        status, content = self._open(f"/crm{path}", data, headers, method)
        return status, orjson.loads(content) if content else None

    def page(self, path: str, **fields: str) -> str:
        """A page; with fields, its form is sent."""
        headers = {"Accept-Language": "en"}
        data = None
        if fields:
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page(path))
            assert token
            data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        return self._open(path, data, headers, "GET" if data is None else "POST")[1].decode()

    def login(self, password: str) -> int:
        return self.call("POST", "/auth/login", {"email": ADA["email"], "password": password})[0]

    def may_read(self) -> bool:
        return self.call("GET", "/customer")[0] == 200

    def _open(self, path: str, data: bytes | None, headers: dict[str, str], method: str) -> tuple[int, bytes]:
        request = urllib.request.Request(self._base + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")


@pytest.fixture
def running(installation: Installation, sandbox: SandboxControl) -> Iterator[Installation]:
    """Server and worker; each email shows the one thing that matters in it."""
    for template_id, variable in VARIABLES.items():
        sandbox.put_template(template_id, html=f'<p>{{{{var:{variable}:""}}}}</p>', text="-")
    installation.serve()
    installation.start("worker")
    return installation


def read(sandbox: SandboxControl, subject: str, *, count: int = 1) -> str:
    """What the newest email of that subject shows, once there are `count` of them."""
    found = lambda: [each for each in sandbox.messages() if each.subject == subject]  # noqa: E731 - asked again and again
    wait_until(lambda: len(found()) >= count)
    shown = re.search(r"<p>(.*)</p>", max(found(), key=lambda each: each.message_id).html)
    assert shown
    return shown[1]


def with_own_password(installation: Installation, sandbox: SandboxControl) -> Browser:
    """Ada has exchanged her temporary password for her own, and is signed in."""
    installation.call("POST", "/user", ADA)
    temporary = read(sandbox, "Welcome")
    browser = Browser(installation.port)
    assert browser.login(temporary) == 200
    body = {"current_password": temporary, "new_password": OWN}
    assert browser.call("POST", "/auth/change_password", body)[0] == 204
    return browser


def test_a_temporary_password_leads_to_ones_own_and_is_kept_nowhere(
    running: Installation, sandbox: SandboxControl
) -> None:
    running.call("POST", "/user", ADA)
    temporary = read(sandbox, "Welcome")
    browser = Browser(running.port)
    assert browser.login(temporary) == 200
    assert not browser.may_read()
    body = {"current_password": temporary, "new_password": OWN}
    assert browser.call("POST", "/auth/change_password", body)[0] == 204
    assert browser.may_read()
    assert read(sandbox, "Changed") == "yourself"
    assert Browser(running.port).login(temporary) == 401
    wait_until(lambda: running.states() == {"accepted": 3})
    shown = [each["variables"] for each in running.call("GET", "/message")["items"]]
    assert {"•••"} == {value for each in shown for name, value in each.items() if name == "temp_password"}
    with running.database() as connection:
        (stored,) = connection.execute("SELECT string_agg(variables::text, ' ') FROM outbox_message").fetchone() or (
            "",
        )
    assert temporary not in stored
    assert temporary not in running.log("serve") + running.log("worker")


def test_a_forgotten_password_is_replaced_and_every_session_ends(
    running: Installation, sandbox: SandboxControl
) -> None:
    before = with_own_password(running, sandbox)
    assert before.may_read()
    stranger = Browser(running.port)
    assert stranger.call("POST", "/auth/forgot_password", {"email": ADA["email"]})[0] == 202
    assert stranger.call("POST", "/auth/forgot_password", {"email": "nobody@example.com"})[0] == 202
    token = read(sandbox, "Reset").rstrip("/").rpartition("/")[2]
    assert stranger.call("POST", "/auth/reset_password", {"token": token, "new_password": NEXT})[0] == 204
    assert read(sandbox, "Done") == "127.0.0.1"
    assert not before.may_read()
    assert Browser(running.port).login(OWN) == 401
    assert Browser(running.port).login(NEXT) == 200
    assert stranger.call("POST", "/auth/reset_password", {"token": token, "new_password": OWN})[0] == 422
    assert len([each for each in sandbox.messages() if each.subject == "Reset"]) == 1


def test_an_administrators_change_names_the_administrator(running: Installation, sandbox: SandboxControl) -> None:
    with_own_password(running, sandbox)
    read(sandbox, "Changed")
    (ada,) = running.call("GET", "/user?search=ada")["items"]
    running.call("POST", f"/user/{ada['user_id']}/reset_password", {"new_password": NEXT})
    assert read(sandbox, "Changed", count=2) == "an administrator"


def test_a_stranger_signs_up_and_is_welcomed_once_the_address_is_proven(
    running: Installation, sandbox: SandboxControl
) -> None:
    browser = Browser(running.port)
    form = {"full_name": "Nina Roux", "email": "nina@example.com", "password": OWN}
    shown = browser.page("/self-care/sign-up/", **form, account_type="Individual", language="en")
    assert "nina@example.com" in shown
    code = read(sandbox, "Verify")
    assert running.call("GET", "/customer")["count"] == 0
    assert "Hello, Nina Roux" in browser.page("/self-care/sign-up/code/", code=code)
    assert read(sandbox, "Bienvenue") == "Nina Roux"
    (customer,) = running.call("GET", "/customer")["items"]
    assert customer["customer_name"] == "Nina Roux"
    assert "Nina Roux" in browser.page("/self-care/profile/")
