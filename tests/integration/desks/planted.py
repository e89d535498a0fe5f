"""A country of matters in which every text field holds a secret word of its owner.

`Planted` remembers whose each word is, and `words_of` says which of them an account may read: from
the tables and the text of the specification, by SQL of its own, and not by the code that is tested.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.desks.shared.units import DeskRole, Grant
from callcenter.oversight.quality.tables import quality_samples, quality_sheets
from callcenter.ports.people import Role
from callcenter.storage.floor_messages import floor_messages
from callcenter.storage.notes import call_notes
from callcenter.storage.recordings import recordings
from callcenter.storage.tables import calls
from tests.integration.desks.office import CLI, FINDINGS, UNITS, Office
from tests.integration.desks.test_files_api import added

MORE_UNITS = ("p10", "d3401")
WHERE = ("gcc1111", "moi", "p33", "d3307", "p34", "d3401")
ROLES = ("operator", "supervisor", "province_admin", "officer", "referrer")
NATIONAL = ("central", "viewer")  # only the ministry's own units may have them
FLOOR = {"op": Role.OPERATOR, "sup": Role.SUPERVISOR, "boss": Role.ADMINISTRATOR}
ACCOUNTS = (
    *(f"{role}-{unit}" for role in ROLES for unit in WHERE),
    *(f"{role}-moi" for role in NATIONAL),
    "nobody",
)
AT = "2026-12-01T09:00"
Owner = tuple[str, ...]


def word_of(n: int) -> str:
    """A word that is in no language, without digits: papers write those in Thai."""
    letters = "bcdfghjkmnpqrstvwx"
    return "zq" + "".join(letters[n // len(letters) ** k % len(letters)] for k in range(3)) + "qz"


@dataclass(slots=True)
class Planted:
    """What was made, and whose each word is."""

    office: Office
    words: dict[str, Owner] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    bulletins: list[tuple[str, int]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    _n: "count[int]" = field(default_factory=lambda: count(1))

    def word(self, *owner: str) -> str:
        """A new word. Where it is found, one may see what its owner may see."""
        made = word_of(next(self._n))
        self.words[made] = owner
        return made

    def phone(self, *owner: str) -> str:
        """A new phone number: its last nine digits are a word, too."""
        digits = f"81{7_304_000 + 611 * next(self._n)}"
        self.words[digits] = owner
        return f"0{digits}"

    def is_of(self, kind: str, name: str) -> None:
        """What was planted before its owner had a name is this one's."""
        for word, owner in self.words.items():
            if owner == (kind, "?"):
                self.words[word] = (kind, name)


async def plant(office: Office, engine: AsyncEngine) -> Planted:
    """Accounts of every role at every unit, and documents of every kind in two provinces."""
    office.at(AT)
    planted = Planted(office)
    await _accounts(office)
    for unit, other in (("p33", "d3307"), ("p34", "d3401")):
        await _case_from_1111(planted, unit, other)
        await _own_cases(planted, unit)
        await _bulletin(planted, unit)
        await _answer(planted, unit)
    await _reports(planted)
    await _floor(planted, engine)
    return planted


async def _accounts(office: Office) -> None:
    began = date(2017, 1, 1)
    units = [u for u in units_of_thailand(began) if u.id in (*UNITS, *MORE_UNITS)]
    await office.house.shared.units.add_units(units)
    for name in ACCOUNTS:
        role, _, unit = name.partition("-")
        if name != "nobody":
            await office.house.account(name, Role.OFFICER)
            grant = Grant(
                id=0, account=name, role=DeskRole(role), unit=unit, since=began, until=None
            )
            await office.house.shared.units.give(grant, CLI, office.house.hands.wall())
        office.house.tokens[name] = ""
    for name, of in FLOOR.items():
        await office.house.person(name, of)


def _new_case(planted: Planted, **more: Any) -> dict[str, Any]:
    fact = ("case", "?")
    return {
        "type": "complaint",
        "topic": "covid",
        "facts": planted.word(*fact),
        "wish": planted.word(*fact),
        "place_note": planted.word(*fact),
        "people_concerned": 7,
        "allegations": [planted.word(*fact), planted.word(*fact)],
        "persons": [
            {
                "role": "complainant",
                "name": planted.word("person", "?"),
                "phone": planted.phone("person", "?"),
                "address": planted.word("person", "?"),
            }
        ],
        **more,
    }


def _is(planted: Planted, number: str) -> str:
    planted.cases.append(number)
    planted.is_of("case", number)
    planted.is_of("person", number)
    return number


