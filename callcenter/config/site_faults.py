"""The faults of a site file, each with its line, collected so that all are shown at once.

The command line and the API show the `SiteFileError`. Other modules decide what a fault is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from callcenter.config.toml_lines import Path, line_of

SHOWN_LONGEST = 60  # characters of a wrong value that are quoted


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` counts from 1 (0: the file as a whole); `field` is a dotted path."""

    line: int
    field: str
    found: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class SiteFileError(ValueError):
    """The site file cannot be used. Its text is one fault a line: FILE:LINE: FIELD: what is wrong.

    Correct every line and try again. A running service keeps the old site until then.
    """

    def __init__(self, name: str, faults: tuple[Fault, ...]) -> None:
        self.name = name
        self.faults = faults
        super().__init__("\n".join(f"{name}:{f.line or 1}: {f}" for f in faults))


class Faults:
    """Collects the faults of one file."""

    def __init__(self, name: str, lines: Mapping[Path, int]) -> None:
        self._name = name
        self._lines = dict(lines)
        self._faults: list[Fault] = []

    def add(self, path: Path, value: object, accepted: str) -> None:
        """Add a value that is not accepted."""
        found = "nothing" if value is None else shown(value)
        self.say(path, found, f"found {found}; accepted: {accepted}")

    def say(self, path: Path, found: str, message: str) -> None:
        """Add a fault with its own text."""
        self._faults.append(Fault(line_of(path, self._lines), dotted(path), found, message))

    def unknown_keys(self, path: Path, table: Mapping[str, object], known: Collection[str]) -> None:
        """Add a fault for every unknown key of a table, which is usually a typing error."""
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"accepted: {', '.join(known)}"
                self.say((*path, key), shown(key), f"there is no such key; {hint}")

    def line(self, path: Path) -> int:
        """The line of a key, for a fault that names two places."""
        return line_of(path, self._lines)

    def raise_if_any(self) -> None:
        """Raise SiteFileError with all faults in the order of the file, if there is one."""
        if self._faults:
            raise SiteFileError(self._name, tuple(sorted(self._faults, key=lambda f: f.line)))


def dotted(path: Path) -> str:
    """("lines", "1567", "dids", 1) as people write it: lines.1567.dids[2] (counted from 1)."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: object) -> str:
    """A value in TOML form, cut to a length that fits on a line."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, str):
        text = (
            '"' + value.encode("unicode_escape").decode() + '"'
            if not value.isprintable()
            else (f'"{value}"')
        )
    else:
        text = str(value)
    return text if len(text) <= SHOWN_LONGEST else f"{text[:SHOWN_LONGEST]}…"
