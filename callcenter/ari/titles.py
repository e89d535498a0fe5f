"""Tells Asterisk what the operators' phones show of a line, for the time when the service is away.

Run by asterisk.py while it has a connection. The lifeboat's phones then show the same title and
number as those that the service rings (extensions.conf, [lifeboat-offered]); an Asterisk started
while the service is away shows the dialled number until it is told.
"""

from collections.abc import Awaitable, Callable, Mapping

from callcenter.ari import rest
from callcenter.runtime.pulse import pulse

VARIABLE = "SHOWN_"
LOOK_SECONDS = 5.0

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def tell(ask: Ask, shown: Callable[[], Mapping[str, str]]) -> None:
    """Tell what is not told yet: all of it at first, then what a new site file changed.

    `shown` gives `"title" <line>` by dialled number. Until cancelled.
    """
    told: dict[str, str] = {}
    while True:
        wanted = shown()
        for number in told.keys() | wanted.keys():
            text = wanted.get(number, "")
            if told.get(number, "") != text:
                answer = await ask(rest.set_global(f"{VARIABLE}{number}", text))
                if answer.status == 204:
                    told[number] = text
        await pulse(LOOK_SECONDS)
