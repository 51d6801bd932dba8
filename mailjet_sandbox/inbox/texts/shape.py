"""Which texts there are. `{names}` in braces are filled in by the templates."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    code: str
    own_name: str
    months: tuple[str, ...]
    day_month: str
    day_month_year: str
    thousands: str
    decimal: str
    byte_units: tuple[str, ...]

    product: str
    tagline: str
    inbox: str
    skip: str
    language: str
    times_are_utc: str
    connection_lost: str

    search: str
    search_hint: str
    status: str
    everything: str
    statuses: Mapping[str, str]
    status_filters: Mapping[str, str]
    newer: str
    older: str
    range_of: str
    no_match: str
    no_match_hint: str
    clear_search: str

    delete_all: str
    delete_question: str
    delete_consequence: str
    delete_consequence_one: str
    delete_confirm: str
    cancel: str

    empty_title: str
    empty_text: str
    empty_terminal: str
    empty_client: str
    empty_refresh: str
    copy: str
    copied: str

    pick_title: str
    pick_text: str
    gone_title: str
    gone_text: str
    back: str
    keys_next: str
    keys_search: str
    keys_close: str

    no_subject: str
    no_sender: str
    from_: str
    to: str
    copy_to: str
    blind_copy_to: str
    reply_to: str
    received_by: str
    template: str
    campaign: str
    attached: str
    needs_look: str

    blocked_title: str
    bounced_title: str
    blocked_reasons: Mapping[str, str]
    errors_title: str
    errors_delivered: str
    errors_details: str
    missing_text: str
    language_off_title: str
    language_off_text: str
    leftovers_title: str
    leftovers_text: str
    remote_blocked: str

    tabs: Mapping[str, str]
    parts: str
    mail_frame: str
    view: str
    views: Mapping[str, str]
    no_html: str
    no_text: str

    request_note: str
    variables_note: str
    no_variables: str
    name: str
    value: str
    use: str
    used: str
    unused: str
    missing: str
    no_request: str

    fates_title: str
    fates_text: str
    as_recipient: str
    report_spam: str
    unsubscribe: str
    no_events: str
    event: str
    event_kinds: Mapping[str, str]
    event_states: Mapping[str, str]
    told: str
    payload: str

    no_attachments: str
    inlined: str
    open: str
    download: str
