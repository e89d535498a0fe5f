"""The fields of a site file, each with its kind, its limits, its unit and the reason.

Only declarations. site_file.py reads files with them.
"""

from dataclasses import dataclass

from callcenter.core.overflow_rule import OVERFLOW_WHEN
from callcenter.core.skills import LEVEL_MOST, SKILLS_MOST
from callcenter.core.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number from `low` to `high`. `default` None means that it must be given."""

    low: float
    high: float
    unit: str
    why: str
    whole: bool = False
    default: float | None = None

    @property
    def accepted(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} of {self.unit} from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text on one line, 1 to `longest` characters."""

    longest: int
    why: str

    @property
    def accepted(self) -> str:
        return f'1 to {self.longest} characters on one line that can be seen, without " < > \\'


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReference:
    """The name of a queue of the same file."""

    required: bool
    why: str
    accepted: str = "the name of a queue of this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReference:
    """The name of a line of the same file. None if left out."""

    why: str
    accepted: str = "the name of a line of this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialledNumbers:
    """A list of dialled numbers."""

    most: int
    why: str

    @property
    def accepted(self) -> str:
        return f'a list of 1 to {self.most} texts such as "1567" or "+6645614545"'


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """One of a few words. The first one if it is left out."""

    words: tuple[str, ...]
    why: str

    @property
    def accepted(self) -> str:
        return " or ".join(f'"{word}"' for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReferences:
    """Names of queues of the same file, in order. None if left out."""

    most: int
    why: str

    @property
    def accepted(self) -> str:
        return f"a list of at most {self.most} names of queues of this file, each once"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursReference:
    """The name of a table [hours.NAME], or [rosters.NAME], of the same file."""

    why: str
    section: str

    @property
    def accepted(self) -> str:
        return f"the name of a table [{self.section}.NAME] of this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptKeys:
    """Keys of prompts, played one after the other. None if left out, if that is allowed."""

    most: int
    why: str
    required: bool = False

    @property
    def accepted(self) -> str:
        least = 1 if self.required else 0
        keys = 'keys of prompts, such as "greeting" or "own_flood" (callcenter prompts list)'
        return f"a list of {least} to {self.most} {keys}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Skills of an operator and their levels. None if left out."""

    why: str
    most: int = SKILLS_MOST

    @property
    def accepted(self) -> str:
        table = "a table of at most {} skills and their levels, 1 to {}, such as {{ english = 3 }}"
        name = "a skill is 1 to 32 of a-z 0-9 _ -, the first a letter or digit"
        return f"{table.format(self.most, LEVEL_MOST)}; {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """true or false."""

    default: bool
    why: str
    accepted: str = "true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A short word for records. None if left out. `words`: only one of these."""

    why: str
    words: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        listed = " or ".join(f'"{word}"' for word in self.words)
        return listed or "a word of 1 to 32 of a-z 0-9 _ -, the first a letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """The allowed beginnings of numbers to call. None if left out."""

    most: int
    why: str

    @property
    def accepted(self) -> str:
        kinds = 'fixed lines "02" to "07", mobile numbers "06", "08", "09", or more of their digits'
        never = "short, premium and international numbers are never called"
        return f"a list of at most {self.most} beginnings of Thai numbers: {kinds}; {never}"


Field = (
    Number
    | Prefixes
    | Text
    | QueueReference
    | QueueReferences
    | HoursReference
    | LineReference
    | DialledNumbers
    | OneOf
    | PromptKeys
    | Needs
    | YesNo
    | Word
)

LINES_MOST = 100
"""77 provinces, the centres and more. Each line is a label value of every series: /metrics must
stay quick to collect."""
QUEUES_MOST = 100
"""The same limit as for the lines."""

HOURS_MOST = 100
"""As many as there are queues."""

TRUNKS_MOST = 20
"""The same limit as for the lines."""

LINE_FIELDS: dict[str, Field] = {
    "title": Text(longest=64, why="a phone's display; SIP servers cut longer names"),
    "dids": DialledNumbers(most=50, why="a block of numbers is better a pattern at the trunk"),
    "queue": QueueReference(required=True, why="where the line's callers wait"),
    "priority": Number(
        low=0, high=9, unit="steps", whole=True, default=0, why="ten steps are more than used"
    ),
    "language": OneOf(words=("th", "en"), why="packs of recordings there are"),
    "notice": PromptKeys(most=5, why="that calls are recorded: heard to its end"),
    "greeting": PromptKeys(most=10, why="stops when an operator answers"),
    "menu": HoursReference(section="menus", why="questions before the queue; none: no menu"),
    "areas": HoursReference(section="areas", why="queues by the caller's area code; none: no"),
    "record": YesNo(default=False, why="whether the talks of its callers are recorded"),
    "survey": YesNo(default=False, why="whether who was served is asked how it was"),
    "needs": Needs(why="skills of the operator who serves them"),
}

MENUS_MOST = 20
"""Each step and key of a line's menu is a label value."""

STEPS_MOST = 20
"""Language, kind, topic and province, with a few branches. A longer menu belongs on a web page."""

ASKS = ("keys", "case", "callback")
_ASKS_WHY = "one key, the number of a case, or nothing: the state of the callback is told"

STEP_FIELDS: dict[str, Field] = {
    "prompts": PromptKeys(most=40, required=True, why="one playback; an estimate has fewer"),
    "seconds": Number(low=1, high=15, unit="seconds", default=5, why="time to find a key"),
    "plays": Number(
        low=1, high=5, unit="times", whole=True, default=2, why="who has not pressed by then cannot"
    ),
    "barge_in": YesNo(default=True, why="a key stops the prompt"),
    "asks": OneOf(words=ASKS, why=_ASKS_WHY),
}

CALLBACK_STEP_FIELDS: dict[str, Field] = {
    "asks": OneOf(words=ASKS, why=_ASKS_WHY),
    "seconds": Number(low=2, high=15, unit="seconds", default=5, why="time to find a key"),
}

CASE_STEP_FIELDS: dict[str, Field] = {
    "asks": OneOf(words=ASKS, why=_ASKS_WHY),
    "prompts": PromptKeys(most=40, why="one playback; the usual question when left out"),
    "seconds": Number(low=2, high=15, unit="seconds", default=5, why="time to find each digit"),
    "tries": Number(
        low=1, high=5, unit="numbers", whole=True, default=3, why="who has more to ask is served"
    ),
}

CHOICE_FIELDS: dict[str, Field] = {
    "step": Word(why="the next question"),
    "priority": Number(
        low=0, high=9, unit="steps", whole=True, default=0, why="as of a line; the higher counts"
    ),
    "queue": QueueReference(required=False, why="where to wait, instead of the line's queue"),
    "language": Word(words=("th", "en"), why="packs of recordings there are"),
    "kind": Word(why="complaint, question, help, ..."),
    "topic": Word(why="what it is about"),
    "province": Word(why="where"),
    "needs": Needs(why="as of a line; of two levels the higher counts"),
    "voicemail": YesNo(default=False, why="whether the key is for leaving a message"),
}

QUEUE_FIELDS: dict[str, Field] = {
    "title": Text(longest=64, why="one line on a wallboard"),
    "waiting_limit": Number(
        low=1, high=10_000, unit="callers", whole=True, why="what one Asterisk plays music to"
    ),
    "max_wait_seconds": Number(
        low=5, high=14_400, unit="seconds", why="nobody waits longer than four hours"
    ),
    "overflow_queue": QueueReference(required=False, why="where to after max_wait_seconds"),
    "overflow_at_waiting": Number(
        low=0, high=10_000, unit="callers", whole=True, default=0, why="as waiting_limit; 0: never"
    ),
    "overflow_message": PromptKeys(most=5, why="after the longest wait, then the call ends"),
    "voicemail": PromptKeys(most=5, why="said before the tone; none: no messages are taken"),
    "callback_after_seconds": Number(
        low=0, high=3_600, unit="seconds", default=0, why="of waiting; 0: not offered by that"
    ),
    "callback_above_seconds": Number(
        low=0, high=14_400, unit="seconds", default=0, why="expected wait; 0: not offered by that"
    ),
    "callback_first": OneOf(
        words=("as_callbacks", "citizen", "operator"), why="whom a callback rings first"
    ),
    "last_operator_hours": Number(
        low=0, high=168, unit="hours", default=0, why="a matter is over in a week; 0: nobody"
    ),
    "redial_seconds": Number(
        low=0, high=3_600, unit="seconds", default=300, why="a later call is another matter"
    ),
    "overflow_at_expected_seconds": Number(
        low=0, high=14_400, unit="seconds", default=0, why="as max_wait_seconds; 0: never"
    ),
    "tell": OneOf(
        words=("nothing", "place", "wait", "both"), why="what callers hear of the wait there"
    ),
    "tell_first_seconds": Number(
        low=5, high=600, unit="seconds", default=20, why="who is answered sooner needs no number"
    ),
    "tell_every_seconds": Number(
        low=15, high=1_800, unit="seconds", default=60, why="more often, nobody hears the music"
    ),
    "strategy": OneOf(words=tuple(Strategy), why="who of several free operators is offered a call"),
    "ring_at_once": Number(
        low=2,
        high=10,
        unit="phones",
        default=0,  # left out
        why="one phone is what the other strategies ring; more than ten disturb a whole room",
        whole=True,
    ),
    "neighbours": QueueReferences(most=5, why="neighbour, region and centre, and two more"),
    "hours": HoursReference(section="hours", why="opening hours; none: always open"),
    "roster": HoursReference(section="rosters", why="the operators planned; none: not known"),
    "ring_seconds": Number(
        low=3, high=120, unit="seconds", why="a phone needs 3 s to ring; 2 min helps nobody"
    ),
    "wrapup_seconds": Number(
        low=0, high=3_600, unit="seconds", why="longer work after a call is a pause"
    ),
    "short_abandon_seconds": Number(
        low=0, high=60, unit="seconds", default=5, why="a misdial is noticed within seconds"
    ),
    "record": YesNo(default=False, why="whether the talks of its callers are recorded"),
}

OVERFLOW_RULES_MOST = 10
"""More than three reasons with three destinations each would be a maze."""

OVERFLOW_FIELDS: dict[str, Field] = {
    "when": OneOf(words=tuple(OVERFLOW_WHEN), why="a long line, a long wait, nobody there"),
    "over": Number(low=0, high=14_400, unit="callers or seconds", default=0, why="as the limits"),
    "to": OneOf(
        words=("queue", "line", "message", "callback", "voicemail"), why="what can be done instead"
    ),
    "queue": QueueReference(required=False, why='of to = "queue"'),
    "line": LineReference(why='of to = "line": the queue of that hotline'),
    "message": PromptKeys(most=5, why='of to = "message"; then the call ends'),
}

CALLBACK_FIELDS: dict[str, Field] = {
    "prefixes": Prefixes(most=50, why="who pays for a call knows where it may go"),
    "hours": HoursReference(section="hours", why="nobody is called at night; none: at any hour"),
    "at_once": Number(
        low=1, high=100, unit="calls", whole=True, default=3, why="each keeps an operator free"
    ),
    "per_hour": Number(
        low=1, high=10_000, unit="calls", whole=True, default=60, why="what a forger could cost"
    ),
    "rings_of_a_number": Number(
        low=1, high=100, unit="calls a day", whole=True, default=6, why="nobody is pestered"
    ),
    "waiting_limit": Number(
        low=1, high=1_000, unit="callers", whole=True, default=50, why="a promise can be kept"
    ),
    "tries": Number(low=1, high=10, unit="tries", whole=True, default=3, why="then it is given up"),
    "pause_seconds": Number(
        low=30, high=14_400, unit="seconds", default=300, why="who was busy has hung up by then"
    ),
    "ring_seconds": Number(
        low=10, high=120, unit="seconds", default=30, why="a voicemail answers after 20 to 40 s"
    ),
    "key_seconds": Number(
        low=10, high=60, unit="seconds", default=25, why="the question takes 12 s, twice"
    ),
    "choose_hour": YesNo(default=False, why="whether callers choose an hour by keys"),
    "first": OneOf(words=("citizen", "operator"), why="whom a callback rings first"),
    "expires_hours": Number(
        low=1, high=72, unit="hours", default=24, why="later nobody waits for it any more"
    ),
}

TRUNK_FIELDS: dict[str, Field] = {
    "channels": Number(
        low=0, high=20_000, unit="calls", whole=True, default=0, why="what one SIP host carries"
    ),
}

PAUSE_FIELDS: dict[str, Field] = {
    "declined_seconds": Number(
        low=0, high=3_600, unit="seconds", default=10, why="do not ring who has just refused"
    ),
    "busy_seconds": Number(
        low=0, high=3_600, unit="seconds", default=10, why="a short talk may be over by then"
    ),
    "unreachable_seconds": Number(
        low=0, high=3_600, unit="seconds", default=5, why="a phone registers again in seconds"
    ),
}

REASONS_MOST = 20
"""A list that can be read in a second. Grafana shows none of it."""

REASON_FIELDS: dict[str, Field] = {
    "th": Text(longest=40, why="a button of the console"),
    "en": Text(longest=40, why="a button of the console"),
}

CALL_FIELDS: dict[str, Field] = {
    "bridge_seconds": Number(
        low=0.5, high=30, unit="seconds", default=4, why="a dead connection shows after 3.25 s"
    ),
    "leave_seconds": Number(
        low=5, high=600, unit="seconds", default=60, why="longer than the longest announcement"
    ),
    "withheld_number_hours": Number(
        low=0, high=168, unit="hours", default=0, why="an emergency is over within a week"
    ),
    "aging_seconds": Number(
        low=10, high=3_600, unit="seconds", default=300, why="0 would let a rush starve the others"
    ),
    "relax_seconds": Number(
        low=5, high=600, unit="seconds", default=30, why="nobody waits long while others are free"
    ),
    "listening_is_shown": OneOf(words=("yes", "no"), why="who is listened to may know it, or not"),
    "operators_raise": OneOf(words=("yes", "no"), why="who hears of an emergency says so"),
}

VOICEMAIL_FIELDS: dict[str, Field] = {
    "longest_seconds": Number(
        low=10, high=600, unit="seconds", default=120, why="nobody listens to longer ones"
    ),
    "silence_seconds": Number(
        low=2, high=15, unit="seconds", default=5, why="who thinks is not cut off"
    ),
}

PARK_FIELDS: dict[str, Field] = {
    "park_seconds": Number(
        low=0, high=900, unit="seconds", default=120, why="nobody is forgotten in a parking place"
    ),
    "places": Number(
        low=1, high=20, unit="places", whole=True, default=20, why="they are called 01 to 20"
    ),
}

RECORDING_FIELDS: dict[str, Field] = {
    "keep_days": Number(
        low=1, high=3_650, unit="days", whole=True, default=90, why="longer is an archive"
    ),
    "pause_seconds": Number(
        low=10, high=900, unit="seconds", default=120, why="a number is read out in two minutes"
    ),
}
