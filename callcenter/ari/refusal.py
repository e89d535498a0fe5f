"""Whether Asterisk takes calls. After `core stop gracefully` or `core restart gracefully` it makes
no more channels, but answers everything else as always.

/readyz (web/health.py) and `callcenter doctor` report it.
"""

from collections.abc import Awaitable, Callable

import structlog

from callcenter.ari import rest
from callcenter.runtime.pulse import pulse

LOOK_SECONDS = 30.0
"""Each check leaves a row in Asterisk's ledger: 3,000 rows a day, 0.4 MB."""
SOON_SECONDS = 2.0
"""The pause while Asterisk refuses. Then no channel is made, so there is no row."""
PROBE = "callcenter-probe"
"""The id of the channel that is created for the check and ended at once. It is also the name of its
application, which has no client, so that no event is sent."""

Ask = Callable[[rest.Request], Awaitable[rest.Response]]
log = structlog.get_logger(__name__)


class Refusal:
    """The last result. `refuses` is False while Asterisk cannot be asked."""

    def __init__(self) -> None:
        self.refuses = False

    def complaint(self) -> str:
        """A sentence for the person on duty; empty when calls are taken."""
        if not self.refuses:
            return ""
        return (
            "Asterisk refuses every call and rings no phone: it was told to stop or restart "
            "gracefully (or is at its limit of calls). Take it back on its host: "
            "`asterisk -rx 'core abort shutdown'`."
        )

    async def watch(self, ask: Ask) -> None:
        """Check every LOOK_SECONDS, and more often while Asterisk refuses. Runs until cancelled."""
        try:
            while True:
                self._set(await refuses(ask))
                await pulse(SOON_SECONDS if self.refuses else LOOK_SECONDS)
        finally:
            self.refuses = False

    def _set(self, refuses: bool) -> None:
        if refuses is not self.refuses:
            log.warning("asterisk refuses calls" if refuses else "asterisk takes calls again")
        self.refuses = refuses


async def refuses(ask: Ask) -> bool:
    """Whether Asterisk refuses to make a channel. A channel that was made is ended at once."""
    made = await ask(rest.make_probe(PROBE))
    if made.status == 200:
        await ask(rest.end_probe(PROBE))
    return made.status == 500 and "Allocation failed" in made.body
