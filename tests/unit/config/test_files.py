"""Files that are no configuration: each is refused with one line, whatever they hold."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from omnicrm.config import ConfigInvalid, ConfigNotFound, load_config

Mistakes = Callable[..., list[str]]


def refusal(path: Path) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path, environ={})
    [problem] = caught.value.problems
    return str(problem).removeprefix(f"{path}:").strip()


def refusal_of(content: bytes, path: Path) -> str:
    path.write_bytes(content)
    return refusal(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigNotFound, match=r"absent\.yaml: there is no such file"):
        load_config(tmp_path / "absent.yaml", environ={})


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "is a directory; name the file in it"


def test_a_file_that_cannot_be_read_is_refused_with_the_systems_reason(tmp_path: Path) -> None:
    loop = tmp_path / "crm_config.yaml"  # unreadable for root, too
    loop.symlink_to(loop)
    assert refusal(loop) == "cannot be read: Too many levels of symbolic links; check its permissions"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_of_someone_else_is_refused(config_file: Path) -> None:
    config_file.touch(mode=0o000)
    assert refusal(config_file) == "cannot be read: Permission denied; check its permissions"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"~"])
def test_an_empty_file_is_refused(config_file: Path, content: bytes) -> None:
    assert refusal_of(content, config_file) == "is empty; start from crm_config.example.yaml"


@pytest.mark.parametrize("content", [b"just text", b"- a\n- b\n", b"42"])
def test_something_else_than_a_mapping_is_refused(config_file: Path, content: bytes) -> None:
    assert refusal_of(content, config_file) == (
        "is not a mapping; write it as key: value lines, as in crm_config.example.yaml"
    )


def test_a_huge_file_is_refused_unread(config_file: Path) -> None:
    assert refusal_of(b"#" * (10 * 1024 * 1024), config_file) == (
        "is larger than 256 KiB; check that it is the right file"
    )


def test_another_encoding_is_told_by_its_first_byte_and_line(config_file: Path) -> None:
    content = "mailjet:\n  api_key: clé\n".encode("latin-1")
    assert refusal_of(content, config_file) == "2: byte 0xE9 is not UTF-8; save the file with the encoding UTF-8"


def test_utf_16_is_refused(config_file: Path) -> None:
    assert refusal_of("mailjet: {}".encode("utf-16"), config_file) == (
        "1: byte 0xFF is not UTF-8; save the file with the encoding UTF-8"
    )


def test_a_control_character_is_told_by_its_number(config_file: Path) -> None:
    assert refusal_of(b"mailjet:\n  api_key: a\x00b\n", config_file) == (
        "2: the control character U+0000 is not allowed; remove it"
    )


@pytest.mark.parametrize("text", ["mailjet:\n\tapi_key: k\n", "mailjet:\n  api_key: k\n\tapi_secret: s\n"])
def test_a_tab_that_indents_is_told(mistakes: Mistakes, text: str) -> None:
    line = text.count("\n", 0, text.index("\t")) + 1
    assert mistakes(text) == [f"{line}: a tab indents this line; indent with spaces"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "mailjet:\n  api_key: k: v\n",
            "2: YAML syntax: mapping values are not allowed here; "
            'quote the text if it contains ": ", or check the indentation',
        ),
        ("mailjet:\n  api_key: 'k\n", "2: YAML syntax: found unexpected end of stream; close the quotation mark"),
        (
            "mailjet: {}\nserver\nstate_dir: x\n",
            "2: YAML syntax: could not find expected ':'; write each entry as key: value",
        ),
        ("mailjet: {}\n---\nx: y\n", "2: YAML syntax: but found another document; keep everything in one document"),
        ("mailjet: *x\n", "1: YAML syntax: found undefined alias 'x'"),
    ],
)
def test_a_syntax_error_tells_line_and_cure(mistakes: Mistakes, text: str, mistake: str) -> None:
    [found] = mistakes(text)
    assert found.startswith(mistake)


def test_a_syntax_error_never_shows_the_line_it_is_on(mistakes: Mistakes) -> None:
    [found] = mistakes("mailjet:\n  api_secret: hunter2: x\n")
    assert "hunter2" not in found


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {x: y}\n" + "".join(
    f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [BOMB, MERGE_BOMB, "a: &a [*a]\n", "a: &a {<<: *a}\n", "[" * 5000, "a: " + "{a: " * 5000, "- " * 5000],
    ids=["aliases", "merges", "alias of itself", "merge of itself", "brackets", "braces", "dashes"],
)
def test_values_without_end_are_refused_at_once(mistakes: Mistakes, text: str) -> None:
    assert mistakes(text) == ["is nested too deeply, or its aliases multiply into too many values; write it plainly"]


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        ("!!python/object:os.system x", 'has the tag "python/object:os.system"'),
        ("!secret x", 'has the tag "!secret"'),
    ],
)
def test_a_tag_is_refused(mistakes: Mistakes, value: str, mistake: str) -> None:
    assert mistakes(f"mailjet:\n  api_key: {value}\n  api_secret: s\n") == [
        f"2: mailjet.api_key: {mistake}; write the value without a tag"
    ]


def test_a_key_is_a_text(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: {{ var:key }}\n  api_secret: s\n") == [
        "2: mailjet.api_key: has a key that is not a text; quote the value if it begins with { or ["
    ]


def test_only_a_mapping_can_be_merged(mistakes: Mistakes) -> None:
    assert mistakes("mailjet:\n  api_key: k\n  api_secret: s\n  <<: text\n") == [
        '1: mailjet: "<<" merges something that is not a mapping; merge an alias of a mapping, as in <<: *name'
    ]
