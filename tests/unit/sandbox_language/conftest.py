from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from mailjet_sandbox.language import Rendered, render

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

RenderWith = Callable[..., Rendered]


@pytest.fixture(scope="session")
def rendering() -> RenderWith:
    """`rendering(source, name=value, …)`: rendered with these variables."""

    def render_with(source: str, /, **variables: object) -> Rendered:
        return render(source, variables=variables, now=NOW)

    return render_with


@pytest.fixture(scope="session")
def output(rendering: RenderWith) -> Callable[..., str]:
    """`output(source, name=value, …)`: the output of a rendering that has to go well."""

    def output_of(source: str, /, **variables: object) -> str:
        rendered = rendering(source, **variables)
        assert rendered.errors == ()
        return rendered.output

    return output_of


@pytest.fixture(scope="session")
def output_for() -> Callable[[str, Mapping[str, object]], str]:
    """`output_for(source, contact)`: rendered for this contact, sent by Billing, from template 7."""

    def output_of(source: str, contact: Mapping[str, object]) -> str:
        sender = {"ID": 3, "email": "billing@operator.example", "name": "Billing"}
        template = {"ID": 7, "name": "invoice", "copyright": "Operator"}
        rendered = render(source, variables={}, contact=contact, sender=sender, template=template, now=NOW)
        assert rendered.errors == ()
        return rendered.output

    return output_of
