"""The areas of Thailand: 77 provinces, 928 districts, 7,436 sub-districts, by DOPA's codes and by
their names.

The data are geothai's (PyPI; MIT, data CC-BY-4.0). Codes have 2, 4 or 6 digits and begin with their
parent's code, so that "inside Sisaket" is "begins with 33". `TH33` is OCHA's P-code, `TH-33` ISO
3166-2. 795 names of sub-districts are used more than once: then all matches are given, and none is
guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from callcenter.desks.shared.thai import composed

COUNTRY = ""  # the code with which every other code begins


class AreaLevel(IntEnum):
    """The level of an area: half the number of digits of its code."""

    COUNTRY = 0
    PROVINCE = 1
    DISTRICT = 2
    SUBDISTRICT = 3


@dataclass(frozen=True, slots=True)
class Area:
    """One area. `name_th` is without ตำบล, อำเภอ, เขต, จังหวัด."""

    code: str
    name_th: str
    name_en: str

    @property
    def level(self) -> AreaLevel:
        return AreaLevel(len(self.code) // 2)

    @property
    def parent(self) -> str:
        """The parent's code; a province's parent is the country."""
        return self.code[:-2]

    @property
    def kind(self) -> str:
        """The word before the name: ตำบล, แขวง, อำเภอ, เขต, จังหวัด."""
        in_bangkok = self.code.startswith("10")
        match self.level:
            case AreaLevel.SUBDISTRICT:
                return "แขวง" if in_bangkok else "ตำบล"
            case AreaLevel.DISTRICT:
                return "เขต" if in_bangkok else "อำเภอ"
            case AreaLevel.PROVINCE:
                return "" if in_bangkok else "จังหวัด"
            case AreaLevel.COUNTRY:
                return ""


class AreaUnknown(Exception):
    """There is no such area."""


class AreaAmbiguous(Exception):
    """Several areas have this name, and a person must choose."""

    def __init__(self, candidates: Sequence[Area]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(f"{len(candidates)} areas have this name")


class AreaAbolished(Exception):
    """The area was abolished. `successors` replaced it, as far as known."""

    def __init__(self, successors: Sequence[str]) -> None:
        self.successors = tuple(successors)
        super().__init__("the area was abolished")


_WORDS: dict[str, AreaLevel] = {
    "จังหวัด": AreaLevel.PROVINCE,
    "จ.": AreaLevel.PROVINCE,
    "อำเภอ": AreaLevel.DISTRICT,
    "อ.": AreaLevel.DISTRICT,
    "เขต": AreaLevel.DISTRICT,
    "ตำบล": AreaLevel.SUBDISTRICT,
    "ต.": AreaLevel.SUBDISTRICT,
    "แขวง": AreaLevel.SUBDISTRICT,
}
_MARK = re.compile(
    r"จังหวัด|จ\.(?!ป\.ร)|อำเภอ|อ\.|ต\.|แขวง"
    r"|(?:ตำบล|เขต)(?=\S)|(?<![\u0e00-\u0e7f])(?:ตำบล|เขต)"
)
"""These are not prefixes when they are the end of a name (สนามชัยเขต, สามตำบล) or the beginning of
จ.ป.ร."""
_BANGKOK = re.compile(r"กทม\.?|กรุงเทพ(?:มหานคร|ฯ)?")
_CODE = re.compile(r"(?:TH-?)?(\d{2}|\d{4}|\d{6})", re.ASCII | re.IGNORECASE)
_UNSEEN = re.compile(r"[\u200b-\u200d\u2060\ufeff]")
_CANDIDATES_MOST = 50
_PARTS_MOST = 6

_Part = tuple[AreaLevel | None, str]


@cache
def all_areas() -> dict[str, Area]:
    """All areas by their codes."""
    return {area.code: area for area in _read()}


def area_of(code: str) -> Area:
    """The area of a code. Raises AreaUnknown or AreaAbolished."""
    found = all_areas().get(code)
    if found is not None:
        return found
    if code in _abolished():
        raise AreaAbolished(_abolished()[code])
    raise AreaUnknown(code)


def find_area(text: str) -> Area:
    """The one area that a text names, as people write it: "ตำบลกู่  อำเภอปรางค์กู่", "อ.เมือง
    จ.ศรีสะเกษ", "กู่ ปรางค์กู่", "กทม.", a code. Raises AreaUnknown, AreaAmbiguous or
    AreaAbolished."""
    if code := _CODE.fullmatch(text.strip()):
        return area_of(code[1])
    parts = list(_parts(text))
    if not parts or len(parts) > _PARTS_MOST:
        raise AreaUnknown(text)
    found = _named(parts)
    provinces = [area for area in found if area.level is AreaLevel.PROVINCE]
    if len(provinces) == 1 and parts[0][0] is None:
        return provinces[0]  # "เชียงใหม่" alone means the province
    if len(found) == 1:
        return found[0]
    if found:
        raise AreaAmbiguous(sorted(found, key=lambda area: area.code)[:_CANDIDATES_MOST])
    raise AreaUnknown(text)


def province_named(word: str) -> Area | None:
    """The province that a short word of the site file names: "33", "p33", "sisaket", "si_sa_ket",
    ศรีสะเกษ. None if it names none."""
    plain = _short(word)
    return _provinces().get(plain) if plain else None


@cache
def _provinces() -> dict[str, Area]:
    provinces = [area for area in all_areas().values() if area.level is AreaLevel.PROVINCE]
    names = {_short(name): area for area in provinces for name in (area.name_en, area.name_th)}
    codes = {word: area for area in provinces for word in (area.code, f"p{area.code}")}
    return {**names, **codes}


def _short(text: str) -> str:
    """Its letters and digits alone. A Thai vowel sign is one of them."""
    return "".join(sign for sign in _plain(text).casefold() if sign not in " _-.'")


def begin_with(text: str, limit: int) -> list[Area]:
    """Areas whose names begin with the text, the largest first: a list to choose from while
    typing."""
    plain = _plain(_MARK.sub("", text))
    if not plain:
        return []
    found = (area for area in all_areas().values() if _plain(area.name_th).startswith(plain))
    return sorted(found, key=lambda area: (area.level, area.code))[:limit]


def written_area(code: str) -> str:
    """ตำบลกู่ อำเภอปรางค์กู่ จังหวัดศรีสะเกษ"""
    chain = [code[:length] for length in (6, 4, 2) if len(code) >= length]
    areas = [all_areas()[each] for each in chain]
    return " ".join(f"{area.kind}{area.name_th}" for area in areas)


def written_area_en(code: str) -> str:
    """Ku, Prang Ku, Si Sa Ket"""
    chain = [code[:length] for length in (6, 4, 2) if len(code) >= length]
    return ", ".join(all_areas()[each].name_en for each in chain)


def inside(code: str, outer: str) -> bool:
    """Whether an area is the other one, or lies in it."""
    return code.startswith(outer)


def _read() -> Iterator[Area]:
    # imported with the first question, because calls must be served before that at a start
    import geothai

    for province in geothai.provinces():
        yield Area(province.code, province.name_th, province.name_en)
        for district in geothai.districts(province.code):
            yield Area(district.code, district.name_th.removeprefix("เขต"), district.name_en)
            for sub in geothai.subdistricts(district.code):
                yield Area(sub.code, sub.name_th, sub.name_en)


@cache
def _abolished() -> dict[str, tuple[str, ...]]:
    from geothai.abolished import abolished_areas

    return {area.code: area.successors for area in abolished_areas()}


@cache
def _by_name() -> dict[str, list[Area]]:
    names: dict[str, list[Area]] = {}
    for area in all_areas().values():
        names.setdefault(_plain(area.name_th), []).append(area)
        province = all_areas()[area.code[:2]]
        if area.name_th == f"เมือง{province.name_th}":  # "อ.เมือง จ.ศรีสะเกษ"
            names.setdefault("เมือง", []).append(area)
    return names


def _plain(text: str) -> str:
    """The name without what may differ when people type it."""
    return _UNSEEN.sub("", "".join(composed(text).split()))


def _parts(text: str) -> Iterator[_Part]:
    """The names in a text, each with its level if the text gives it."""
    plain = _UNSEEN.sub("", composed(text)).replace(",", " ")
    plain = _BANGKOK.sub(" กรุงเทพมหานคร ", plain)
    level: AreaLevel | None = None
    start = 0
    for mark in [*_MARK.finditer(plain), None]:
        end = mark.start() if mark else len(plain)
        yield from _split(level, plain[start:end])
        if mark:
            level, start = _WORDS[mark[0]], mark.end()


def _split(level: AreaLevel | None, text: str) -> Iterator[_Part]:
    """ "ปรางค์กู่ ศรีสะเกษ" after อำเภอ: the district, and a name without its level."""
    if level is not None and any(a.level is level for a in _by_name().get(_plain(text), ())):
        yield level, _plain(text)
        return
    for word in text.split():
        yield level, _plain(word)
        level = None


def _named(parts: Sequence[_Part]) -> list[Area]:
    """The areas that one part names, and whose parents are named by all other parts."""
    names = _by_name()
    found = {
        area.code: area
        for level, name in parts
        for area in names.get(name, ())
        if level in (None, area.level) and _others_fit(area, parts)
    }
    return list(found.values())


def _others_fit(area: Area, parts: Sequence[_Part]) -> bool:
    """Whether the parts name the area and, each once, its parents, with no part left over."""
    areas = all_areas()
    chain = [areas[area.code[:length]] for length in (6, 4, 2) if len(area.code) >= length]
    if len(parts) > len(chain) or not _names(parts, chain[0]):
        return False
    return _assign(list(parts), chain)


def _names(parts: Sequence[_Part], area: Area) -> bool:
    return any(_fits(part, area) for part in parts)


def _fits(part: _Part, area: Area) -> bool:
    level, name = part
    return level in (None, area.level) and area in _by_name().get(name, ())


def _assign(parts: list[_Part], chain: Sequence[Area]) -> bool:
    """Whether the first area takes one of the parts, and the other areas take the rest."""
    first, behind = chain[0], chain[1:]
    for place, part in enumerate(parts):
        if _fits(part, first) and _share(parts[:place] + parts[place + 1 :], behind):
            return True
    return False


def _share(parts: list[_Part], chain: Sequence[Area]) -> bool:
    if not parts:
        return True
    if not chain:
        return False
    return _assign(parts, chain) or _share(parts, chain[1:])
