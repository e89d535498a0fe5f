"""What the contract suite cannot see of the fake: its virtual time and its chances."""

from random import Random

from callcenter.ari import rest, wire
from callcenter.ari.translate import translate
from callcenter.core.commands import Bridge, HangUp, OpenDesk, RingOperator
from callcenter.core.events import CallArrived, LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, OfferId, offer_id
from callcenter.core.legs import name_of
from tests.fake_asterisk.model import Model
from tests.fake_asterisk.parts import (
    NAMES,
    Faults,
    HungUp,
    InLifeboat,
    Noise,
    Output,
    Rings,
    Row,
    Silenced,
    Timing,
    Told,
)
from tests.legs import caller_leg, desk_bridge, leg_of_offer

DESK = desk_bridge("som")


def do(model: Model, command: rest.Work) -> list[rest.Verdict]:
    """Carry out a command as the executor would."""
    return [
        rest.verdict(r.operation, model.request(r.method, r.path, r.body))
        for r in rest.requests_of(command, NAMES)
    ]


def rings(model: Model, call: str) -> None:
    """Make the leg and, when it is in the application, dial it."""
    command = ring(call)
    assert do(model, command) == [rest.Verdict.DONE]
    model.advance(model.now + model.timing.start)
    dial = rest.Dial(lane=command.lane, leg=command.leg)
    assert do(model, dial) == [rest.Verdict.DONE]


def ring(call: str, endpoint: str = "PJSIP/op-som") -> RingOperator:
    offer = offer_id(CallId(call), 1)
    return RingOperator(
        lane=CallId(call),
        offer=offer,
        leg=leg_of_offer(offer),
        endpoint=endpoint,
        caller_id="Damrongtham <1567>",
    )


def told(outputs: list[Output]) -> list[object]:
    """Our own events, of what came over the websocket."""
    events = [o.event for o in outputs if isinstance(o, Told)]
    return [translate(event) for event in events if not isinstance(event, Noise)]


def joined(model: Model) -> tuple[str, OfferId]:
    """A caller and an operator who has answered, both asked to be joined."""
    call = model.call_in("1567", "0812345678")
    rings(model, call)
    model.advance(1.0)
    offer = offer_id(CallId(call), 1)
    assert model.answer(offer)
    model.advance(2.0)
    command = Bridge(
        lane=CallId(call),
        offer=offer,
        bridge=DESK,
        caller=caller_leg(call),
        operator=leg_of_offer(offer),
    )
    assert do(model, command) == [rest.Verdict.DONE, rest.Verdict.DONE]
    return call, offer


def test_time_is_an_argument_and_effects_come_when_they_are_due() -> None:
    model = Model(timing=Timing(greeting=3.0, ring=0.5, start=0.25))
    model.connect()
    call = model.call_in("1567", "0812345678")
    assert model.next_due() == 3.0
    assert model.advance(2.9) == []
    [arrived] = told(model.advance(3.0))
    assert arrived == CallArrived(
        call=CallId(call), did="1567", caller="0812345678", age_seconds=3.0
    )
    rings(model, call)
    leg = offer_id(CallId(call), 1)
    outputs = model.advance(3.75)
    assert [o for o in outputs if isinstance(o, Rings)] == [
        Rings(leg, "PJSIP/op-som", "Damrongtham <1567>")
    ]
    assert model.answer(leg)
    assert not model.answer(leg)
    assert OperatorAnswered(offer=leg) not in told(model.advance(3.9))
    assert OperatorAnswered(offer=leg) in told(model.advance(4.0))


def test_a_join_that_fails_answers_204_and_joins_nobody() -> None:
    model = Model(faults=Faults(join_fails=1.0))
    model.connect()
    do(model, OpenDesk(lane=DESK, bridge=DESK))
    joined(model)
    assert not [e for e in told(model.advance(9.0)) if isinstance(e, LegEnteredBridge)]
    assert model.bridges[name_of(DESK)] == []


