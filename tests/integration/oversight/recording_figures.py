"""What the keeper of recorded talks tells of itself on a made-up day: plain numbers, in the series
that it declares."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from callcenter.core.state import State
from callcenter.oversight.recordings.figures import FIGURES
from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.model import Stock, Why
from callcenter.oversight.recordings.store import RecordingsInPostgres
from callcenter.oversight.recordings.vault import Vault
from callcenter.oversight.recordings.voicemail_store import VoicemailsInPostgres, Waiting
from callcenter.ports.metrics import Samples, Series
from callcenter.ports.sounds import Sounds
from tests.site import site

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
MANY, HELD, BYTES, ROOM, WAITING = 40, 2, 64_000_000, 9_000_000_000, 3
OLDEST, LAG = timedelta(days=90, hours=2), timedelta(hours=2)
MESSAGE_AGE = timedelta(minutes=40)
TASKS = {"damrong": Waiting(new=3, taken=1, oldest=(NOW - MESSAGE_AGE).timestamp())}
"""The messages of one queue that are not done."""
FAILED = {"asterisk": 1, "no_sound": 0, "no_key": 0, "disk_full": 2}


def keeper() -> Keeper:
    """One that has sealed forty, of which the oldest is to be removed by the next daily run."""
    made = Keeper(
        rows=cast(RecordingsInPostgres, None),
        messages=cast(VoicemailsInPostgres, None),
        sounds=cast(Sounds, None),
        vault=Vault(Path("/nowhere"), 0),
        key_file=None,
        state=lambda: State(site()),
        wall=lambda: NOW,
        waiting=WAITING,
        stock=Stock(
            many=MANY,
            held=HELD,
            bytes=BYTES,
            oldest=(NOW - OLDEST).timestamp(),
            due=(NOW - LAG).timestamp(),
        ),
        room=ROOM,
    )
    made.tally.kept = MANY
    made.tasks = TASKS
    made.tally.failed.update({Why(why): many for why, many in FAILED.items()})
    return made


RECORDINGS: Mapping[Series, Samples] = {
    series: read(made) for made in (keeper(),) for series, read in FIGURES.items()
}
