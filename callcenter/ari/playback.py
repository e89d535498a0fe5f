"""Prompts on a caller's channel: several, one after the other, as one playback that can be stopped.

Pure: it makes requests; `rest.verdict` judges their answers. The playback has a name of ours, by
which it is stopped. Asterisk takes the recording in the language asked for and, where there is
none, the tone and the English (callcenter/prompts). Music ends when a playback begins and does not
come back by itself.
"""

from collections.abc import Sequence

import msgspec

from callcenter.ari import rest, wire
from callcenter.ari.rest import Request, Response, read
from callcenter.core.legs import CallerLeg

MOST_PROMPTS = 40
"""In one playback: an estimate with the longest numbers has fewer."""


def read_folder() -> Request:
    """Where the prompts are, as Asterisk sees them (dialplans/extensions.conf)."""
    return read("/asterisk/variable?variable=PROMPTS")


def folder_of(answer: Response) -> str:
    """The folder that the answer to `read_folder` names; "" when it names none."""
    if answer.status != 200:
        return ""
    try:
        return msgspec.json.decode(answer.body, type=wire.Variable).value
    except msgspec.DecodeError:
        return ""


def play(leg: CallerLeg, name: str, folder: str, keys: Sequence[str], language: str) -> Request:
    """Begin to play. ValueError for nothing, or for more than anybody listens to."""
    if not 1 <= len(keys) <= MOST_PROMPTS:
        raise ValueError(f"1 to {MOST_PROMPTS} prompts can be played at once")
    return rest.play(leg, name, folder, keys, language)


def stop(name: str) -> Request:
    """End it now, whatever is left of it."""
    return rest.stop(name)
