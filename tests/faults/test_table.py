"""The table keeps the rows of faults that did not run, and the order of all."""

from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.auditor import Findings
from tests.faults.every import FAULTS
from tests.faults.table import HEAD, Verdict


def verdict(name: str, **found: list[str]) -> Verdict:
    return Verdict(fault=FAULTS[name], findings=Findings(**found), phases=5, seed=7)  # type: ignore[arg-type]


def rows(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and line not in HEAD]


def test_rows_are_replaced_added_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- table -->\n<!-- end of table -->\nafter\n")
    monkeypatch.setattr(table, "README", path)
    table.write([verdict("redirect-302"), verdict("F15", lost=["a caller still waits"])])
    table.write([verdict("F5")])
    assert [row.split()[1] for row in rows(path)] == ["F5", "F15", "redirect-302"]
    assert "**1**" in rows(path)[1] and "**no**" in rows(path)[1]
    table.write([verdict("F15")])
    assert len(rows(path)) == 3 and "**no**" not in path.read_text()
    assert path.read_text().startswith("before\n") and path.read_text().endswith("after\n")


def test_every_line_of_the_table_has_a_cell_for_each_column() -> None:
    columns = HEAD[0].count("|")
    for fault in FAULTS.values():
        assert "|" not in fault.says, fault.name
        row = Verdict(fault=fault, findings=Findings(), phases=5, seed=1).row()
        assert row.count("|") == HEAD[1].count("|") == columns, fault.name
