"""Prompts on a caller's channel: several, one after the other, as one playback that can be stopped.

Pure: it makes requests; `rest.verdict` judges their answers. We choose the playback's name, and
stop it by that name. Asterisk takes the recording in the requested language. If there is none, it
plays the tone and the English one (callcenter/prompts). Music ends when a playback begins, and does
not come back by itself.
"""

from collections.abc import Sequence

import msgspec

from callcenter.ari import rest, wire
from callcenter.ari.rest import Request, Response, read
from callcenter.core.legs import CallerLeg

MOST_PROMPTS = 40
"""Prompts in one playback. An estimate with the longest numbers has fewer."""


def read_folder() -> Request:
    """Ask for the folder of the prompts, as Asterisk sees it (dialplans/extensions.conf)."""
    return read("/asterisk/variable?variable=PROMPTS")


def folder_of(answer: Response) -> str:
    """The folder in the answer to `read_folder`; "" if there is none."""
    if answer.status != 200:
        return ""
    try:
        return msgspec.json.decode(answer.body, type=wire.Variable).value
    except msgspec.DecodeError:
        return ""


def play(leg: CallerLeg, name: str, folder: str, keys: Sequence[str], language: str) -> Request:
    """Begin to play. Raises ValueError for no prompt, or for more than MOST_PROMPTS."""
    if not 1 <= len(keys) <= MOST_PROMPTS:
        raise ValueError(f"1 to {MOST_PROMPTS} prompts can be played at once")
    return rest.play(leg, name, folder, keys, language)


def stop(name: str) -> Request:
    """End the playback now."""
    return rest.stop(name)