async def _case_from_1111(planted: Planted, unit: str, district: str) -> None:
    """Passed down by 1111, on to the district, answered, closed, opened again; with files."""
    office, area = planted.office, f"{district[1:]}"
    body = _new_case(planted, to_unit=unit, reference=planted.word("case", "?"), area=area)
    made = await office.post("referrer-gcc1111", "referrals", body)
    assert made.status == 201, made.body
    case = _is(planted, str(made.body["case"]["case"]))
    own, at_district = f"supervisor-{unit}", f"officer-{district}"

    def said() -> str:
        return planted.word("case", case)

    await office.must(own, case, "receive")
    await office.must(own, case, "refer", to_unit=district, note=said())
    await office.must(at_district, case, "receive")
    await office.must(at_district, case, "progress", text=said())
    await office.must(at_district, case, "wait", text=said())
    await office.must(at_district, case, "resume")
    findings = [{**each, "note": said()} for each in FINDINGS]
    findings.append({"conclusion": "remedied", "text": said(), "note": said()})
    answer = {"text": said(), "findings": findings, "taken": [said()], "benefit": said()}
    await office.must(at_district, case, "answer", **answer)
    await office.must(own, case, "send-back", text=said())
    await office.must(own, case, "answer", text=said())
    await office.must(own, case, "report-to-source", text=said())
    await office.must(own, case, "inform-citizen", how="โทรแจ้ง")
    await office.must(own, case, "close")
    await office.must(own, case, "reopen", text=said())
    await office.must(own, case, "answer", text=said())
    await office.must(own, case, "inform-citizen", why_not=said())
    await office.must(f"operator-{unit}", case, "message", text=said())
    for kind, names in (("case", False), ("person", True)):
        letter = {
            "number": planted.word("case", case),
            "date": "1 ธันวาคม 2569",
            "subject": planted.word(kind, case),
            "sender": planted.word(kind, case),
            "recipient": planted.word(kind, case),
        }
        await office.must(own, case, "letter", letter=letter, names_person=names)
    for kind, shows in (("case", False), ("person", True)):
        inside = planted.word(kind, case)
        data = b"%PDF-1.7\n" + inside.encode() + b"\ntrailer\n%%EOF\n"
        name = f"{planted.word(kind, case)}.pdf"
        await added(office, own, case, data, name, shows_person=shows)


async def _own_cases(planted: Planted, unit: str) -> None:
    """Of the province itself: one that is open, one that is joined with it, one that is withdrawn,
    and one from which something was taken back and given back."""
    office, area, own = planted.office, f"{unit[1:]}01", f"supervisor-{unit}"
    found = []
    for _ in range(4):
        body = _new_case(planted, channel="walk_in", area=area, urgency="urgent")
        made = await office.post(f"operator-{unit}", "cases", body)
        assert made.status == 201, made.body
        found.append(_is(planted, str(made.body["case"]["case"])))
    await office.must(own, found[1], "merge", into=found[0])
    await office.must(own, found[2], "withdraw", text=planted.word("case", found[2]))
    last, other = found[3], f"d{unit[1:]}{'07' if unit == 'p33' else '01'}"
    await office.must(own, last, "refer", to_unit=other)
    away = {"reason": "wrong_agency", "text": planted.word("case", last)}
    await office.must(f"officer-{other}", last, "return", **away)
    sent = await office.must(own, last, "refer", to_unit="moi")
    why = planted.word("case", last)
    await office.must(own, last, "recall", hop=len(sent["hops"]), text=why)


async def _bulletin(planted: Planted, unit: str) -> None:
    office, own = planted.office, f"supervisor-{unit}"
    owner = ("bulletin", unit)
    names = ("subject", "background", "benefit", "contacts")
    texts = {name: planted.word(*owner) for name in names}
    days = {"first": "2026-11-01", "last": "2026-11-30"}
    for issue in (1, 2):
        made = await office.post(own, "bulletins", {**texts, **days, "issue": issue})
        assert made.status == 201, made.body
        planted.bulletins.append((unit, issue))
    change = {"version": 1, "results": planted.word(*owner), "publish": True}
    assert (await office.ask("PUT", own, f"bulletins/{unit}/2", change)).status == 200


async def _answer(planted: Planted, unit: str) -> None:
    """Everybody may read it: it is what callers are told. What nobody found only writers see."""
    office = planted.office
    for _ in range(2):
        body = {
            **{name: planted.word("everybody") for name in ("title", "text", "source")},
            "keywords": [planted.word("everybody")],
            "topic": "covid",
            "review_by": "2026-12-31",
        }
        made = await office.post(f"supervisor-{unit}", "answers", body)
        assert made.status == 201, made.body
        planted.answers.append(made.body["answer"])
    gone = {"version": 1, "why": planted.word("everybody")}
    path = f"answers/{planted.answers[-1]}/withdraw"
    assert (await office.post(f"supervisor-{unit}", path, gone)).status == 200
    miss = {"text": planted.word("writers")}
    assert (await office.post(f"operator-{unit}", "answer-search", miss)).body["missed"]


