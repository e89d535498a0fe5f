"""Whom to ask by SIP whether they are still there; and after a connect, operators soon."""

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import statistics
from callcenter.ari.silence import SOON_SECONDS, Silence

CALLER, OFFER, LINE = "1795001.1", "offer-1-1795001.1", "line-1-somchai"
AFTER_SECONDS = 30.0


class Legs:
    """How many packets came from each, and who was asked."""

    def __init__(self) -> None:
        self.heard = {CALLER: 100, OFFER: 100, LINE: 100}
        self.now = 0.0
        self.looked_at: list[str] = []
        self.asked: list[str] = []
        self.lost: list[str] = []

    async def ask(self, request: rest.Request) -> rest.Response:
        for leg, count in self.heard.items():
            if request == statistics(leg):
                self.looked_at.append(leg)
                return rest.Response(status=200, body=f'{{"rxcount": {count}}}')
            if request == rest.ask_leg(leg):
                self.asked.append(leg)
        return rest.Response(status=204)

    async def are_looked_at(self, silence: Silence, now: float) -> None:
        """At each pulse until then."""
        while self.now < now:
            self.now = min(now, self.now + 1.0)
            await self.are_looked_at_once(silence)
        await self.are_looked_at_once(silence)

    async def are_looked_at_once(self, silence: Silence) -> None:
        while silence.is_due(self.now):
            if lost := await silence.look(self.ask, lambda: self.now):
                self.lost.append(lost.endpoint)


def channel(leg: str) -> wire.Channel:
    return wire.Channel(
        id=leg,
        state="Up",
        caller=wire.CallerId(number=""),
        dialplan=wire.Dialplan(app_name="Stasis", app_data=""),
        creationtime="",
    )


async def test_after_a_connect_operators_are_looked_at_soon() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([CALLER, OFFER, LINE], 0.0)
    await legs.are_looked_at(silence, 0.0)
    assert legs.looked_at == [OFFER, LINE]
    legs.heard[LINE] += 1
    await legs.are_looked_at(silence, SOON_SECONDS - 0.1)
    assert legs.looked_at == [OFFER, LINE]
    await legs.are_looked_at(silence, SOON_SECONDS)
    assert legs.asked == [OFFER]
    await legs.are_looked_at(silence, AFTER_SECONDS - 0.1)
    assert CALLER not in legs.looked_at
    await legs.are_looked_at(silence, AFTER_SECONDS)
    assert legs.looked_at[-3:] == [CALLER, OFFER, LINE]


async def test_a_look_that_was_not_answered_is_made_once_more() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    count = legs.heard.pop(OFFER)
    silence.begin([OFFER], 0.0)
    await legs.are_looked_at(silence, 1.0)
    legs.heard[OFFER] = count
    await legs.are_looked_at(silence, 1.0 + 2 * SOON_SECONDS)
    assert legs.asked == [OFFER]


async def test_a_look_too_soon_after_the_one_before_is_made_once_more() -> None:
    """The regular look came right after the second one and took its place."""
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([OFFER], 0.0)
    await legs.are_looked_at(silence, 20.0)
    legs.heard[OFFER] += 500
    legs.asked.clear()
    await legs.are_looked_at(silence, AFTER_SECONDS - SOON_SECONDS - 1.0)
    count = legs.heard.pop(OFFER)
    silence.soon([OFFER], legs.now)
    await legs.are_looked_at(silence, legs.now + 1.0)
    legs.heard[OFFER] = count
    await legs.are_looked_at(silence, AFTER_SECONDS + SOON_SECONDS + 1.0)
    assert legs.asked == [OFFER]


async def test_who_is_silent_between_two_looks_is_asked() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([CALLER], 0.0)
    await legs.are_looked_at(silence, AFTER_SECONDS)
    assert legs.asked == []
    await legs.are_looked_at(silence, 2 * AFTER_SECONDS)
    assert legs.asked == [CALLER]


async def test_who_holds_is_not_asked_nor_who_has_gone() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([OFFER, LINE], 0.0)
    await legs.are_looked_at(silence, 0.0)
    silence.hear(wire.ChannelHold(timestamp="", channel=channel(OFFER)), 1.0)
    silence.hear(wire.ChannelDestroyed(timestamp="", channel=channel(LINE), cause=16), 1.0)
    await legs.are_looked_at(silence, SOON_SECONDS)
    assert legs.asked == []


