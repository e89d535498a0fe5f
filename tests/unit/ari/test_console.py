"""Asterisk's console socket: what is said there, and what when nobody may."""

import asyncio
import json
import tempfile
from pathlib import Path

import pytest

from callcenter.ari import rest
from callcenter.ari.console import COMMAND, AsteriskConsole
from callcenter.core.ids import THE_NODE
from callcenter.runtime.restart import RestartRefusedError

CHANNEL = {
    "state": "Up",
    "caller": {"number": ""},
    "dialplan": {"app_name": "", "app_data": ""},
    "creationtime": "",
}


def console(folder: Path, *, status: int = 200, body: str = "[]") -> AsteriskConsole:
    async def ask(request: rest.Request) -> rest.Response:
        return rest.Response(status=status, body=body)

    return AsteriskConsole(folder / "etc", ask, THE_NODE)


async def test_restart_now_is_said_and_the_end_waited_for(tmp_path: Path) -> None:
    said: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"vm/1/22.10.1\n")
        said.append(await reader.readuntil(b"\0"))
        writer.close()

    deep = tmp_path / ("deep" * 40)  # longer than a socket's path may be
    (deep / "run").mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="ctl-") as near:
        server = await asyncio.start_unix_server(listen, path=f"{near}/ctl")
        (deep / "run" / "asterisk.ctl").symlink_to(f"{near}/ctl")
        await console(deep).restart()
        server.close()
    assert said == [COMMAND]


async def test_without_the_socket_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RestartRefusedError, match="core restart now"):
        await console(tmp_path).restart()


async def test_callers_are_all_but_the_legs_we_made(tmp_path: Path) -> None:
    names = ("cc-1.1", "offer-1-cc-1.1", "line-1-somchai", "cc-2.1")
    body = json.dumps([{"id": name, **CHANNEL} for name in names])
    assert await console(tmp_path, body=body).callers() == 2


@pytest.mark.parametrize(("status", "body"), [(500, ""), (0, ""), (200, "?")])
async def test_an_asterisk_that_does_not_say_has_unknown_callers(
    tmp_path: Path, status: int, body: str
) -> None:
    assert await console(tmp_path, status=status, body=body).callers() is None
