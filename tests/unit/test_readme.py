"""The READMEs: what is printed from the code is what it prints today, and what they name exists.

After a change: `python -m tests.unit.test_readme` prints the printed parts anew.
"""

import re
from pathlib import Path

import pytest

from callcenter.cli.metrics_doc import document
from callcenter.core.diagram import call_diagram, operator_diagram

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted(
    page
    for page in ROOT.rglob("README.md")
    if not {".venv", "node_modules", "var"}.intersection(page.relative_to(ROOT).parts)
)

MADE_BY_A_PERSON = {"docker/.env"}


def _diagrams() -> str:
    return "\n\n".join(f"```mermaid\n{d}\n```" for d in (call_diagram(), operator_diagram()))


PRINTED = {
    ("callcenter/README.md", "states"): _diagrams,
    ("metrics/README.md", "series"): document,
}
"""What stands between `<!-- part -->` and `<!-- end of part -->` of a page, and what prints it."""


def printed(text: str, part: str) -> str:
    """A page with one printed part as it should be."""
    content = PRINTED[next(key for key in PRINTED if key[1] == part)]()
    place = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)", re.DOTALL)
    text, found = place.subn(lambda m: f"{m[1]}{content}\n{m[2]}", text)
    assert found == 1, f"there is no place for {part}"
    return text


@pytest.mark.parametrize(("page", "part"), PRINTED)
def test_the_printed_parts_of_the_pages_are_those_of_the_code(page: str, part: str) -> None:
    text = (ROOT / page).read_text()
    assert text == printed(text, part), "run: python -m tests.unit.test_readme"


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= 10_240


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    named = re.findall(r"`((?:callcenter|dialplans|metrics|docker|tests)/[\w./-]+)[:`]", text)
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    missing = [
        path for path in named if not (ROOT / path).exists() and path not in MADE_BY_A_PERSON
    ]
    assert missing == []
    assert [path for path in linked if not (page.parent / path).exists()] == []


def test_every_name_on_the_way_of_a_call_is_in_the_code() -> None:
    way = README.read_text().partition("## Follow one call")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w/]+\.py):(\w+)`", way)
    assert len(named) > 10
    assert [f"{path}:{name}" for path, name in named if name not in _defined(path)] == []


def _defined(path: str) -> set[str]:
    return set(re.findall(r"(?m)^(?:class|def|async def) (\w+)", (ROOT / path).read_text()))


if __name__ == "__main__":
    for page, part in PRINTED:
        (ROOT / page).write_text(printed((ROOT / page).read_text(), part))
