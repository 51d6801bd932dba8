"""Looking messages up at Mailjet after the outcome of a send was lost."""

from datetime import datetime

from omnicrm.mailjet.transport import Transport, rows_of


async def find_by_custom_id(transport: Transport, custom_id: str, *, since: datetime, until: datetime) -> int | None:
    """Returns the MessageID of the message sent under `custom_id` in that time, or None if Mailjet lists none (yet).

    The listing lags behind acceptance by minutes, so None soon after the send proves nothing. The range is always
    given because Mailjet's default is today; the CustomID is compared again because it ignores unknown filters.
    """
    answer = await transport.request(
        "GET",
        "/v3/REST/message",
        params={
            "CustomID": custom_id,
            "ShowCustomID": "true",
            "FromTS": str(int(since.timestamp())),
            "ToTS": str(int(until.timestamp())),
            "Limit": "10",
        },
    )
    matches = [row["ID"] for row in rows_of(answer) if row.get("CustomID") == custom_id]
    return int(matches[0]) if matches else None
