"""Issue 14.1: every role at every endpoint, export, search, file and mail: nothing from outside.

The endpoints are those of the mounted API: a new one of the desks whose path or body this file does
not know fails the first test. Set FUZZ_SEED for other requests, and FUZZ_TRIES for more of them.
"""

import asyncio
import io
import itertools
import json
import os
import random
import re
import statistics
import time
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared.numbers import check_digit
from callcenter.desks.shared.thai import arabic
from callcenter.web.endpoint import Endpoint
from tests.integration.desks.office import API, Office
from tests.integration.desks.planted import ACCOUNTS, FLOOR, WHERE, Planted, Sight, plant, sight_of
from tests.integration.desks.test_post import Took, mail_server, posting
from tests.pdf import text_of

SEED = int(os.environ.get("FUZZ_SEED", "1567"))
TRIES = int(os.environ.get("FUZZ_TRIES", "2"))  # of each endpoint by each account
RANDOM_STEPS = 150 * TRIES
PORT = 17300
FLOOR_TAGS = frozenset(
    (
        *("sessions", "accounts", "operators", "callbacks", "queues", "calls", "site", "asterisk"),
        *("nodes", "audit", "bans", "oversight", "duty", "news", "prompts", "quality"),
        *("recordings", "privacy", "webhooks"),
    )
)
NEVER_CASE, NEVER_REPORT, NEVER_ROUND, NEVER_ISSUE = "33640000019", "33640000019", "999", "99"
LEFT_OUT = {
    "log_out": "ends the session that is asked with",
    "restart": "of Asterisk: tests/integration/test_api_restart.py",
    "run_retention": "blanks what was planted: tests/integration/desks/test_privacy.py",
    "remove_demo_calls": "blanks what was planted",
}
SEARCHES = ("search_cases", "search_answers")
TELLS_ALL = ("export_person", "list_audit", "show_site_file")
"""What only an administrator has, and what is made to tell of everybody, or of what was done."""


# --- what is asked ------------------------------------------------------------------------------


@dataclass(slots=True)
class Asked:
    """One request. `of`: the thing of one owner that the path names."""

    endpoint: Endpoint
    path: str
    body: Any
    of: tuple[str, str] | None = None  # (kind, name)
    never: str = ""  # the same path, with a name that was never given
    raw: bytes | None = None


