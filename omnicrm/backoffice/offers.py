"""What may be done about a record, as buttons on its page: its head has no room for so many, least on a phone."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from typing_extensions import override
from unfold.dataclasses import UnfoldAction

from omnicrm.backoffice.access import StaffModelAdmin


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A page on which something is done, as a button."""

    title: str
    icon: str
    link: str


class Offering(StaffModelAdmin):
    """Its pages about one record, `actions_detail`, are offered by offers.html; a template shows that."""

    @override
    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        return []

    def possible(self, _request: HttpRequest, _record: Any) -> Container[str]:  # noqa: ANN401 - each has its own model
        """The paths of the pages that the record's state allows."""
        raise NotImplementedError

    def offers(self, request: HttpRequest, record: Any) -> list[Offer]:  # noqa: ANN401 - as above
        """What the user may do and the record's state allows."""
        allowed, possible = super().get_actions_detail(request, str(record.pk)), self.possible(request, record)
        return [
            Offer(
                title=str(each.description),
                icon=each.icon or "",
                link=reverse(f"admin:{each.action_name}", args=[record.pk]),
            )
            for each in allowed
            if each.path in possible
        ]
