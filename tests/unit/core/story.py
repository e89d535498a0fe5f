"""A call centre in a test: people with names do things, the engine decides, the test looks.

The engine is the real one and nothing else is there: what Asterisk would do is told by the test.
After every event the invariants are asked, so that each story is also a proof that they held.
"""

from dataclasses import replace

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine, Step
from callcenter.core.facts import OperatorState
from callcenter.core.handlers import find
from callcenter.core.ids import CallId, OfferId, OperatorId, QueueName
from callcenter.core.invariants import broken
from callcenter.core.legs import LineLeg
from callcenter.core.outcome import LegEnd
from callcenter.core.site import QueueRules
from callcenter.core.skills import Skills
from callcenter.core.state import Call, Operator
from tests.kept import kept
from tests.legs import caller_leg, desk_bridge, leg_of_offer
from tests.site import DAMRONG, site


class Story:
    """One engine, connected to an Asterisk that has nothing, at second 1000."""

    def __init__(self, *queues: QueueRules, room_after_seconds: float = 0.0) -> None:
        self.site = site(*queues)
        self.room_after_seconds = room_after_seconds
        self.engine = Engine(self.site, room_after_seconds=room_after_seconds)
        self.now = 1000.0
        self.told: list[f.Fact] = []
        self.ordered: list[c.Command] = []
        self.legs_go_at_once = True  # when hung up; else the test tells it
        self.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))

    # --- what happens --------------------------------------------------------------------

    def happens(self, event: e.Event) -> Step:
        """One event, the time standing still."""
        done = self.engine.step(event, self.now)
        assert broken(self.engine.state) == []
        while self.legs_go_at_once and self.engine.state.letting_go:
            leg = next(iter(self.engine.state.letting_go))
            gone = e.OperatorLegEnded(offer=OfferId(leg), end=LegEnd.ENDED)
            more = self.engine.step(gone, self.now)
            assert broken(self.engine.state) == []
            done.facts.extend(more.facts)
            done.commands.extend(more.commands)
        self.told += done.facts
        self.ordered += done.commands
        return done

    def after(self, seconds: float) -> None:
        """Time goes by, and whatever falls due happens at its very moment."""
        until = self.now + seconds
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)  # what fell due while Asterisk was away is due now
            self.happens(e.TimePassed())
        self.now = until

    # --- callers -------------------------------------------------------------------------

    def calls(self, *names: str, did: str = "1567", age: float = 0.0) -> None:
        """Callers arrive, one after the other."""
        for name in names:
            self.happens(
                e.CallArrived(call=CallId(name), did=did, caller="0812345678", age_seconds=age)
            )

    def leaves(self, name: str) -> Step:
        """The caller hangs up."""
        return self.happens(e.CallerLeft(call=CallId(name)))

    def needs(self, *needs: tuple[str, int]) -> None:
        """From now on callers of 1567 need these skills of an operator."""
        line = replace(self.site.line_of_did["1567"], needs=needs)
        self.site = replace(
            self.site,
            lines={**self.site.lines, line.name: line},
            line_of_did={**self.site.line_of_did, "1567": line},
        )
        self.happens(e.SiteChanged(site=self.site))

    # --- operators -----------------------------------------------------------------------

    def logs_in(
        self,
        *names: str,
        queues: tuple[QueueName, ...] = (DAMRONG,),
        open_line: bool = False,
        phone: str = "",
        skills: Skills = (),
    ) -> None:
        """Operators sit down, one after the other."""
        for name in names:
            self.happens(
                e.OperatorLoggedIn(
                    operator=OperatorId(name),
                    endpoint=f"PJSIP/{phone or name}",
                    queues=queues,
                    open_line=open_line,
                    skills=skills,
                )
            )

    def sits_down_with_a_headset(self, *names: str) -> None:
        """Operators log in with an open line, pick up, and the line is in the bridge."""
        for name in names:
            self.logs_in(name, open_line=True)
            self.line_is_answered(name)
            self.line_is_seated(name)

    def line_of(self, name: str) -> LineLeg:
        """The operator's present open line."""
        return self.operator(name).line_leg

    def line_is_answered(self, name: str) -> Step:
        """The operator picks up the phone that rings for the line."""
        return self.happens(e.LineAnswered(leg=self.line_of(name)))

    def line_is_seated(self, name: str) -> Step:
        """Asterisk confirms that the line is in the operator's bridge."""
        bridge = desk_bridge(name)
        return self.happens(e.LegEnteredBridge(leg=self.line_of(name), bridge=bridge))

    def line_ends(self, name: str, end: LegEnd = LegEnd.ENDED) -> Step:
        """The operator's line is gone."""
        return self.happens(e.LineEnded(leg=self.line_of(name), end=end))

    def is_handed_over(self, call: str) -> Step:
        """Asterisk confirms that the caller is in the bridge where the line is."""
        operator = self.call(call).operator
        assert operator is not None
        return self.happens(e.LegEnteredBridge(leg=caller_leg(call), bridge=desk_bridge(operator)))

    def logs_out(self, name: str) -> Step:
        """The operator goes home."""
        return self.happens(e.OperatorLoggedOut(operator=OperatorId(name)))

    def pauses(self, name: str, reason: str = "lunch") -> Step:
        """The operator wants no calls."""
        return self.happens(e.OperatorPaused(operator=OperatorId(name), reason=reason))

    def resumes(self, name: str) -> Step:
        """The operator wants calls again."""
        return self.happens(e.OperatorResumed(operator=OperatorId(name)))

    def picks_up(self, name: str) -> Step:
        """The operator's phone is up; the legs are not joined yet."""
        return self.happens(e.OperatorAnswered(offer=self.offer_to(name)))

    def is_joined(self, name: str) -> None:
        """Asterisk confirms both legs in the operator's bridge."""
        operator = self.operator(name)
        call = self.call(operator.call or "")
        assert call.offer is not None
        for leg in (caller_leg(call.id), leg_of_offer(call.offer.id)):
            self.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(operator.id)))

    def answers(self, name: str) -> None:
        """The operator picks up and both are joined."""
        self.picks_up(name)
        self.is_joined(name)

    def phone_ends(self, name: str, end: LegEnd = LegEnd.ENDED) -> Step:
        """The operator's leg is gone."""
        return self.happens(e.OperatorLegEnded(offer=self.offer_to(name), end=end))

    # --- the machinery -------------------------------------------------------------------

    def asterisk_is_lost(self) -> None:
        """The connection is down."""
        self.happens(e.AsteriskLost())

    def service_restarts(self, *, from_all_facts: bool = False) -> None:
        """kill -9, and a new engine from the journal; not connected yet."""
        told = self.told if from_all_facts else kept(self.engine)
        self.engine = Engine(self.site, room_after_seconds=self.room_after_seconds)
        self.engine.restore(told)
        assert broken(self.engine.state) == []

    # --- what one sees -------------------------------------------------------------------

    def call(self, name: str) -> Call:
        """An open call."""
        return self.engine.state.calls[CallId(name)]

    def operator(self, name: str) -> Operator:
        """An operator ever heard of."""
        return self.engine.state.operators[OperatorId(name)]

    def offer_to(self, name: str) -> OfferId:
        """The offer that rings at an operator, or was answered."""
        offer = find.offer_at(self.call(self.operator(name).call or ""), OperatorId(name))
        assert offer is not None
        return offer.id

    def does(self, name: str) -> OperatorState:
        """What an operator is doing."""
        return self.operator(name).state

    def has(self, name: str) -> str:
        """The caller an operator rings for, talks with or wraps up; empty when none."""
        return self.operator(name).call or ""

    def in_line(self, queue: QueueName = DAMRONG) -> list[str]:
        """Who waits, in the order of being served."""
        return list(self.engine.state.queues[queue].line)

    def outcomes(self) -> dict[str, str]:
        """Every call's outcome so far; a second one for the same call is an error."""
        scored = [fact for fact in self.told if isinstance(fact, f.CallScored)]
        by_call = {fact.call: fact.outcome.value for fact in scored}
        assert len(by_call) == len(scored), "a call was scored twice"
        return {call: by_call[call] for call in by_call}

    def score(self, name: str) -> f.CallScored:
        """The score of one call."""
        return next(x for x in self.told if isinstance(x, f.CallScored) and x.call == name)

    def results(self, name: str) -> list[str]:
        """How an operator's offers came out, in order."""
        return [
            x.result.value for x in self.told if isinstance(x, f.OfferEnded) and x.operator == name
        ]

    def rang(self) -> list[tuple[str, str]]:
        """Every ring so far as (operator, caller)."""
        return [(x.operator, x.call) for x in self.told if isinstance(x, f.OfferMade)]