@dataclass(slots=True)
class Asking:
    """Makes requests for endpoints from what was planted."""

    planted: Planted
    rng: random.Random
    misses: list[int] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def names(self) -> dict[str, Sequence[str]]:
        """For each name in the braces of a path, what it may be."""
        planted = self.planted
        return {
            "case": planted.cases,
            "report": planted.reports,
            "round": [str(n) for n in planted.rounds],
            "answer": [str(n) for n in planted.answers],
            "miss": [str(n) for n in self.misses],
            "mail": "123",
            "unit": ("p33", "p34", "moi"),
            "issue": "12",
            "file": "12",
            "paper": ("cover-sheet", "answer-letter"),
            "limit": ("result", "acknowledge"),
            "urgency": ("normal", "urgent"),
            "grant": [str(n) for n in range(1, 40)],
            "year": ("2027",),
            "call": ("c1", "c2"),
            "recording": ("1",),
            "sample": ("1",),
            "message": ("1",),
            "operator": ("op",),
            "account": ACCOUNTS,
            "queue": ("damrong",),
            "shift": ("1",),
            "scope": ("line",),
            "of": ("1567",),
            "language": ("th",),
            "prompt": ("greeting",),
            "playback": ("x" * 43,),
            "webhook": ("1",),
            "delivery": ("1",),
            "ban": ("192.0.2.66",),
            "node": ("asterisk",),
        }

    def bodies(self) -> dict[str, Callable[[], Any]]:
        """For each type of a body of the desks, one that may be done."""
        pick, planted = self.rng.choice, self.planted
        words = "ตรวจสอบแล้ว"

        def unit() -> str:
            return pick((*WHERE, "d3306"))

        doing = {"version": 1}
        case = {
            "type": "question",
            "topic": "water",
            "area": pick(("33", "330701", "3401")),
            "facts": words,
        }
        persons = [{"role": "complainant", "name": "ก ข", "phone": "0899999999"}]
        return {
            "CaseSearch": lambda: pick(
                (
                    {"number": pick(planted.cases)},
                    {"phone": pick([w for w in planted.words if w.isdigit()])},
                )
            ),
            "AnswerSearch": lambda: {"text": pick(list(planted.words)), "typing": True},
            "NewCase": lambda: {**case, "channel": "walk_in", "persons": persons},
            "NewReferral": lambda: {**case, "to_unit": unit(), "reference": str(self.rng.random())},
            "Doing": lambda: doing,
            "Saying": lambda: {**doing, "text": words},
            "Referring": lambda: {**doing, "to_unit": unit(), "note": words},
            "Recalling": lambda: {**doing, "hop": pick((1, 2, 3)), "text": words},
            "Returning": lambda: {**doing, "reason": "wrong_area", "text": words},
            "Answering": lambda: {
                **doing,
                "text": words,
                "findings": [{"n": n, "conclusion": "remedied"} for n in (1, 2)],
            },
            "InformingCitizen": lambda: {**doing, "how": words},
            "Merging": lambda: {**doing, "into": pick(planted.cases)},
            "Correcting": lambda: {**doing, "people_concerned": self.rng.randrange(9)},
            "AddingLetter": lambda: {**doing, "letter": self._letter(words), "names_person": False},
            "RoundLetter": lambda: {**self._letter(words), "version": "0" * 16},
            "NewCaseFile": lambda: {"name": "ก.pdf", "shows_person": pick((True, False))},
            "RemovingFile": lambda: {"why": words},
            "NewLimit": lambda: {"counted": "calendar_days", "amount": 5},
            "NewBulletin": lambda: {"subject": words, "first": "2026-11-01", "last": "2026-11-30"},
            "BulletinText": lambda: {"version": pick((1, 2)), "subject": words},
            "NewAnswer": lambda: {**self._answer(words), "unit": unit()},
            "NewVersion": lambda: {**self._answer(words), **doing},
            "Reviewing": lambda: {**doing, "review_by": "2027-01-31"},
            "Withdrawing": lambda: {**doing, "why": words},
            "Using": dict,
            "Starting": lambda: {"unit": unit()},
            "Saving": lambda: {**doing, "texts": {"obstacles": {"text": words}}},
            "DoingReport": lambda: doing,
            "ReturningReport": lambda: {**doing, "why": words},
            "NewReportRound": lambda: self._round(words),
            "RoundChange": lambda: {**self._round(words), "version": "x"},
            "Expecting": lambda: {"unit": unit()},
            "Excusing": lambda: {"unit": pick(("p33", "p34")), "why": words},
            "UnitLines": lambda: {"lines": ["1567"]},
            "NewUnit": lambda: {"unit": "x1", "level": "agency", "name_th": "ก", "name_en": "k"},
            "UnitFields": lambda: {"level": "province", "name_th": "ก", "name_en": "k"},
            "NewGrant": lambda: {"account": "nobody", "role": "officer", "unit": unit()},
            "GrantEnd": dict,
            "ConfirmedHolidays": lambda: {"days": [{"day": "2027-01-01", "name_th": "ปีใหม่"}]},
        }

    @staticmethod
    def _answer(words: str) -> dict[str, Any]:
        more = {"keywords": [], "source": words, "topic": "covid", "review_by": "2026-12-31"}
        return {"title": words, "text": words, **more}

    @staticmethod
    def _letter(words: str) -> dict[str, Any]:
        both = {"sender": words, "recipient": words}
        return {"number": words, "date": "1 ธันวาคม 2569", "subject": words, **both}

    @staticmethod
    def _round(words: str) -> dict[str, Any]:
        days = {"period_from": "29/11/2569 00:00", "period_before": "30/11/2569 00:00"}
        return {"name": words, **days, "due": "2/12/2569 12:00", "units": ["p33"]}

    def queries(self, endpoint: Endpoint) -> str:
        """Some filter of a list."""
        pick, planted = self.rng.choice, self.planted
        wanted = {
            "CaseQuery": (
                *("", "?mine=true", "?unit=p34", "?holder=d3307", "?open=true", "?overdue=true"),
                *("?area=34", "?topic=covid", "?type=complaint", "?channel=walk_in", "?limit=1"),
                *(f"?after={each}" for each in planted.cases),
            ),
            "CaseWhich": ("", "?unit=p34", "?holder=d3401", "?area=33", "?open=false"),
            "CompareQuery": tuple(f"?other={each}" for each in planted.rounds),
            "EditionQuery": ("", "?now=true", "?edition=1"),
            "AnswerQuery": ("", "?state=withdrawn", "?unit=p34"),
            "OneAnswerQuery": ("", "?version=1", "?on=2026-12-01"),
            "UnitQuery": ("", "?area=34", "?closed=true"),
            "AreaQuery": ("", "?text=33"),
            "GrantQuery": ("", "?account=supervisor-p34", "?unit=p34"),
        }
        name = endpoint.query.__name__ if endpoint.query else ""
        return pick(wanted.get(name, ("",)))

    def all_of(self, endpoint: Endpoint) -> list[Asked]:
        """A request of the endpoint for each thing that its path can name."""
        known, names = self.names(), endpoint.path_names()
        found = itertools.product(*(known.get(name, "1") for name in names))
        return [self.one(endpoint, dict(zip(names, each, strict=True))) for each in found]

    def one(self, endpoint: Endpoint, named: dict[str, str] | None = None) -> Asked:
        """A request of the endpoint, for anything, or for what is named."""
        known = self.names()
        names = endpoint.path_names()
        parts = named or {name: self.rng.choice(known.get(name, "1")) for name in names}
        query = "" if named else self.queries(endpoint)
        body, raw = None, None
        if endpoint.body is not None:
            body = self.bodies().get(endpoint.body.__name__, dict)()
            if isinstance(body, dict) and "version" in body and "case" in parts:
                body["version"] = self.versions.get(parts["case"], body["version"])
            if isinstance(body, dict) and "version" in body and "report" in parts:
                body["version"] = self.versions.get(parts["report"], body["version"])
        if endpoint.upload_bytes:
            raw = b"%PDF-1.7\n%%EOF\n"
        of, never = self._owned(parts)
        path = endpoint.path.format(**parts) + query
        other = endpoint.path.format(**{**parts, **never}) + query if never else ""
        return Asked(endpoint, path, body, of, other, raw)

    def _owned(self, parts: dict[str, str]) -> tuple[tuple[str, str] | None, dict[str, str]]:
        if "case" in parts:
            return ("case", parts["case"]), {"case": NEVER_CASE}
        if "report" in parts:
            return ("report", parts["report"]), {"report": NEVER_REPORT}
        if "round" in parts:
            return ("round", parts["round"]), {"round": NEVER_ROUND}
        if "issue" in parts:
            return ("bulletin", parts["unit"]), {"issue": NEVER_ISSUE}
        return None, {}