async def test_nobody_is_looked_at_where_nobody_is_to_be_asked() -> None:
    silence = Silence(0.0)
    silence.begin([CALLER, OFFER], 0.0)
    assert not silence.is_due(1e6)


async def test_a_new_connection_begins_anew() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([OFFER], 0.0)
    await legs.are_looked_at(silence, 0.0)
    silence.begin([LINE], 1.0)
    await legs.are_looked_at(silence, 1.0 + SOON_SECONDS)
    assert legs.looked_at == [OFFER, LINE, LINE]


async def test_operators_are_looked_at_soon_after_we_stood_still() -> None:
    """A phone may have been restarted meanwhile, and nobody has seen it away."""
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([CALLER, OFFER, LINE], 0.0)
    await legs.are_looked_at(silence, SOON_SECONDS)
    legs.asked.clear()
    legs.now = 12.0
    legs.heard[OFFER] += 100  # until it was restarted
    legs.heard[LINE] += 100
    await legs.are_looked_at_once(silence)
    legs.heard[LINE] += 100
    await legs.are_looked_at(silence, 12.0 + SOON_SECONDS)
    assert legs.asked == [OFFER]


async def test_a_phone_that_is_back_is_looked_at_soon_and_no_other() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([CALLER, OFFER, LINE], 0.0)
    legs.heard = dict.fromkeys(legs.heard, 0)
    for second in range(1, 10):
        legs.heard = {leg: count + 50 for leg, count in legs.heard.items()}
        await legs.are_looked_at(silence, second)
    legs.looked_at.clear()
    silence.soon([OFFER, CALLER, "offer-9-gone"], 9.0)
    await legs.are_looked_at(silence, 9.0)
    assert (legs.looked_at, legs.asked) == ([OFFER], []), "nobody is asked at the first look"
    silence.soon([OFFER], 9.5)  # again: from now on
    await legs.are_looked_at(silence, 9.5 + SOON_SECONDS)
    assert (legs.looked_at, legs.asked) == ([OFFER] * 3, [OFFER])


async def test_a_phone_that_was_started_elsewhere_is_lost_and_not_asked_where_it_was() -> None:
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([CALLER, OFFER, LINE], 0.0)
    legs.heard[LINE] += 1
    silence.soon([OFFER], 0.0, moved="PJSIP/op-som")
    silence.soon([LINE], 0.0, moved="PJSIP/op-malee")
    await legs.are_looked_at(silence, SOON_SECONDS - 1.0)
    legs.heard[LINE] += 1  # she was carried there, and talks on
    await legs.are_looked_at(silence, SOON_SECONDS)
    assert (legs.lost, legs.asked) == (["PJSIP/op-som"], [])
    await legs.are_looked_at(silence, 3 * AFTER_SECONDS)
    assert LINE in legs.asked


async def test_looks_that_meet_show_no_silence() -> None:
    """A look is still under way when the phone is to be looked at from now on."""
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([OFFER], 0.0)

    async def meanwhile(request: rest.Request) -> rest.Response:
        silence.soon([OFFER], legs.now, moved="PJSIP/op-som")
        return await legs.ask(request)

    assert silence.is_due(legs.now)
    await silence.look(meanwhile, lambda: legs.now)
    await legs.are_looked_at_once(silence)
    assert (legs.looked_at, legs.lost, legs.asked) == ([OFFER, OFFER], [], [])
    await legs.are_looked_at(silence, SOON_SECONDS)
    assert legs.lost == ["PJSIP/op-som"]


async def test_a_phone_that_registered_before_the_talk_was_not_restarted_in_it() -> None:
    """The phones are looked at later than it registers; meanwhile it may have answered a call."""
    legs, silence = Legs(), Silence(AFTER_SECONDS)
    silence.begin([LINE], 0.0)
    await legs.are_looked_at(silence, AFTER_SECONDS - 10.0)
    legs.looked_at.clear()
    for user in ("op-som", "op-somchai"):
        silence.registers_anew(user, elsewhere=True)
    silence.hear(wire.StasisStart(timestamp="", channel=channel(OFFER), args=[]), legs.now)
    at = {"op-som": [OFFER], "op-somchai": [LINE]}
    silence.phones_seen([], at.__getitem__, legs.now)
    await legs.are_looked_at(silence, legs.now + SOON_SECONDS)
    assert (set(legs.looked_at), legs.lost) == ({LINE}, ["PJSIP/op-somchai"])
