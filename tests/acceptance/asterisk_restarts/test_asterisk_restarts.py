"""`callcenter asterisk restart`: everybody has the time given, and is told."""

import asyncio

from tests.hotline import Hotline
from tests.people import Caller, until
from tests.people.phone import answers

BACK_SECONDS = 60.0


class Command:
    """The command, and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def begins(cls, hotline: Hotline, *options: str) -> "Command":
        return cls(await hotline.service.command("asterisk", "restart", *options))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().rstrip())

    async def says(self, text: str, within: float = 20) -> None:
        await until(lambda: text in "\n".join(self.lines), within=within, but=lambda: self.lines)

    async def ends(self, within: float = BACK_SECONDS) -> int:
        async with asyncio.timeout(within):
            status = await self._process.wait()
        await self._reading
        return status


def started(hotline: Hotline) -> str:
    return hotline.asterisk.get("/asterisk/info")["status"]["startup_time"]


async def is_turned_away(hotline: Hotline, caller: Caller) -> None:
    """Hears why, and the record says that it was not the caller."""
    await caller.is_gone(within=15)
    assert caller.ended_by == "far end"
    spoken = caller.heard(caller.answered_at).shares
    assert spoken.get("silence", 0.0) < 0.9, f"nothing was said: {spoken}"


async def outcome(hotline: Hotline, caller: Caller) -> tuple[object, object]:
    record = await hotline.record(caller, within=20)
    return record["outcome"], record["reason"]


async def test_those_inside_are_served_and_those_outside_told(hotline: Hotline) -> None:
    before = started(hotline)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", habit=answers(0.1))
    await hotline.pause("malee")
    talking = await hotline.calls("1567")
    await talking.comes_to_hear(somchai.voice, within=5)
    waiting = await hotline.calls("1567")
    await hotline.in_line("damrong", waiting)

    command = await Command.begins(hotline, "--within", "120")
    await command.says("1 wait, 1 talk")
    late = await hotline.calls("1567")
    await is_turned_away(hotline, late)
    assert await outcome(hotline, late) == ("rejected", "restart")
    assert "about to be restarted" in str(hotline.service.readiness())

    await hotline.resume("malee")
    await waiting.comes_to_hear(malee.voice, within=5)
    await talking.comes_to_hear(somchai.voice, within=5)
    talking.hang_up()
    await command.says("0 wait, 1 talk")
    assert started(hotline) == before
    waiting.hang_up()
    assert await command.ends() == 0, command.lines
    assert "takes calls again" in command.lines[-1]
    assert started(hotline) != before
    assert await outcome(hotline, talking) == await outcome(hotline, waiting) == ("answered", "")

    await hotline.service.is_whole()
    await until(lambda: is_ready(hotline, "somchai", "malee"), within=BACK_SECONDS)
    newcomer = await hotline.calls("1567")
    await until(lambda: newcomer.hears(somchai.voice) or newcomer.hears(malee.voice), within=10)
    newcomer.hang_up()
    audit = await hotline.api.ask("GET", "/audit?limit=50")
    asked = [entry for entry in audit["entries"] if entry["action"] == "asterisk.restart_asked"]
    assert asked[0]["details"] == {"seconds": 120}


async def is_ready(hotline: Hotline, *names: str) -> bool:
    return all([await hotline.api.state(name) == "available" for name in names])


async def test_at_the_limit_all_are_let_go_and_it_was_nobody(hotline: Hotline) -> None:
    before = started(hotline)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talking = await hotline.calls("1567")
    await talking.comes_to_hear(somchai.voice, within=5)
    waiting = await hotline.calls("1567")
    await hotline.in_line("damrong", waiting)
    command = await Command.begins(hotline, "--within", "3")
    await is_turned_away(hotline, waiting)
    await talking.is_gone(within=10)
    assert await command.ends() == 0, command.lines
    assert started(hotline) != before
    assert await outcome(hotline, waiting) == ("failed", "restart")
    record = await hotline.record(talking, within=20)
    assert (record["outcome"], record["ended_by"]) == ("answered", "lost")
    assert record["end_reason"] == "restart"


async def test_it_can_be_called_off(hotline: Hotline) -> None:
    before = started(hotline)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.pause("somchai")
    waiting = await hotline.calls("1567")
    await hotline.in_line("damrong", waiting)
    command = await Command.begins(hotline, "--within", "600")
    await command.says("1 wait, 0 talk")
    off = await Command.begins(hotline, "--cancel")
    assert await off.ends() == 0, off.lines
    assert await command.ends() == 1, "it came to nothing"
    second = await hotline.calls("1567")
    await hotline.in_line("damrong", waiting, second)
    await hotline.resume("somchai")
    await waiting.comes_to_hear(somchai.voice, within=5)
    assert started(hotline) == before
    again = await Command.begins(hotline, "--cancel")
    assert await again.ends() == 1 and "No restart" in again.lines[-1]


async def test_now_means_now(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    talking = await hotline.calls("1567")
    await talking.comes_to_hear(somchai.voice, within=10)
    command = await Command.begins(hotline, "--within", "600")
    await command.says("0 wait, 1 talk")
    hurried = await Command.begins(hotline, "--now")
    await talking.is_gone(within=10)
    assert await command.ends() == await hurried.ends() == 0, hurried.lines
    await hotline.service.is_whole()
    await hotline.api.is_in("somchai", "available", within=BACK_SECONDS)
    newcomer = await hotline.calls("1567")
    await newcomer.comes_to_hear(somchai.voice, within=10)
