"""An operator adds an email without a line of code, pushes it, and another system sends it to a customer."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.stories.conftest import Installation, wait_until

DEMO = Path(__file__).parents[2] / "omnicrm" / "ops" / "demo" / "email_templates"
NAME = "planned_maintenance"
VARIABLES = {
    "customer_name": "Customer 1",
    "service_name": "Fibre",
    "starts_at": "2026-12-01T22:00:00+01:00",
    "ends_at": "2026-12-02T04:00:00+01:00",
    "status_url": "https://status.example.com/",
}


@pytest.fixture
def folder(installation: Installation) -> Iterator[Path]:
    """The folder of the operator's own emails, with that of the demo, which was never pushed."""
    folder = installation.home / "email_templates"
    shutil.copytree(DEMO, folder)
    file = folder / f"{NAME}.yaml"
    text = file.read_text(encoding="utf-8").replace("template_id: 5977520\n", "").replace("template_id: 5977620, ", "")
    file.write_text(text, encoding="utf-8")
    installation.stop_server()  # it reads the folder as it starts
    yield folder
    installation.stop_server()
    shutil.rmtree(folder)


def test_an_email_of_the_operators_own_reaches_only_customers_who_still_have_the_address(
    folder: Path, installation: Installation, sandbox: SandboxControl
) -> None:
    installation.run("templates", "push", "--section", NAME, "--yes")
    installation.serve()
    customers = [installation.create_customer(number) for number in (1, 2)]
    for customer in customers:
        body = {"section": NAME, "customer_id": customer["customer_id"], "variables": VARIABLES}
        installation.call("POST", "/message", body)
    moved = customers[1]["contacts"][0]["contact_id"]
    installation.call("PATCH", f"/contact/{moved}", {"email": "moved@example.com"})
    installation.start("worker")

    wait_until(lambda: installation.states() == {"accepted": 2, "cancelled": 2})  # welcomes and announcements
    arrived = next(message for message in sandbox.messages() if message.subject.startswith("Maintenance"))
    assert (arrived.recipient, arrived.errors) == ("c1@example.com", ())
    assert "1 décembre 2026 à 22:00 CET" in arrived.text
    (kept_back,) = installation.call("GET", f"/message?section={NAME}&state=cancelled")["items"]
    assert kept_back["reason"] == "The address is no longer a contact of the customer."