async def _reports(planted: Planted) -> None:
    """A round of both provinces that is published, one that is open, and one of p34 alone."""
    office = planted.office
    for units in (["p33", "p34"], ["p33", "p34"], ["p34"]):
        body = {
            "name": planted.word("round", "?"),
            "period_from": "29/11/2569 00:00",
            "period_before": "30/11/2569 00:00",
            "due": "2/12/2569 08:00",
            "units": units,
            "address": "all@moi.example",
            "letter": {
                "number": planted.word("round", "?"),
                "date": planted.word("round", "?"),
                "subject": planted.word("round", "?"),
            },
        }
        made = await office.post("central-moi", "report-rounds", body)
        assert made.status == 201, made.body
        number = int(made.body["round"])
        planted.rounds.append(number)
        planted.is_of("round", str(number))
        letter = {
            "number": planted.word("round", str(number)),
            "date": "1 ธันวาคม 2569",
            "subject": planted.word("round", str(number)),
            "sender": planted.word("round", str(number)),
            "recipient": planted.word("round", str(number)),
            "version": made.body["version"],
        }
        path = f"report-rounds/{number}/letters"
        kept = await office.post("central-moi", path, letter)
        assert kept.status == 200, kept.body
        for unit in units:
            await _report(planted, number, unit, submit=len(planted.rounds) == 1)
    first = planted.rounds[0]
    done = await office.post("central-moi", f"report-rounds/{first}/publish", {})
    assert done.status == 200, done.body
    excuse = {"unit": "p33", "why": planted.word("round", str(planted.rounds[1]))}
    path = f"report-rounds/{planted.rounds[1]}/excuse"
    planted.words[excuse["why"]] = ("excuse", str(planted.rounds[1]), "p33")
    assert (await office.post("central-moi", path, excuse)).status == 200


async def _report(planted: Planted, number: int, unit: str, *, submit: bool) -> None:
    office, own = planted.office, f"supervisor-{unit}"
    begun = await office.post(own, f"report-rounds/{number}/reports", {"unit": unit})
    assert begun.status == 200, begun.body
    report, version = begun.body["report"], begun.body["version"]
    planted.reports.append(report)
    kind = "submitted" if submit else "report"
    owner, signed = (kind, report), ("report", report)
    numbers = {f"admission_{n}": {"value": v} for n, v in (("received", 3), ("ended", 2))}
    sections = ("admission", "obstacles", "suggestions", "coordination", "publicity")
    saved = {
        "version": version,
        "numbers": {**numbers, "admission_open": {"value": 1}},
        "texts": {name: {"text": planted.word(*owner)} for name in sections},
        "signed": {
            "reporter": planted.word(*signed),
            "position": planted.word(*signed),
            "phone": planted.phone(*signed),
        },
    }
    answer = await office.ask("PATCH", own, f"reports/{report}", saved)
    assert answer.status == 200, answer.body
    if submit:
        done = await office.post(own, f"reports/{report}/submit", {"version": version + 1})
        assert done.status == 200, done.body


async def _floor(planted: Planted, engine: AsyncEngine) -> None:
    """A call with its note, recording, message, quality sheet, and a word to the floor."""
    office, floor = planted.office, ("floor",)
    at = office.house.hands.wall() - timedelta(hours=2)
    call: dict[str, Any] = {
        "call_id": "c1",
        "line": "1567",
        "did": "1567",
        "caller": planted.phone(*floor),
    }
    call |= {"caller_class": "national", "arrived_at": at, "answered_at": at}
    call |= {"ended_at": at + timedelta(minutes=5), "outcome": "answered", "operator": "sup"}
    call |= {"wait_seconds": 1.0, "talk_seconds": 60.0}
    note: dict[str, Any] = {
        "call": "c1",
        "operator": "sup",
        "changed_at": at,
        "kind": "help",
        "topic": "water",
    }
    note |= {"result": planted.word("in call"), "note": planted.word("in call")}
    sound: dict[str, Any] = {
        "call_id": "c1",
        "number": 1,
        "line": "1567",
        "queue": "damrong",
        "operator": "sup",
    }
    sound |= {
        "began_at": at,
        "state": "kept",
        "kind": "talk",
        "hold_reason": planted.word(*floor, "hold"),
    }
    sound |= {"held_by": "boss", "held_at": at}
    drawn: dict[str, Any] = {"since": at, "before": at, "answered": 1, "drawn": 1, "seed": "x"}
    drawn |= {"drawn_by": "sup", "drawn_at": at}
    sheet: dict[str, Any] = {
        "sample": 1,
        "call": "c1",
        "note": planted.word(*floor, "sheet"),
        "judged_by": "sup",
    }
    sheet |= {"correct": "yes", "complete": "yes", "polite": "yes", "judged_at": at}
    message: dict[str, Any] = {
        "sent_at": at,
        "sender": "sup",
        "to": "all",
        "text": planted.word(*floor, "message"),
    }
    known = {column.name for column in recordings.columns}
    async with engine.begin() as connection:
        await connection.execute(insert(calls).values(**call))
        await connection.execute(insert(call_notes).values(**note))
        values = {key: value for key, value in sound.items() if key in known}
        await connection.execute(insert(recordings).values(**values))
        await connection.execute(insert(quality_samples).values(**drawn))
        await connection.execute(insert(quality_sheets).values(**sheet))
        await connection.execute(insert(floor_messages).values(**message))


