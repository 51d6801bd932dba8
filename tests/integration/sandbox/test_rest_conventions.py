"""What all of /v3/REST has in common: paging with its surprises, filters, unknown paths and verbs."""

import pytest
import requests

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api

TEMPLATES = "/v3/REST/template"


@pytest.fixture
def twelve(api: Api) -> None:
    for number in range(12):
        api.post(TEMPLATES, {"Name": f"T{number:02}"})


def _names(answer: requests.Response) -> list[str]:
    return [row["Name"] for row in answer.json()["Data"]]


def test_a_page_has_ten_rows_and_total_is_the_size_of_the_page(api: Api, twelve: None) -> None:
    answer = api.get(TEMPLATES).json()

    assert (answer["Count"], answer["Total"], len(answer["Data"])) == (10, 10, 10)


def test_limit_and_offset_cut_a_page_out_of_ascending_ids(api: Api, twelve: None) -> None:
    assert _names(api.get(TEMPLATES, Limit=3, Offset=10)) == ["T10", "T11"]
    assert _names(api.get(TEMPLATES, limit=2, OFFSET=1)) == ["T01", "T02"]


@pytest.mark.parametrize("limit", [0, 1000, 5000])
def test_limit_0_and_limits_beyond_mean_1000(api: Api, twelve: None, limit: int) -> None:
    assert api.get(TEMPLATES, Limit=limit).json()["Count"] == 12


def test_count_only_counts_all_and_shows_none(api: Api, twelve: None) -> None:
    assert api.get(TEMPLATES, countOnly=1).json() == {"Count": 12, "Data": [], "Total": 12}


def test_count_records_shows_a_page_and_counts_all(api: Api, twelve: None) -> None:
    answer = api.get(TEMPLATES, countRecords=1).json()

    assert (answer["Count"], answer["Total"]) == (10, 12)


def test_rows_can_be_sorted_both_ways(api: Api, twelve: None) -> None:
    assert _names(api.call("GET", f"{TEMPLATES}?Sort=Name+DESC&Limit=2")) == ["T11", "T10"]
    assert _names(api.call("GET", f"{TEMPLATES}?sort=name&Limit=1")) == ["T00"]


@pytest.mark.parametrize("sort", ["Name%2BDESC", "Nothing", "Purposes", "Name+DESC+DESC", ""])
def test_a_bad_sort_is_told(api: Api, twelve: None, sort: str) -> None:
    answer = api.call("GET", f"{TEMPLATES}?Sort={sort}")

    assert answer.status_code == 400
    assert answer.json()["ErrorMessage"].startswith("Unexpected error during GET: Invalid sort specification: ")


@pytest.mark.parametrize(("name", "value"), [("Limit", "ten"), ("Offset", "-1"), ("Limit", "9" * 5000)])
def test_a_bad_page_is_told(api: Api, name: str, value: str) -> None:
    assert api.get(TEMPLATES, **{name: value}).status_code == 400


def test_of_a_repeated_filter_only_the_first_counts(api: Api, twelve: None) -> None:
    assert _names(api.call("GET", f"{TEMPLATES}?Name=T01&Name=T02")) == ["T01"]


def test_an_unknown_filter_is_ignored_and_all_rows_come_back(api: Api, twelve: None) -> None:
    assert api.get(TEMPLATES, Nmae="T01", Limit=0).json()["Count"] == 12


def test_an_unknown_filter_is_an_error_in_strict_mode(api: Api, sandbox: SandboxControl, twelve: None) -> None:
    sandbox.settings(strict_filters=True)

    answer = api.get(TEMPLATES, Nmae="T01")
    assert (answer.status_code, 'Unknown filter "nmae"' in answer.json()["ErrorMessage"]) == (400, True)
    assert api.get(TEMPLATES, Name="T01", Limit=0, Sort="Name").status_code == 200


def test_an_unknown_resource_is_400(api: Api) -> None:
    answer = api.get("/v3/REST/contacts/7")

    assert answer.status_code == 400
    assert answer.json() == {
        "ErrorInfo": "Bad Request",
        "ErrorMessage": 'Unknown resource: "contacts"',
        "StatusCode": 400,
    }


def test_a_resource_that_only_the_sandbox_lacks_says_so(api: Api) -> None:
    answer = api.get("/v3/REST/geostatistics")

    assert answer.status_code == 501
    assert "this sandbox does not" in answer.json()["ErrorMessage"]


def test_an_unknown_path_under_v3_is_500(api: Api) -> None:
    answer = api.get("/v3/nothing")

    assert (answer.status_code, answer.json()["ErrorInfo"]) == (500, "EFPWebError")


def test_rest_does_not_exist_under_v3_1(api: Api) -> None:
    answer = api.get("/v3.1/REST/template")

    assert answer.status_code == 404
    assert "<center>nginx</center>" in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", TEMPLATES), ("DELETE", "/v3/REST/message/1"), ("GET", "/v3.1/send")]
)
def test_a_verb_that_a_resource_does_not_have_is_405(api: Api, method: str, path: str) -> None:
    assert api.call(method, path).status_code == 405


def test_the_case_of_a_path_does_not_matter(api: Api) -> None:
    assert api.get("/v3/rest/Template").status_code == 200
