"""Recipients at their inbox: some of them open their emails, one follows a link; the local Mailjet tells it."""

from typing import Final

from mailjet_sandbox.control import SandboxControl
from omnicrm.ops.demo.scenario import Api

INVOICE: Final = "api_crmCommunicationCustomerInvoice"
MAINTENANCE: Final = "planned_maintenance"


def open_some(api: Api, sandbox: SandboxControl) -> None:
    """Opens invoices and announcements, and follows the link of these, unless that was done before."""
    for section in (INVOICE, MAINTENANCE):
        for message in api.call("GET", f"/message?section={section}")["items"]:
            if message["mailjet_message_id"] and not _was_opened(api, message["message_id"]):
                mailjet_id = int(message["mailjet_message_id"])
                sandbox.emit(mailjet_id, "open")
                if section == MAINTENANCE:
                    sandbox.emit(mailjet_id, "click", url=message["variables"]["status_url"])


def _was_opened(api: Api, message_id: str) -> bool:
    return any(event["outcome"] == "opened" for event in api.call("GET", f"/message/{message_id}")["timeline"])
