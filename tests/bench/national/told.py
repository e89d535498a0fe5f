"""All there is to tell of the day, and the few shapes it is told in. Used by both pages."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench.national.costs import Costs, Measured
from tests.bench.national.country import Plan
from tests.bench.national.course import Course, Story
from tests.bench.national.findings import Periods, Provinces, Row, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """A page of metrics at the end of the day."""

    series: int
    kilobytes: float
    milliseconds: float
    mismatch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sooner:
    """The same day, when callers go on from a province to 1567 after so many seconds."""

    overflow_seconds: float
    ordinary: Row
    rush: Row
    provinces: Provinces


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All there is to tell."""

    plan: Plan
    course: Course
    parts: Periods
    figures: dict[str, Measured]
    costs: Costs
    node_cores: int
    scrape: Scrape
    command: str
    when: str
    machine: str
    seconds: float  # that the run took
    looked: int  # how often the invariants were asked
    sooner: Sooner

    def of(self, span: Span) -> list[Story]:
        """The calls that came in it."""
        return [story for story in self.course.stories.values() if span.holds(story.at)]

    def ordinary(self) -> list[Story]:
        """The calls of the ordinary hours."""
        return [s for s in self.course.stories.values() if self.parts.is_ordinary(s.at)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    """Three figures, but no thousands made of powers."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def wrapped(text: str) -> str:
    """Prose as the README has it; tables, pictures and headings as they are."""
    if text.startswith(("|", "!", "#", "<")):
        return text
    return textwrap.fill(text, 115, break_long_words=False, break_on_hyphens=False)


def details(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def percent(share: float | None) -> str:
    """`83.1 %`; a dash when there was nothing to count."""
    return "–" if share is None else f"{100 * share:.1f} %"