# --- what is answered ---------------------------------------------------------------------------


@dataclass(slots=True)
class Got:
    """An answer, with all that can be read in it."""

    status: int
    headers: dict[str, str]
    raw: bytes
    said: str


def readable(kind: str, raw: bytes) -> str:
    """What a person or a program can read in a body."""
    if raw.startswith(b"%PDF") and b"/Page" in raw:
        return text_of(raw)
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    if "json" in kind and raw:
        return json.dumps(json.loads(raw), ensure_ascii=False)
    return raw.decode(errors="replace")


WORD = re.compile(r"zq[a-z]{3}qz")
NUMBER = re.compile(r"[0-9]{11}")
PHONE = re.compile(r"(?=(817[0-9]{6}))")


def words_in(said: str, planted: Planted) -> set[str]:
    """The secret words and planted phone numbers, however they are written."""
    plain = re.sub(r"[\s\u2010-\u2015-]", "", arabic(said))
    phones = {each for each in PHONE.findall(plain) if each in planted.words}
    return {*WORD.findall(plain.lower())} | phones


def numbers_in(said: str, planted: Planted) -> set[str]:
    """The planted numbers of documents, however they are written."""
    plain = re.sub(r"(?<=[0-9])[\u2010-\u2015-](?=[0-9])", "", arabic(said))
    known = {*planted.cases, *planted.reports}
    return {each for each in NUMBER.findall(plain) if each in known}


