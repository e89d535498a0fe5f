"""The demo's people on the wire: operators who work, citizens who call."""

import asyncio
import contextlib
import random
from typing import Any

from tests.demo.script import Citizen, Manner, Worker
from tests.hotline.api import Api, Refused
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import Habit, answers, ignores
from tests.people.phone_call import PhoneCall


class Desk:
    """One operator of the demo, with a phone and somebody who presses the buttons."""

    def __init__(self, api: Api, worker: Worker) -> None:
        self.worker, self._api = worker, api
        self.phone = OperatorPhone(worker.id, habit=_habit(worker))

    async def opens(self, sip: tuple[str, int], queues: list[str]) -> None:
        """The operator is added, the phone registers."""
        with contextlib.suppress(Refused):  # left over by a demo that was killed
            await self._api.ask("DELETE", f"/operators/{self.worker.id}")
        card = {"operator": self.worker.id, "name": self.worker.name, "queues": queues}
        answer = await self._api.ask("POST", "/operators", {**card, "account": False})
        self.phone.secret = answer["sip_secret"]
        await self.phone.registers(at=sip, within=10)

    async def works(self) -> None:
        """Log in at the right time; after each call take notes, then say so. Until cancelled."""
        await asyncio.sleep(self.worker.begins_at)
        await self._api.ask("POST", f"/operators/{self.worker.id}/log-in", {})
        while True:
            await asyncio.sleep(0.5)
            found = await self._api.operator(self.worker.id)
            if found["state"] == "wrapup" and found["state_seconds"] >= self.worker.notes_seconds:
                await self._api.ask("POST", f"/operators/{self.worker.id}/resume")

    async def closes(self) -> None:
        """The operator goes home and is removed again."""
        self.phone.hang_up()
        with contextlib.suppress(Refused):
            await self._api.ask("DELETE", f"/operators/{self.worker.id}")
        self.phone.close()


def _habit(worker: Worker) -> Habit:
    if worker.manner is Manner.NEVER_ANSWERS:
        return ignores()
    if worker.manner is Manner.ANSWERS:
        return answers(worker.after_seconds)

    def declines_once(phone: OperatorPhone, call: PhoneCall) -> None:
        call.refuse(603, "Decline")
        phone.habit = answers(worker.after_seconds)

    return declines_once


class Call:
    """One citizen's call, as it is lived."""

    def __init__(self, citizen: Citizen, desks: list[Desk]) -> None:
        self.citizen = citizen
        self.number = f"08{random.randrange(10**7, 10**8)}"
        header = citizen.from_header
        self.caller = Caller(
            number=self.number, from_header=header and header.format(number=self.number)
        )
        self._desks = desks

    async def goes(self, sip: tuple[str, int]) -> None:
        """Dial at the right time, wait, talk, hang up; returns when the call is over."""
        await asyncio.sleep(self.citizen.at)
        await self.caller.dials(self.citizen.did, at=sip)
        with contextlib.suppress(AssertionError):
            await self.caller.is_answered(within=10)
        impatience = asyncio.get_running_loop().call_later(
            self.citizen.patience_seconds, self.caller.hang_up
        )
        if self.citizen.hangs_up_on_ringing:
            await until(lambda: self.caller.is_over or self._rung(), within=120)
            self.caller.hang_up()
        await until(lambda: self.caller.is_over or self.operator(), within=300)
        impatience.cancel()
        if not self.caller.is_over:
            self.caller.hangs_up_after(self.citizen.talk_seconds)
            await self.caller.is_gone(within=60)

    def operator(self) -> Desk | None:
        """Whose voice is heard, now."""
        return next((d for d in self._desks if self.caller.hears(d.phone.voice)), None)

    def _rung(self) -> bool:
        """Some phone rings that began to ring after this citizen called."""
        began = self.caller.answered_at
        rings = [desk.phone.now for desk in self._desks if desk.phone.rings]
        return any(call is not None and call.rang_at > began > 0 for call in rings)


def queues_of(site: dict[str, Any], dids: tuple[str, ...]) -> list[str]:
    """The queues behind these numbers; all of the site for none."""
    chosen = [line["queue"] for line in site["lines"] if not dids or set(dids) & set(line["dids"])]
    return list(dict.fromkeys(chosen))
