"""pytest passes over a file in which it finds no test: here such a file is a fault."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("test_*.py"))


def named(body: list[ast.stmt]) -> Iterator[str]:
    """What a module defines."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name


def test_every_file_of_tests_has_one() -> None:
    assert len(FILES) > 100
    for file in FILES:
        names = list(named(ast.parse(file.read_text()).body))
        assert any(name.startswith(("test_", "Test")) for name in names), file


def test_every_state_machine_is_run() -> None:
    """Its rules are tried only where its TestCase has a name that pytest looks for."""
    machines = 0
    for file in FILES:
        text = file.read_text()
        for statement in ast.parse(text).body:
            bases = statement.bases if isinstance(statement, ast.ClassDef) else []
            if isinstance(statement, ast.ClassDef) and "RuleBasedStateMachine" in map(
                ast.unparse, bases
            ):
                machines += 1
                assert f"= {statement.name}.TestCase\n" in text, file
    assert machines >= 2