@dataclass(slots=True)
class Fuzz:
    """Everything, and what was found."""

    office: Office
    engine: AsyncEngine
    planted: Planted
    asking: Asking
    found: set[str] = field(default_factory=set)  # words that somebody was told
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def endpoints(self) -> list[Endpoint]:
        features = self.office.house.serving.features
        return [each for f in features for each in f.feature.endpoints.all]

    async def ask(self, by: str, asked: Asked, path: str | None = None) -> Got:
        house = self.office.house
        headers = {"Authorization": f"Bearer {house.tokens[by]}"}
        options: dict[str, Any] = {}
        if asked.raw is not None:
            options["data"] = asked.raw
            headers["Content-Type"] = "application/octet-stream"
        elif asked.body is not None:
            options["json"] = asked.body
        method, url = asked.endpoint.method, house.url + (path or asked.path)
        async with house.http.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
            told = {name: value for name, value in answer.headers.items() if name != "Date"}
        if answer.status == 401:
            assert by not in FLOOR, (by, url)
            house.tokens[by] = (await house.log_in(by)).body["token"]
            return await self.ask(by, asked, path)
        name = asked.endpoint.handler.__name__
        self.statuses[name, answer.status] += 1
        assert answer.status < 500 or answer.status == 503, (by, method, url, raw)
        said = f"{told}\n{readable(answer.content_type, raw)}"
        return Got(answer.status, told, raw, said)

    def judge(self, by: str, asked: Asked, got: Got, sight: Sight) -> None:
        """Nothing that was told is of others."""
        name = asked.endpoint.handler.__name__
        words = words_in(got.said, self.planted)
        self.found |= words
        if name in TELLS_ALL and by == "boss":
            return
        # what the question itself holds may be said again
        words -= words_in(json.dumps(asked.body, ensure_ascii=False), self.planted)
        for word in sorted(words - sight.words):
            whose = self.planted.words.get(word)
            self.faults.append(f"{by} {name} {asked.path}: {word} of {whose}")
        if by != "boss":
            asked_for = numbers_in(f"{asked.path} {asked.body}", self.planted)
            for number in sorted(numbers_in(got.said, self.planted) - sight.numbers - asked_for):
                self.faults.append(f"{by} {name} {asked.path}: the number {number}")

    async def like_never(self, by: str, asked: Asked, got: Got) -> None:
        """What is outside is answered with the same bytes as what was never there."""
        never = await self.ask(by, asked, asked.never)
        if (got.status, got.headers, got.raw) != (never.status, never.headers, never.raw):
            self.faults.append(
                f"{by} {asked.path}: {got.status} {got.raw[:200]!r}, and what never was: "
                f"{never.status} {never.raw[:200]!r}"
            )
        if got.status < 300:
            self.faults.append(f"{by} {asked.path}: {got.status} for what is outside")

    def outside(self, asked: Asked, sight: Sight) -> bool:
        """Whether the path names what this account must not know of."""
        if asked.of is None:
            return False
        kind, name = asked.of
        if kind in ("case", "report"):
            return name not in sight.numbers
        return not any(
            owner[0] == kind and owner[1] == name and word in sight.words
            for word, owner in self.planted.words.items()
        )


def is_reading(endpoint: Endpoint) -> bool:
    return endpoint.method == "GET" or endpoint.handler.__name__ in SEARCHES


async def digest(engine: AsyncEngine) -> dict[str, str]:
    """What all tables hold, except what a look leaves: the audit, log-ins and that it was seen."""
    passed = ("audit", "sessions", "hops", "answer_misses")
    async with engine.connect() as connection:
        names = await connection.scalars(
            text("select tablename from pg_tables where schemaname = 'public' order by 1")
        )
        found = {}
        for name in [each for each in names if each not in passed]:
            rows = "string_agg(t::text, chr(10) order by t::text)"
            asked = text(f"select md5(coalesce({rows}, '')) from \"{name}\" t")
            found[name] = str(await connection.scalar(asked))
        return found


