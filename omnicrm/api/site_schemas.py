"""How a site is written and shown."""

from omnicrm.api.shapes import Patch, Resource, own_id, text_field
from omnicrm.customers.models import Site


class SitePatch(Patch):
    name: str = text_field(Site, "name")
    address: str | None = text_field(Site, "address")
    city: str | None = text_field(Site, "city")
    postcode: str | None = text_field(Site, "postcode")
    country: str | None = text_field(Site, "country")


class SiteIn(SitePatch):
    """A place where the customer is served."""

    name: str = text_field(Site, "name", ...)


class SiteOut(Resource):
    site_id: int = own_id()
    customer_id: int
    name: str
    address: str
    city: str
    postcode: str
    country: str
