"""The fake Asterisk in a play: brings its outputs to people, cable and ledger as they happen.

Also tells the auditor the physical truth: who is joined with whom, whatever anybody says.
"""

from collections.abc import Callable
from random import Random
from typing import Protocol

from callcenter.ari import wire
from callcenter.ari.rest import Operation, Request, Response, Verdict, verdict
from callcenter.ari.translate import ours
from tests.fake_asterisk.model import Model
from tests.fake_asterisk.parts import (
    Channel,
    HungUp,
    InLifeboat,
    Noise,
    Rings,
    Row,
    Silenced,
    Timing,
    Told,
)
from tests.simulation.cable import Cable
from tests.simulation.schedule import Schedule

DONE = Verdict.DONE


class Witness(Protocol):
    """Who wants to know what happens to phones and callers."""

    def rings(self, leg: str, endpoint: str) -> None:
        """A phone rings."""
        ...

    def silenced(self, leg: str) -> None:
        """A phone stops ringing."""
        ...

    def hung_up(self, leg: str) -> None:
        """The far end was cut off, not by its own person."""
        ...

    def joined(self, legs: list[str], left: str) -> None:
        """Who is in a bridge now, told at every change; `left` has just left it, or is empty."""
        ...

    def row(self, row: Row) -> None:
        """A line of the ledger."""
        ...


class Exchange(Model):
    """The model on a schedule, with witnesses."""

    def __init__(self, schedule: Schedule, rng: Random, timing: Timing) -> None:
        super().__init__(rng=rng, timing=timing, needs_beat=True)
        self._schedule = schedule
        self._wake_at = float("inf")
        self.witnesses: list[Witness] = []
        self.cables: dict[int, Cable] = {}  # socket -> the cable it hangs on
        self.on_music: Callable[[str], None] = lambda leg: None
        self.heard: Callable[[str, list[str]], None] = lambda leg, media: None
        self.begins_to_hear: Callable[[str, list[str]], None] = lambda leg, media: None
        self.up = True

    # --- as Asterisk lives -------------------------------------------------------------------

    def do(self, action: Callable[[], object]) -> None:
        """Somebody does something to it now; all that follows is brought about."""
        self.advance_to_now()
        action()
        self.advance_to_now()

    def carry_out(self, request: Request) -> Response:
        """One REST call."""
        self.advance_to_now()
        response = self.request(request.method, request.path, request.body)
        if request.operation is Operation.MUSIC_ON and verdict(request.operation, response) == DONE:
            self.on_music(request.path.split("/")[2])
        self.advance_to_now()
        return response

    def advance_to_now(self) -> None:
        """Bring everything about that is due."""
        for output in self.advance(self._schedule.now):
            self._bring(output)
        due = self.next_due()
        if due is not None and due < self._wake_at:
            self._wake_at = due
            self._schedule.at(due, lambda: self._wake(due))

    def _wake(self, due: float) -> None:
        if due == self._wake_at:  # else something earlier came between, and saw to it
            self._wake_at = float("inf")
            self.advance_to_now()

    def on_play(self, leg: str, media: list[str]) -> None:
        """As the model does it, and told."""
        self.begins_to_hear(leg, media)

    def on_heard(self, leg: str, media: list[str]) -> None:
        """As the model does it, and told."""
        self.heard(leg, media)

    def go_down(self) -> None:
        """kill -9."""
        self.up = False
        self.do(self.crash)
        for cable in self.cables.values():
            cable.close()
        self.cables.clear()

    def come_up(self) -> None:
        """It has booted; callers and service can reach it again."""
        self.up = True
        self.boot = self.clock.say(self._schedule.now)

    def _bring(self, output: object) -> None:
        match output:
            case Told(socket=socket, event=event):
                if isinstance(event, Noise) or _means_nothing(event):
                    return
                if socket in self.cables:
                    self.cables[socket].tell(event)
            case Rings(leg=leg, endpoint=endpoint):
                for witness in self.witnesses:
                    witness.rings(leg, endpoint)
            case Silenced(leg=leg):
                for witness in self.witnesses:
                    witness.silenced(leg)
            case HungUp(leg=leg):
                for witness in self.witnesses:
                    witness.hung_up(leg)
            case Row():
                for witness in self.witnesses:
                    witness.row(output)
            case InLifeboat():
                pass  # waits there, with music, and is tried again

    # --- who is with whom --------------------------------------------------------------------

    def enter_bridge(self, channel: Channel, bridge: str) -> None:
        """As the model does it, and told to the witnesses."""
        super().enter_bridge(channel, bridge)
        if channel.bridge == bridge and bridge not in self.rooms:
            self._tell_joined(bridge, "")

    def leave_bridge(self, channel: Channel) -> None:
        """As the model does it, and told to the witnesses."""
        bridge = channel.bridge
        super().leave_bridge(channel)
        if bridge and bridge not in self.rooms:
            self._tell_joined(bridge, channel.id)

    def _tell_joined(self, bridge: str, left: str) -> None:
        legs = list(self.bridges.get(bridge, ()))
        for witness in self.witnesses:
            witness.joined(legs, left)


def _means_nothing(event: wire.Event) -> bool:
    """How the dialling of an operator's phone goes."""
    return isinstance(event, wire.Dial) and ours(event.peer.id) is not None
