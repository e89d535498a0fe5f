"""Features that do not fit each other are found when they are put together."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import callcenter
from callcenter.features import FEATURES, MOUNTS
from callcenter.ports.metrics import Kind, Series
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import ProblemKind
from callcenter.web.feature import Feature, catalogue

PACKAGE = Path(callcenter.__file__).parent
FULL = ProblemKind(409, "The shelf is full")
BOOKS = Series(name="hotline_books", kind=Kind.GAUGE, labels=(), help="Books on the shelf.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A shelf."""

    books: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherParts:
    """Of another feature."""


endpoints = Endpoints("books")


@endpoints.get("/books/{book}", needs=Role.OPERATOR, problems=("shelf_full",))
async def show_book(request: Request[Parts]) -> None:
    """A book."""


def shelf(problems: Mapping[str, ProblemKind], path_patterns: Mapping[str, str]) -> Feature[Parts]:
    return Feature(
        parts=Parts,
        endpoints=endpoints,
        problems=problems,
        path_patterns=path_patterns,
        metrics={BOOKS: lambda parts: {(): parts.books}},
    )


def test_a_feature_that_declares_all_it_uses_is_taken() -> None:
    found = catalogue([*FEATURES, shelf({"shelf_full": FULL}, {"book": "[0-9]+"})])
    assert found.problems["shelf_full"] is FULL
    assert found.endpoints[-1].path == "/api/v1/books/{book}"


@pytest.mark.parametrize(
    ("problems", "patterns", "told"),
    [
        ({}, {"book": "[0-9]+"}, "shelf_full"),
        ({"shelf_full": FULL}, {}, "book"),
        ({"shelf_full": FULL, "unknown_call": FULL}, {"book": "[0-9]+"}, "unknown_call"),
        ({"shelf_full": FULL}, {"book": "[0-9]+", "call": "[0-9]+"}, "call"),
    ],
)
def test_what_is_not_declared_or_declared_otherwise_is_refused(
    problems: Mapping[str, ProblemKind], patterns: Mapping[str, str], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        catalogue([*FEATURES, shelf(problems, patterns)])


def test_an_endpoint_of_another_feature_s_parts_is_refused() -> None:
    with pytest.raises(TypeError, match="/books"):
        Feature(parts=OtherParts, endpoints=endpoints)


def test_a_metric_is_read_from_the_feature_s_own_parts() -> None:
    mounted = shelf({}, {}).mounted(Parts(books=3))
    assert {series.name: read() for series, read in mounted.metrics.items()} == {
        "hotline_books": {(): 3}
    }


def test_every_problem_that_is_raised_is_declared() -> None:
    """In a feature that is mounted, or as kinds that a feature may add to its own."""
    declared, raised = set(catalogue(FEATURES).problems), set[str]()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Dict():
                    kinds = zip(node.keys, node.values, strict=True)
                    declared |= {
                        ast.literal_eval(key) for key, kind in kinds if key and is_kind(kind)
                    }
                case ast.Call(func=ast.Name(id="Problem"), args=[ast.Constant(value=code), *_]):
                    raised.add(str(code))
    assert len(raised) > 25
    assert not raised - declared


def is_kind(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "ProblemKind"


def test_every_feature_is_declared_once() -> None:
    assert len({id(mount.feature) for mount in MOUNTS}) == len(MOUNTS)
