"""How a customer is written and shown."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import ConfigDict, Field

from omnicrm.api.contact_schemas import ContactIn, ContactOut
from omnicrm.api.service_schemas import ServiceOut
from omnicrm.api.shapes import Paging, Patch, Query, Related, Resource, SearchText, own_id, text_field
from omnicrm.api.site_schemas import SiteIn, SiteOut
from omnicrm.customers.models import AccountType, Customer, Language, PaymentType
from omnicrm.customers.rules import MAX_ATTRIBUTES, MAX_ATTRIBUTES_BYTES, MAX_TAGS
from omnicrm.onboarding.operations import Registered

MAX_AT_ONCE: Final = 1_000

_EXAMPLE: Final[dict[str, Any]] = {
    "customer_name": "Boulangerie Martin",
    "customer_account_type": "Business",
    "customer_payment_type": "Postpaid",
    "language": "fr",
    "attributes": {"segment": "pro", "sales_region": "Nord"},
    "tags": ["fibre"],
    "contacts": [
        {
            "contact_type": "primary",
            "first_name": "Hélène",
            "last_name": "Martin",
            "email": "helene@example.com",
            "phone": "+33 1 99 00 12 34",
        }
    ],
    "sites": [
        {"name": "Fournil", "address": "1 rue du Four", "city": "Lille", "postcode": "59000", "country": "France"}
    ],
}


class CustomerPatch(Patch):
    customer_name: str = text_field(Customer, "customer_name")
    customer_account_type: AccountType = AccountType.INDIVIDUAL
    customer_payment_type: PaymentType = PaymentType.POSTPAID
    language: Language = Field(Language.FRENCH, description="Language of the emails to this customer")
    attributes: dict[str, Any] = Field(
        {},
        description=f"Custom fields: at most {MAX_ATTRIBUTES}, {MAX_ATTRIBUTES_BYTES} bytes of JSON. "
        "A change replaces them all.",
    )
    tags: list[str] = Field([], description=f"At most {MAX_TAGS}. A change replaces them all.")


class CustomerIn(CustomerPatch):
    """A customer together with its contacts and sites."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    customer_name: str = text_field(Customer, "customer_name", ...)
    contacts: list[ContactIn] = Field([], max_length=MAX_AT_ONCE)
    sites: list[SiteIn] = Field([], max_length=MAX_AT_ONCE)


class CustomerOut(Resource):
    customer_id: int = own_id()
    customer_name: str
    customer_account_type: str
    customer_payment_type: str
    language: str
    attributes: dict[str, Any]
    tags: list[str]
    contacts: Annotated[list[ContactOut], Related]
    sites: Annotated[list[SiteOut], Related]
    services: Annotated[list[ServiceOut], Related]
    created_at: datetime
    updated_at: datetime


class WelcomeOut(Resource):
    message_id: UUID | None = Field(description="The welcome email, queued now or before")
    reason: str = Field(description="Why none was queued now")


class CustomerCreated(CustomerOut):
    welcome: WelcomeOut

    @classmethod
    def of(cls, registered: Registered) -> "CustomerCreated":
        customer = CustomerOut.model_validate(registered.customer)
        return cls.model_construct(**dict(customer), welcome=WelcomeOut.model_validate(registered.welcome))


class CustomerQuery(Paging):
    search: SearchText = Field("", description="Beginnings of words in the name or in one contact; or an id")
    tag: SearchText = ""
    customer_account_type: AccountType | None = None
    language: Language | None = None


class ImportQuery(Query):
    send_welcome: bool = Field(True, description="false: for customers who know you already")
