"""What the trunk says about a number goes with it: a withheld one is stored and shown nowhere."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers

NUMBER = "0899999999"
ASSERTED = ("P-Asserted-Identity", f'"Som" <sip:{NUMBER}@127.0.0.1>')


def party(privacy: str) -> tuple[str, str]:
    return ("Remote-Party-ID", f'"Som" <sip:{NUMBER}@127.0.0.1>;privacy={privacy}')


WITHHELD = (
    (ASSERTED, ("Privacy", "id")),
    (ASSERTED, ("Privacy", "user;ID")),
    (party("full"),),
    (party("uri"),),
    (("Privacy", "id"),),  # the From alone
    (("Privacy", "header;critical"),),
)
SHOWN = (
    (ASSERTED,),
    (ASSERTED, ("Privacy", "none")),
    (party("off"),),
    (),
)


async def _stored(hotline: Hotline, headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """What the record says of the number of a caller with these headers, and of its kind."""
    known = {row["call_id"] for row in await hotline.records.rows("select call_id from calls")}
    somsri = hotline.caller(NUMBER)
    await somsri.dials("1567", at=hotline.sip, headers=headers)
    somchai = hotline.phones["somchai"]
    await somsri.comes_to_hear(somchai.voice, within=5)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=5)
    await hotline.api.is_in("somchai", "available", within=5)
    found: list[tuple[str, str]] = []

    async def recorded() -> bool:
        rows = await hotline.records.rows("select * from calls where ended_at is not null")
        found[:] = [
            (row["caller"], row["caller_class"]) for row in rows if row["call_id"] not in known
        ]
        return len(found) == 1

    await until(recorded, within=5)
    return found[0]


async def test_a_withheld_number_is_not_kept(hotline: Hotline) -> None:
    await hotline.operator("somchai", habit=answers(0.1))
    for headers in WITHHELD:
        assert await _stored(hotline, headers) == ("", "withheld"), headers
    await until(lambda: hotline.asterisk.channels() == 0, within=5)
    rows = hotline.records.ledger()[-len(WITHHELD) :]
    assert all(NUMBER not in str(row) for row in rows)


async def test_a_number_that_may_be_shown_is_kept(hotline: Hotline) -> None:
    await hotline.operator("somchai", habit=answers(0.1))
    for headers in SHOWN:
        assert await _stored(hotline, headers) == (NUMBER, "national"), headers
