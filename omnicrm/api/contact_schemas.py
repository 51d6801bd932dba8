"""How a contact is written and shown."""

from datetime import datetime

from pydantic import Field

from omnicrm.api.shapes import Patch, Resource, own_id, text_field
from omnicrm.customers.models import Contact, ContactType


class ContactIn(Patch):
    """A person or mailbox. An email address or a phone number is needed."""

    contact_type: ContactType = ContactType.PRIMARY
    first_name: str | None = text_field(Contact, "first_name")
    last_name: str | None = text_field(Contact, "last_name")
    email: str | None = text_field(Contact, "email", examples=["helene@example.com"])
    phone: str | None = text_field(Contact, "phone")


class ContactOut(Resource):
    contact_id: int = own_id()
    customer_id: int
    contact_type: str
    first_name: str
    last_name: str
    email: str
    phone: str
    marketing_consent_at: datetime | None = Field(description="When the contact agreed to marketing email, if so")
    marketing_consent_source: str = Field(description="Where: self_care, staff or shop")
    created_at: datetime
    updated_at: datetime
