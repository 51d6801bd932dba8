"""The Headers of a message: which ones a caller may set."""

from collections.abc import Iterator

from mailjet_sandbox.send.problems import Problem, mismatch

FORBIDDEN = frozenset(
    {
        "from",
        "sender",
        "subject",
        "to",
        "cc",
        "bcc",
        "return-path",
        "delivered-to",
        "dkim-signature",
        "domainkey-status",
        "received-spf",
        "authentication-results",
        "received",
        "user-agent",
        "x-mailer",
        "x-feedback-id",
        "list-id",
        "date",
        "message-id",
        "x-csa-complaints",
        "x-mailjet-prio",
        "x-mailjet-debug",
        "x-mailjet-campaign",
        "x-mailjet-segmentation",
        "x-mailjet-trackopen",
        "x-mailjet-trackclick",
        "x-mj-customid",
        "x-mj-eventpayload",
        "x-mj-vars",
        "x-mj-templateid",
        "x-mj-templatelanguage",
        "x-mj-templateerrordeliver",
        "x-mj-templateerrorreporting",
        "x-mj-workflowid",
        "x-mj-mid",
        "x-mj-errormessage",
        "x-mj-statisticscontactslistid",
        "reply-to",
        "x-mailjet-deduplicatecampaign",
        "x-mj-monitoringcategory",
    }
)
"""In lower case. The last three are in Mailjet's rule (a header that has its own property) but not in its list."""


def check_headers(path: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield mismatch(path, "object")
        return
    for name, content in value.items():
        place = f'{path}["{name}"]'
        if name.lower() in FORBIDDEN:
            text = f'Header "{name}" cannot be set through Headers: it is reserved, or has its own property.'
            yield Problem(code="send-0011", text=text, related_to=(place,))
        elif not isinstance(content, str):
            yield mismatch(place, "string")
