"""Mutants of `core/`: each is one thing broken in the modules of this very process.

Of the tables: a cell's rule replaced by none, a fact that changes nothing. Of the syntax trees: a
comparison turned about, `and` for `or`, a `not` too few, an amount that is another. Functions keep
their identity and get another body, so that whoever has imported them is deceived too.
"""

import ast
import importlib
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from callcenter.core import call, fold, operator, state
from callcenter.core.call import OnCall
from callcenter.core.cell import Cell
from callcenter.core.offers import table as offers
from callcenter.core.offers import ways
from callcenter.core.operator import OnOperator
from callcenter.core.state import OfferState, Way

TREES = (
    "area_code", "asking", "assignment", "call", "change", "choosing", "conversation",
    "engine", "entry", "estimate", "fold", "follow", "free", "handlers.asterisk",
    "handlers.bridges", "handlers.callbacks", "handlers.callers", "handlers.deadlines",
    "handlers.find", "handlers.lines", "handlers.listeners", "handlers.offers",
    "handlers.operators", "handlers.phones", "handlers.recordings", "handlers.site",
    "handlers.strangers", "hearing", "help", "hours", "leaving", "ledger", "line", "listening",
    "menu", "message", "news", "offers.call_back", "offers.consult", "offers.open_line",
    "offers.operator_first", "offers.ring", "offers.rules", "offers.ways", "onward",
    "open_line", "operator", "outcome", "outward", "overflow", "pace", "parked", "places",
    "reconcile", "recording", "redial", "restore", "rooms", "routing", "set_aside", "skills",
    "snapshot", "strategy", "survey", "telling", "timers", "voicemail", "work",
)  # fmt: skip
"""The modules that decide something. The others only hold, name, draw or check."""

SWAPPED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

EQUIVALENT = frozenset(
    {
        # Whether garbage is collected while a journal is read changes nothing but the time.
        "restore.restore: not removed 1",
        # In how many pieces the names of ended calls are kept.
        "snapshot.AT_ONCE: another amount",
        # What counts is worked out of it when it is imported, and stays.
        "pace.RECENT_TALKS: another amount",
        "pace.ENOUGH_TALKS: another amount",
        "telling.MOST_MINUTES: another amount",
        # The site file's reader and the API took it by name when they were imported.
        "skills.LEVEL_MOST: another amount",
        "skills.SKILLS_MOST: another amount",
        "skills.USUAL_RELAX_SECONDS: another amount",
        # Where two ways to reckon it meet, they give the same.
        "estimate.until_event: Gt is GtE 1",
        # A queue is looked at in which nobody is free: nothing is found there.
        "follow.needs_relax: and is or 1",
    }
)
"""Mutants that behave as the original does, and why. Keep it short."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`name` says what is broken; `do` breaks it in this process, for good. `inside`: the function
    (its file and qualified name) whose body is broken, or which is not called any more; none for an
    amount."""

    name: str
    do: Callable[[], None]
    inside: tuple[str, str] | None = None


def all_mutants() -> list[Mutant]:
    """Every one, of the tables first; names are unique."""
    found = [*_cells(), *_facts(), *_amounts()]
    for name in TREES:
        found += _of_trees(importlib.import_module(f"callcenter.core.{name}"))
    return [mutant for mutant in found if mutant.name not in EQUIVALENT]


# --- of the tables -----------------------------------------------------------------------------


def _cells() -> Iterator[Mutant]:
    for state_of_call, row in call.RULES.items():
        for what, cell in row.items():
            if cell.rule is not call.ignore:
                name = f"call table: {state_of_call} x {what}: ignored"
                yield Mutant(name, _cell_ignored(call, state_of_call, what), _place(cell.rule))
    for way, table in ways.RULES.items():
        for state_of_offer, of_offer in table.items():
            for what_of, one in of_offer.items():
                if one.rule is not offers.ignore:
                    name = f"offers' table, {way}: {state_of_offer} x {what_of}: ignored"
                    do = _offer_cell_ignored(way, state_of_offer, what_of)
                    yield Mutant(name, do, _place(one.rule))
    for state_of_operator, of_operator in operator.RULES.items():
        for event, does in of_operator.items():
            if does.rule is not operator.ignore:
                name = f"operator table: {state_of_operator} x {event}: ignored"
                do = _cell_ignored(operator, state_of_operator, event)
                yield Mutant(name, do, _place(does.rule))


def _place(function: Callable[..., Any]) -> tuple[str, str]:
    code = inspect.unwrap(function).__code__
    return code.co_filename, code.co_qualname


def _cell_ignored(module: Any, of: str, what: OnCall | OnOperator) -> Callable[[], None]:
    def do() -> None:
        # Rows are shared between states, and the table by who imported it: a row of its own here.
        module.RULES[of] = {**module.RULES[of], what: Cell(module.ignore)}

    return do


