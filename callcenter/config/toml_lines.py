"""The line of each key of a TOML file, which the standard parser does not tell.

A TOML document is a sequence of statements (`[table]`, `[[table]]`, `key = value`), and each one is
a valid TOML document by itself. A value over several lines is valid only up to its last line. So
the standard parser gets one more line at a time, until it accepts the statement and gives its key.
There is no second grammar that could disagree with it. The text must be valid TOML.
"""

import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys from the top, such as ("queues", "sisaket", "ring_seconds"); a number counts from 0."""


def lines_of_keys(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key and table header of a valid TOML text."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for line, statement in _statements(text.replace("\r\n", "\n")):
        if not statement.lstrip().startswith("["):
            _note(found, table, _keys(statement), line)
            continue
        keys = _keys(statement)
        table = _header_path(keys, counts)
        if statement.lstrip().startswith("[["):
            counts[table] = counts.get(table, -1) + 1
            table = (*table, counts[table])
        found.setdefault(table, line)
    return found


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a key. For a table that only stands before a dot ([queue.x]) it is the first line
    below it. Otherwise it is the line of the nearest table around it that has one, or 1."""
    below = [line for key, line in lines.items() if key[: len(path)] == path]
    if below:
        return lines.get(path, min(below))
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _statements(text: str) -> Iterator[tuple[int, str]]:
    gathered: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not gathered and (not line.strip() or line.lstrip().startswith("#")):
            continue
        gathered.append(line)
        statement = "\n".join(gathered)
        if _is_whole(statement):
            yield number - len(gathered) + 1, statement
            gathered = []


def _is_whole(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _keys(statement: str) -> tuple[str, ...]:
    keys: list[str] = []
    held: object = tomllib.loads(statement)
    while isinstance(held, (dict, list)) and len(held) == 1:
        if isinstance(held, dict):
            key, held = next(iter(held.items()))
            keys.append(key)
        else:
            held = held[0]
    return tuple(keys)


def _header_path(keys: tuple[str, ...], counts: dict[Path, int]) -> Path:
    path: Path = ()
    for index, key in enumerate(keys):
        path = (*path, key)
        if path in counts and index < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _note(found: dict[Path, int], table: Path, keys: tuple[str, ...], line: int) -> None:
    for length in range(1, len(keys) + 1):
        found.setdefault((*table, *keys[:length]), line)
