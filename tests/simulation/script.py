"""What kind of day it is, drawn from the seed: the site, people's habits, the faults to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from callcenter.core.ids import LineName, OperatorId, QueueName
from callcenter.core.menu import CallbackStep, CaseStep, Choice, Menu, MenuStep, StepName
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OVERFLOW_WHEN, OverflowRule, OverflowTo
from callcenter.core.site import (
    CallbackRules,
    Line,
    ParkRules,
    Pauses,
    QueueRules,
    Site,
    Telling,
    VoicemailRules,
)
from callcenter.core.skills import Skills
from callcenter.core.strategy import Strategy

START = 1000.0  # engine seconds at the beginning of a play
ONE_BY_ONE = [one for one in Strategy if one is not Strategy.RING_SEVERAL]
QUEUES = (QueueName("damrong"), QueueName("gcc"), QueueName("province"))
SKILLS = ("english", "law")  # that callers need
CASE, BACK = StepName("case"), StepName("callback")
DIDS = ("1567", "1111", "045614545")

FAULTS = {
    "service killed": 4.0,
    "asterisk killed": 4.0,
    "cut": 1.0,
    "black hole": 4.0,
    "frozen": 4.0,
    "slow": 10.0,
    "server errors": 10.0,
    "answers lost": 10.0,
    "not joined": 30.0,
    "half joined": 30.0,
    "wall clock set": 1.0,
    "phone away": 10.0,
}
"""What can break, and for how many seconds on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How callers and operators behave. Means of exponential times in seconds; shares 0 to 1."""

    calls_per_second: float
    talk_seconds: float
    patience_seconds: float
    answer_seconds: float  # longest time to pick up
    worst_moment: float  # share of offers at whose hand-off the caller hangs up
    ignores: float
    declines: float
    slips: float  # share of answers after which the operator hangs up at once
    restless: float  # console actions (pause, log out, ...) per operator and second


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something breaks at an instant (seconds from the start) for a while.

    `at_hand_off`: it waits until the next phone is picked up and strikes in that worst moment.
    """

    kind: str
    at: float
    seconds: float
    at_hand_off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One play."""

    seed: int
    seconds: float  # how long callers come
    site: Site
    operators: dict[OperatorId, tuple[QueueName, ...]]
    open_lines: frozenset[OperatorId]  # who works on an open line
    skills: Mapping[OperatorId, Skills] = field(default_factory=dict)
    gives_on: bool = False  # whether operators give callers on
    consults: bool = False  # whether they ask colleagues
    parks: bool = False  # whether they park calls
    knows_again: bool = False  # whether callers who have talked call again
    redials: bool = False  # whether callers who hung up call again
    habits: Habits
    faults: tuple[Fault, ...]
    greeting_seconds: float
    deaths: tuple[float, ...] = ()  # when a phone in a talk loses its power, and somebody calls
    news: tuple[
        tuple[float, str, float | None], ...
    ] = ()  # when it is switched on, where, for how long; 0: off
    quiet: tuple[tuple[float, bool], ...] = ()  # when citizens may not be called, and may again
    carrier: tuple[tuple[float, int | None], ...] = ()
    """What the carrier answers from then on to each call that leaves: a SIP status, 0 for nothing
    at all, None when the citizen's phone rings."""
    closes_at: float | None = None  # every queue; who waits is still served
    hang_up_seconds: float = 0.001  # from our hanging up to the channel's end


