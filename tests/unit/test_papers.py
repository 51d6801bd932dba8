"""Papers that must keep up with the code."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEPENDENCIES = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
NAMES = sorted({re.split(r"[^\w.-]", dependency, maxsplit=1)[0] for dependency in DEPENDENCIES})


@pytest.mark.parametrize("name", NAMES)
def test_every_dependency_earns_its_place_in_one_line(name: str) -> None:
    paper = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| ([\w-]+, )*{re.escape(name)}(, [\w-]+)* \|( [^|]+ \|)+$", paper, re.MULTILINE)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_lock_files_hold_hashes_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text


@pytest.mark.parametrize(
    "paper",
    [*sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/**/*.md")), Path("README.md"), Path("README.fr.md")],
    ids=str,
)
def test_every_link_between_papers_and_files_leads_somewhere(paper: Path) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    missing = [target for target in targets if not (ROOT / paper).parent.joinpath(target).exists()]
    assert not missing


def test_every_test_that_the_drills_lean_on_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "drills.md").read_text(encoding="utf-8")))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert {name for name in named if f"def {name}(" not in sources} == set()
