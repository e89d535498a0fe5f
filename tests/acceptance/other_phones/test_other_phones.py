"""Phones and callers of somebody else's making: what works with ours works with theirs."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers
from tests.people.softphone import Softphones

SOMSRI = "0899999999"


async def test_softphones_in_the_places_of_caller_and_operator(hotline: Hotline) -> None:
    card = await hotline.operator("somchai", logged_in=False)
    card.register(expires_seconds=0)
    await until(lambda: card.register_status == 200, within=3)
    hotline.words.add(SOMSRI)
    async with Softphones() as softphones:
        somchai = await softphones.new("op-somchai", card.secret, at=hotline.sip)
        somsri = await softphones.new(SOMSRI, "", at=hotline.sip)
        await somsri.dials("1567")
        await until(lambda: somsri.hears("music"), within=10)
        await hotline.log_in("somchai")
        await until(lambda: somsri.hears(somchai.voice), within=5)
        await until(lambda: somchai.hears(somsri.voice), within=5)
        await somsri.hang_up()
        await until(lambda: somchai.is_over, within=3)

        malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.2))
        await somsri.dials("1111")
        await until(lambda: somsri.hears(malee.voice), within=10)
        await until(lambda: malee.hears(somsri.voice), within=5)
        malee.hang_up()
        await until(lambda: somsri.is_over, within=3)

    async def recorded() -> bool:
        rows = await hotline.records.calls(SOMSRI)
        told = [(row["outcome"], row["operator"], row["ended_by"]) for row in rows]
        return told == [("answered", "somchai", "caller"), ("answered", "malee", "operator")]

    await until(recorded, within=5)
