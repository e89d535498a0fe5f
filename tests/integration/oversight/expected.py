"""What every number on every page must be on the made-up day, counted without PromQL.

By page and English title. A label set to a value; None is "no number" (0/0), shown as "no calls".
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from statistics import mean

from callcenter.core.facts import AsideEnding, HelpAnswer, OperatorState
from callcenter.core.ids import THE_NODE, LineName, QueueName
from callcenter.core.outcome import Loss, OfferResult, Outcome, Rejection
from callcenter.core.site import Site
from callcenter.core.state import UNKNOWN_LINE
from callcenter.oversight.service_level.model import Clock, ScoredCall
from callcenter.oversight.service_level.rules import (
    ELIGIBLE,
    FORMULA_BY_NAME,
    FORMULAS,
    HUNG_UP,
    service_level,
)
from tests.integration.oversight import desk_figures, recording_figures
from tests.integration.oversight.day import MENU_LINE, WRAPUP_SECONDS, Day, Played, offered
from tests.integration.oversight.prometheus_client_side import Labels

Numbers = dict[Labels, float | None]
REFUSED = set(Rejection) - {Rejection.UNKNOWN_NUMBER}
REFUSED_BY_ASTERISK = {("4xx", "media"): 3, ("5xx", "failure"): 1}
ENOUGH, FEW, NOT_KNOWN = 20, -1, -2
DUTY = (
    OperatorState.AVAILABLE,
    OperatorState.RINGING,
    OperatorState.ON_CALL,
    OperatorState.WRAPUP,
)


def labels(**given: str) -> Labels:
    """`labels(line="1567")`."""
    return frozenset(given.items())


class Expected:
    """The day's own counts, in the shape of the pages' questions."""

    def __init__(self, day: Day, site: Site) -> None:
        self._day = day
        self._queues = sorted(site.queues)
        self._lines = sorted(site.lines)

    def pages(self) -> dict[str, dict[str, Numbers]]:
        """Page and English title to numbers. What is not here is looked at by other means."""
        return {
            "cabinet": self._cabinet(),
            "floor": self._floor(),
            "queue": self._queue(),
            "operators": self._operators(),
            "trunks": self._trunks(),
            "health": self._health(),
            "desks": self._desks(),
        }

    def _cabinet(self) -> dict[str, Numbers]:
        return {
            "calls let in": self._of_enough(self._let_in(), self._received),
            "let in of all": {labels(): self._let_in_of_all()},
            "not let in": self._of_how_many(self._refused, self._received),
            "trunk up": {labels(trunk="tot"): 1, labels(trunk="nt"): NOT_KNOWN},
            "answered within 20 s": self._of_enough(self._level("hotline", 20), self._eligible),
            "in time": self._of_how_many(self._in_time, self._eligible),
            "calls answered": self._of_enough(self._share({Outcome.ANSWERED}), self._eligible),
            "answered": self._of_how_many(self._answered, self._eligible),
            "wrong answers": {labels(): 3 / 30},
            "judged": {labels(): 30},
        }

    def _floor(self) -> dict[str, Numbers]:
        return {
            "waiting now": {labels(queue=q): self._day.waiting[q] for q in self._queues},
            "operators free": self._in_state(OperatorState.AVAILABLE),
            "parked now": {labels(queue=q): self._day.parked[q] for q in self._queues},
            "asking for help now": {labels(): 1},
            "requests for help": {labels(result=how): how == "answered" for how in HelpAnswer},
            "how parked calls went on": {labels(result=how): how == "left" for how in AsideEnding},
            "within 20 s": self._of_enough(self._level("hotline", 20), self._eligible),
            "operators by state": {
                labels(queue=q, state=state): self._count_in(q, [state])
                for q in self._queues
                for state in OperatorState
            },
        }

    def _queue(self) -> dict[str, Numbers]:
        numbers: dict[str, Numbers] = {
            f"{formula.title_en} ≤ {formula.threshold_seconds} s": self._level(
                formula.name, formula.threshold_seconds
            )
            for formula in FORMULAS
        }
        return numbers | {
            "received": self._by_line(lambda line: self._day.received[line]),
            "offered": self._by_line(lambda line: len(self._of(line)) + self._waiting(line)),
            "answer rate": self._share({Outcome.ANSWERED}),
            "abandonment": self._share({Outcome.ABANDONED}),
            "after 30 s": self._by_line(self._lost_as_nhs_counts),
            "lost by us": self._by_line(lambda line: self._outcomes(line, {Outcome.FAILED})),
            "not let in, by reason": self._refused_by_reason(),
            "cut off, by cause": {
                labels(queue=queue, stage="waiting", reason=Loss.SIP_FAILED): count
                for queue, count in self._failed_by_queue().items()
            },
            "mean wait (ASA)": self._by_line(
                lambda line: _mean(
                    call.wait_seconds for call in self._of(line) if call.outcome is Outcome.ANSWERED
                )
            ),
            "answered within 60 s": self._level("hotline", 60),
            "waited over 5 minutes": self._of_enough(
                self._by_line(
                    lambda line: _over(
                        sum(call.wait_seconds > 300 for call in self._of(line)),
                        self._eligible(line),
                    )
                ),
                self._eligible,
            ),
            "answered within": self._cumulated(),
            "mean talk": self._by_line(
                lambda line: _mean(p.talk_seconds for p in self._talks() if p.line == line)
            ),
            "mean wrap-up": self._wrapups(),
            "the wait that callers were told": {
                labels(line=line, result=result): many
                for (line, result), many in Counter(
                    (played.line, played.told) for played in self._day.played if played.told
                ).items()
            },
            "asked after the talk": self._of_surveyed(self._asked),
            "answered the survey": self._of_enough(
                self._of_surveyed(lambda line: _over(len(self._scores(line)), self._asked(line))),
                self._asked,
            ),
            "mean score": self._of_enough(
                self._of_surveyed(lambda line: _mean(map(float, self._scores(line)))),
                lambda line: len(self._scores(line)),
            ),
            "what they pressed": {
                labels(queue=queue, result=result): many
                for (queue, result), many in Counter(
                    (played.queue, played.survey) for played in self._day.played if played.survey
                ).items()
            },
            "left after it": self._by_line(
                lambda line: _over(self._day.news[line, "left"], self._day.news[line, "heard"])
            ),
            "asked for a message": {
                labels(queue=queue, result=ending): many
                for (queue, ending), many in self._day.voicemails.items()
            },
            "new messages now": {
                labels(queue=queue): waiting.new
                for queue, waiting in recording_figures.TASKS.items()
            },
            "oldest message that is not done": {
                labels(queue=queue): recording_figures.MESSAGE_AGE.total_seconds()
                for queue in recording_figures.TASKS
            },
            "called back": {labels(queue=q): self._called_back(q) for q in self._queues},
            "what callers chose": {
                labels(line=line, step=step, key=key): many
                for (line, step, key), many in self._day.keys.items()
            },
            "asked how far a case is": {
                labels(line=line, result=word): many
                for (line, word), many in self._day.lookups.items()
            },
            "asked about a callback": {
                labels(line=line, result=word): many
                for (line, word), many in self._day.back_lookups.items()
            },
            "how they left it": {
                labels(line=line, ending=ending): many
                for (line, ending), many in self._day.endings.items()
            },
        }

    def _of_surveyed(self, value: Callable[[LineName], float | None]) -> Numbers:
        """Of the one line whose callers are asked."""
        return {labels(line=MENU_LINE): value(MENU_LINE)}

    def _asked(self, line: LineName) -> int:
        return sum(p.line == line and bool(p.survey) for p in self._day.played)

    def _scores(self, line: LineName) -> list[str]:
        return [p.survey for p in self._day.played if p.line == line and p.survey.isdigit()]

    def _called_back(self, queue: QueueName) -> float | None:
        """Of those who wanted it and did not call by themselves."""
        came = [p.back for p in self._day.played if p.queue == queue and p.back]
        return _over(came.count("answered"), len(came) - came.count("claimed"))

    def _operators(self) -> dict[str, Numbers]:
        return {
            "on duty now": {labels(queue=q): self._count_in(q, DUTY) for q in self._queues},
            "paused now": self._in_state(OperatorState.PAUSED),
            "rang in vain": {labels(queue=q): self._in_vain(q) for q in self._queues},
            "what came of offers": {
                labels(queue=q, result=result): self._day.offers[q, result]
                for q in self._queues
                for result in OfferResult
                if self._day.offers[q, result]
            },
            "mean wrap-up": self._wrapups(),
            "mean talk": {
                labels(queue=q): _mean(p.talk_seconds for p in self._talks() if p.queue == q)
                for q in self._queues
            },
        }

    def _trunks(self) -> dict[str, Numbers]:
        return {
            "state now": {labels(trunk="tot"): 1, labels(trunk="nt"): NOT_KNOWN},
            "channels in use": {
                labels(trunk="tot", kind="in_use"): 3,
                labels(trunk="nt", kind="in_use"): 1,
            },
            "share in use": {labels(trunk="tot"): 3 / 30},
            "availability": {labels(trunk="tot"): 1, labels(trunk="nt"): NOT_KNOWN},
            "callers, of those there is room for": {labels(): 4 / 3750},
            "calls let in": self._let_in(),
            "not let in, by reason": self._refused_by_reason(),
            "refused by Asterisk itself, by kind": {
                labels(status=status, kind=kind): count
                for (status, kind), count in REFUSED_BY_ASTERISK.items()
            },
            "unknown numbers": {labels(): self._refusals(UNKNOWN_LINE)["unknown_number"]},
        }

    def _health(self) -> dict[str, Numbers]:
        ledger, there = self._day.ledger, (self._day.waiting + self._day.parked).total()
        return {
            "addresses banned now": {labels(kind="by_hand"): 1, labels(kind="guessing"): 0},
            "phones attacked by many": {labels(): 0},
            "Asterisk": {labels(): 1},
            "state of each node": {labels(node=THE_NODE): 2},
            "calls on each node": {labels(node=THE_NODE): there},
            "counts that disagree": {labels(): 0},
            "complete records": {labels(): ledger[True] / ledger.total()},
            "not in the database yet": {labels(): 0},
            "writes that failed": {labels(place=place): 0 for place in ("database", "journal")},
            **self._recordings(),
            "messages to other programs": {
                labels(state=state): many for state, many in desk_figures.HOOKS.items()
            },
            "behind": {labels(): desk_figures.BEHIND_SECONDS},
            "made ahead": {
                labels(table=table): ahead for table, ahead in desk_figures.MONTHS_AHEAD.items()
            },
            "without a month": {labels(table=table): 0 for table in desk_figures.MONTHS_AHEAD},
            "forgotten": {labels(kind=kind): 0 for kind in desk_figures.LATE},
            "kept too long": {labels(kind=kind): many for kind, many in desk_figures.LATE.items()},
        }

    def _recordings(self) -> dict[str, Numbers]:
        """The constants of recording_figures.py; nothing grew while it was looked at."""
        kept = recording_figures
        nothing: Numbers = {labels(why=why): 0 for why in kept.FAILED}
        return {
            "recorded now": {labels(state=s): 0 for s in ("starting", "running", "silent")},
            "waiting to be sealed": {labels(): kept.WAITING},
            "without sound": dict(nothing),
            "cut short": {labels(): 0},
            "stored": {labels(kind="all"): kept.MANY, labels(kind="held"): kept.HELD},
            "bytes stored": {labels(): kept.BYTES},
            "room left": {labels(): kept.ROOM},
            "oldest": {labels(): kept.OLDEST.total_seconds()},
            "purge lag": {labels(): kept.LAG.total_seconds()},
        }

    def _desks(self) -> dict[str, Numbers]:
        """The constants of desk_figures.py; nothing grew while it was looked at."""
        return {
            "open cases": {labels(stage=stage): many for stage, many in desk_figures.CASES.items()},
            "overdue": {labels(stage=stage): many for stage, many in desk_figures.OVERDUE.items()},
            "reopened": {labels(): 0},
            "answers": {labels(state=state): n for state, n in desk_figures.ANSWERS.items()},
            "not found": {labels(): desk_figures.MISSES},
            "not submitted": {labels(round="1"): 3},
            "mail": {labels(state=state): many for state, many in desk_figures.MAILS.items()},
        }

    def _of(self, line: LineName) -> list[ScoredCall]:
        return [played.call for played in offered(self._day) if played.line == line]

    def _talks(self) -> Iterable[Played]:
        return (p for p in self._day.played if p.call.outcome is Outcome.ANSWERED)

    def _waiting(self, line: LineName) -> int:
        came_out = sum(played.line == line for played in self._day.played)
        return self._day.received[line] - came_out

    def _by_line(self, value: Callable[[LineName], float | None]) -> Numbers:
        return {labels(line=line): value(line) for line in self._lines}

    def _outcomes(self, line: LineName, outcomes: set[Outcome]) -> int:
        return sum(call.outcome in outcomes for call in self._of(line))

    def _share(self, outcomes: set[Outcome]) -> Numbers:
        return self._by_line(
            lambda line: _over(self._outcomes(line, outcomes), self._outcomes(line, set(ELIGIBLE)))
        )

    def _level(self, formula: str, threshold_seconds: int) -> Numbers:
        return self._by_line(
            lambda line: (
                service_level(
                    FORMULA_BY_NAME[formula],
                    self._of(line),
                    threshold_seconds=threshold_seconds,
                    clock=Clock.ARRIVAL,
                ).ratio
            )
        )

    def _lost_as_nhs_counts(self, line: LineName) -> float | None:
        late = [c for c in self._of(line) if c.outcome in HUNG_UP and c.wait_seconds > 30]
        return _over(len(late), len(self._of(line)))

    def _refusals(self, line: LineName) -> Counter[str]:
        return Counter(
            played.call.reason
            for played in self._day.played
            if played.line == line and played.call.outcome is Outcome.REJECTED
        )

    def _received(self, line: LineName) -> int:
        return self._day.received[line]

    def _refused(self, line: LineName) -> int:
        return sum(self._refusals(line)[reason.value] for reason in REFUSED)

    def _eligible(self, line: LineName) -> int:
        return self._outcomes(line, set(ELIGIBLE))

    def _answered(self, line: LineName) -> int:
        return self._outcomes(line, {Outcome.ANSWERED})

    def _in_time(self, line: LineName) -> int:
        answered = [c for c in self._of(line) if c.outcome is Outcome.ANSWERED]
        return sum(call.wait_seconds <= 20 for call in answered)

    def _of_enough(self, shares: Numbers, counted: Callable[[LineName], int]) -> Numbers:
        few = {labels(line=line) for line in self._lines if 0 < counted(line) < ENOUGH}
        return {who: FEW if who in few else share for who, share in shares.items()}

    def _of_how_many(
        self, part: Callable[[LineName], int], whole: Callable[[LineName], int]
    ) -> Numbers:
        return {labels(line=line, of=str(whole(line))): part(line) for line in self._lines}

    def _let_in(self) -> Numbers:
        def value(line: LineName) -> float | None:
            share = _over(self._refused(line), self._received(line))
            return None if share is None else 1 - share

        return self._by_line(value)

    def _let_in_of_all(self) -> float:
        """Also of the line `unknown`, and of what Asterisk refused."""
        lines = {*self._lines, *self._day.received}
        outside = sum(REFUSED_BY_ASTERISK.values())
        refused = outside + sum(self._refused(line) for line in lines)
        return 1 - refused / (outside + sum(self._received(line) for line in lines))

    def _refused_by_reason(self) -> Numbers:
        return {
            labels(line=line, reason=reason): self._refusals(line)[reason.value]
            for line in self._lines
            for reason in Rejection
            if self._refusals(line)[reason.value]
        }

    def _failed_by_queue(self) -> Counter[QueueName]:
        failed = (p for p in self._day.played if p.call.outcome is Outcome.FAILED)
        return Counter(played.queue for played in failed)

    def _cumulated(self) -> Numbers:
        answered = [p.call.wait_seconds for p in self._talks()]
        return {
            labels(le=f"{edge:.1f}"): sum(wait <= edge for wait in answered)
            for edge in (5, 10, 20, 30, 60, 120, 300)
        }

    def _count_in(self, queue: QueueName, states: Iterable[OperatorState]) -> int:
        cards = self._day.operators.values()
        return sum(queue in card.queues and card.state in states for card in cards)

    def _in_state(self, state: OperatorState) -> Numbers:
        return {labels(queue=q): self._count_in(q, [state]) for q in self._queues}

    def _in_vain(self, queue: QueueName) -> float | None:
        not_ours = {OfferResult.CALLER_LEFT, OfferResult.WITHDRAWN, OfferResult.ELSEWHERE}
        taken = sum(
            count
            for (of, result), count in self._day.offers.items()
            if of == queue and result not in not_ours
        )
        return _over(self._day.offers[queue, OfferResult.NO_ANSWER], taken)

    def _wrapups(self) -> Numbers:
        return {
            labels(queue=q): WRAPUP_SECONDS if self._day.wrapups[q] else None for q in self._queues
        }


def differences(found: Mapping[Labels, float], expected: Numbers) -> list[str]:
    """Sentences about what differs; nothing when they agree to a millionth."""
    faults = [f"{dict(who)} was not expected" for who in found if who not in expected]
    for who, wanted in expected.items():
        value = found.get(who)
        if value is None:
            faults.append(f"{dict(who)} is missing")
        elif wanted is None or math.isnan(value):
            if wanted is not None or not math.isnan(value):
                faults.append(f"{dict(who)}: {value}, expected {wanted}")
        elif not math.isclose(value, wanted, rel_tol=1e-6, abs_tol=1e-6):
            faults.append(f"{dict(who)}: {value}, expected {wanted}")
    return faults


def _over(above: int, below: int) -> float | None:
    return above / below if below else None


def _mean(values: Iterable[float]) -> float | None:
    kept = list(values)
    return mean(kept) if kept else None
