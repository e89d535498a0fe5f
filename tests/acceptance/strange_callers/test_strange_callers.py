"""Whatever the caller id says, the call is served and recorded, and no log tells who called."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers

HOSTILE = {
    "sql": '"\\"; drop table calls; --" <sip:0812345678\'%20or%201=1--@127.0.0.1>',
    "html": '"<script>alert(1)</script>" <sip:%3Cimg%20src=x%3E@127.0.0.1>',
    "formula": '"=cmd|calc!A1" <sip:=1+1@127.0.0.1>',
    "dialplan": '"${SHELL(id)}" <sip:%24%7BSHELL(id)%7D@127.0.0.1>',
    "control": '"a\x01\x08\x1b[31mred\x7f" <sip:08123%00%0d%0a%1b@127.0.0.1>',
    "right to left": '"\u202e\u0e2a\u0e21\u0e28\u0e23\u0e35\u202c" <sip:0811111111@127.0.0.1>',
    "not utf-8": '"\udcff\udcfe\udc80" <sip:0822222222@127.0.0.1>',
    "empty": '"" <sip:127.0.0.1>',
    "anonymous": '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "from abroad": '"" <sip:+6970812345678@127.0.0.1>',
    "roaming": '"" <sip:+698812345678@127.0.0.1>',
    "thai digits": '"\u0e51\u0e52\u0e53" <sip:%E0%B9%90%E0%B9%98@127.0.0.1>',
    "two thousand": f'"{"n" * 2000}" <sip:{"9" * 200}@127.0.0.1>',
}


async def test_every_caller_is_served(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    known = await _ended(hotline)
    for number, (kind, from_header) in enumerate(HOSTILE.items(), start=1):
        somsri = hotline.caller(f"{kind} caller", from_header=from_header)
        await somsri.dials("1567", at=hotline.sip)
        await somsri.comes_to_hear(somchai.voice, within=4)
        assert somchai.calls[-1].shows() == "1567", kind
        somsri.hang_up()
        await until(lambda: somchai.now is None, within=5)
        await hotline.api.is_in("somchai", "available")
        assert len(somchai.calls) == number, kind

    async def recorded() -> bool:
        return len(await _ended(hotline) - known) == len(HOSTILE)

    await until(recorded, within=3)
    ended = await _ended(hotline) - known
    assert {outcome for _, outcome in ended} == {"answered"}
    await hotline.api.ask("GET", "/calls?numbers=full")


async def _ended(hotline: Hotline) -> set[tuple[str, str]]:
    rows = await hotline.records.rows("select * from calls where ended_at is not null")
    return {(row["call_id"], row["outcome"]) for row in rows}


async def test_a_caller_id_of_64_kilobytes(hotline: Hotline) -> None:
    """Refused or cut short, but nobody else notices."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    monster = hotline.caller("monster", from_header=f'"{"x" * 64_000}" <sip:1@127.0.0.1>')
    await monster.dials("1567", at=hotline.sip)
    somsri = await hotline.calls("1567")
    await until(lambda: len(somchai.calls) > 0, within=3)
    if monster.is_up:
        monster.hang_up()
    await somsri.comes_to_hear(somchai.voice, within=4)
    monster.close()


UNPUBLISHED = ("9999", "", "0", "1" * 20, "1" * 21, "+66", "abc", "1567*")


async def test_numbers_that_nobody_published(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    callers = [await hotline.caller().dials(number, at=hotline.sip) for number in UNPUBLISHED]
    for caller in callers:
        await caller.is_gone(within=20)
        assert caller.heard(caller.answered_at, one_in=5).share("other") > 0.2, (
            "a message is spoken"
        )
        record = await hotline.record(caller)
        assert (record["line"], record["outcome"]) == ("unknown", "rejected")
        assert record["reason"] == "unknown_number"
    assert not somchai.calls


FORMS = (
    *("045614545", "6645614545", "+6645614545", "045614545;x=y", "%30%34%35614545"),
    *("+66-45-614-545", "045-614545", "045.614.545", "(045)614545", "045%20614%20545"),
    *("+6645614545;phone-context=+66", "045614545;user=phone", "006645614545"),
)


async def test_every_form_of_a_published_number(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", queues=["sisaket"], habit=answers(0.1))
    for did in FORMS:
        somsri = await hotline.calls(did)
        await somsri.comes_to_hear(somchai.voice, within=3)
        somsri.hang_up()
        assert (await hotline.record(somsri))["line"] == "045-614545"


async def test_keys_pressed_while_waiting_and_talking_do_nothing(hotline: Hotline) -> None:
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=3)
    somsri.press("*1#0AB9")
    await somsri.comes_to_hear("music", within=3)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await somsri.comes_to_hear(somchai.voice, within=3)
    somsri.press("#" * 5)
    await until(lambda: somchai.hears(somsri.voice), within=3)
    await somsri.comes_to_hear(somchai.voice, within=3)
