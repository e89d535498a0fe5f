"""The bulletin: an issue with four headings about what a unit did for citizens in a period. Pure.

Its second heading is written from the cases. The text may be changed afterwards. The figures stay
beside it as they were counted. A channel that was not recorded here for the whole period has no
figure, because its number is unknown, which is not the same as 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from callcenter.desks.cases.model import CaseOutcome, Channel
from callcenter.desks.cases.words import CHANNELS, OUTCOMES
from callcenter.desks.shared.thai import BANGKOK, thai, written_date

NO_DATA = "ไม่มีข้อมูล"
HEADINGS = ("ความเป็นมา", "ผลการดำเนินงาน", "ประโยชน์ที่ได้รับ", "รายชื่อผู้ติดต่อ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The cases of one channel with one outcome. `people`: the people concerned, as far as
    known."""

    channel: Channel
    outcome: str | None
    cases: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFigure:
    """The figures of a channel. None: not recorded here."""

    channel: Channel
    cases: int | None
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted, and when: by channel, and by outcome if there is one."""

    counted_at: datetime
    channels: Sequence[ChannelFigure]
    outcomes: Mapping[str, int]

    @property
    def cases(self) -> int:
        return sum(each.cases or 0 for each in self.channels)

    @property
    def people(self) -> int:
        return sum(each.people or 0 for each in self.channels)


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """The start of the first day in Bangkok, and the start of the day after the last one."""
    begin = datetime.combine(first, time(), BANGKOK)
    return begin, datetime.combine(last + timedelta(days=1), time(), BANGKOK)


def figures(found: Iterable[Counted], recorded: Iterable[Channel], at: datetime) -> Figures:
    """The figures of the channels that were recorded here for the whole period."""
    kept, rows = set(recorded), list(found)
    channels = []
    for channel in Channel:
        own = [each for each in rows if each.channel is channel]
        known = channel in kept
        channels.append(
            ChannelFigure(
                channel=channel,
                cases=sum(each.cases for each in own) if known else None,
                people=sum(each.people for each in own) if known else None,
            )
        )
    outcomes: dict[str, int] = {}
    for each in rows:
        if each.outcome is not None and each.channel in kept:
            outcomes[each.outcome] = outcomes.get(each.outcome, 0) + each.cases
    return Figures(counted_at=at, channels=channels, outcomes=outcomes)


def results(first: date, last: date, counted: Figures) -> str:
    """The first text of the second heading."""
    lines = [
        f"ระหว่างวันที่ {written_date(first)} ถึงวันที่ {written_date(last)} รับเรื่อง "
        f"{thai(counted.cases)} เรื่อง ผู้เกี่ยวข้อง {thai(counted.people)} ราย ดังนี้"
    ]
    lines += [f"{CHANNELS[each.channel]} {written(each)}" for each in counted.channels]
    ended = [
        f"{OUTCOMES[CaseOutcome(o)]} {thai(many)} เรื่อง" for o, many in counted.outcomes.items()
    ]
    return "\n".join([*lines, *([f"ผลการตรวจสอบ {' '.join(ended)}"] if ended else [])])


def written(each: ChannelFigure) -> str:
    """๑ เรื่อง ผู้เกี่ยวข้อง ๗ ราย"""
    if each.cases is None:
        return NO_DATA
    people = f" ผู้เกี่ยวข้อง {thai(each.people or 0)} ราย" if each.people else ""
    return f"{thai(each.cases)} เรื่อง{people}"
