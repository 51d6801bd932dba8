"""lint of list variables: what a loop may go over, and which fields its items have."""

import pytest

from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.templates.names import remarks_on_names, remarks_on_use, used_variables
from omnicrm.mailjet.language import parse

REMINDER = CATALOGUE["api_crmCommunicationCustomerInvoiceReminder"]


def remarks(source: str) -> list[str]:
    parsed = parse(source)
    assert parsed.problems == ()
    return [f"{remark.what}; {remark.mend}" for remark in remarks_on_names(parsed, REMINDER)]


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in var:invoices %}{{x.invoice_number}} {{ x.total_amount }}{% endfor %}",
        '{% for x in var:invoices %}{% if x.pay_url != "" %}{{x.pay_url}}{% endif %}{% endfor %}',
        "{% for x in var:invoices %}{% for y in var:invoices %}{{x.due_date}}{{y.due_date}}{% endfor %}{% endfor %}",
    ],
)
def test_a_loop_over_the_list_may_read_every_field(source: str) -> None:
    assert remarks(source) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{% for x in var:invoices %}{{x.invoice_numer}}{{x.invoice_numer}}{% endfor %}",
            "the items of var:invoices have no field invoice_numer; did you mean x.invoice_number?",
        ),
        (
            "{% for x in var:invoices %}{{x.Total_Amount}}{% endfor %}",
            "the items of var:invoices have no field Total_Amount; did you mean x.total_amount?",
        ),
        (
            "{% for x in var:invoices %}{{x.colour}}{% endfor %}",
            "the items of var:invoices have no field colour; there are x.invoice_number, x.due_date, x.days_overdue, "
            "x.total_amount, x.invoice_url, x.pay_url",
        ),
        (
            "{% for x in var:invoices %}{{x}}{% endfor %}",
            "x is a whole item of the list; write one of its fields: x.invoice_number, x.due_date, x.days_overdue, "
            "x.total_amount, x.invoice_url, x.pay_url",
        ),
        (
            "{% for x in var:invoices %}{% for y in x.due_date %}{{y}}{% endfor %}{% endfor %}",
            "x.due_date is one text, and a loop needs a list; write {{x.due_date}} without the loop",
        ),
        (
            "{% for x in var:invoice_number %}{{x}}{% endfor %}",
            "var:invoice_number is one text, and a loop needs a list; write {{var:invoice_number}} without the loop",
        ),
        (
            "{{var:invoices}}",
            "var:invoices is a list; go over it: {% for each in var:invoices %}{{each.invoice_number}}{% endfor %}",
        ),
        (
            "{{var:invoices.due_date}}",
            "var:invoices.due_date does not exist: invoices is a list; "
            "go over it: {% for each in var:invoices %}{{each.invoice_number}}{% endfor %}",
        ),
        (
            "{% for x in var:invoice %}{{x.due_date}}{% endfor %}",
            "this email has no variable invoice; did you mean var:invoices?",
        ),
    ],
)
def test_what_a_list_does_not_have_is_told_once_with_what_it_has(source: str, said: str) -> None:
    assert remarks(source) == [said]


def test_a_required_variable_may_be_shown_by_a_loop_instead() -> None:
    shown = used_variables(parse("{% for x in var:invoices %}{{x.invoice_number}} {{x.total_amount}}{% endfor %}"))
    assert list(remarks_on_use(shown, REMINDER, part="HTML")) == []
    assert len(list(remarks_on_use(frozenset({"customer_name"}), REMINDER, part="HTML"))) == 2
