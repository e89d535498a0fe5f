"""`python -m tests.demo`: see the package. Ctrl-C ends it early and tidies up.

Settings, all optional, are those of `make run` (CALLCENTER_WEB_PORT, CALLCENTER_SIP_PORT,
CALLCENTER_SIP_ADDRESS, CALLCENTER_DATA_DIR), or CALLCENTER_DEMO_URL and CALLCENTER_DEMO_SIP
(address:port) for one that runs with others.
"""

import asyncio
import contextlib
import os
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from tests.demo.left import Left, records
from tests.demo.lived import lived
from tests.demo.script import CITIZENS, LONGEST_SECONDS, WORKERS
from tests.demo.stage import Call, Desk, queues_of
from tests.demo.told import HEAD, differences, matched, row
from tests.hotline.api import Api, Refused

SETTLE_SECONDS = 10.0


class NoCallCentre(Exception):
    """Nothing to play against; the message says what to do."""


def main() -> int:
    """The exit status: 0 when the service tells of every call what was lived."""
    env = os.environ
    url = env.get("CALLCENTER_DEMO_URL", f"http://127.0.0.1:{env.get('CALLCENTER_WEB_PORT', 8080)}")
    address = (
        f"{env.get('CALLCENTER_SIP_ADDRESS', '127.0.0.1')}:{env.get('CALLCENTER_SIP_PORT', 5060)}"
    )
    host, _, port = env.get("CALLCENTER_DEMO_SIP", address).rpartition(":")
    token = Path(env.get("CALLCENTER_DATA_DIR", "var")) / "secrets" / "cli-token"
    try:
        if not token.exists():
            raise NoCallCentre(
                f"No call centre has run here: there is no {token}. Start one with `make run` in "
                "another terminal, or set CALLCENTER_DATA_DIR to that of the one that runs."
            )
        return asyncio.run(play(url.rstrip("/"), (host, int(port)), token))
    except NoCallCentre as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


async def play(url: str, sip: tuple[str, int], token: Path) -> int:
    """The whole demo."""
    async with Api(url, token) as api:
        site = await _find(api, token)
        desks = [Desk(api, worker) for worker in WORKERS]
        calls = [Call(citizen, desks) for citizen in CITIZENS]
        left = Left(token.parent.parent, [call.number for call in calls])
        left.write()
        try:
            for desk in desks:
                await desk.opens(sip, queues_of(site, desk.worker.dids))
            print(f"{len(desks)} operators have their phones; {len(calls)} citizens call now")
            await _perform(api, desks, calls, sip, left)
            found = await _records(api, left.began, len(calls))
        finally:
            for call in calls:
                call.caller.hang_up()
            for desk in desks:
                await desk.closes()
            for call in calls:
                call.caller.close()
            with contextlib.suppress(Refused, aiohttp.ClientError, TimeoutError):
                await _mark(api, calls, left)
    return _report(calls, desks, site, found)


async def _find(api: Api, token: Path) -> dict[str, Any]:
    """The site of the running call centre. NoCallCentre when there is none."""
    try:
        site: dict[str, Any] = await api.ask("GET", "/site")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NoCallCentre(
            f"Nothing answers at {api.url}. Start the call centre with `make run` in another "
            "terminal, or set CALLCENTER_WEB_PORT (or CALLCENTER_DEMO_URL) to where it is."
        ) from error
    except Refused as error:
        raise NoCallCentre(
            f"{api.url} does not accept the token of {token}: set CALLCENTER_DATA_DIR to the "
            "directory of the call centre that runs there."
        ) from error
    return site


async def _perform(
    api: Api, desks: list[Desk], calls: list[Call], sip: tuple[str, int], left: Left
) -> None:
    """Everybody plays; returns when the last call is over."""
    loop = asyncio.get_running_loop()
    work = [loop.create_task(desk.works()) for desk in desks]
    acts = [loop.create_task(call.goes(sip)) for call in calls]
    show = loop.create_task(_show(api, calls, left))
    try:
        _, late = await asyncio.wait(acts, timeout=LONGEST_SECONDS)
        for task in late:
            task.cancel()
        for task in acts:
            if not task.cancelled() and task.done() and task.exception():
                print(f"  a citizen stumbled: {task.exception()}")
    finally:
        for task in (*work, *acts, show):
            task.cancel()
        await asyncio.gather(*work, *acts, show, return_exceptions=True)


async def _show(api: Api, calls: list[Call], left: Left) -> None:
    """One line every two seconds, and what is over is marked: who knows how this demo ends. Until
    cancelled."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        await asyncio.sleep(2)
        await left.mark(api)
        queues = (await api.ask("GET", "/queues"))["queues"]
        found = (await api.ask("GET", "/operators"))["operators"]
        demo = [one for one in found if one["operator"].startswith("demo-")]
        states = Counter("/".join(filter(None, (o["state"], o["reason"]))) for o in demo)
        oldest = max(queue["oldest_wait_seconds"] for queue in queues)
        print(
            f"  {loop.time() - began:4.0f} s   waiting {sum(q['waiting'] for q in queues):2}"
            f" (longest {oldest:3.0f} s)   over {sum(c.caller.is_over for c in calls):2}"
            f"   operators: {', '.join(f'{n} {state}' for state, n in sorted(states.items()))}",
            flush=True,
        )


async def _records(api: Api, began: datetime, expected: int) -> list[dict[str, Any]]:
    """The service's records of these minutes, once all are finished."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    while True:
        calls = await records(api, began)
        finished = [call for call in calls if call["ended_at"]]
        if len(finished) >= expected or loop.time() > deadline:
            return calls
        await asyncio.sleep(0.5)


async def _mark(api: Api, calls: list[Call], left: Left) -> None:
    """Tell the service which calls were the demo's, also when it ends early."""
    placed = [call for call in calls if call.caller.dialled_at]
    await _records(api, left.began, len(placed))
    marked = await left.end(api)
    former = f", with those of one before that was killed, {marked}" if marked > len(placed) else ""
    told = f"{min(marked, len(placed))} of {len(placed)} calls{former}"
    print(f"\n{told} are marked as the demo's: no report counts them.")
    print("`callcenter call remove-demo` removes them; metrics of these minutes keep their counts.")


def _report(
    calls: list[Call], desks: list[Desk], site: dict[str, Any], records: list[dict[str, Any]]
) -> int:
    """Print the table; 0 when nothing differs."""
    print(f"\n{HEAD}\n{'-' * len(HEAD)}")
    wrong = 0
    for call, record in zip(calls, matched(calls, records), strict=True):
        experience = lived(call, desks, site)
        print(row(call, experience, record))
        wrong += bool(differences(experience, record))
    outcomes = Counter(record["outcome"] for record in records)
    print(f"\nplaced {len(calls)}, recorded {len(records)}: {dict(outcomes)}")
    print("what the service tells is what was lived" if not wrong else f"{wrong} calls differ")
    return 1 if wrong or len(records) != len(calls) else 0


if __name__ == "__main__":
    sys.exit(main())
