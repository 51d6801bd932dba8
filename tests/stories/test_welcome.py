"""A customer is created through the API on a real PostgreSQL, and a person reads the welcome in the inbox."""

from mailjet_sandbox.control import SandboxControl
from tests.stories.conftest import Installation, wait_until


def test_a_new_customer_is_welcomed_within_seconds(installation: Installation, sandbox: SandboxControl) -> None:
    installation.serve()
    installation.start("worker")
    customer = installation.create_customer(1)
    wait_until(lambda: len(sandbox.messages()) == 1)

    (arrived,) = sandbox.messages()
    assert arrived.recipient == "c1@example.com"
    assert arrived.html == "<p>Customer 1</p>"

    wait_until(lambda: installation.states() == {"accepted": 1})
    (message,) = installation.call("GET", f"/message?customer_id={customer['customer_id']}")["items"]
    assert (message["state"], message["mailjet_message_id"]) == ("accepted", str(arrived.message_id))
    assert message["message_id"] == arrived.custom_id


def test_a_thousand_customers_in_bulk_take_twenty_calls(installation: Installation, sandbox: SandboxControl) -> None:
    installation.serve()
    installation.create_customers(1000)
    installation.start("worker")
    wait_until(lambda: installation.states() == {"accepted": 1000})
    assert [call.messages for call in sandbox.calls()] == [50] * 20