@pytest.fixture
async def fuzz(office: Office, engine: AsyncEngine) -> AsyncIterator[Fuzz]:
    planted = await plant(office, engine)
    asking = Asking(planted, random.Random(SEED))
    async with engine.connect() as connection:
        asking.misses = list(await connection.scalars(text("select id from answer_misses")))
    yield Fuzz(office, engine, planted, asking)


async def test_every_endpoint_is_in_the_list(office: Office) -> None:
    """A new one cannot be forgotten: its path and its body must be known here."""
    asking = Asking(Planted(office), random.Random(SEED))
    asking.planted.cases, asking.planted.reports = ["1"], ["1"]
    asking.planted.rounds, asking.planted.answers, asking.misses = [1], [1], [1]
    names, bodies = asking.names(), asking.bodies()
    features = office.house.serving.features
    endpoints = [each for f in features for each in f.feature.endpoints.all]
    assert len(endpoints) > 150
    for endpoint in endpoints:
        name = endpoint.handler.__name__
        if endpoint.tag in FLOOR_TAGS:
            continue  # those of the phone floor: tests/integration/test_api_roles.py
        assert set(endpoint.path_names()) <= set(names), f"{name}: a path that nobody asks for"
        if endpoint.body is not None:
            assert endpoint.body.__name__ in bodies, f"{name}: a body that nobody sends"
    assert set(LEFT_OUT) <= {each.handler.__name__ for each in endpoints}
    used = {each.body.__name__ for each in endpoints if each.body is not None}
    assert set(bodies) <= used, "what is listed is there"
    assert check_digit(NEVER_CASE) == 0, "refused as not there, not as not right"


