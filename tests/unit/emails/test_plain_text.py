"""The plain-text part: the same as the HTML, as a person would have typed it."""

from datetime import UTC, datetime

import pytest

from mailjet_sandbox.language import render
from omnicrm.emails.designs import compile_mjml

NBSP = "\N{NO-BREAK SPACE}"


def text_of(body: str, *, language: str = "en") -> str:
    source = f'<mjml lang="{language}"><mj-body><mj-section><mj-column>{body}</mj-column></mj-section></mj-body></mjml>'
    return compile_mjml(source, name="test").text


def test_paragraphs_are_a_blank_line_apart_whatever_the_layout() -> None:
    assert text_of("<mj-text><p>One</p>\n\n\n<p>two\n  lines</p></mj-text><mj-text>Three</mj-text>") == (
        "One\n\ntwo lines\n\nThree\n"
    )


def test_a_list_has_a_dash_before_each_item() -> None:
    assert (
        text_of("<mj-text>You can:<ul><li>pay;</li> <li>read.</li></ul></mj-text>") == "You can:\n\n- pay;\n- read.\n"
    )


def test_a_button_is_its_words_a_colon_and_the_address_on_a_line_of_its_own() -> None:
    button = """<mj-button href='{{var:pay_url:""}}'>Payer</mj-button>"""
    assert text_of(button) == 'Payer:\n{{var:pay_url:""}}\n'
    assert text_of(button, language="fr") == f'Payer{NBSP}:\n{{{{var:pay_url:""}}}}\n'


def test_a_link_in_a_sentence_is_followed_by_its_address() -> None:
    assert text_of("""<mj-text>See <a href='{{var:url:""}}'>this page</a>.</mj-text>""") == (
        'See this page ({{var:url:""}}).\n'
    )


@pytest.mark.parametrize("address", ["help@example.com", '{{var:support_email:""}}'])
def test_an_email_address_that_is_a_link_stands_there_once(address: str) -> None:
    assert text_of(f"<mj-text>Write to <a href='mailto:{address}'>{address}</a></mj-text>") == f"Write to {address}\n"


def test_a_row_of_a_table_reads_label_colon_value() -> None:
    table = "<table>\n<tr>\n <td>Total</td>\n <td> <b>5</b> </td>\n</tr>\n<tr><td>Due</td><td>today</td></tr></table>"
    assert text_of(f"<mj-text>Invoice {table} Thank you</mj-text>") == "Invoice\n\nTotal: 5\nDue: today\n\nThank you\n"
    assert f"Total{NBSP}: 5\n" in text_of(f"<mj-text>{table}</mj-text>", language="fr")


def test_a_table_of_one_cell_is_a_paragraph() -> None:
    assert text_of("<mj-text>Code:<table><tr><td> 123456 </td></tr></table></mj-text>") == "Code:\n\n123456\n"


def test_the_heading_is_left_to_the_subject() -> None:
    assert text_of("<mj-text><h1>Welcome</h1></mj-text><mj-text>Hello</mj-text>") == "Hello\n"


def test_what_is_for_html_only_is_left_out() -> None:
    fallback = "<mj-text css-class='html-only'>If <b>the</b> button<br />fails: <a href='x'>y</a></mj-text>"
    assert text_of(f"{fallback}<mj-text>Hello</mj-text>") == "Hello\n"


def test_no_break_spaces_and_characters_written_as_entities_stay_what_they_are() -> None:
    assert text_of(f"<mj-text>«{NBSP}a &amp; b{NBSP}» &lt;3</mj-text>") == f"«{NBSP}a & b{NBSP}» <3\n"


def test_the_signature_begins_with_the_mark_that_mail_programs_know() -> None:
    assert text_of("<mj-text>Bye</mj-text><mj-divider /><mj-text>Us</mj-text>") == "Bye\n\n-- \nUs\n"


@pytest.mark.parametrize(
    ("password", "expected"),
    [("secret", "Hello\n\nPassword: secret\n\nBye\n"), ("", "Hello\n\nNo password\n\nBye\n")],
)
def test_a_condition_leaves_no_gap_whichever_way_it_goes(password: str, expected: str) -> None:
    text = text_of("""<mj-text>Hello</mj-text>
        <mj-raw>{% if var:password:"" != "" %}</mj-raw>
        <mj-text>Password: {{var:password:""}}</mj-text>
        <mj-raw>{% else %}</mj-raw>
        <mj-text>No password</mj-text>
        <mj-raw>{% endif %}</mj-raw>
        <mj-text>Bye</mj-text>""")
    assert render(text, variables={"password": password}, now=datetime.now(UTC)).output == expected


@pytest.mark.parametrize(
    ("address", "expected"), [("::1", "On: Monday\nFrom: ::1\n\nBye\n"), ("", "On: Monday\n\nBye\n")]
)
def test_a_row_under_a_condition_leaves_no_gap_either(address: str, expected: str) -> None:
    text = text_of("""<mj-text><table>
          <tr><td>On</td><td>Monday</td></tr>
          {% if var:ip:"" != "" %}
          <tr><td>From</td><td>{{var:ip:""}}</td></tr>
          {% endif %}
        </table></mj-text><mj-text>Bye</mj-text>""")
    assert render(text, variables={"ip": address}, now=datetime.now(UTC)).output == expected
