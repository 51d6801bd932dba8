"""/v3/REST: the resources that the sandbox has."""

from mailjet_sandbox.errors import rest_error
from mailjet_sandbox.http import Response
from mailjet_sandbox.rest import account, callbacks, detailcontent, messages, templates

__all__ = ["routes", "unknown_resource"]

routes = (*templates.routes, *detailcontent.routes, *messages.routes, *account.routes, *callbacks.routes)

MISSING_HERE = frozenset(
    {
        "aggregategraphstatistics",
        "apikeyaccess",
        "apikeytotals",
        "apitoken",
        "axtesting",
        "batchjob",
        "bouncestatistics",
        "campaign",
        "campaigndraft",
        "campaignoverview",
        "campaignstatistics",
        "clickstatistics",
        "contact",
        "contactdata",
        "contactfilter",
        "contacthistorydata",
        "contactmetadata",
        "contactslist",
        "contactslistsignup",
        "contactstatistics",
        "csvimport",
        "dns",
        "domainstatistics",
        "geostatistics",
        "graphstatistics",
        "listrecipient",
        "listrecipientstatistics",
        "liststatistics",
        "messageinformation",
        "messagesentstatistics",
        "messagestate",
        "messagestatistics",
        "metadata",
        "metasender",
        "myprofile",
        "newsletter",
        "newslettertemplate",
        "openinformation",
        "openstatistics",
        "parseroute",
        "preferences",
        "senderstatistics",
        "statcounters",
        "statistics",
        "toplinkclicked",
        "trigger",
        "useragentstatistics",
        "widget",
        "widgetcustomvalue",
    }
)
"""Mailjet's other resources."""


def unknown_resource(name: str) -> Response:
    """Mailjet's answer to a resource that it does not know; 501 for one that only the sandbox does not have."""
    if name.lower() in MISSING_HERE:
        return rest_error(501, f'Mailjet has the resource "{name}", this sandbox does not', info="Not Implemented")
    return rest_error(400, f'Unknown resource: "{name}"', info="Bad Request")
