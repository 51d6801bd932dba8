"""Custom emails beside the config: what is wrong with them is told with everything else, file by file."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.config import Config, ConfigInvalid, load_config
from omnicrm.config.variable_types import VariableType, WrongValue, read_value
from omnicrm.config.writing import TemplateSlot, write_template_ids

CONFIG = "mailjet: {api_key: k, api_secret: s}\ncompany: {name: Votre Entreprise, support_email: help@example.com}\n"
SMALLEST = "title: Works\nsubject: Hello\n"
Write = Callable[..., None]
Mistakes = Callable[[str], list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    (tmp_path / "crm_config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "email_templates").mkdir()

    def act(text: str, *, name: str = "works.yaml") -> None:
        (tmp_path / "email_templates" / name).write_text(text, encoding="utf-8")

    return act


@pytest.fixture
def load(tmp_path: Path, write: Write) -> Callable[[], Config]:
    return lambda: load_config(tmp_path / "crm_config.yaml", environ={"NOC": "noc@example.com"})


@pytest.fixture
def mistakes(tmp_path: Path, write: Write, load: Callable[[], Config]) -> Mistakes:
    """The mistakes of one email, without the name of its file."""

    def found(text: str) -> list[str]:
        write(text)
        with pytest.raises(ConfigInvalid) as caught:
            load()
        file = tmp_path / "email_templates" / "works.yaml"
        return [line.removeprefix(f"{file}:").strip() for line in str(caught.value).splitlines()]

    return found


def test_a_title_and_a_subject_are_enough(write: Write, load: Callable[[], Config]) -> None:
    write(SMALLEST)
    config = load()
    email = config.custom_emails["works"]
    assert config.section("works") is email
    assert config.section_names[-1] == "works"
    assert (email.from_email, email.from_name) == ("help@example.com", "Votre Entreprise")
    assert (email.category, email.template_id, dict(email.variables)) == ("transactional", 0, {})


def test_an_email_may_name_its_sender_also_from_the_environment(write: Write, load: Callable[[], Config]) -> None:
    write(SMALLEST + "from_email: ${NOC}\nfrom_name: Network\n")
    email = load().custom_emails["works"]
    assert (email.from_email, email.from_name) == ("noc@example.com", "Network")


def test_its_own_name_may_stand_in_the_file_and_no_other(
    write: Write, load: Callable[[], Config], mistakes: Mistakes
) -> None:
    write("name: works\n" + SMALLEST)
    assert load().custom_emails["works"].name == "works"
    assert mistakes("name: other\n" + SMALLEST) == [
        "1: name: is not the file's own name; leave it out, or name the file so"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("subject: Hello\n", "1: title: is missing; write what staff call the email"),
        ("title: {fr: Travaux}\nsubject: Hello\n", "1: title.en: is missing; write it in English"),
        ("title: Works\n", "1: subject: is missing; write the subject line of the email"),
        (SMALLEST + "categry: notice\n", '3: categry: is not a known key; did you mean "category"?'),
        (
            SMALLEST + "category: fun\n",
            """3: category: "fun" is not allowed here; write 'transactional', 'notice' or""",
        ),
        (SMALLEST + "template_id: 0\n", '3: template_id: "0" is too small; write at least 1'),
        (SMALLEST + "from_email: me\n", '3: from_email: "me" is not an email address'),
        (SMALLEST + "from_email: ${NOWHERE}\n", "3: from_email: the environment variable NOWHERE is not set"),
        (SMALLEST + "languages: {de: {subject: S}}\n", "3: languages.de: is not a known key; the keys here are en, fr"),
        (SMALLEST + "title: Again\n", "3: title: is given twice, first on line 1; keep one of the two"),
        ("title: x: y\n", "1: YAML syntax: mapping values are not allowed here"),
        ("", "is empty; start from docs/custom-emails.md"),
        ("- a\n", "is not a mapping; write it as key: value lines, as in docs/custom-emails.md"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_its_mend(text: str, told: str, mistakes: Mistakes) -> None:
    (line,) = mistakes(text)
    assert line.startswith(told)


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("x: {sample: y}", "x.meaning: is missing; write what it means, for whoever fills it in"),
        ("x: {meaning: m}", "x.sample: is missing; write an example, for previews and tests"),
        ("x: {meaning: m, sample: ''}", "x.sample: is empty; write an example, for previews and tests"),
        ("x: {meaning: m, sample: {fr: y}}", "x.sample: is not in both languages; write one for all, or one for fr"),
        ("x: {meaning: m, sample: y, typ: date}", 'x.typ: is not a known key; did you mean "type"?'),
        ("x: {meaning: m, sample: y, type: dat}", """x.type: "dat" is not allowed here; write 'text', 'long_text',"""),
        ("x: {meaning: m, sample: y, required: maybe}", 'x.required: "maybe" is neither true nor false; write true'),
        ("x: {meaning: m, sample: soon, type: date}", 'x.sample: "soon" does not fit the type date; give a date such'),
        ("x: {meaning: m, sample: 5, type: amount}", "x.currency: an amount lacks its currency; add currency, such as"),
        ("x: {meaning: m, sample: 5, type: amount, currency: EURO}", 'x.currency: "EURO" is not a currency in use'),
        (
            "x: {meaning: m, sample: 5, type: number, currency: EUR}",
            "x.currency: belongs to the type amount only; take",
        ),
        (
            "Start-Date: {meaning: m, sample: y}",
            'Start-Date: "Start-Date" is no name of a variable; use up to 50 small',
        ),
        (
            "unsubscribe_url: {meaning: m, sample: y}",
            "unsubscribe_url: is supplied by OmniCRM to every marketing email",
        ),
        ("x: text", "x: should be a mapping; write its keys below it, indented"),
    ],
)
def test_a_variable_says_all_that_is_asked_of_it(variable: str, told: str, mistakes: Mistakes) -> None:
    (line,) = mistakes(f"{SMALLEST}variables:\n  {variable}\n")
    assert line.startswith(f"4: variables.{told}")


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("{{var:nope}}", "quotes the unknown variable nope; the variables are: code, place"),
        ("{{var:code}}", "quotes code, which is secret; take it out: locked phones show subjects"),
        (
            "{% if var:place %}x{% endif %}",
            "has more of Mailjet's template language than a subject may; write variables",
        ),
        ("{{place}}", "has more of Mailjet's template language than a subject may; write variables only"),
        ("[[var:place]]", "has more of Mailjet's template language than a subject may; write variables only"),
    ],
)
def test_a_subject_quotes_variables_and_nothing_else(subject: str, told: str, mistakes: Mistakes) -> None:
    variables = "variables:\n  place: {meaning: m, sample: y}\n  code: {meaning: m, sample: y, secret: true}\n"
    (line,) = mistakes(f'title: Works\nsubject: "{subject}"\n{variables}'.replace("code, place", "place, code"))
    assert line.startswith(f"2: subject: {told}".replace("code, place", "place, code"))


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path, write: Write, load: Callable[[], Config]) -> None:
    (tmp_path / "crm_config.yaml").write_text(CONFIG + "zork: 1\n", encoding="utf-8")
    for name in ("works.yaml", "offer.yaml", "api_crmOwn.yaml", "Other Name.yaml", "short.yml"):
        write("zork: 1\n" + SMALLEST, name=name)
    with pytest.raises(ConfigInvalid) as caught:
        load()
    folder = tmp_path / "email_templates"
    assert [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()][1:] == [
        "Other Name.yaml: has a name that no email can have; use up to 60 small letters, digits and _, a letter first",
        "api_crmOwn.yaml: has the name of one of OmniCRM's own emails; configure that in crm_config.yaml, "
        "or choose another name",
        "offer.yaml:1: zork: is not a known key; the keys here are category, from_email, from_name, languages, name, "
        "sent_when, subject, template_id, title, variables",
        "short.yml: ends in .yml; name it short.yaml",
        "works.yaml:1: zork: is not a known key; the keys here are category, from_email, from_name, languages, name, "
        "sent_when, subject, template_id, title, variables",
    ]
    assert str(caught.value).splitlines()[0].startswith(f"{tmp_path / 'crm_config.yaml'}:3: zork: is not a known key")


def test_without_the_folder_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "crm_config.yaml").write_text(CONFIG, encoding="utf-8")
    assert load_config(tmp_path / "crm_config.yaml", environ={}).custom_emails == {}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_first_numbers_are_put_before_the_subjects(line_end: str, tmp_path: Path, write: Write) -> None:
    text = 'title: Works\nsubject: Hello  # short\nlanguages:\n  en:\n    subject: "Hi"\n  fr: {subject: Bonjour}\n'
    write("")
    file = tmp_path / "email_templates" / "works.yaml"
    file.write_bytes(text.replace("\n", line_end).encode())
    slots = {TemplateSlot("works"): 1, TemplateSlot("works", "en"): 2, TemplateSlot("works", "fr"): 3}
    write_template_ids(tmp_path / "crm_config.yaml", slots)
    assert file.read_bytes().decode() == (
        "title: Works\ntemplate_id: 1\nsubject: Hello  # short\nlanguages:\n"
        '  en:\n    template_id: 2\n    subject: "Hi"\n  fr: {template_id: 3, subject: Bonjour}\n'
    ).replace("\n", line_end)


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        (VariableType.NUMBER, 12, Decimal(12)),
        (VariableType.NUMBER, 0.1, Decimal("0.1")),
        (VariableType.AMOUNT, " -12.50 ", Decimal("-12.50")),
        (VariableType.YES_NO, "Yes", True),
        (VariableType.YES_NO, False, False),
        (VariableType.URL, "http://localhost:8000/x", "http://localhost:8000/x"),
        (VariableType.LIST, ["a ", "", "b"], ("a", "b")),
        (VariableType.LONG_TEXT, " a\r\nb ", "a\nb"),
        (VariableType.TEXT, " \t ", None),
        (VariableType.LIST, [], None),
    ],
)
def test_a_value_is_read_as_it_was_meant(kind: VariableType, written: object, read: object) -> None:
    assert read_value(written, kind) == read


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (VariableType.URL, "http://example.com"),
        (VariableType.URL, "javascript:alert(1)"),
        (VariableType.URL, "https://"),
        (VariableType.URL, 'https://example.com/"onload="x'),
        (VariableType.URL, "https://[::1"),
        (VariableType.URL, "https://example.com/{{var:x}}"),
        (VariableType.DATE, "2026-02-30"),
        (VariableType.DATE, "20260224"),
        (VariableType.DATE, "0001-01-01"),
        (VariableType.DATETIME, "2026-12-24T18:00"),
        (VariableType.DATETIME, "9999-12-31T23:59:59+00:00"),
        (VariableType.YES_NO, 1),
        (VariableType.LIST, "a"),
        (VariableType.LIST, [["a"]]),
        (VariableType.LONG_TEXT, "a\0b"),
        (VariableType.LONG_TEXT, "x" * 10_001),
    ],
    ids=range(16),
)
def test_a_value_that_means_nothing_is_refused(kind: VariableType, written: object) -> None:
    with pytest.raises(WrongValue):
        read_value(written, kind)


@given(kind=st.sampled_from(VariableType), written=st.text() | st.lists(st.text(), max_size=3) | st.floats())
def test_what_was_read_once_is_read_the_same_again(kind: VariableType, written: object) -> None:
    try:
        read = read_value(written, kind)
    except WrongValue:
        return
    assert read_value(read, kind) == read
