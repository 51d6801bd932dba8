"""The address that CGRateS posts accounts and events to."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.balance_event import result_of
from omnicrm.api.balance_schemas import CGRATES_DOCUMENTATION, CgratesResult
from omnicrm.api.callers import Caller, Needs, identify_by_password
from omnicrm.api.json import parsed
from omnicrm.balances.cgrates import read_post
from omnicrm.balances.intake import Received, Status, accept_events
from omnicrm.balances.models import Source

router = Router(tags=["Balances"])


class NeedsFromUrl(Needs):
    """CGRateS can give no header of its own, but a password in its URL: https://cgrates:API_KEY@crm.example.com/…"""

    def __call__(self, request: HttpRequest) -> Caller:
        identify_by_password(request, now=timezone.now())
        return super().__call__(request)


@router.post(
    "/ocs/cgrates",
    auth=NeedsFromUrl(Permission.WRITE_BALANCES),
    response=CgratesResult,
    openapi_extra=CGRATES_DOCUMENTATION,
)
def accept_cgrates(request: HttpRequest) -> dict[str, list[dict[str, str]]]:
    """Takes in what an action `*http_post` of CGRateS posts: an account, or an event.

    The API key may stand in the URL as the password of HTTP basic authentication.
    """
    events = read_post(parsed(request.body))
    results = accept_events(events, source=Source.CGRATES, now=timezone.now()) or [Received(Status.IGNORED)]
    return {"results": [result_of(each) for each in results]}
