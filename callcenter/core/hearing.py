"""What a caller hears before an operator answers: the recording notice, then the greeting.

Both play while the caller already stands in line, so they cost no place. An operator can be offered
in the meantime. When one answers, the greeting stops. The notice is played to its end, and the two
are joined then. Music follows each prompt by itself (commands.PlayPrompts), so nobody is left in
silence, even if the service dies in the meantime.
"""

from callcenter.core import outward
from callcenter.core.commands import BackToMusic, PlayPrompts, StopPrompts
from callcenter.core.facts import PromptBegun, PromptEnded, PromptKind
from callcenter.core.legs import CallerLeg, CitizenLeg
from callcenter.core.menu import lost_seconds
from callcenter.core.rooms import room_of
from callcenter.core.site import Line
from callcenter.core.state import Call
from callcenter.core.turn import Turn

CALLBACK_OFFER = ("callback_offer", "menu_press", "number_2")

LANGUAGE = "language"
"""The word of the menu for the language in which the caller is spoken to."""


def line_of(turn: Turn, call: Call) -> Line | None:
    """The line that was called, if the site still has it."""
    return turn.state.site.line_of_did.get(call.did)


def first(turn: Turn, leg: CallerLeg, line: Line) -> None:
    """The first prompts for a new caller: the notice of the line, or its greeting, or only music.
    If news is on, it replaces the greeting (core/news.py)."""
    if line.notice:
        begin(turn, leg, 1, PromptKind.NOTICE, line.notice, line.language)
    elif line.greeting:
        begin(turn, leg, 1, PromptKind.GREETING, line.greeting, line.language)


def leave_room(turn: Turn, call: Call) -> None:
    """Take the caller out of the room for long waits, because Asterisk plays prompts in another way
    to a channel in a bridge."""
    turn.order(BackToMusic(lane=call.id, caller=call.leg, bridge=room_of(call)))


def begin(
    turn: Turn,
    leg: CitizenLeg,
    number: int,
    kind: PromptKind,
    keys: tuple[str, ...],
    language: str,
    lost: float | None = None,
) -> None:
    """Play these prompts as the `number`th playback of the call. `lost`: the seconds after which
    they count as over if Asterisk does not tell; by default this follows from the number of
    prompts."""
    until = turn.now + (lost_seconds(keys) if lost is None else lost)
    turn.tell(PromptBegun(at=turn.now, call=leg.call, number=number, kind=kind, until=until))
    turn.order(PlayPrompts(lane=leg.call, caller=leg, number=number, keys=keys, language=language))


def go_on(turn: Turn, call: Call) -> None:
    """The playback is over. After the notice comes the greeting, after that music."""
    was = call.prompt
    over(turn, call)
    line = line_of(turn, call)
    if was is not None and was.kind is PromptKind.NOTICE and line is not None and line.greeting:
        number = call.prompts + 1
        begin(turn, call.leg, number, PromptKind.GREETING, line.greeting, language(turn, call))
    elif not call.callback_told and call.callback_at <= turn.now:
        offer_callback(turn, call, call.prompts + 1)


def offer_callback(turn: Turn, call: Call, number: int) -> None:
    """Tell the caller that a callback is offered, if it is."""
    if outward.may_ask(turn.state, call, turn.now):
        said = language(turn, call)
        begin(turn, call.leg, number, PromptKind.CALLBACK, CALLBACK_OFFER, said)


def over(turn: Turn, call: Call) -> None:
    """The playback is over, or counts as over. Then it is stopped, so that nothing plays into what
    follows."""
    if call.prompt is None:
        return
    if turn.now >= call.until:
        cut(turn, call)
    turn.tell(PromptEnded(at=turn.now, call=call.id, number=call.prompt.number, heard=True))


def stop(turn: Turn, call: Call) -> None:
    """Stop the playback, if there is one."""
    if call.prompt is not None:
        cut(turn, call)
        turn.tell(PromptEnded(at=turn.now, call=call.id, number=call.prompt.number, heard=False))


def cut(turn: Turn, call: Call) -> None:
    """Stop the playback of a caller who goes on elsewhere. The next fact tells that it is over."""
    if call.prompt is not None:
        turn.order(StopPrompts(lane=call.id, caller=call.leg, number=call.prompt.number))


def repeat(turn: Turn, call: Call) -> None:
    """It is unknown what plays, because its end may have been told while we were away. The notice
    is played again, so that it is heard to its end once. The greeting is not."""
    line, owed = line_of(turn, call), call.owes_notice
    stop(turn, call)
    if owed and line is not None and line.notice:
        number, said = call.prompts + 1, language(turn, call)
        begin(turn, call.leg, number, PromptKind.NOTICE, line.notice, said)


def language(turn: Turn, call: Call) -> str:
    """The language in which the caller is spoken to: the chosen one, or the line's."""
    line = line_of(turn, call)
    chosen = (call.place.says if call.place else call.says).get(LANGUAGE, "")
    return chosen or (line.language if line else "th")
