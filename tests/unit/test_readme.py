"""What the README shows as printed from the code is what the code prints today.

After a change: `python -m tests.unit.test_readme` prints it anew.
"""

import re
from pathlib import Path

from callcenter.cli.metrics_doc import document
from callcenter.core.diagram import call_diagram, operator_diagram

README = Path(__file__).resolve().parents[2] / "README.md"


def printed(text: str) -> str:
    """The README with its printed parts as they should be."""
    diagrams = "\n\n".join(f"```mermaid\n{d}\n```" for d in (call_diagram(), operator_diagram()))
    for part, content in (("states", diagrams), ("metrics", document())):
        place = re.compile(rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)", re.DOTALL)
        text, found = place.subn(lambda m, c=content: f"{m[1]}{c}\n{m[2]}", text)  # type: ignore[misc]
        assert found == 1, f"the README has no place for {part}"
    return text


def test_the_printed_parts_of_the_readme_are_those_of_the_code() -> None:
    text = README.read_text()
    assert text == printed(text), "run: python -m tests.unit.test_readme"


def test_every_file_the_readme_names_is_there() -> None:
    named = re.findall(
        r"`((?:callcenter|dialplans|metrics|docker|tests)/[\w./]+)`", README.read_text()
    )
    assert named
    assert [path for path in named if not (README.parent / path).exists()] == []


if __name__ == "__main__":
    README.write_text(printed(README.read_text()))
