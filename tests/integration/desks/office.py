"""People at desks, for tests: who is where, and what they do with a case through the API."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from callcenter.desks.shared.thai import BANGKOK
from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.desks.shared.units import DeskRole, Grant
from callcenter.ports.people import Role
from tests.integration.desks.books import Books
from tests.integration.house import Answer, House

API = "/api/v1"
CLI = "command-line"
PEOPLE = {
    "gcc": ("referrer", "gcc1111"),  # of the government's contact centre
    "somsri": ("supervisor", "moi"),  # of the ministry's Damrongdham centre
    "central": ("central", "moi"),
    "viewer": ("viewer", "moi"),
    "wichai": ("supervisor", "p33"),  # Damrongdham director of Sisaket
    "malee": ("operator", "p33"),
    "admin33": ("province_admin", "p33"),
    "nok": ("officer", "d3307"),  # of Prang Ku district
    "dao": ("officer", "d3306"),  # of another district
    "ubon": ("supervisor", "p34"),  # of another province
    "nobody": None,  # an account without any grant
}
UNITS = ("gcc1111", "moi", "p33", "d3306", "d3307", "p34")


@dataclass(slots=True)
class Office:
    """All of them, and the moment in which they act. The invariants are asked after each change."""

    house: House
    books: Books | None = None

    async def open(self) -> None:
        """Accounts and grants, and the offices that the stories need, as they are since 2560."""
        began = date(2017, 1, 1)
        units = [each for each in units_of_thailand(began) if each.id in UNITS]
        await self.house.shared.units.add_units(units)
        for name, held in PEOPLE.items():
            await self.house.account(name, Role.OFFICER)
            self.house.tokens[name] = ""
            if held is not None:
                role, unit = DeskRole(held[0]), held[1]
                grant = Grant(id=0, account=name, role=role, unit=unit, since=began, until=None)
                await self.house.shared.units.give(grant, CLI, self.house.hands.wall())

    def at(self, moment: str, *, still: bool = False) -> datetime:
        """It is this moment in Bangkok, until it is moved again. `still`: and stays it."""
        now = datetime.fromisoformat(moment).replace(tzinfo=BANGKOK)
        self.house.hands.still = now if still else None
        self.house.hands.moved_seconds = 0.0
        self.house.hands.moved_seconds = (now - self.house.hands.wall()).total_seconds()
        return now

    async def ask(self, method: str, by: str, path: str, body: object = None) -> Answer:
        """One request. Who is not logged in, or no more, logs in first."""
        answer = await self.house.ask(method, f"{API}/{path}", body, by=by)
        if answer.status == 401:
            self.house.tokens[by] = (await self.house.log_in(by)).body["token"]
            answer = await self.house.ask(method, f"{API}/{path}", body, by=by)
        if self.books is not None and method != "GET" and answer.status < 300:
            faults = await self.books.faults(self.house.hands.wall())
            assert not faults, (method, path, faults)
        return answer

    async def post(self, by: str, path: str, body: object) -> Answer:
        return await self.ask("POST", by, path, body)

    async def get(self, by: str, path: str) -> Answer:
        return await self.ask("GET", by, path)

    async def do(self, by: str, case: str, action: str, **body: Any) -> Answer:
        """An action on the case as it is now."""
        if "version" not in body:
            body["version"] = 1
            with suppress(KeyError, TypeError):
                body["version"] = (await self.get(by, f"cases/{case}")).body["version"]
        return await self.post(by, f"cases/{case}/{action}", body)

    async def must(self, by: str, case: str, action: str, **body: Any) -> dict[str, Any]:
        """An action that is possible; the case as it is then."""
        answer = await self.do(by, case, action, **body)
        assert answer.status == 200, (action, answer.body)
        told: dict[str, Any] = answer.body
        return told


COMPLAINT: dict[str, Any] = {
    "type": "complaint",
    "topic": "covid",
    "area": "ตำบลกู่  อำเภอปรางค์กู่",
    "facts": "มีผู้เดินทางจากพื้นที่เสี่ยงเข้ามาในหมู่บ้าน และไม่ได้กักตัว",
    "people_concerned": 7,
    "allegations": ["เดินทางมาจากพื้นที่เสี่ยง", "ไม่ได้กักตัว"],
    "persons": [{"role": "complainant", "name": "สมหญิง ใจดี", "phone": "081-234-5678"}],
}
FINDINGS = [
    {"n": 1, "conclusion": "substantiated"},
    {"n": 2, "conclusion": "remedied", "note": "กักตัวแล้ว"},
]