def _offer_cell_ignored(way: Way, of: OfferState, what: offers.OnOffer) -> Callable[[], None]:
    def do() -> None:
        table = cast(Any, ways.RULES[way])
        table[of] = {**table[of], what: Cell(offers.ignore)}

    return do


def _facts() -> Iterator[Mutant]:
    for kind, become in fold.APPLY.items():
        if "nothing changes by it" not in (become.__doc__ or ""):
            name = f"fold: {kind.__name__} changes nothing"
            yield Mutant(name, _fact_dropped(kind), _place(become))


def _fact_dropped(kind: type) -> Callable[[], None]:
    def do() -> None:
        fold.APPLY[kind] = lambda state, fact: None

    return do


def _amounts() -> Iterator[Mutant]:
    """Amounts of modules, which their functions look up where they stand."""
    for module in (state, *(importlib.import_module(f"callcenter.core.{n}") for n in TREES)):
        short = module.__name__.removeprefix("callcenter.core.")
        for name in _numbers_written_in(module):
            yield Mutant(f"{short}.{name}: another amount", _other_amount(name))


def _numbers_written_in(module: types.ModuleType) -> Iterator[str]:
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float())):
                yield name
            case _:
                pass


def _other_amount(name: str) -> Callable[[], None]:
    def do() -> None:
        for each in ("state", *TREES):
            module = importlib.import_module(f"callcenter.core.{each}")
            if hasattr(module, name):
                setattr(module, name, getattr(module, name) / 10)

    return do


# --- of the syntax trees -----------------------------------------------------------------------


def _of_trees(module: types.ModuleType) -> Iterator[Mutant]:
    path = Path(inspect.getsourcefile(module) or "")
    source = path.read_text()
    tree = ast.parse(source)
    short = module.__name__.removeprefix("callcenter.core.")
    for names, function in _functions(tree, ()):
        counts: dict[str, int] = {}
        for at, what in _places(function):
            counts[what] = counts.get(what, 0) + 1
            name = f"{short}.{'.'.join(names)}: {what} {counts[what]}"
            inside = str(path), ".".join(names)
            yield Mutant(name, _with_other_body(module, names, at, source), inside)


def _functions(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, (*above, child.name))
        elif isinstance(child, ast.FunctionDef):
            yield (*above, child.name), child


def _places(function: ast.AST) -> Iterator[tuple[int, str]]:
    """What can be broken in it: which node of `ast.walk`, and how."""
    asserted = {id(part) for each in ast.walk(function) if isinstance(each, ast.Assert)
                for part in ast.walk(each)}  # fmt: skip
    for at, node in enumerate(ast.walk(function)):
        if id(node) in asserted:
            continue
        match node:
            case ast.Compare(ops=[one]):
                yield at, f"{type(one).__name__} is {SWAPPED[type(one)].__name__}"
            case ast.BoolOp(op=ast.And()):
                yield at, "and is or"
            case ast.BoolOp(op=ast.Or()):
                yield at, "or is and"
            case ast.UnaryOp(op=ast.Not()):
                yield at, "not removed"
            case _:
                pass


def _broken(node: ast.AST) -> ast.AST:
    match node:
        case ast.Compare(ops=[one]):
            node.ops = [SWAPPED[type(one)]()]
        case ast.BoolOp(op=ast.And()):
            node.op = ast.Or()
        case ast.BoolOp(op=ast.Or()):
            node.op = ast.And()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case _:
            raise AssertionError(f"nothing to break in {node}")
    return node


class _Breaks(ast.NodeTransformer):
    def __init__(self, victim: ast.AST) -> None:
        self._victim = victim

    def visit(self, node: ast.AST) -> Any:
        return _broken(node) if node is self._victim else self.generic_visit(node)


def _with_other_body(
    module: types.ModuleType, names: tuple[str, ...], at: int, source: str
) -> Callable[[], None]:
    def do() -> None:
        tree = ast.parse(source)
        [function] = [found for name, found in _functions(tree, ()) if name == names]
        victim = list(ast.walk(function))[at]
        broken = ast.fix_missing_locations(_Breaks(victim).visit(tree))
        _function_of(module, names).__code__ = _code(
            compile(broken, module.__name__, "exec"), names
        )

    return do


def _code(code: types.CodeType, names: tuple[str, ...]) -> types.CodeType:
    for name in names:
        [code] = [
            each
            for each in code.co_consts
            if isinstance(each, types.CodeType) and each.co_name == name
        ]
    return code


def _function_of(module: types.ModuleType, names: tuple[str, ...]) -> types.FunctionType:
    held: Any = module
    for name in names:
        held = inspect.getattr_static(held, name)
    if isinstance(held, property):
        held = held.fget
    return cast(types.FunctionType, inspect.unwrap(held))
