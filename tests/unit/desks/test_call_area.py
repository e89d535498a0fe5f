"""The province of a call: the menu's word first, then the site's own table of area codes."""

import pytest

from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import Line
from callcenter.desks.cases.call_area import AreaFrom, province_of
from callcenter.desks.shared.areas import AreaLevel, all_areas, province_named

AREAS = {"0456": QueueName("sisaket"), "0453": QueueName("p34"), "02": QueueName("gcc")}
LINE = Line(
    name=LineName("1567"),
    title="",
    dids=("1567",),
    priority=0,
    queue=QueueName("damrong"),
    areas=AREAS,
)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("sisaket", "33"),
        ("si_sa_ket", "33"),
        ("si-sa-ket", "33"),
        ("p33", "33"),
        ("33", "33"),
        ("ศรีสะเกษ", "33"),
        ("bangkok", "10"),
        ("nan", "55"),
        ("nowhere", None),
        ("", None),
        ("muang", None),
        ("3307", None),
    ],
)
def test_a_word_of_the_site_file_names_a_province(word: str, code: str | None) -> None:
    found = province_named(word)
    assert (found.code if found else None) == code


def test_each_of_the_77_provinces_is_found_by_its_english_name_as_a_word() -> None:
    provinces = [area for area in all_areas().values() if area.level is AreaLevel.PROVINCE]
    assert len(provinces) == 77
    for area in provinces:
        assert province_named("".join(area.name_en.lower().split())) == area


@pytest.mark.parametrize(
    ("chosen", "caller", "expected"),
    [
        ("sisaket", "021234567", ("33", AreaFrom.MENU)),
        ("p10", "045612345", ("10", AreaFrom.MENU)),
        ("", "045612345", ("33", AreaFrom.NUMBER)),
        ("elsewhere", "045612345", ("33", AreaFrom.NUMBER)),
        ("", "045312345", ("34", AreaFrom.NUMBER)),
        ("", "021234567", None),  # the queue is not called like a province
        ("", "0812345678", None),
        ("", "anonymous", None),
        ("", "045112345", None),  # the area code alone is of four provinces
    ],
)
def test_the_menu_comes_first_and_then_the_number_of_a_fixed_line(
    chosen: str, caller: str, expected: tuple[str, AreaFrom] | None
) -> None:
    found = province_of(chosen, LINE, caller)
    assert ((found.area.code, found.known_from) if found else None) == expected


def test_of_a_line_that_is_not_there_any_more_only_the_menu_tells() -> None:
    assert province_of("", None, "045612345") is None
