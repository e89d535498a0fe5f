"""Reads the fields of one table of a site file by the declarations in site_fields.py.

A wrong value becomes a fault and then counts as absent, so that the rest of the file is checked,
too. Rules between tables are in site_checks.py.
"""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeGuard

from callcenter.config.digits import as_did
from callcenter.config.plain_text import is_plain
from callcenter.config.site_faults import Faults
from callcenter.config.site_fields import (
    DialledNumbers,
    Field,
    HoursReference,
    LineReference,
    Needs,
    Number,
    OneOf,
    Prefixes,
    PromptKeys,
    QueueReference,
    QueueReferences,
    Text,
    Word,
    YesNo,
)
from callcenter.config.toml_lines import Path
from callcenter.core import skills
from callcenter.core.line import Needs as CallNeeds
from callcenter.prompts.catalogue import BY_KEY, is_key

_PREFIX = re.compile(r"0[2-9][0-9]{0,8}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")

_SKILL = re.compile(r"[0-9a-z][0-9a-z_-]{0,31}")

Value = bool | int | float | str | tuple[str, ...] | None
"""None: absent, or wrong and already a fault."""


def read_fields(
    faults: Faults, path: Path, table: Mapping[str, object], fields: Mapping[str, Field]
) -> dict[str, Value]:
    """The values of all fields of a table. Wrong ones become faults."""
    faults.unknown_keys(path, table, fields)
    return {name: _read(faults, (*path, name), table, field) for name, field in fields.items()}


def _read(faults: Faults, path: Path, table: Mapping[str, object], field: Field) -> Value:
    name = str(path[-1])
    if name not in table:
        return _absent(faults, path, field)
    value = table[name]
    match field:
        case Number():
            return _read_number(faults, path, value, field)
        case DialledNumbers():
            return _read_dids(faults, path, value, field)
        case QueueReferences():
            return _read_names(faults, path, value, field)
        case PromptKeys():
            return _read_prompts(faults, path, value, field)
        case Prefixes():
            return _read_prefixes(faults, path, value, field)
        case Needs():
            if not _are_levels(value, field.most):
                faults.add(path, value, field.accepted)
            return None  # `needs_of` reads them
        case YesNo():
            if isinstance(value, bool):
                return value
            good = False
        case Word(words=words):
            good = isinstance(value, str) and _is_word(value, words)
        case Text(longest=longest):
            good = isinstance(value, str) and _is_title(value, longest)
        case OneOf(words=words):
            good = value in words
        case QueueReference() | HoursReference() | LineReference():
            good = isinstance(value, str) and value != ""
    if good and isinstance(value, str):
        return value.strip()
    faults.add(path, value, field.accepted)
    return None


def needs_of(table: Mapping[str, object]) -> CallNeeds:
    """The needs of a line or a key. Empty if that is a fault."""
    value = table.get("needs")
    return skills.ordered(value) if _are_levels(value, skills.SKILLS_MOST) else ()


def _are_levels(value: object, most: int) -> TypeGuard[dict[str, int]]:
    return (
        isinstance(value, dict)
        and len(value) <= most
        and all(_SKILL.fullmatch(name) is not None for name in value)
        and all(type(n) is int and 1 <= n <= skills.LEVEL_MOST for n in value.values())
    )


def _absent(faults: Faults, path: Path, field: Field) -> Value:
    if isinstance(field, Number) and field.default is not None:
        return field.default
    if isinstance(field, OneOf):
        return field.words[0]
    if isinstance(field, HoursReference | LineReference):
        return None
    if isinstance(field, QueueReference) and not field.required:
        return None
    if isinstance(field, QueueReferences | Prefixes) or (
        isinstance(field, PromptKeys) and not field.required
    ):
        return ()
    if isinstance(field, YesNo):
        return field.default
    if isinstance(field, Word | Needs):
        return None
    faults.say(path, "nothing", f"is missing; accepted: {field.accepted}")
    return None


def _read_number(faults: Faults, path: Path, value: object, field: Number) -> Value:
    right_kind = isinstance(value, int) or (isinstance(value, float) and not field.whole)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not right_kind:
        faults.add(path, value, field.accepted)
        return None
    if math.isfinite(value) and field.low <= value <= field.high:
        return value
    faults.add(path, value, f"{field.accepted} ({field.why})")
    return None


def _read_dids(faults: Faults, path: Path, value: object, field: DialledNumbers) -> Value:
    if not isinstance(value, list) or not 1 <= len(value) <= field.most:
        faults.add(path, value, field.accepted)
        return None
    read = [_read_did(faults, (*path, index), item) for index, item in enumerate(value)]
    # several spellings are one number
    return tuple(dict.fromkeys(did for did in read if did is not None))


def _read_names(
    faults: Faults, path: Path, value: object, field: QueueReferences
) -> tuple[str, ...]:
    names = [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or not len(names) == len(set(names)) == len(value) <= field.most:
        faults.add(path, value, field.accepted)
        return ()
    return tuple(names)


def _read_prompts(faults: Faults, path: Path, value: object, field: PromptKeys) -> tuple[str, ...]:
    keys = [key for key in value if isinstance(key, str)] if isinstance(value, list) else []
    right = isinstance(value, list) and len(keys) == len(value) <= field.most
    if not right or (field.required and not keys):
        faults.add(path, value, field.accepted)
        return ()
    for index, key in enumerate(keys):
        if not is_key(key):
            near = get_close_matches(key, BY_KEY, n=1)
            hint = f"did you mean {near[0]}?" if near else "see `callcenter prompts list`"
            faults.say((*path, index), key, f'there is no prompt "{key}"; {hint}')
    return tuple(keys)


def _read_prefixes(faults: Faults, path: Path, value: object, field: Prefixes) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > field.most:
        faults.add(path, value, field.accepted)
        return ()
    for index, prefix in enumerate(value):
        if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
            faults.add((*path, index), prefix, field.accepted)
    return tuple(prefix for prefix in value if isinstance(prefix, str))


def _is_word(value: str, words: tuple[str, ...]) -> bool:
    return value in words if words else _WORD.fullmatch(value) is not None


def _read_did(faults: Faults, path: Path, value: object) -> str | None:
    did = as_did(value) if isinstance(value, str) else None
    if did is None:
        hint = " (put it in quotes)" if isinstance(value, int) else ""
        faults.add(path, value, f'a text of 2 to 20 digits such as "1567" or "+6645614545"{hint}')
    return did


def _is_title(value: str, longest: int) -> bool:
    return is_plain(value.strip(), longest) and not set(value) & set('"<>\\')
