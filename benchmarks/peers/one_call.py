"""What the asynchronous peers share: an email in a call of its own, over kept connections."""

import aiohttp
import orjson

from benchmarks import emails
from benchmarks.context import Context


def keep_alive_session(context: Context, *, connections: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        base_url=context.sink_url,
        headers={
            "Authorization": aiohttp.encode_basic_auth(emails.API_KEY, emails.API_SECRET),
            "Content-Type": "application/json",
        },
        connector=aiohttp.TCPConnector(limit=connections),
    )


async def send_one(session: aiohttp.ClientSession, number: int) -> int:
    """Returns Mailjet's MessageID, as a job that keeps its outcome would."""
    async with session.post("/v3.1/send", data=emails.body([number])) as response:
        result = orjson.loads(await response.read())["Messages"][0]
    assert result["Status"] == "success"
    return int(result["To"][0]["MessageID"])