def write_script(seed: int, hours: float) -> Script:
    """The script of a seed; the same seed and length give the same play."""
    rng = Random(seed)
    seconds = hours * 3600.0
    queues = QUEUES[: rng.randint(1, 3)]
    operators = {
        OperatorId(f"op-{number}"): tuple(rng.sample(queues, rng.randint(1, len(queues))))
        for number in range(rng.randint(1, 8))
    }
    talk = rng.uniform(3.0, 40.0)
    load = rng.uniform(0.4, 1.6)
    faulty = rng.random() < 0.8
    open_lines = _open_lines(seed, list(operators))
    return Script(
        seed=seed,
        seconds=seconds,
        knows_again=_knows_again(seed),
        site=_with_places(seed, _whole_site(seed, _site_of(seed, rng, queues))),
        operators=operators,
        open_lines=open_lines,
        skills=_skills(seed, list(operators)),
        gives_on=seed % 3 == 1,
        consults=seed % 4 == 2,
        parks=_parks(seed),
        redials=_redials(seed),
        hang_up_seconds=0.004 if open_lines and seed % 2 else 0.001,  # longer than to join
        habits=Habits(
            calls_per_second=min(load * len(operators) / talk, 1.0),
            talk_seconds=talk,
            patience_seconds=rng.uniform(10.0, 120.0),
            answer_seconds=rng.uniform(0.1, 6.0),
            worst_moment=rng.choice([0.0, 0.05, 0.2]),
            ignores=rng.choice([0.0, 0.05, 0.3]),
            declines=rng.choice([0.0, 0.05]),
            slips=rng.choice([0.0, 0.03]),
            restless=rng.choice([0.0, 0.002, 0.02]),
        ),
        faults=_faults(rng, seconds) if faulty else (),
        greeting_seconds=rng.choice([0.0, 0.5, 4.0]),
        deaths=_deaths(seed, seconds),
        news=_news(seed, seconds, queues),
        quiet=_quiet(seed, seconds),
        carrier=_carrier(seed, seconds),
    )


def _site_of(seed: int, rng: Random, queues: tuple[QueueName, ...]) -> Site:
    site = _with_prompts(seed, _with_neighbours(seed, _site(rng, queues)))
    site = _telling_callbacks(seed, _asking_for_cases(seed, site))
    return _with_callbacks(seed, _with_redial(seed, _with_order(seed, site)))


def _news(
    seed: int, seconds: float, queues: tuple[QueueName, ...]
) -> tuple[tuple[float, str, float | None], ...]:
    """In a quarter of the plays a message of the day is switched on and off now and then."""
    rng = Random(f"news of {seed}")  # its own, as for the open lines
    if seed % 4 != 1:
        return ()
    places = [*(f"line/{did}" for did in DIDS), *(f"queue/{name}" for name in queues)]
    count = max(2, round(seconds / 40.0))
    times = sorted(rng.uniform(0.0, seconds * 0.9) for _ in range(count))
    return tuple((at, rng.choice(places), rng.choice([None, 20.0, 0.0])) for at in times)


def _deaths(seed: int, seconds: float) -> tuple[float, ...]:
    rng = Random(f"deaths of {seed}")  # its own, as for the open lines
    if rng.random() < 0.5:
        return ()
    count = max(1, round(seconds / 60.0))
    return tuple(sorted(rng.uniform(0.0, seconds * 0.9) for _ in range(count)))


def _open_lines(seed: int, operators: list[OperatorId]) -> frozenset[OperatorId]:
    rng = Random(f"open lines of {seed}")  # its own: everything else is as it was without them
    share = rng.choice([0.0, 0.0, 0.5, 1.0])
    return frozenset(name for name in operators if rng.random() < share)


def _has_skills(seed: int) -> bool:
    """A fifth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 5 == 2


def _skills(seed: int, operators: list[OperatorId]) -> dict[OperatorId, Skills]:
    rng = Random(f"{seed}-skills")  # its own, as for the open lines
    if not _has_skills(seed):
        return {}
    known = sorted((*SKILLS, *QUEUES))  # of a queue: for the strategy `level`
    return {
        name: tuple((skill, rng.randint(1, 5)) for skill in known if rng.random() < 0.5)
        for name in operators
    }


def _with_needs(seed: int, site: Site) -> Site:
    rng = Random(f"{seed}-needs")  # its own, as for the open lines
    if not _has_skills(seed):
        return site
    lines = {
        name: replace(
            line,
            needs=tuple((skill, rng.randint(1, 4)) for skill in SKILLS if rng.random() < 0.5),
        )
        for name, line in site.lines.items()
    }
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    seconds = rng.choice([5.0, 15.0, 30.0])
    return replace(site, lines=lines, line_of_did=by_did, relax_seconds=seconds)


def _knows_again(seed: int) -> bool:
    """An eighth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 16 in (2, 14)


