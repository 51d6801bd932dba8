"""What bodies, resources, lists and their filters have in common."""

from typing import Annotated, Any, Generic, Self, TypeVar

from django.db.models import Model, QuerySet
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from omnicrm.api.field_errors import InvalidRequest
from omnicrm.customers.errors import FieldError
from omnicrm.customers.rules import max_length, text, unknown_field

Item = TypeVar("Item", bound="Resource")

MAX_SEARCH_LENGTH = 200
SearchText = Annotated[
    str, AfterValidator(text(MAX_SEARCH_LENGTH)), Field(json_schema_extra={"maxLength": MAX_SEARCH_LENGTH})
]
Moment = Annotated[AwareDatetime, Field(description="With its time zone, e.g. 2026-05-31T12:00:00Z")]
Related = BeforeValidator(lambda manager: list(manager.all()))
"""For a list of resources: read from the related manager, prefetched or not."""


class Body(BaseModel):
    """A request's body. What it does not know is an error, with a suggestion."""

    model_config = ConfigDict(extra="forbid")

    def given(self) -> dict[str, Any]:
        """The fields that were sent, by name."""
        return self.model_dump(exclude_unset=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for described in schema["properties"].values():
        described.pop("default", None)


class Patch(Body):
    """A body that changes what it names and leaves the rest: it has no defaults to document."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


def text_field(model: type[Model], name: str, default: Any = "", **more: Any) -> Any:  # noqa: ANN401 - as pydantic's Field
    """A text that the operations check; the documentation shows the limit of the model's field."""
    return Field(default, json_schema_extra={"maxLength": max_length(model, name)}, **more)


class Resource(BaseModel):
    """What is shown of a record, read from its attributes."""

    model_config = ConfigDict(from_attributes=True)


def own_id() -> Any:  # noqa: ANN401 - as pydantic's Field
    return Field(validation_alias="pk")


class Query(BaseModel):
    """A list's filters. What it does not know is an error: to ignore a filter would answer another question."""

    @model_validator(mode="after")
    def _no_unknown(self, info: ValidationInfo) -> Self:
        known = type(self).model_fields
        unknown = [name for name in info.context["request"].GET if name not in known] if info.context else []
        if unknown:
            raise InvalidRequest([FieldError(field=name, message=unknown_field(name, known)) for name in unknown])
        return self


class Paging(Query):
    limit: int = Field(50, ge=1, le=500, description="How many items to answer")
    offset: int = Field(0, ge=0, le=1_000_000_000, description="How many items to leave out first")


class Page(Resource, Generic[Item]):
    count: int = Field(description="How many there are in all")
    items: list[Item]


def page(records: QuerySet[Any], paging: Paging, answer: type[Page[Item]]) -> Page[Item]:
    """One page of the records, and the count of all of them."""
    shown = records[paging.offset : paging.offset + paging.limit]
    return answer.model_validate({"count": records.count(), "items": list(shown)})
