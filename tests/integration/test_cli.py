"""The command line as a person types it, against a running service, and without one."""

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.cli.sip_place import SipPlace
from callcenter.config import Settings
from callcenter.hosting.asterisk_files import AsteriskSettings, write_instance
from callcenter.hosting.stack_settings import HOSTING_ONLY, StackSettings
from callcenter.ports.people import Role
from callcenter.runtime.journal import Journal
from tests.integration.house import PASSWORD, TOKEN, House, opened
from tests.unit.config.test_site_file import GOOD


@dataclass
class Said:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str


async def callcenter(*words: str, typed: str = "", **settings: str) -> Said:
    """Run `callcenter …` with these settings and no others."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CALLCENTER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callcenter",
        *words,
        env={**clean, **{f"CALLCENTER_{k}": v for k, v in settings.items()}, "TZ": "UTC"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(typed.encode())
    assert b"Traceback" not in err, err.decode()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        secrets = tmp_path / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "cli-token").write_text(TOKEN)
        (secrets / "cli-token").chmod(0o600)
        yield house


def of(house: House) -> dict[str, str]:
    return {
        "DATA_DIR": str(house.directory),
        "WEB_PORT": str(house.shared.settings.web_port),
        "SITE_FILE": str(house.directory / "site.toml"),
    }


async def test_a_supervisor_s_morning(house: House) -> None:
    where = of(house)
    added = await callcenter("operator", "add", "somchai", "--name", "สมชาย ใจดี", **where)
    assert re.search(r"SIP user: +op-somchai\n", added.out)
    secret = re.search(r"SIP password: +(\S+)\n", added.out)
    assert secret is not None
    assert secret[1] == house.phones.told[-1][0].secret
    assert "one-time password:" in added.out
    assert re.search(r"SIP server: +127\.0\.0\.1, port 5060, UDP\n", added.out)
    assert "CALLCENTER_SIP_ADDRESS" in added.err
    came = await callcenter("operator", "login", "somchai", "--queue", "gcc", **where)
    assert came.out == "somchai is available\n"
    paused = await callcenter("operator", "pause", "somchai", "--reason", "lunch", **where)
    assert paused.out == "somchai is paused\n"
    await house.caller("c1")
    listed = await callcenter("operator", "list", **where)
    assert re.search(r"somchai +สมชาย ใจดี +paused \(lunch\) +\d+ +gcc", listed.out)
    queues = await callcenter("queue", "list", **where)
    assert re.search(r"damrong +damrong +1 +\d+ +0 +0", queues.out)
    calls = await callcenter("queue", "calls", "damrong", **where)
    assert re.search(r"1 +08x-xxx-5678 +1567", calls.out)
    moved = await callcenter("call", "priority", "c1", "9", **where)
    assert moved.out == "c1 has priority 9, place 1\n"
    watched = await callcenter("queue", "watch", "--times", "1", **where)
    assert "somchai" in watched.out
    words = ("--name", "สมชาย ใจเย็น", "--contact", "sip:192.0.2.7", "--queue", "damrong")
    assert (await callcenter("operator", "change", "somchai", *words, **where)).out == ""
    assert house.phones.told[-1][0].contact == "sip:192.0.2.7"
    await callcenter("operator", "change", "somchai", "--contact", "", "--open-line", **where)
    assert house.phones.told[-1][0].contact is None
    assert "สมชาย ใจเย็น" in (await callcenter("operator", "list", **where)).out
    assert "--queue" in (await callcenter("operator", "change", "somchai", **where)).err
    assert (await callcenter("operator", "logout", "somchai", **where)).status == 0
    assert (await callcenter("operator", "remove", "somchai", **where)).status == 0
    assert "somchai" not in (await callcenter("operator", "list", **where)).out


async def test_skills_are_given_shown_and_taken_away(house: House) -> None:
    where = of(house)
    two = ("--skill", "english=3", "--skill", "law=1")
    assert (await callcenter("operator", "add", "somchai", *two, **where)).status == 0
    listed = await callcenter("operator", "list", **where)
    assert "english=3" in listed.out and "law=1" in listed.out
    changed = await callcenter("operator", "change", "somchai", "--skill", "english=5", **where)
    assert (changed.status, changed.out) == (0, "")
    listed = await callcenter("operator", "list", **where)
    assert "english=5" in listed.out and "law" not in listed.out
    for wrong in ("english", "english=", "=3", "english=much"):
        told = await callcenter("operator", "change", "somchai", "--skill", wrong, **where)
        assert told.status != 0 and "--skill english=3" in told.err
    told = await callcenter("operator", "change", "somchai", "--skill", "english=6", **where)
    assert told.status != 0
    assert (await callcenter("operator", "change", "somchai", "--no-skills", **where)).status == 0
    assert "english" not in (await callcenter("operator", "list", **where)).out


async def test_an_added_operator_is_told_where_asterisk_really_listens(house: House) -> None:
    """Whatever the environment of this shell is."""
    folder = house.directory / "asterisk"
    asterisk = AsteriskSettings(ari_password=16 * "x", sip_address="0.0.0.0", sip_port=15066)
    write_instance(folder, asterisk, base=str(folder), owner=None)
    house.phones.broken = True
    added = await callcenter("operator", "add", "somchai", **of(house))
    assert re.search(r"SIP server: +an address of this host, port 15066, UDP\n", added.out)
    assert "SIP password:" in added.out
    assert "SIP_ADDRESS" not in added.err
    assert "when it does again" in added.err


async def test_who_is_added_without_queues_serves_all_and_it_is_said(house: House) -> None:
    all_of_them = await callcenter("operator", "add", "somchai", **of(house))
    assert re.search(r"queues: +\S.*\(all of this site: none was chosen", all_of_them.out)
    one = await callcenter("operator", "add", "malee", "--queue", "gcc", **of(house))
    assert re.search(r"queues: +gcc\n", one.out)


async def test_with_json_a_command_writes_nothing_but_what_the_service_answers(
    house: House,
) -> None:
    said = await callcenter("--json", "operator", "add", "somchai", **of(house))
    assert said.status == 0, said.err
    assert "sip_secret" in json.loads(said.out)


async def test_the_files_of_ones_own_asterisk(tmp_path: Path) -> None:
    folder, data = tmp_path / "own", tmp_path / "var"
    where = {"DATA_DIR": str(data), "SIP_PORT": "15066", "TRUNKS": "192.0.2.7"}
    for _ in range(2):
        said = await callcenter("asterisk-files", str(folder), **where)
        assert (said.status, said.err) == (0, "")
    password = (data / "secrets/ari-password").read_text().strip()
    assert f"password = {password}" in (folder / "etc/ari.conf").read_text()
    assert "match = 192.0.2.7" in (folder / "etc/pjsip.conf").read_text()
    assert f"CALLCENTER_ASTERISK_CONFIG_DIR={folder}/etc\n" in said.out
    assert f"{folder}/log/ledger.csv" in said.out
    assert f"{folder}/log/ledger.csv" in (folder / "etc/cdr_custom.conf").read_text()


async def test_a_password_file_of_ones_own_is_read_and_nothing_of_it_is_changed(
    tmp_path: Path,
) -> None:
    folder, own = tmp_path / "asterisk", tmp_path / "etc"
    own.mkdir()
    own.chmod(0o755)
    where = {"DATA_DIR": str(tmp_path / "var"), "ARI_PASSWORD_FILE": str(own / "ari")}
    absent = await callcenter("asterisk-files", str(folder), **where)
    assert (absent.status, "CALLCENTER_ARI_PASSWORD_FILE" in absent.err) == (1, True)
    assert not any(own.iterdir())
    (own / "ari").write_text(40 * "x")
    said = await callcenter("asterisk-files", str(folder), **where)
    assert (said.status, said.err) == (0, "")
    assert f"password = {40 * 'x'}" in (folder / "etc/ari.conf").read_text()
    assert own.stat().st_mode & 0o777 == 0o755


def test_whether_anybody_speaks_sip() -> None:
    place = SipPlace("127.0.0.1", 15066)
    assert not place.answers()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((place.address, place.port))
        assert not place.answers()


async def test_accounts(house: House) -> None:
    where = of(house)
    added = await callcenter("account", "add", "suda", "--role", "supervisor", **where)
    assert "one-time password:" in added.out
    assert re.search(
        r"suda +supervisor +one-time", (await callcenter("account", "list", **where)).out
    )
    assert "one-time" in (await callcenter("account", "reset", "suda", **where)).out
    assert (await callcenter("account", "disable", "suda", **where)).status == 0
    assert "locked out" in (await callcenter("account", "list", **where)).out


async def test_bans(house: House) -> None:
    where = of(house)
    added = await callcenter("ban", "add", "198.51.100.7/24", "--hours", "2", **where)
    assert re.fullmatch(r"198\.51\.100\.0/24 is banned until \S+ \S+\n", added.out)
    assert re.search(r"198\.51\.100\.0/24 +\S+ \S+ +by hand", (await said_of_bans(where)).out)
    listed = await callcenter("--json", "ban", "list", **where)
    assert json.loads(listed.out)["bans"][0]["address"] == "198.51.100.0/24"
    assert (await callcenter("ban", "remove", "198.51.100.0/24", **where)).status == 0
    assert "198.51" not in (await said_of_bans(where)).out
    again = await callcenter("ban", "remove", "198.51.100.0/24", **where)
    assert (again.status, "unknown_ban" in again.err) == (1, True)
    ourselves = await callcenter("ban", "add", "127.0.0.1", **where)
    assert (ourselves.status, "always hears" in ourselves.err) == (1, True)


async def said_of_bans(where: dict[str, str]) -> Said:
    return await callcenter("ban", "list", **where)


async def test_whoever_has_no_token_logs_in(house: House) -> None:
    await house.account("suda", Role.SUPERVISOR)
    where = {**of(house), "DATA_DIR": "/nowhere"}
    refused = await callcenter("operator", "list", **where)
    assert refused.status == 1
    assert "--user NAME" in refused.err
    user = ("--user", "suda")
    assert (await callcenter(*user, "operator", "list", typed=PASSWORD, **where)).status == 0
    wrong = await callcenter(*user, "operator", "list", typed="wrong", **where)
    assert (wrong.status, "wrong_credentials" in wrong.err) == (1, True)
    forbidden = await callcenter(*user, "account", "list", typed=PASSWORD, **where)
    assert "your role is supervisor" in forbidden.err.lower()


async def test_the_first_password_of_ones_own(house: House) -> None:
    await house.account("malee", Role.OPERATOR, must_change=True)
    where, new = of(house), "ดอกมะลิบานตอนเย็น"
    words = ("account", "password", "malee")
    unequal = await callcenter(*words, typed=f"{PASSWORD}\n{new}\nother\n", **where)
    assert (unequal.status, "not the same" in unequal.err) == (1, True)
    changed = await callcenter(*words, typed=f"{PASSWORD}\n{new}\n{new}\n", **where)
    assert (changed.status, changed.err) == (0, "")
    assert (await house.log_in("malee", new)).status == 201


async def test_refusals_are_sentences(house: House) -> None:
    where = of(house)
    for words, code in (
        (("operator", "pause", "nobody"), "unknown_operator"),
        (("operator", "pause", "../../x"), "not_found"),
        (("operator", "add", "NO CAPITALS"), "invalid"),
        (("call", "list", "--outcome", "lost"), "invalid"),
        (("call", "show", "none"), "unknown_call"),
        (("call", "list", "--since", "yesterday"), "yesterday"),
        (("call", "list", "--since", "2569-01-01"), "2569-01-01"),
    ):
        said = await callcenter(*words, **where)
        assert (said.status, code in said.err) == (1, True), said
    listed = await callcenter("call", "list", "--since", "2026-01-01", **where)
    assert listed.out.endswith("0 calls\n")


async def test_reload_takes_a_right_file_and_tells_the_faults_of_a_wrong_one(house: House) -> None:
    file, where = house.directory / "site.toml", of(house)
    file.write_text(GOOD)
    assert (await callcenter("reload", **where)).out == "in force: 1 lines, 1 queues\n"
    assert (await callcenter("site", "check", **where)).status == 0
    assert "ศูนย์ดำรงธรรม" in (await callcenter("site", "show", **where)).out
    file.write_text(GOOD.replace("ring_seconds", "ring_second"))
    for command in (("reload",), ("site", "check", str(file))):
        said = await callcenter(*command, **where)
        assert said.status == 1
        assert f"{file}:10: queues.centre.ring_second: there is no such key" in said.err


async def test_without_a_service_every_command_says_so(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "cli-token").write_text("x")
    where = {"DATA_DIR": str(tmp_path), "WEB_PORT": "18399"}
    said = await callcenter("operator", "list", **where)
    assert said.status == 1
    assert "does not answer at http://127.0.0.1:18399" in said.err
    assert "callcenter doctor" in said.err


async def test_the_doctor_works_when_everything_is_down(tmp_path: Path) -> None:
    said = await callcenter("doctor", DATA_DIR=str(tmp_path), WEB_PORT="18399")
    assert said.status == 1
    assert re.search(r"ok +site file", said.out)
    assert re.search(r"warn +database", said.out)
    assert re.search(r"fail +asterisk", said.out)
    assert re.search(r"fail +service +is not running", said.out)
    broken = [line for line in said.out.splitlines() if line.startswith(("fail", "warn"))]
    assert said.out.count("->") == len(broken)


async def test_the_doctor_sees_a_running_service_and_its_database(
    house: House, engine: AsyncEngine
) -> None:
    (house.directory / "site.toml").write_text(GOOD)
    (house.directory / "secrets" / "cli-token").chmod(0o644)
    url = engine.url.render_as_string(hide_password=False)
    said = await callcenter("doctor", DATABASE_URL=url, **of(house))
    assert re.search(r"ok +service +serves calls", said.out)
    assert re.search(r"ok +database +PostgreSQL 18", said.out)
    assert re.search(r"ok +database +its tables are those of this version", said.out)
    assert re.search(r"fail +secrets .*\n +-> chmod", said.out)


async def test_the_doctor_tells_every_wrong_setting_and_site_fault(tmp_path: Path) -> None:
    said = await callcenter("doctor", WEB_PROT="80", LOG_FORMAT="pigeon")
    assert said.out.count("fail  settings") == 2
    file = tmp_path / "site.toml"
    file.write_text(GOOD.replace("ring_seconds", "ring_second"))
    said = await callcenter("doctor", SITE_FILE=str(file), DATA_DIR=str(tmp_path))
    assert said.out.count("fail  site file") == 2


async def test_the_doctor_knows_who_else_is_at_the_port(tmp_path: Path) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    stranger = await asyncio.start_server(speak, "127.0.0.1", 18399)
    async with stranger:
        said = await callcenter("doctor", DATA_DIR=str(tmp_path), WEB_PORT="18399")
    assert "something else answers" in said.out


async def test_serve_says_why_it_cannot_start(tmp_path: Path) -> None:
    said = await callcenter("serve", DATA_DIR=str(tmp_path))
    assert (said.status, "CALLCENTER_DATABASE_URL" in said.err) == (1, True)
    file = tmp_path / "site.toml"
    file.write_text("[lines]\n")
    url = "postgresql://nobody@127.0.0.1:1/none"
    said = await callcenter("serve", SITE_FILE=str(file), DATABASE_URL=url, DATA_DIR=str(tmp_path))
    assert (said.status, f"{file}:1: " in said.err) == (1, True)
    said = await callcenter("serve", DATABASE_URL=url, DATA_DIR=str(tmp_path))
    assert (said.status, "CALLCENTER_ARI_PASSWORD_FILE" in said.err) == (1, True)
    there = Journal.open(tmp_path / "journal")
    said = await callcenter("serve", DATABASE_URL=url, DATA_DIR=str(tmp_path))
    await there.close()
    assert said.status == 1
    assert said.err.startswith(f"{tmp_path}/journal is in use by process {os.getpid()} on host ")
    assert said.err.count("\n") == 1, "one sentence"


async def test_a_file_that_is_in_the_way_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    said = await callcenter("run", DATA_DIR=str(file / "var"))
    assert said.status == 1
    assert said.err.startswith(f"{file}/var cannot be written (Not a directory): set ")


async def test_what_can_be_printed_without_a_service() -> None:
    document = json.loads((await callcenter("openapi")).out)
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/service-levels" in document["paths"]
    assert "| metric | type |" in (await callcenter("metrics-doc")).out


async def test_settings_are_all_listed_with_their_values() -> None:
    listed = await callcenter("settings", SIP_PORT="5070", TRUNKS="192.0.2.7,198.51.100.0/28")
    told = set(re.findall(r"^ ?CALLCENTER_(\w+)", listed.out, re.MULTILINE))
    assert told == {name.upper() for name in Settings.model_fields} | set(HOSTING_ONLY)
    assert {field.name.upper() for field in fields(StackSettings)} <= told
    assert re.search(r"CALLCENTER_SIP_PORT +5070 ", listed.out)
    assert re.search(r"CALLCENTER_TRUNKS +192\.0\.2\.7,198\.51\.100\.0/28 ", listed.out)
    assert re.search(r"CALLCENTER_PROMETHEUS_PORT +9090 ", listed.out)
    wrong = await callcenter("settings", SIP_PORT="0")
    assert (wrong.status, "CALLCENTER_SIP_PORT" in wrong.err) == (1, True)


async def test_the_duty_roster_is_planned_and_goes_out_and_in_as_calendar(house: House) -> None:
    where, calendar = of(house), house.directory / "duty.ics"
    await house.operator("somchai", queues=["damrong"])
    day = datetime.now(UTC).date() + timedelta(days=2)
    times = (f"{day}T20:00", f"{day + timedelta(days=1)}T08:00")
    added = await callcenter("duty", "add", "somchai", "damrong", *times, "--weeks", "2", **where)
    assert added.status == 0 and added.out.count("คุณ somchai") == 2, added.err
    again = await callcenter("duty", "add", "somchai", "damrong", *times, **where)
    assert again.status == 1 and "already_planned" in again.err
    span = ("--first", str(day), "--days", "14")
    shown = await callcenter("duty", "show", *span, **where)
    assert "planned" in shown.out and f"{day} 20:00" in shown.out
    assert (await callcenter("duty", "export", str(calendar), *span, **where)).status == 0
    number = added.out.split()[0]
    assert (await callcenter("duty", "remove", number, **where)).status == 0
    taken = await callcenter("duty", "import", str(calendar), **where)
    assert taken.out == "added 1, changed 0, removed 0, same 1, past 0\n", taken.err
    holidays = await callcenter("duty", "holidays", "2026", "-", **where)
    assert "SUMMARY:วันรัฐธรรมนูญ" in holidays.out
    missing = await callcenter("duty", "import", str(house.directory / "no.ics"), **where)
    assert missing.status == 1 and "cannot be read" in missing.err
