"""Routes of single sites."""

# ruff: noqa: ARG001 - ninja hands every route its request
from django.http import HttpRequest
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.callers import Needs, visible
from omnicrm.api.site_schemas import SiteOut, SitePatch
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Site

router = Router(tags=["Sites"])
WRITE = Needs(Permission.WRITE_CUSTOMERS)


@router.get("/site/{int:site_id}", auth=Needs(Permission.READ_CUSTOMERS, or_own=True), response=SiteOut)
def get_site(request: HttpRequest, site_id: int) -> Site:
    return visible(Site.objects.all(), request).get(pk=site_id)


@router.patch("/site/{int:site_id}", auth=WRITE, response=SiteOut)
def update_site(request: HttpRequest, site_id: int, body: SitePatch) -> Site:
    """Changes what is given."""
    return customers.update_site(site_id=site_id, **body.given())


@router.delete("/site/{int:site_id}", auth=WRITE, response={204: None})
def remove_site(request: HttpRequest, site_id: int) -> None:
    """Removes a site. Its services stay, without one."""
    customers.remove_site(site_id=site_id)
