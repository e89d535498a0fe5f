"""Who works and who calls. Pure: seconds count from the beginning of the demo."""

from dataclasses import dataclass
from enum import Enum


class Manner(Enum):
    """How an operator treats a ringing phone."""

    ANSWERS = "answers"
    NEVER_ANSWERS = "never answers"
    DECLINES_ONCE = "declines once, then answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One operator. `lines` are published numbers whose queues they serve; none means all."""

    id: str
    name: str
    manner: Manner = Manner.ANSWERS
    after_seconds: float = 2.0  # of ringing
    notes_seconds: float = 4.0  # of wrap-up, then they say that they are ready
    begins_at: float = 0.0
    dids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen:
    """One call. `patience_seconds` from the pick-up to hanging up unanswered."""

    at: float
    did: str
    story: str
    talk_seconds: float = 8.0
    patience_seconds: float = 120.0  # unanswered
    hangs_up_on_ringing: bool = False  # as soon as an operator's phone rings for them
    from_header: str | None = None


WORKERS = (
    Worker(id="demo-somchai", name="สมชาย (demo)", after_seconds=1.5),
    Worker(id="demo-malee", name="มาลี (demo)", after_seconds=3.0),
    Worker(id="demo-ning", name="หนิง (demo)", after_seconds=4.0, dids=("045614545", "1111")),
    Worker(id="demo-anan", name="อนันต์ (demo)", manner=Manner.NEVER_ANSWERS, begins_at=10.0),
    Worker(id="demo-wichai", name="วิชัย (demo)", manner=Manner.DECLINES_ONCE, begins_at=20.0),
)

CITIZENS = (
    Citizen(at=0.0, did="045614545", story="hangs up when it rings", hangs_up_on_ringing=True),
    Citizen(at=3.0, did="1567", story="answered at once"),
    Citizen(at=3.5, did="1111", story="answered at once", talk_seconds=10),
    Citizen(at=5.0, did="045614545", story="answered in the province", talk_seconds=6),
    Citizen(at=6.0, did="1567", story="gives up at 3 s", patience_seconds=3),
    Citizen(at=7.0, did="1567", story="patient"),
    Citizen(at=8.0, did="1567", story="patient"),
    Citizen(at=9.0, did="1567", story="patient", talk_seconds=5),
    Citizen(at=9.5, did="9999", story="a number nobody published"),
    Citizen(at=10.0, did="+6645614545", story="patient, international form", talk_seconds=5),
    Citizen(at=11.0, did="1567", story="patient"),
    Citizen(at=12.0, did="1567", story="patient", talk_seconds=6),
    Citizen(at=13.0, did="1567", story="gives up at 25 s", patience_seconds=25),
    Citizen(at=14.0, did="1567", story="gives up at 25 s", patience_seconds=25),
    Citizen(
        at=15.0,
        did="1111",
        story="name is a piece of SQL",
        from_header='"Robert\\"); drop table calls; --" <sip:{number}@127.0.0.1>',
    ),
    Citizen(
        at=16.0,
        did="1567",
        story="name is a piece of HTML",
        from_header='"<script>alert(1)</script>" <sip:{number}@127.0.0.1>',
        talk_seconds=4,
    ),
    Citizen(
        at=18.0,
        did="1567",
        story="number withheld",
        from_header='"Anonymous" <sip:anonymous@anonymous.invalid>',
        talk_seconds=4,
    ),
    Citizen(
        at=20.0,
        did="1567",
        story="roaming abroad (+698)",
        from_header="<sip:+698{number}@127.0.0.1>",
        talk_seconds=4,
    ),
    Citizen(at=24.0, did="1567", story="gives up at 3 s", patience_seconds=3),
    Citizen(at=26.0, did="045614545", story="patient", talk_seconds=7),
    Citizen(at=28.0, did="1111", story="patient", talk_seconds=5),
    Citizen(at=32.0, did="1567", story="patient", talk_seconds=5),
    Citizen(at=40.0, did="1567", story="patient", talk_seconds=5),
    Citizen(at=45.0, did="1111", story="patient", talk_seconds=5),
)
LONGEST_SECONDS = 150.0  # then whoever still waits hangs up
