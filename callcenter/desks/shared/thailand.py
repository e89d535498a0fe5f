"""The offices with which every installation for the whole country begins."""

from collections.abc import Iterator
from datetime import date

from callcenter.desks.shared.areas import COUNTRY, Area, AreaLevel, all_areas
from callcenter.desks.shared.units import Function, Unit, UnitLevel

GCC = "gcc1111"
MINISTRY = "moi"


def units_of_thailand(day: date) -> Iterator[Unit]:
    """All offices, parents before their children. They work from `day` on."""
    yield _unit(
        GCC,
        UnitLevel.NATIONAL,
        Function.GCC1111,
        "ศูนย์บริการข้อมูลภาครัฐเพื่อประชาชน (GCC 1111)",
        "Government Contact Center 1111",
        day,
    )
    yield _unit(
        MINISTRY,
        UnitLevel.NATIONAL,
        Function.DAMRONGDHAM,
        "ศูนย์ดำรงธรรมกระทรวงมหาดไทย",
        "Damrongdham Centre, Ministry of the Interior",
        day,
    )
    for area in all_areas().values():
        match area.level:
            case AreaLevel.PROVINCE:
                yield _province(area, day)
            case AreaLevel.DISTRICT:
                yield _district(area, day)
            case AreaLevel.COUNTRY | AreaLevel.SUBDISTRICT:
                pass


def _province(area: Area, day: date) -> Unit:
    return _unit(
        f"p{area.code}",
        UnitLevel.PROVINCE,
        Function.DAMRONGDHAM,
        f"ศูนย์ดำรงธรรม{area.kind}{area.name_th}",
        f"Damrongdham Centre, {area.name_en}",
        day,
        area=area.code,
        parent=MINISTRY,
    )


def _district(area: Area, day: date) -> Unit:
    office = "สำนักงานเขต" if area.kind == "เขต" else "ที่ว่าการอำเภอ"
    return _unit(
        f"d{area.code}",
        UnitLevel.DISTRICT,
        Function.ADMIN_OFFICE,
        f"{office}{area.name_th}",
        f"District Office, {area.name_en}",
        day,
        area=area.code,
        parent=f"p{area.parent}",
    )


def _unit(
    name: str,
    level: UnitLevel,
    function: Function,
    name_th: str,
    name_en: str,
    day: date,
    *,
    area: str = COUNTRY,
    parent: str | None = None,
) -> Unit:
    return Unit(
        id=name,
        level=level,
        functions=(function,),
        name_th=name_th,
        name_en=name_en,
        area=area,
        parent=parent,
        email=None,
        active_from=day,
        active_to=None,
    )