@pytest.mark.timeout(900)
async def test_14_1_no_role_is_told_anything_from_outside_its_scope(
    fuzz: Fuzz, engine: AsyncEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every account reads everything it can think of; whoever is outside cannot change it either;
    and at last everybody does what comes to mind."""
    began = time.monotonic()
    async with listening(fuzz) as heard:
        await who_may_reads_all(fuzz)
        assert not fuzz.faults, "\n".join(fuzz.faults[:20])
        await everybody_reads(fuzz)
        assert not fuzz.faults, "\n".join(fuzz.faults[:20])
        await nobody_outside_changes(fuzz)
        assert not fuzz.faults, "\n".join(fuzz.faults[:20])
        untold = {w for w in fuzz.planted.words if not w.isdigit()} - fuzz.found
        kinds = Counter(fuzz.planted.words[word] for word in untold)
        del kinds["in call",]
        assert not kinds, f"nobody was told these: the look would not have found them: {kinds}"
        await everybody_does_anything(fuzz)
        assert not fuzz.faults, "\n".join(fuzz.faults[:20])
        await mails_tell_only_their_receivers(fuzz)
        await asyncio.sleep(0.3)
    assert heard, "the live feed was heard"
    said = "\n".join(heard)
    assert not words_in(said, fuzz.planted), "the live feed"
    assert not numbers_in(said, fuzz.planted), "the live feed"
    nobody_else_is_told(fuzz)
    logged = "".join(capfd.readouterr())
    assert not words_in(logged, fuzz.planted), sorted(words_in(logged, fuzz.planted))
    print(f"{sum(fuzz.statuses.values())} requests in {time.monotonic() - began:.0f} s")


async def who_may_reads_all(fuzz: Fuzz) -> None:
    """Each thing that a path can name, so that all that was planted is seen by somebody."""
    for by in ("supervisor-p33", "supervisor-p34", "central-moi", "sup"):
        sight = await sight_of(fuzz.planted, fuzz.engine, by)
        for endpoint in fuzz.endpoints:
            if is_reading(endpoint) and endpoint.handler.__name__ not in LEFT_OUT:
                for asked in fuzz.asking.all_of(endpoint):
                    fuzz.judge(by, asked, await fuzz.ask(by, asked), sight)


async def everybody_reads(fuzz: Fuzz) -> None:
    for by in (*ACCOUNTS, *FLOOR):
        sight = await sight_of(fuzz.planted, fuzz.engine, by)
        for endpoint in fuzz.endpoints:
            if not is_reading(endpoint) or endpoint.handler.__name__ in LEFT_OUT:
                continue
            for _ in range(TRIES if endpoint.tag not in FLOOR_TAGS else 1):
                asked = fuzz.asking.one(endpoint)
                got = await fuzz.ask(by, asked)
                fuzz.judge(by, asked, got, sight)
                if asked.never and fuzz.outside(asked, sight):
                    await fuzz.like_never(by, asked, got)
        await counts_are_of_ones_own(fuzz, by, sight)


async def counts_are_of_ones_own(fuzz: Fuzz, by: str, sight: Sight) -> None:
    """A sum or the length of a list tells of what is not shown, too."""
    if by in FLOOR:
        return
    office, mine = fuzz.office, {*fuzz.planted.cases} & sight.numbers
    listed = (await office.get(by, "cases?limit=500")).body["cases"]
    assert {each["case"] for each in listed} == mine, by
    is_open = sum(each["state"] not in ("closed", "duplicate", "withdrawn") for each in listed)
    holders = (await office.get(by, "case-ageing")).body["holders"]
    assert sum(row["cases"] for row in holders) == is_open, by
    lines = (await office.get(by, "case-list/csv")).body.strip().splitlines()
    assert len(lines) == len(mine) + 1, (by, lines)
    for told in (await office.get(by, "report-rounds")).body["rounds"]:
        assert told["expected"] == len(told["units"]) == sum(told["states"].values()), by


async def nobody_outside_changes(fuzz: Fuzz) -> None:
    before = await digest(fuzz.engine)
    accounts = [*ACCOUNTS, "op", "sup"]
    for endpoint in fuzz.endpoints:
        if is_reading(endpoint) or fuzz.asking.one(endpoint).of is None:
            continue
        tried = 0
        for by in fuzz.asking.rng.sample(accounts, len(accounts)):
            asked = fuzz.asking.one(endpoint)
            sight = await sight_of(fuzz.planted, fuzz.engine, by)
            if not fuzz.outside(asked, sight):
                continue
            got = await fuzz.ask(by, asked)
            fuzz.judge(by, asked, got, sight)
            await fuzz.like_never(by, asked, got)
            tried += 1
            if tried == 2 * TRIES:
                break
    after = await digest(fuzz.engine)
    assert {name for name in before if before[name] != after[name]} == set()


async def everybody_does_anything(fuzz: Fuzz) -> None:
    """Whatever is possible is done, and scopes move with it."""
    rng, planted = fuzz.asking.rng, fuzz.planted
    doing = [
        each
        for each in fuzz.endpoints
        if each.tag not in FLOOR_TAGS
        and not is_reading(each)
        and each.handler.__name__ not in ("add_unit", "change_unit", "add_units_of_thailand")
    ]
    done = Counter[str]()
    for _ in range(RANDOM_STEPS):
        by, endpoint = rng.choice(ACCOUNTS), rng.choice(doing)
        async with fuzz.engine.connect() as connection:
            rows = await connection.execute(text("select number, version from documents"))
            fuzz.asking.versions = {row.number: row.version for row in rows}
        asked = fuzz.asking.one(endpoint)
        was = await sight_of(planted, fuzz.engine, by)
        got = await fuzz.ask(by, asked)
        now = await sight_of(planted, fuzz.engine, by)
        either = Sight(was.numbers | now.numbers, was.words | now.words)
        fuzz.judge(by, asked, got, either)
        if got.status < 300:
            done[endpoint.handler.__name__] += 1
            assert fuzz.office.books is not None
            faults = await fuzz.office.books.faults(fuzz.office.house.hands.wall())
            assert not faults, (by, asked.path, asked.body, faults)
        if got.status == 201 and endpoint.handler.__name__ in ("create_case", "refer_in"):
            made = json.loads(got.raw)["case"]["case"]
            if made not in planted.cases:
                planted.cases.append(made)
    assert len(done) >= 8, f"too little was possible: {done}"


async def mails_tell_only_their_receivers(fuzz: Fuzz) -> None:
    """Reminders, and reports to a round's address."""
    house, planted = fuzz.office.house, fuzz.planted
    for unit in ("p33", "p34", "moi"):
        units = (await house.shared.units.units()).by_id[unit]
        changed = type(units)(
            **{
                **{name: getattr(units, name) for name in units.__slots__},
                "email": f"{unit}@moi.example",
            }
        )
        assert await house.shared.units.change_unit(changed)
    with mail_server(Took(), PORT) as took:
        for moment in ("2026-12-01T19:00", "2026-12-02T07:00", "2026-12-02T09:00"):
            fuzz.office.at(moment)
            for _ in range(4):
                await posting(fuzz.office, PORT).turn(house.hands.wall())
    receivers = {mail.rcpt_tos[0] for mail in took.mails}
    assert {"all@moi.example", "p34@moi.example"} <= receivers, receivers
    for mail in took.mails:
        to = mail.rcpt_tos[0].partition("@")[0]
        by = "central-moi" if to == "all" else f"supervisor-{to}"
        sight = await sight_of(planted, fuzz.engine, by)
        assert mail.content is not None
        raw = mail.content if isinstance(mail.content, bytes) else mail.content.encode()
        said = mail_text(raw)
        strange = words_in(said, planted) - sight.words
        assert not strange, (to, [planted.words.get(word) for word in strange])
        assert not numbers_in(said, planted) - sight.numbers, to


def mail_text(raw: bytes) -> str:
    """All that a mail program shows of a mail, with its files."""
    from email import message_from_bytes
    from email.policy import default

    message = message_from_bytes(raw, policy=default)
    said = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if not part.is_multipart():
            said.append(f"{part.get_filename()}")
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            said.append(readable(part.get_content_type(), body))
    return "\n".join(said)


def nobody_else_is_told(fuzz: Fuzz) -> None:
    """Labels of metrics."""
    samples = [
        f"{series.name} {series.help} {read()}"
        for mounted in fuzz.office.house.serving.features
        for series, read in mounted.metrics.items()
    ]
    said = "\n".join(samples)
    assert not words_in(said, fuzz.planted), "labels of metrics"
    assert not numbers_in(said, fuzz.planted), "labels of metrics"


class listening:  # noqa: N801 - it is used like a function
    """Somebody of the floor hears the live feed for the whole time."""

    def __init__(self, fuzz: Fuzz) -> None:
        self._fuzz = fuzz
        self._heard: list[str] = []

    async def __aenter__(self) -> list[str]:
        house = self._fuzz.office.house
        headers = {"Authorization": f"Bearer {house.tokens['op']}"}
        self._socket = await house.http.ws_connect(f"{house.url}{API}/live", headers=headers)
        self._task = asyncio.create_task(self._hear())
        return self._heard

    async def _hear(self) -> None:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._heard.append(message.data)

    async def __aexit__(self, *why: object) -> None:
        await self._socket.close()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.mark.timeout(300)
async def test_14_1_what_is_outside_takes_as_long_as_what_never_was(fuzz: Fuzz) -> None:
    """The medians of requests that take turns: who measures learns nothing."""
    endpoints = {each.handler.__name__: each for each in fuzz.endpoints}
    by, case, report = "supervisor-p34", fuzz.planted.cases[0], fuzz.planted.reports[0]
    pairs = {
        "show_case": (f"{API}/cases/{case}", f"{API}/cases/{NEVER_CASE}"),
        "show_persons": (f"{API}/cases/{case}/persons", f"{API}/cases/{NEVER_CASE}/persons"),
        "list_case_files": (f"{API}/cases/{case}/files", f"{API}/cases/{NEVER_CASE}/files"),
        "one_report": (f"{API}/reports/{report}", f"{API}/reports/{NEVER_REPORT}"),
    }
    for name, (there, never) in pairs.items():
        took: dict[str, list[float]] = {there: [], never: []}
        for _ in range(60):
            for path in (there, never):
                began = time.perf_counter()
                got = await fuzz.ask(by, Asked(endpoints[name], path, None))
                took[path].append(time.perf_counter() - began)
                assert got.status == 404, (name, got.said)
        a, b = (statistics.median(took[path][5:]) for path in (there, never))
        assert abs(a - b) < 0.5 * min(a, b) + 0.002, f"{name}: {a:.4f} s, never there {b:.4f} s"
