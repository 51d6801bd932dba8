"""Whatever goes wrong is one application/problem+json that says what, where, and how to mend it."""

import logging
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.urls import path
from django.utils import translation

from omnicrm.api.gate import gated
from omnicrm.urls import urlpatterns as real_urls
from tests.integration.api.conftest import MARTIN, PROBLEM, Integrator, wrong_fields


@pytest.mark.parametrize(
    ("method", "url", "body", "status"),
    [
        ("POST", "/customer", b"{", HTTPStatus.BAD_REQUEST),
        ("POST", "/customer", b"", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("POST", "/customer", b"[]", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("POST", "/customer", b'"text"', HTTPStatus.UNPROCESSABLE_ENTITY),
        ("POST", "/customer", b"null", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("POST", "/customer", b'{"customer_name": NaN}', HTTPStatus.BAD_REQUEST),
        ("POST", "/customer", b'{"customer_name": "\\ud800"}', HTTPStatus.BAD_REQUEST),
        ("POST", "/customer", b'{"customer_name": "' + b"\xff" * 10 + b'"}', HTTPStatus.BAD_REQUEST),
        ("POST", "/customer", b"[" * 100_000, HTTPStatus.BAD_REQUEST),
        ("PATCH", "/customer/1", b"{}", HTTPStatus.NOT_FOUND),
        ("GET", "/customer/0", b"", HTTPStatus.NOT_FOUND),
        ("GET", "/customer/-1", b"", HTTPStatus.NOT_FOUND),
        ("GET", f"/customer/{'9' * 100}", b"", HTTPStatus.NOT_FOUND),
        ("GET", f"/customer/{'9' * 5000}", b"", HTTPStatus.NOT_FOUND),
        ("GET", "/customer/", b"", HTTPStatus.NOT_FOUND),
        ("GET", "/nothing/at/all", b"", HTTPStatus.NOT_FOUND),
        ("GET", "/", b"", HTTPStatus.NOT_FOUND),
        ("GET", "/message/no-uuid", b"", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("GET", "/message/01970000-0000-7000-8000-000000000000", b"", HTTPStatus.NOT_FOUND),
        ("PUT", "/customer", b"{}", HTTPStatus.METHOD_NOT_ALLOWED),
        ("PUT", "/message", b"{}", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
def test_a_bad_request_is_answered_by_a_problem(
    api: Integrator, method: str, url: str, body: bytes, status: HTTPStatus
) -> None:
    refused = api.send(method, url, body)
    assert (refused.status_code, refused["Content-Type"]) == (status, PROBLEM)
    problem = refused.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert (problem["status"], problem["title"]) == (status, status.phrase)
    assert problem["detail"]


def test_what_is_not_json_is_shown_the_place(api: Integrator) -> None:
    detail = api.send("POST", "/customer", b'{"customer_name": oops}').json()["detail"]
    assert detail.startswith("This is not JSON: ")
    assert "column 19" in detail


def test_what_is_not_utf_8_is_shown_the_byte(api: Integrator) -> None:
    detail = api.send("POST", "/customer", b'{"customer_name": "\xff"}').json()["detail"]
    assert detail == "This is not JSON: byte 20 is not UTF-8."


def test_every_wrong_field_is_named_by_its_path(api: Integrator) -> None:
    body = {
        "customer_name": 3,
        "language": "de",
        "tags": "vip",
        "contacts": [{"email": "a@example.com"}, {"email": 4, "contact_type": "boss"}],
        "sites": [{"city": "Lille"}],
    }
    assert wrong_fields(api.post("/customer", body)) == {
        "customer_name": "Give a text.",
        "language": "Use one of: fr, en.",
        "tags": "Give a list.",
        "contacts[1].email": "Give a text.",
        "contacts[1].contact_type": "Use one of: primary, billing, technical, sales, other.",
        "sites[0].name": "This field is required.",
    }


def test_an_unknown_field_comes_with_a_suggestion(api: Integrator) -> None:
    body = {"customer_name": "Martin", "langage": "fr", "contacts": [{"mail": "a@example.com"}]}
    assert wrong_fields(api.post("/customer", body)) == {
        "langage": "There is no such field; did you mean “language”?",
        "contacts[0].mail": "There is no such field; did you mean “email”?",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"customer_name": "Martin", **dict.fromkeys(map(str, range(20_000)))},
        {"customer_name": "Martin", "contacts": [{}] * 1_000},
        {"customer_name": "Martin", "contacts": [{}] * 100_000},
        {"customer_name": "Martin", "sites": [3] * 1_000},
    ],
)
def test_nothing_but_mistakes_costs_little(api: Integrator, body: object) -> None:
    refused = api.post("/customer", body)
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) <= 50
    assert len(refused.content) < 20_000


def test_an_unknown_filter_is_refused_rather_than_ignored(api: Integrator) -> None:
    assert wrong_fields(api.get("/customer", langage="fr")) == {
        "langage": "There is no such field; did you mean “language”?"
    }


def test_a_method_that_is_not_possible_comes_with_those_that_are(api: Integrator) -> None:
    refused = api.send("PUT", "/contact/1", b"{}")
    assert set(refused["Allow"].split(", ")) == {"GET", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("de", "en"),
        ("fr", "fr"),
        ("FR-ca;q=0.5, de;q=0.9", "fr"),
        ("en, fr", "en"),
        ("\x00,;=", "en"),
    ],
)
def test_problems_are_in_the_language_asked_for_if_we_speak_it(api: Integrator, asked: str, language: str) -> None:
    with translation.override(language):
        this_field_is_required = translation.gettext("This field is required.")
    refused = api.send("POST", "/customer", b"{}", Accept_Language=asked)
    assert wrong_fields(refused) == {"customer_name": this_field_is_required}


def test_no_answer_is_kept_by_caches(api: Integrator) -> None:
    assert api.get("/customer")["Cache-Control"] == api.get("/customer/0")["Cache-Control"] == "no-store"


def broken(request: object) -> None:
    raise RuntimeError("a secret of the inside")


urlpatterns = [path("crm/broken", gated(broken)), *real_urls]  # type: ignore[arg-type]  # it never returns a response


@pytest.mark.urls(__name__)
def test_what_nobody_expected_tells_nothing_of_the_inside(api: Integrator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        failed = api.get("/broken")
    assert (failed.status_code, failed["Content-Type"]) == (500, PROBLEM)
    assert b"secret" not in failed.content
    assert "a secret of the inside" in caplog.text


def test_a_record_that_another_request_took_is_a_conflict(api: Integrator) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_of_a_name ON customers_customer (customer_name)")
    api.create(MARTIN)
    refused = api.post("/customer", MARTIN)
    assert (refused.status_code, refused["Content-Type"]) == (409, PROBLEM)
    assert b"one_of_a_name" not in refused.content


@pytest.fixture
def lost_connection(transactional_db: None) -> Iterator[None]:
    """The process's connection to the database, cut by the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])
    other.close()
    yield
    connection.close()


def test_a_database_that_is_away_is_a_passing_trouble(lost_connection: None) -> None:
    refused = Client().get("/crm/customer", headers={"X-API-KEY": "omni_00000000_" + "a" * 43})
    assert (refused.status_code, refused["Content-Type"], refused["Retry-After"]) == (503, PROBLEM, "5")


def test_the_health_check_tells_a_database_that_is_away(lost_connection: None) -> None:
    down = Client().get("/crm/health")
    assert (down.status_code, down.json()["status"], down.json()["database"]) == (503, "down", "down")
