"""Form fields for what Django has no comfortable one for: tags, and custom attributes of a customer."""

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from typing_extensions import override
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget


class Row(NamedTuple):
    """An attribute in the form. `is_json` marks a value that was no text and is shown as JSON."""

    name: str = ""
    value: str = ""
    is_json: bool = False


class TagsField(forms.CharField):
    """Tags separated by commas. One that holds a comma itself stands in double quotes."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: object) -> object:
        return ", ".join(map(_quoted, value)) if isinstance(value, list) else value

    @override
    def to_python(self, value: Any) -> Any:
        try:
            tags = next(csv.reader([super().to_python(value) or ""], skipinitialspace=True, strict=True), [])
        except csv.Error:
            raise forms.ValidationError(
                _("Separate tags by commas; put one that has a comma in double quotes.")
            ) from None
        return [tag.strip() for tag in tags if tag.strip()]


class AttributesWidget(forms.Widget):
    """A row per attribute, and an empty one for the next; backoffice.js adds and removes rows."""

    template_name = "backoffice/attributes_widget.html"

    @override
    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"rows": [*(value or ()), Row()], "input_class": " ".join(INPUT_CLASSES)}
        return context

    @override
    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> list[Row]:
        columns = (data.getlist(f"{name}-{column}") for column in Row._fields)
        rows = [
            Row(label.strip(), value.replace("\r\n", "\n"), kind == "yes")
            for label, value, kind in zip(*columns, strict=False)
        ]
        return [row for row in rows if row.name or row.value]

    @override
    def value_omitted_from_data(self, data: Any, files: MultiValueDict[str, Any], name: str) -> bool:
        return f"{name}-name" not in data


class AttributesField(forms.Field):
    """Custom attributes as rows. What was no text stays what it was as long as it reads as JSON."""

    widget = AttributesWidget

    def prepare_value(self, value: object) -> object:
        return [_row(name, item) for name, item in value.items()] if isinstance(value, Mapping) else value

    def clean(self, value: Sequence[Row]) -> dict[str, Any]:
        names = [row.name for row in value]
        if "" in names:
            raise forms.ValidationError(_("Give each attribute a name."))
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise forms.ValidationError(_("The attribute “%(name)s” stands here twice.") % {"name": doubled})
        return {row.name: _read(row) for row in value}

    @override
    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial or {}) != list(data or ()))


def _quoted(tag: str) -> str:
    escaped = tag.replace('"', '""')
    return f'"{escaped}"' if "," in tag or '"' in tag else tag


def _row(name: str, value: object) -> Row:
    if isinstance(value, str):
        return Row(name, value)
    return Row(name, json.dumps(value, ensure_ascii=False), is_json=True)


def _read(row: Row) -> Any:  # noqa: ANN401 - any JSON value
    if row.is_json:
        try:
            return json.loads(row.value)
        except (ValueError, RecursionError):
            return row.value
    return row.value
