"""Routes of single services."""

# ruff: noqa: ARG001 - ninja hands every route its request
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.callers import Needs, visible
from omnicrm.api.service_schemas import ServiceOut, ServicePatch
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Service
from omnicrm.onboarding import operations as onboarding

router = Router(tags=["Services"])
WRITE = Needs(Permission.WRITE_CUSTOMERS)


@router.get("/service/{int:service_id}", auth=Needs(Permission.READ_CUSTOMERS, or_own=True), response=ServiceOut)
def get_service(request: HttpRequest, service_id: int) -> Service:
    return visible(Service.objects.all(), request).get(pk=service_id)


@router.patch("/service/{int:service_id}", auth=WRITE, response=ServiceOut)
def update_service(request: HttpRequest, service_id: int, body: ServicePatch) -> Service:
    """Changes what is given. Becoming active welcomes a customer who never was."""
    return onboarding.update_service(service_id=service_id, now=timezone.now(), **body.given()).service


@router.post("/service/{int:service_id}/activate", auth=WRITE, response=ServiceOut)
def activate_service(request: HttpRequest, service_id: int) -> Service:
    """Makes a service active, and welcomes a customer who never was."""
    return onboarding.activate_service(service_id=service_id, now=timezone.now()).service


@router.delete("/service/{int:service_id}", auth=WRITE, response={204: None})
def remove_service(request: HttpRequest, service_id: int) -> None:
    customers.remove_service(service_id=service_id)
