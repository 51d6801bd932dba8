"""Templates at Mailjet: what they are and what they say."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.mailjet.errors import OutcomeUnknown, RateLimited, RequestRejected
from omnicrm.mailjet.templates import (
    PAGE_ROWS,
    EditMode,
    TemplateContent,
    TemplateInfo,
    TemplateNameTaken,
    TemplateNotFound,
    create_template,
    get_template,
    list_templates,
    read_content,
    update_template,
    write_content,
)
from omnicrm.mailjet.transport import Transport
from tests.integration.mailjet.conftest import Answering, http

ABSENT = 404404
HEADERS = {"From": '"Billing" <billing@operator.example>', "Subject": "Your invoice"}
ROW = {"ID": 7, "Name": "a", "Locale": "fr_FR", "EditMode": 4, "OwnerType": "apikey", "CreatedAt": ""}


@pytest.fixture
async def transport(sandbox: SandboxControl, sandbox_url: str) -> AsyncIterator[Transport]:
    sandbox.settings(strict_filters=True)
    async with Transport(base_url=sandbox_url, api_key="k", api_secret="s") as connected:
        yield connected


async def create(transport: Transport, name: str = "invoice") -> TemplateInfo:
    return await create_template(transport, name=name, locale="fr_FR")


async def test_a_created_template_reads_back_as_it_was_given(transport: Transport) -> None:
    created = await create_template(
        transport,
        name="facture émise",
        locale="fr_FR",
        purposes=("transactional", "automation"),
        edit_mode=EditMode.HTML,
        description="made by a test",
    )
    assert created.name == "facture émise"
    assert created.locale == "fr_FR"
    assert created.purposes == ("transactional", "automation")
    assert created.edit_mode == EditMode.HTML
    assert created.owner_type == "apikey"
    assert created.description == "made by a test"
    assert await get_template(transport, created.id) == created


async def test_its_dates_are_in_utc(transport: Transport) -> None:
    created = await create(transport)
    assert created.created_at is not None
    assert created.created_at.utcoffset() == timedelta(0)


async def test_a_name_that_is_taken_is_a_clear_error(transport: Transport) -> None:
    await create(transport)
    with pytest.raises(TemplateNameTaken, match='MJ18: there is already a template named "invoice"'):
        await create(transport)


async def test_a_rename_to_a_name_that_is_taken_is_a_clear_error(transport: Transport) -> None:
    await create(transport)
    other = await create(transport, "reminder")
    with pytest.raises(TemplateNameTaken, match='"invoice"'):
        await update_template(transport, other.id, name="invoice")


async def test_another_refusal_keeps_mailjets_words(transport: Transport) -> None:
    with pytest.raises(RequestRejected, match="MJ08 Property Name") as refused:
        await create(transport, "")
    assert not isinstance(refused.value, TemplateNameTaken)


async def test_an_update_changes_what_is_given_and_keeps_the_rest(transport: Transport) -> None:
    created = await create(transport)
    assert await update_template(transport, created.id, name="bill", purposes=("marketing",)) is True
    changed = await get_template(transport, created.id)
    assert changed is not None
    assert (changed.name, changed.purposes, changed.locale) == ("bill", ("marketing",), "fr_FR")


async def test_an_update_that_changes_nothing_succeeds_and_says_so(transport: Transport) -> None:
    created = await create(transport)
    assert await update_template(transport, created.id, name="invoice") is False


async def test_an_absent_template_is_none_to_a_reader(transport: Transport) -> None:
    assert await get_template(transport, ABSENT) is None
    assert await read_content(transport, ABSENT) is None


async def test_an_absent_template_is_an_error_to_a_writer(transport: Transport) -> None:
    with pytest.raises(TemplateNotFound, match="no template 404404"):
        await update_template(transport, ABSENT, name="x")
    with pytest.raises(TemplateNotFound, match="no template 404404"):
        await write_content(transport, ABSENT, html="x")


async def test_nothing_to_change_is_the_callers_mistake(transport: Transport) -> None:
    with pytest.raises(ValueError, match="at least one of Name, Locale"):
        await update_template(transport, ABSENT)
    with pytest.raises(ValueError, match="at least one of Html-part"):
        await write_content(transport, ABSENT)


async def test_a_new_template_says_nothing(transport: Transport) -> None:
    created = await create(transport)
    assert await read_content(transport, created.id) == TemplateContent(html=None, text=None, mjml=None)


async def test_written_content_reads_back_as_it_was_given(transport: Transport) -> None:
    created = await create(transport)
    content = {"html": "<p>é {{var:x}}</p>", "text": "é", "mjml": "<mjml></mjml>"}
    assert await write_content(transport, created.id, **content, headers=HEADERS) is True
    assert await read_content(transport, created.id) == TemplateContent(**content, headers=HEADERS)


async def test_parts_that_are_not_given_are_kept(transport: Transport) -> None:
    created = await create(transport)
    await write_content(transport, created.id, html="<p>1</p>", text="1", mjml="<mjml/>", headers=HEADERS)
    await write_content(transport, created.id, html="<p>2</p>")
    assert await read_content(transport, created.id) == TemplateContent(
        html="<p>2</p>", text="1", mjml="<mjml/>", headers=HEADERS
    )


async def test_a_part_can_be_made_empty(transport: Transport) -> None:
    created = await create(transport)
    await write_content(transport, created.id, html="<p>1</p>", text="1")
    await write_content(transport, created.id, text="")
    assert await read_content(transport, created.id) == TemplateContent(html="<p>1</p>", text="", mjml=None)


async def test_the_same_content_again_succeeds_and_says_so(transport: Transport) -> None:
    created = await create(transport)
    await write_content(transport, created.id, html="<p>1</p>")
    assert await write_content(transport, created.id, html="<p>1</p>") is False


async def test_content_of_several_megabytes_is_written_whole(transport: Transport) -> None:
    created = await create(transport)
    html = "<p>é</p>" * 400_000
    await write_content(transport, created.id, html=html)
    content = await read_content(transport, created.id)
    assert content is not None
    assert content.html == html


async def test_content_is_never_posted(transport: Transport, sandbox: SandboxControl) -> None:
    created = await create(transport)
    await write_content(transport, created.id, html="<p>1</p>")
    calls = sandbox.calls(path=f"/v3/REST/template/{created.id}/detailcontent")
    assert [call.method for call in calls] == ["PUT"]


async def test_the_list_goes_over_all_pages_once_each(transport: Transport, sandbox: SandboxControl) -> None:
    sandbox.reset()
    for number in range(1, PAGE_ROWS + 2):
        sandbox.put_template(number, name=f"t{number}")
    assert [template.id async for template in list_templates(transport)] == list(range(1, PAGE_ROWS + 2))
    assert len(sandbox.calls(path="/v3/REST/template")) == 2


async def test_the_list_ends_after_a_last_page_that_is_full(transport: Transport, sandbox: SandboxControl) -> None:
    sandbox.reset()
    for number in range(1, PAGE_ROWS + 1):
        sandbox.put_template(number, name=f"t{number}")
    assert len([template async for template in list_templates(transport)]) == PAGE_ROWS


async def test_the_list_of_a_key_without_templates_is_empty(transport: Transport, sandbox: SandboxControl) -> None:
    sandbox.reset()
    assert [template async for template in list_templates(transport)] == []


async def test_the_list_holds_one_owners_templates_only(transport: Transport) -> None:
    mine = await create(transport)
    await transport.request("POST", "/v3/REST/template", body=b'{"Name":"theirs","OwnerType":"user"}')
    assert [template.name async for template in list_templates(transport, owner="user")] == ["theirs"]
    names = [template.name async for template in list_templates(transport)]
    assert mine.name in names
    assert "theirs" not in names


async def test_templates_of_another_owner_are_left_out_even_if_mailjet_ignores_the_filter(
    answering: Answering,
) -> None:
    rows = [{**ROW, "OwnerType": "global"}, {**ROW, "ID": 8}]
    async with answering(http(200, orjson.dumps({"Data": rows}))) as transport:
        assert [template.id async for template in list_templates(transport)] == [8]


async def test_a_list_that_repeats_its_first_page_does_not_go_on_for_ever(answering: Answering) -> None:
    rows = [{**ROW, "ID": number} for number in range(1, PAGE_ROWS + 1)]
    async with answering(http(200, orjson.dumps({"Data": rows}), "Connection: close")) as transport:
        with pytest.raises(OutcomeUnknown, match="repeats a page"):
            [template async for template in list_templates(transport)]


async def test_a_date_that_is_not_set_is_none(answering: Answering) -> None:
    async with answering(http(200, orjson.dumps({"Data": [ROW]}))) as transport:
        template = await get_template(transport, 7)
    assert template is not None
    assert template.created_at is None


async def test_a_date_without_a_zone_is_utc(answering: Answering) -> None:
    row = {**ROW, "LastUpdatedAt": "2026-03-02T09:30:00"}
    async with answering(http(200, orjson.dumps({"Data": [row]}))) as transport:
        template = await get_template(transport, 7)
    assert template is not None
    assert template.last_updated_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        [],
        [1],
        [ROW, ROW],
        [{**ROW, "ID": "x"}],
        [{**ROW, "Purposes": 5}],
        [{**ROW, "LastUpdatedAt": "yesterday"}],
        [{"ID": 7}],
    ],
)
async def test_a_template_in_an_unknown_form_is_no_template(answering: Answering, data: object) -> None:
    async with answering(http(200, orjson.dumps({"Data": data}))) as transport:
        with pytest.raises(OutcomeUnknown):
            await get_template(transport, 7)


@pytest.mark.parametrize("row", [{"Html-part": 5}, {"MJMLContent": []}, {"Headers": "x"}])
async def test_content_in_an_unknown_form_is_no_content(answering: Answering, row: dict[str, object]) -> None:
    async with answering(http(200, orjson.dumps({"Data": [row]}))) as transport:
        with pytest.raises(OutcomeUnknown):
            await read_content(transport, 7)


async def test_an_mjml_tree_is_kept_as_it_is(answering: Answering) -> None:
    tree = {"tagName": "mjml", "children": []}
    async with answering(http(200, orjson.dumps({"Data": [{"MJMLContent": tree}]}))) as transport:
        assert await read_content(transport, 7) == TemplateContent(html=None, text=None, mjml=tree)


async def test_too_many_calls_are_not_taken_for_an_absent_template(
    transport: Transport, sandbox: SandboxControl
) -> None:
    sandbox.fault("status", status=429, path="/v3/REST/template")
    with pytest.raises(RateLimited):
        await get_template(transport, ABSENT)


async def test_a_page_that_is_not_mailjets_is_not_taken_for_an_absent_template(
    transport: Transport, sandbox: SandboxControl
) -> None:
    sandbox.fault("status", status=404, path="/v3/REST/template")
    with pytest.raises(RequestRejected, match="HTTP 404"):
        await get_template(transport, ABSENT)
