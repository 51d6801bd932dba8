"""How a service is written and shown."""

from datetime import datetime
from uuid import UUID, uuid4

from pydantic import Field

from omnicrm.api.shapes import Patch, Resource, own_id, text_field
from omnicrm.customers.models import Service, ServiceState


class ServicePatch(Patch):
    service_name: str = text_field(Service, "service_name")
    service_type: str | None = text_field(Service, "service_type", examples=["fibre", "mobile"])
    site_id: int | None = Field(None, description="A site of the same customer")
    state: ServiceState = Field(ServiceState.PENDING, description="`active` welcomes a customer who never was")


class ServiceIn(ServicePatch):
    """A subscription."""

    service_name: str = text_field(Service, "service_name", ...)
    service_uuid: UUID = Field(default_factory=uuid4, description="How charging systems name it; made if left out")


class ServiceOut(Resource):
    service_id: int = own_id()
    service_uuid: UUID
    customer_id: int
    site_id: int | None
    service_name: str
    service_type: str
    state: str
    activated_at: datetime | None
    created_at: datetime
