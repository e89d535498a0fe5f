"""XC-01: areas, as people write them in letters and on the phone."""

import pytest

from callcenter.desks.shared.areas import (
    AreaAbolished,
    AreaAmbiguous,
    AreaLevel,
    AreaUnknown,
    all_areas,
    area_of,
    begin_with,
    find_area,
    written_area,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ตำบลกู่  อำเภอปรางค์กู่", "330702"),  # as the letter has it, two spaces
        ("ตำบลกู่\u00a0อำเภอปรางค์กู่ จังหวัดศรีสะเกษ", "330702"),
        ("ต.กู่ อ.ปรางค์กู่ จ.ศรีสะเกษ", "330702"),
        ("ต. กู่ อ. ปรางค์กู่", "330702"),
        ("กู่ ปรางค์กู่", "330702"),
        ("กู่ ปรางค์กู่ ศรีสะเกษ", "330702"),
        ("ต.กู่ อ.ปรางค์กู่ ศรีสะเกษ", "330702"),
        ("อ.เมือง จ.ศรีสะเกษ", "3301"),
        ("อำเภอเมืองศรีสะเกษ", "3301"),
        ("ศรีสะเกษ", "33"),
        ("เชียงใหม่", "50"),
        ("กทม.", "10"),
        ("เขตพระนคร กทม", "1001"),
        ("แขวงวัดราชบพิธ เขตพระนคร กรุงเทพฯ", "100103"),
        ("อ.สนามชัยเขต จ.ฉะเชิงเทรา", "2408"),
        ("ต.สามตำบล อ.จุฬาภรณ์", "801906"),
        ("ตำบลจ.ป.ร. อำเภอกระบุรี", "850406"),
        ("สํานักท้อน อำเภอบ้านฉาง", "210201"),  # ํา typed as two characters
        ("330702", "330702"),
        ("TH33", "33"),
        ("TH-33", "33"),
    ],
)
def test_xc_01_an_area_is_found_as_people_write_it(text: str, code: str) -> None:
    assert find_area(text).code == code


def test_xc_01_a_name_that_is_used_28_times_gives_candidates_and_no_guess() -> None:
    with pytest.raises(AreaAmbiguous) as told:
        find_area("ตำบลหนองบัว")
    candidates = told.value.candidates
    assert len(candidates) == 28
    assert {area.level for area in candidates} == {AreaLevel.SUBDISTRICT}
    assert find_area(written_area(candidates[0].code)) == candidates[0]


def test_xc_01_an_abolished_area_names_its_successor() -> None:
    with pytest.raises(AreaAbolished) as told:
        area_of("100205")
    assert told.value.successors
    assert all(code in all_areas() for code in told.value.successors)


@pytest.mark.parametrize(
    "text", ["", " ", "xyz", "ตำบล", "99", "อ.กู่ จ.เชียงใหม่", "กู่ " * 50, "\u0000"]
)
def test_what_names_nothing_is_unknown(text: str) -> None:
    with pytest.raises(AreaUnknown):
        find_area(text)


def test_every_area_is_found_by_its_full_name() -> None:
    levels = [area.level for area in all_areas().values()]
    assert [levels.count(level) for level in list(AreaLevel)[1:]] == [77, 928, 7436]
    for area in all_areas().values():
        assert find_area(written_area(area.code)) == area


def test_beginnings_are_completed_largest_areas_first() -> None:
    found = begin_with("ปรางค์", limit=5)
    assert found[0].code == "3307"
    assert begin_with("ตำบล", limit=5) == []


def test_xc_01_sara_am_typed_as_two_signs_with_a_tone_mark_between() -> None:
    """As old typewriter keyboards and many PDF files write it."""
    written = "อ\u0e4d\u0e32เภอน\u0e4d\u0e49\u0e32พอง จังหวัดขอนแก่น"
    assert find_area(written) == find_area("อำเภอน้ำพอง จังหวัดขอนแก่น")