# --- who may read what ---------------------------------------------------------------------------

_BELOW = """
    with recursive below(role, unit) as (
        select g.role, g.unit from grants g join units u on u.id = g.unit
        where g.account = :account and g.since <= :day and (g.until is null or g.until > :day)
            and u.active_from <= :day and (u.active_to is null or u.active_to > :day)
        union select b.role, u.id from below b join units u on u.parent = b.unit)
"""
_PARTS = """
    select d.number from documents d where exists (
        select from below b where b.role = any(:works) and (
            b.unit = d.unit
            or b.unit in (select to_unit from hops h where h.document = d.id)))
    union select d.number from documents d join cases c on c.id = d.id
        join below b on b.unit = c.source_unit and b.role = 'referrer'
"""
_WORKS = ["operator", "supervisor", "province_admin", "officer"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one account may see now."""

    numbers: frozenset[str]  # of cases and reports
    words: frozenset[str]


async def sight_of(planted: Planted, engine: AsyncEngine, account: str) -> Sight:
    """By the tables, now: a case that was handed on is seen by its new unit, too."""
    asked = {"account": account, "day": planted.office.house.hands.wall().date()}
    async with engine.connect() as connection:

        async def told(statement: str, **more: Any) -> frozenset[str]:
            rows = await connection.scalars(text(_BELOW + statement), {**asked, **more})
            return frozenset(str(row) for row in rows)

        roles = await told("select distinct role from below")
        in_part = await told(f"select * from ({_PARTS}) p", works=_WORKS)
        persons = await told(f"select * from ({_PARTS}) p", works=["supervisor"])
        reading = await told(
            "select unit from below where role in ('operator', 'supervisor', 'province_admin',"
            " 'officer')"
        )
        editing = await told("select unit from below where role in ('supervisor','province_admin')")
        of_report = {
            row.number: (str(row.round), row.unit, row.published_at is not None)
            for row in await connection.execute(
                text(
                    "select d.number, r.round, r.unit, o.published_at from reports r"
                    " join documents d on d.id = r.id join rounds o on o.id = r.round"
                )
            )
        }
        expected = {
            (str(row.round), row.unit, row.published_at is not None)
            for row in await connection.execute(
                text(
                    "select e.round, e.unit, o.published_at from expectations e"
                    " join rounds o on o.id = e.round"
                )
            )
        }
        all_cases = set(
            await connection.scalars(text("select number from documents where kind = 'case'"))
        )
    central, viewer = "central" in roles, "viewer" in roles
    cases = all_cases if central else all_cases & in_part
    reports = {n for n, (_, unit, _) in of_report.items() if central or unit in editing}
    table = {n for n, (_, _, published) in of_report.items() if viewer and published}
    rounds = {
        number
        for number, unit, published in expected
        if central or unit in editing or (viewer and published)
    }
    floor = account in ("sup", "boss")
    may = {
        "case": lambda name, *_: name in cases,
        "person": lambda name, *_: name in persons & all_cases,
        "report": lambda name, *_: name in reports,
        "submitted": lambda name, *_: name in reports or name in table,
        "round": lambda name, *_: name in rounds,
        "excuse": lambda name, unit: central or unit in editing,
        "bulletin": lambda name, *_: central or name in reading,
        "everybody": lambda *_: True,
        "writers": lambda *_: bool(roles & {"supervisor", "province_admin", "officer", "central"}),
        "floor": lambda *_: floor,
        "in call": lambda *_: False,  # only for who has the caller at the telephone
    }
    words = frozenset(word for word, (kind, *of) in planted.words.items() if may[kind](*of))
    # the board of a published round names the reports, for whoever sees all of its units
    named = frozenset(cases | reports | table)
    return Sight(numbers=named, words=words)