def test_a_join_that_half_fails_leaves_the_operator_alone_in_the_bridge() -> None:
    model = Model(faults=Faults(join_halves=1.0))
    model.connect()
    do(model, OpenDesk(lane=DESK, bridge=DESK))
    _, offer = joined(model)
    entered = [e for e in told(model.advance(9.0)) if isinstance(e, LegEnteredBridge)]
    assert entered == [LegEnteredBridge(leg=leg_of_offer(offer), bridge=DESK)]


def test_a_server_error_does_nothing_and_a_lost_answer_did_it() -> None:
    failing, losing = Model(faults=Faults(server_error=1.0)), Model(faults=Faults(answer_lost=1.0))
    assert do(failing, OpenDesk(lane=DESK, bridge=DESK)) == [rest.Verdict.RETRY]
    assert failing.bridges == {}
    assert do(losing, OpenDesk(lane=DESK, bridge=DESK)) == [rest.Verdict.UNKNOWN]
    assert list(losing.bridges) == [name_of(DESK)]


def test_a_phone_that_is_dead_is_given_up_after_32_seconds() -> None:
    model = Model()
    model.dead.add("PJSIP/op-som")
    model.connect()
    call = model.call_in("1567", "")
    rings(model, call)
    assert not any(isinstance(o, Rings) for o in model.advance(31.9))
    [requested, _, destroyed] = [o.event for o in model.advance(32.1) if isinstance(o, Told)]
    assert isinstance(requested, wire.ChannelHangupRequest)
    assert isinstance(destroyed, wire.ChannelDestroyed)
    assert (requested.cause, destroyed.cause) == (18, 18)


def test_a_crash_cuts_everybody_off_and_tells_nothing() -> None:
    model = Model(timing=Timing(farewell=5.0))
    model.connect()
    do(model, OpenDesk(lane=DESK, bridge=DESK))
    call, offer = joined(model)
    model.advance(3.0)
    before = model.boot
    model.crash()
    assert set(model.advance(60.0)) == {HungUp(call), HungUp(offer)}
    assert (model.channels, model.bridges, model.is_active("callcenter")) == ({}, {}, False)
    assert model.boot != before


def test_callers_come_out_of_the_lifeboat_by_themselves() -> None:
    model = Model(timing=Timing(lifeboat_retry=5.0))
    call = model.call_in("1567", "")
    assert model.advance(1.0) == [InLifeboat(call)]
    model.connect()
    assert [type(e) for e in told(model.advance(5.0))] == [CallArrived]


def test_every_ended_caller_has_one_row_and_a_ringing_phone_is_silenced() -> None:
    model = Model()
    model.connect()
    call = model.call_in("1567", "0812345678")
    rings(model, call)
    model.advance(1.0)
    offer = offer_id(CallId(call), 1)
    do(model, HangUp(lane=CallId(call), leg=leg_of_offer(offer)))
    assert model.hang_up(call)
    outputs = model.advance(2.0)
    assert Silenced(offer) in outputs
    [row] = [o for o in outputs if isinstance(o, Row)]
    assert (row.leg, row.stage, row.arrived_at) == (call, "stasis", 0.0)
    assert model.channels == {}


def test_one_seed_is_one_run() -> None:
    def run(seed: int) -> list[Output]:
        model = Model(rng=Random(seed), faults=Faults(join_fails=0.5, server_error=0.3))
        model.connect()
        outputs: list[Output] = []
        for number in range(50):
            call = model.call_in("1567", str(number))
            do(model, OpenDesk(lane=DESK, bridge=DESK))
            do(model, ring(call))
            outputs += model.advance(number + 0.5)
            dial = rest.Dial(lane=CallId(call), leg=leg_of_offer(offer_id(CallId(call), 1)))
            do(model, dial)
            outputs += model.advance(number + 1.0)
            model.answer(offer_id(CallId(call), 1))
        return outputs

    assert run(7) == run(7)
    assert run(7) != run(8)
