"""An Asterisk to drive by hand: no sockets, no tasks, no clock of its own.

Time is an argument and chance a seeded `Random`, so a run is repeated exactly. `server.py` puts it
behind a real ARI socket; the simulation drives it directly with `rest.requests_of`, `rest.verdict`
and `translate`. The contract suite plays the same call scripts to this and to a real Asterisk 22.

    model = Model(rng=Random(1), timing=Timing(), faults=Faults())
    socket = model.connect("callcenter")           # our websocket; a later one replaces it
    caller = model.call_in("1567", "0812345678")   # a citizen's call; the channel's id
    for output in model.advance(0.0):              # everything that went out, in order
        ...                                        # Told(socket, wire.StasisStart(...))
    for r in rest.requests_of(command, NAMES):
        v = rest.verdict(r.operation, model.request(r.method, r.path, r.body))
    model.answer(leg); model.refuse(leg, 486); model.hang_up(leg)      # what people do
    model.disconnect(socket); model.crash()                            # what goes wrong

`next_due()` says when `advance` should be called next. `advance(now)` returns, oldest first:

- `Told(socket, event)`: a message on a websocket (`wire.Event`, or `Noise` of a type not in use).
- `Rings(leg, endpoint, caller_id)`: a phone rings; the script decides for its person.
- `Silenced(leg)`: a ringing phone is stopped. `HungUp(leg)`: the far end of a leg is cut off.
- `InLifeboat(leg)`: a caller could not be handed over; tried again every `lifeboat_retry` seconds.
- `Row(...)`: the ledger's line of a caller whose channel ended (a crash writes none).

Sets to change at any time: `unregistered` (endpoints: 500 on ringing), `dead` (endpoints whose
phone never replies). `fall_silent`, `hold` and `die` are what becomes of a leg's far end,
`phone_dies` and `phone_lives` of an operator's phone. To read: `channels[leg]` (`music`, `bridge`,
`place`), `bridges`, `now`.

The real one's defects that are always there: events are lost while nobody is connected, and never
replayed (P1); calls stay in the application meanwhile (P2), new ones go to the lifeboat (P3); 204
for a channel that is hanging up (P6, during `Timing.end`); "gone" is spelled 404, 409, 400 and 422
(P7); a leg that was made is in the application a moment later, 409 until then (P9); 409 for an id
in use (P10); cause 32 in our own hang-ups, 0 after a caller's BYE outside a bridge (P11);
ApplicationReplaced to the old socket, which stays open and hears nothing more (P12); the event
filter applies to RESTResponse too (P13, `allows`).
By chance (`Faults`): 204 and not bridged, half bridged (P8), 503, an answer lost (P10).
"""

from collections.abc import Mapping

from callcenter.ari.rest import NO_ANSWER, Response
from tests.fake_asterisk.api import answer
from tests.fake_asterisk.switch import Switch


class Model(Switch):
    """One Asterisk with its REST interface."""

    def request(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Response:
        """One REST call, carried out now; what it causes comes out of `advance`."""
        faults = self.faults
        if faults.server_error and self.rng.random() < faults.server_error:
            return Response(status=503, body='{"message":"Service Unavailable"}')
        response = answer(self, method, path, body or {})
        if faults.answer_lost and self.rng.random() < faults.answer_lost:
            return Response(status=NO_ANSWER)
        return response
