"""Looking a message up after its answer was lost."""

from datetime import UTC, datetime, timedelta

from mailjet_sandbox.control import SandboxControl
from omnicrm.mailjet.messages import find_by_custom_id
from omnicrm.mailjet.transport import Transport
from tests.integration.mailjet.test_send import message, send_all

HOUR = timedelta(hours=1)


async def look_up(url: str, custom_id: str) -> int | None:
    now = datetime.now(UTC)
    async with Transport(base_url=url, api_key="k", api_secret="s") as transport:
        return await find_by_custom_id(transport, custom_id, since=now - HOUR, until=now + HOUR)


async def test_a_message_is_found_by_its_custom_id_among_others(sandbox: SandboxControl, sandbox_url: str) -> None:
    await send_all(sandbox_url, message(1), message(2))
    wanted = next(arrived for arrived in sandbox.messages() if arrived.custom_id == "m2")
    assert await look_up(sandbox_url, "m2") == wanted.message_id


async def test_a_message_that_never_arrived_is_not_found(sandbox: SandboxControl, sandbox_url: str) -> None:
    await send_all(sandbox_url, message(1))
    assert await look_up(sandbox_url, "m2") is None


async def test_rows_of_an_ignored_filter_are_not_taken_for_the_message(
    sandbox: SandboxControl, sandbox_url: str
) -> None:
    await send_all(sandbox_url, message(1))
    assert await look_up(sandbox_url, "") is None
