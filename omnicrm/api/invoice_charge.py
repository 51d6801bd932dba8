"""Routes of recurring charges: what services cost each month."""

# ruff: noqa: ARG001 - ninja hands every route its request
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs
from omnicrm.api.shapes import Page, Paging, Patch, Resource, text_field
from omnicrm.customers.models import Service
from omnicrm.invoices.charges import add_charge, change_charge, remove_charge
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.run_models import RecurringCharge

router = Router(tags=["Invoice runs"])
READ = Needs(Permission.READ_INVOICES)
WRITE = Needs(Permission.WRITE_INVOICES)


class ChargePatch(Patch):
    title: str = text_field(RecurringCharge, "title")
    amount: Decimal = Field(Decimal(0), description="Per month, without tax; negative for a discount")
    tax_rate: Decimal = Field(Decimal(0), description="In percent; if left out, that of the configuration")
    start_date: date = Field(date.min, description="The first day that is charged")
    end_date: date | None = Field(None, description="The last day that is charged")


class ChargeIn(ChargePatch):
    title: str = text_field(RecurringCharge, "title", description="If left out, the service's name")
    amount: Decimal = Field(description="Per month, without tax; negative for a discount", examples=["39.99"])
    start_date: date = Field(description="The first day that is charged")


class ChargeOut(Resource):
    charge_id: int
    service_id: int
    title: str
    amount: str
    tax_rate: str
    start_date: date
    end_date: date | None
    created_at: datetime

    @classmethod
    def of(cls, charge: RecurringCharge) -> Self:
        as_stored: dict[str, Any] = {
            name: getattr(charge, name) for name in ("service_id", "title", "start_date", "end_date", "created_at")
        }
        return cls(
            charge_id=charge.pk,
            amount=f"{shortest(charge.amount):f}",
            tax_rate=f"{shortest(charge.tax_rate):f}",
            **as_stored,
        )


@router.get("/service/{int:service_id}/charge", auth=READ, response=Page[ChargeOut])
def list_charges(request: HttpRequest, service_id: int, query: Query[Paging]) -> Page[ChargeOut]:
    found = Service.objects.get(pk=service_id).charges.all()
    shown = found[query.offset : query.offset + query.limit]
    return Page[ChargeOut](count=found.count(), items=[ChargeOut.of(charge) for charge in shown])


@router.post("/service/{int:service_id}/charge", auth=WRITE, response={201: ChargeOut})
def create_charge(request: HttpRequest, service_id: int, body: ChargeIn) -> ChargeOut:
    """Adds what a service costs each month. Invoice runs bill it while the service is active."""
    return ChargeOut.of(add_charge(service_id=service_id, by=actor_of(request), now=timezone.now(), **body.given()))


@router.get("/charge/{int:charge_id}", auth=READ, response=ChargeOut)
def get_charge(request: HttpRequest, charge_id: int) -> ChargeOut:
    return ChargeOut.of(RecurringCharge.objects.get(pk=charge_id))


@router.patch("/charge/{int:charge_id}", auth=WRITE, response=ChargeOut)
def update_charge(request: HttpRequest, charge_id: int, body: ChargePatch) -> ChargeOut:
    """Changes what is given, for what is billed from now on. It cannot end before a day that is billed."""
    return ChargeOut.of(change_charge(charge_id=charge_id, by=actor_of(request), now=timezone.now(), **body.given()))


@router.delete("/charge/{int:charge_id}", auth=WRITE, response={204: None})
def delete_charge(request: HttpRequest, charge_id: int) -> None:
    """Deletes a charge of which nothing was billed. 409 for others: give them an end date."""
    remove_charge(charge_id=charge_id, by=actor_of(request), now=timezone.now())