def _acquainted(seed: int, site: Site) -> Site:
    """Who calls again is offered first to the operator of the last talk, in most queues."""
    if not _knows_again(seed):
        return site
    rng = Random(f"{seed}-acquainted")  # its own, as for the open lines
    queues = {
        name: replace(rules, last_operator_seconds=rng.choice([0.0, 20.0, 600.0]))
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def has_areas(seed: int) -> bool:
    """A sixteenth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 16 == 10


def _with_areas(seed: int, site: Site) -> Site:
    """Callers from fixed lines come to the queue of their area."""
    if not has_areas(seed):
        return site
    rng = Random(f"{seed}-areas")  # its own, as for the open lines
    names = list(site.queues)
    lines = {
        name: replace(line, areas={begin: rng.choice(names) for begin in ("02", "045", "0456")})
        for name, line in site.lines.items()
    }
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    return replace(site, lines=lines, line_of_did=by_did)


def _parks(seed: int) -> bool:
    """An eighth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 16 in (5, 7)


def _with_places(seed: int, site: Site) -> Site:
    """Where parked calls are, and for how long."""
    if not _parks(seed):
        return site
    rng = Random(f"{seed}-places")  # its own, as for the open lines
    seconds, places = rng.choice([5.0, 20.0, 60.0]), rng.choice([1, 3, 20])
    return replace(site, park=ParkRules(seconds=seconds, places=places))


def _with_survey(seed: int, site: Site) -> Site:
    """In an eighth of the plays callers of some lines are asked how it was; those of
    test_what_once_went_wrong.py are as they were."""
    rng = Random(f"{seed}-survey")  # its own, as for the open lines
    if seed % 8 != 2:
        return site
    lines = {name: replace(line, survey=rng.random() < 0.7) for name, line in site.lines.items()}
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    return replace(site, lines=lines, line_of_did=by_did)


def rings_several(seed: int) -> bool:
    """A fifth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 16 in (0, 5, 13) and seed != 82333


def _with_several(seed: int, site: Site) -> Site:
    """In some queues the phones of several operators ring for one caller."""
    if not rings_several(seed):
        return site
    rng = Random(f"{seed}-several")  # its own, as for the open lines
    queues = {
        name: replace(rules, strategy=Strategy.RING_SEVERAL, ring_at_once=rng.choice([2, 2, 3, 5]))
        if rng.random() < 0.8
        else rules
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def _whole_site(seed: int, site: Site) -> Site:
    """With all that the seed adds to it."""
    for adds in (
        *(_telling, _with_needs, _with_survey, _acquainted),
        *(_with_areas, _helping_each_other, _with_rules, _with_voicemail, _with_several),
    ):
        site = adds(seed, site)
    return site


def _takes_messages(seed: int) -> bool:
    """An eighth of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 16 in (9, 11)


def _with_voicemail(seed: int, site: Site) -> Site:
    """Some queues take messages, and have a rule for that; keys of the menu lead there."""
    if not _takes_messages(seed):
        return site
    rng = Random(f"{seed}-voicemail")  # its own, as for the open lines
    queues = {}
    for name, rules in site.queues.items():
        to_voicemail = OverflowRule(
            when=rng.choice([Diversion.NO_STAFF, Diversion.LENGTH]),
            to=OverflowTo.VOICEMAIL,
            over=2,
        )
        queues[name] = replace(
            rules,
            voicemail=("voicemail",) if rng.random() < 0.8 else (),
            overflow_rules=(*rules.overflow_rules, *([to_voicemail] * (rng.random() < 0.4))),
        )
    lines = {name: _with_key(rng, line) for name, line in site.lines.items()}
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    limits = VoicemailRules(
        longest_seconds=rng.choice([10.0, 30.0]), silence_seconds=rng.choice([2.0, 5.0])
    )
    return replace(site, queues=queues, lines=lines, line_of_did=by_did, voicemail=limits)


def _with_key(rng: Random, line: Line) -> Line:
    """The keys of the menu that lead to a queue lead to its voicemail, some of them."""
    if line.menu is None:
        return line
    steps = {
        name: step
        if not isinstance(step, MenuStep)
        else replace(
            step,
            choices={
                key: replace(choice, voicemail=choice.step is None and rng.random() < 0.4)
                for key, choice in step.choices.items()
            },
        )
        for name, step in line.menu.steps.items()
    }
    return replace(line, menu=replace(line.menu, steps=steps))


def _helping_each_other(seed: int, site: Site) -> Site:
    """In an eighth of the plays the last two queues are the overflow of each other, and some queues
    have a message of their own; those of test_what_once_went_wrong.py are as they were."""
    if seed % 8 != 4:
        return site
    rng = Random(f"{seed}-each other")  # its own, as for the open lines
    queues = {
        name: replace(rules, overflow_message=("own_sorry",) if rng.random() < 0.5 else ())
        for name, rules in site.queues.items()
    }
    first, last = (*site.queues,)[:1], (*site.queues,)[-2:]
    if len(last) > len(first):
        for name, other in (last, last[::-1]):
            queues[name] = replace(queues[name], overflow_queue=other)
    return replace(site, queues=queues)


def _with_rules(seed: int, site: Site) -> Site:
    """In an eighth of the plays queues have rules for new callers; those of
    test_what_once_went_wrong.py are as they were."""
    if seed % 16 not in (3, 7):
        return site
    rng = Random(f"{seed}-rules")  # its own, as for the open lines
    queues, names = {}, [*site.queues]
    for place, (name, rules) in enumerate(site.queues.items()):
        drawn = [_overflow_rule(rng, names[place + 1 :]) for _ in range(rng.randint(0, 3))]
        queues[name] = replace(rules, overflow_rules=tuple(filter(None, drawn)))
    return replace(site, queues=queues)


def _overflow_rule(rng: Random, others: list[QueueName]) -> OverflowRule | None:
    when = rng.choice(OVERFLOW_WHEN)
    to = rng.choice([OverflowTo.QUEUE, OverflowTo.MESSAGE, OverflowTo.CALLBACK])
    over = {Diversion.LENGTH: rng.choice([1, 2, 4]), Diversion.EXPECTED: rng.choice([5, 20])}
    if to is OverflowTo.QUEUE:
        if not others:
            return None
        return OverflowRule(when=when, to=to, over=over.get(when, 0), queue=rng.choice(others))
    message = ("own_sorry",) if to is OverflowTo.MESSAGE else ()
    return OverflowRule(when=when, to=to, over=over.get(when, 0), message=message)


def _site(rng: Random, queues: tuple[QueueName, ...]) -> Site:
    lines = [
        Line(
            name=LineName(did),
            title=did,
            dids=(did,),
            queue=rng.choice(queues),
            priority=rng.choice([0, 0, 0, 5]),
        )
        for did in DIDS
    ]
    return Site(
        lines={line.name: line for line in lines},
        queues={name: _rules(rng, name, queues) for name in queues},
        pauses=Pauses(),
        line_of_did={line.dids[0]: line for line in lines},
    )


def _with_order(seed: int, site: Site) -> Site:
    rng = Random(f"order of {seed}")  # its own, as for the open lines
    usual = rng.random() < 0.3
    queues = {
        name: rules if usual else replace(rules, strategy=rng.choice(ONE_BY_ONE))
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues, aging_seconds=rng.choice([10.0, 60.0, 300.0]))


def _with_neighbours(seed: int, site: Site) -> Site:
    """Half of the plays have queues that answer at once where nobody is on duty."""
    rng = Random(f"neighbours of {seed}")  # its own, as for the open lines
    if rng.random() < 0.5:
        return site
    queues = {
        name: replace(rules, neighbours=_some(rng, [n for n in site.queues if n != name]))
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def _redials(seed: int) -> bool:
    return seed % 7 in (2, 5)


def _with_redial(seed: int, site: Site) -> Site:
    """In some plays who calls again soon has the old place; in one queue, perhaps, nobody."""
    if not _redials(seed):
        return site
    rng = Random(f"redials of {seed}")  # its own, as for the open lines
    queues = {
        name: replace(rules, redial_seconds=rng.choice([0.0, 20.0, 60.0]))
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def _calls_back(seed: int) -> bool:
    """A quarter of the plays; those of test_what_once_went_wrong.py are as they were."""
    return seed % 11 in (1, 4, 8)


WENT_WRONG = (180, 500, 1100)
"""Plays of test_what_once_went_wrong.py, which are as they were."""


def _with_callbacks(seed: int, site: Site) -> Site:
    """Who waits long can ask to be called back."""
    if not _calls_back(seed):
        return site
    rng = Random(f"{seed}-callbacks")  # its own, as for the open lines
    queues = {
        name: replace(rules, callback_after_seconds=rng.choice([0.0, 2.0, 8.0]))
        for name, rules in site.queues.items()
    }
    rules = CallbackRules(
        prefixes=("081", "082", "083", "084", "085", "086"),
        at_once=rng.choice([1, 2, 5]),
        per_hour=rng.choice([5, 1000]),
        rings_of_a_number=rng.choice([2, 3, 6]),
        waiting_limit=rng.choice([2, 10]),
        tries=rng.choice([1, 2, 3]),
        pause_seconds=rng.choice([5.0, 20.0]),
        ring_seconds=rng.choice([5.0, 10.0]),
        key_seconds=rng.choice([5.0, 12.0]),
        expires_seconds=rng.choice([60.0, 300.0]),
        choose_hour=seed % 16 in (3, 4, 7, 12) and seed not in WENT_WRONG,
    )
    return _with_operators_first(seed, replace(site, queues=queues, callbacks=rules))


CITIZENS_FIRST = (1258, 1874, 200446, 200483, 200578)
"""Plays of test_what_once_went_wrong.py, which are as they were."""


def _with_operators_first(seed: int, site: Site) -> Site:
    """In half of the plays with callbacks the operators of some queues are rung before the
    citizens."""
    rng = Random(f"{seed}-operator-first")  # its own, as for the open lines
    if seed in CITIZENS_FIRST or rng.random() < 0.5:
        return site
    queues = {
        name: replace(rules, operator_first=rng.random() < 0.7)
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def _carrier(seed: int, seconds: float) -> tuple[tuple[float, int | None], ...]:
    """In half of the plays with callbacks the carrier is sick for a while, once or twice."""
    rng = Random(f"{seed}-carrier")  # its own, as for the open lines
    if not _calls_back(seed) or rng.random() < 0.5:
        return ()
    told: list[tuple[float, int | None]] = []
    for _ in range(rng.randint(1, 2)):
        at = rng.uniform(0.0, seconds)
        told.append((at, rng.choice([0, 0, 403, 404, 408, 480, 500, 503, 503])))
        told.append((at + rng.uniform(5.0, 120.0), None))
    return tuple(sorted(told, key=lambda one: one[0]))


def _quiet(seed: int, seconds: float) -> tuple[tuple[float, bool], ...]:
    """Now and then it is an hour in which nobody is called."""
    rng = Random(f"{seed}-quiet")  # its own, as for the open lines
    if not _calls_back(seed) or rng.random() < 0.5:
        return ()
    at, spans = 0.0, list[tuple[float, bool]]()
    while at < seconds:
        begin = at + rng.uniform(5.0, 60.0)
        at = begin + rng.uniform(1.0, 40.0)
        spans += [(begin, True), (at, False)]
    return tuple(spans)


def _with_prompts(seed: int, site: Site) -> Site:
    """A fifth of the plays have lines with a notice, a greeting or a menu."""
    rng = Random(f"prompts of {seed}")  # its own, as for the open lines
    if seed % 5 != 2:
        return site
    lines = [
        replace(
            line,
            notice=("recording_notice",) if rng.random() < 0.4 else (),
            record=True,  # of who heard it
            greeting=("greeting",) if rng.random() < 0.6 else (),
            menu=_menu(rng, list(site.queues)) if rng.random() < 0.5 else None,
        )
        for line in site.lines.values()
    ]
    return replace(
        site,
        lines={line.name: line for line in lines},
        line_of_did={line.dids[0]: line for line in lines},
    )


def _asking_for_cases(seed: int, site: Site) -> Site:
    """Half of the menus ask for the number of a case by key 8."""
    rng = Random(f"{seed}-case")  # its own, as for the open lines
    lines = {
        line.name: replace(line, menu=_with_case(line.menu))
        if line.menu and rng.random() < 0.5
        else line
        for line in site.lines.values()
    }
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    return replace(site, lines=lines, line_of_did=by_did)


def _with_case(menu: Menu) -> Menu:
    first = menu.steps[menu.first]
    assert isinstance(first, MenuStep)
    asked = replace(first, choices={**first.choices, "8": Choice(step=CASE)})
    return replace(menu, steps={**menu.steps, menu.first: asked, CASE: CaseStep(seconds=3.0)})


def _telling_callbacks(seed: int, site: Site) -> Site:
    """Half of the menus tell the state of callbacks by key 7."""
    rng = Random(f"{seed}-callback step")  # its own, as for the open lines
    lines = {
        line.name: replace(line, menu=_with_callback(line.menu))
        if line.menu and rng.random() < 0.5
        else line
        for line in site.lines.values()
    }
    by_did = {did: lines[line.name] for did, line in site.line_of_did.items()}
    return replace(site, lines=lines, line_of_did=by_did)


def _with_callback(menu: Menu) -> Menu:
    first = menu.steps[menu.first]
    assert isinstance(first, MenuStep)
    asked = replace(first, choices={**first.choices, "7": Choice(step=BACK)})
    return replace(menu, steps={**menu.steps, menu.first: asked, BACK: CallbackStep(seconds=3.0)})


def _telling(seed: int, site: Site) -> Site:
    """In a third of the plays who waits is told of the place in line, the wait, or both."""
    rng = Random(f"told of {seed}")  # its own, as for the open lines
    if seed % 3 != 0:
        return site
    queues = {
        name: replace(
            rules,
            overflow_at_expected_seconds=rng.choice([0.0, 10.0]) if rules.overflow_queue else 0.0,
            telling=Telling(
                place=rng.random() < 0.7,
                wait=True,
                first_seconds=rng.choice([3.0, 10.0]),
                every_seconds=rng.choice([5.0, 15.0]),
            ),
        )
        for name, rules in site.queues.items()
    }
    return replace(site, queues=queues)


def _menu(rng: Random, queues: list[QueueName]) -> Menu:
    names = [StepName(f"step{number}") for number in range(rng.randint(1, 3))]
    steps = {}
    for place, name in enumerate(names):
        onward = names[place + 1 :][:1]
        to = Choice(step=onward[0]) if onward else Choice(queue=rng.choice(queues))
        steps[name] = MenuStep(
            prompts=(f"own_{name}",),
            choices={"1": to, "2": Choice(queue=rng.choice(queues), says={"language": "en"})},
            seconds=rng.choice([1.0, 3.0]),
            plays=rng.randint(1, 2),
            barge_in=rng.random() < 0.7,
        )
    return Menu(first=names[0], steps=steps)


def _some(rng: Random, names: list[QueueName]) -> tuple[QueueName, ...]:
    return tuple(rng.sample(names, rng.randint(0, len(names))))


def _rules(rng: Random, name: QueueName, queues: tuple[QueueName, ...]) -> QueueRules:
    others = [other for other in queues if other > name]  # onward only: no circle
    return QueueRules(
        name=name,
        title=name,
        waiting_limit=rng.choice([2, 10, 100]),
        max_wait_seconds=rng.uniform(15.0, 90.0),
        overflow_queue=rng.choice(others) if others and rng.random() < 0.7 else None,
        ring_seconds=rng.uniform(5.0, 15.0),
        wrapup_seconds=rng.choice([0.0, 0.0, 1.0, 8.0]),
        short_abandon_seconds=5.0,
    )


def _faults(rng: Random, seconds: float) -> tuple[Fault, ...]:
    kinds = rng.sample(list(FAULTS), rng.randint(1, 4))
    count = max(1, round(rng.uniform(0.3, 1.5) * seconds / 45.0))
    faults = [_fault(rng, rng.choice(kinds), seconds * 0.9) for _ in range(count)]
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _fault(rng: Random, kind: str, last: float) -> Fault:
    return Fault(
        kind=kind,
        at=rng.uniform(0.0, last),
        seconds=min(rng.expovariate(1 / FAULTS[kind]), 8 * FAULTS[kind], 60.0),
        at_hand_off=rng.random() < 0.5,
    )
