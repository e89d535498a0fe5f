"""What the doctor says of an Asterisk, and of folders, that are not quite as they should be."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.cli.doctor.asterisk import (
    accepts_calls,
    bans_file,
    copies,
    nameable,
    native_bridge,
    strangers,
    taken_over,
    thai_recordings,
)
from callcenter.cli.doctor.browsers import look as look_at_browsers
from callcenter.cli.doctor.finding import Health
from callcenter.cli.doctor.host import disk
from callcenter.cli.doctor.service import bans, refusals, room
from callcenter.config import Settings
from callcenter.hosting.asterisk_files import TEMPLATES
from callcenter.hosting.stack_settings import read_settings
from callcenter.prompts.catalogue import Language, wanted
from tests.unit.prompts.voices import fill


def test_endpoints_that_a_forwarding_phone_could_name_are_told() -> None:
    known = [{"resource": name} for name in ("op-malee@k3f7w2xa", "trunk@k3f7w2xa")]
    assert list(nameable(known, "k3f7w2xa")) == []
    (finding,) = nameable([*known, {"resource": "trunk"}, {"resource": "pstn@else"}], "k3f7w2xa")
    assert "pstn@else, trunk called" in finding.what
    assert "@k3f7w2xa" in finding.advice


def test_a_bridge_that_makes_callers_deaf_is_told() -> None:
    assert list(native_bridge({"bridge_simple.so"})) == []
    (finding,) = native_bridge({"bridge_simple.so", "bridge_native_rtp.so"})
    assert "hear nothing" in finding.what
    assert "noload" in finding.advice


def test_secrets_that_somebody_else_keeps_are_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep_out(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "secrets").mkdir()
    monkeypatch.setattr(Path, "iterdir", keep_out)
    told = {finding.part: finding.what for finding in disk(Settings(data_dir=tmp_path))}
    assert told["secrets"] == f"{tmp_path}/secrets cannot be looked into"


def test_a_journal_that_is_in_memory_or_has_no_place_there_is_told(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        root, data = Path(name), tmp_path / "data"
        (data / "journal").mkdir(parents=True)
        (data / "journal" / "name").write_text("abc")
        settings = Settings(data_dir=data, journal_spare_dir=root)
        assert "journal" not in {finding.part for finding in disk(settings)}
        away = root / "callcenter-abc"
        away.mkdir()
        (away / "0000000002.journal").write_bytes(b"x" * 200_000)
        [told] = [finding for finding in disk(settings) if finding.part == "journal"]
        assert f"0.2 MB of the journal are in {away}" in told.what
        assert "do not reboot" in told.advice

    same = Settings(data_dir=data, journal_spare_dir=tmp_path)
    [told] = [finding for finding in disk(same) if finding.part == "journal"]
    assert "no second place" in told.what


def test_an_asterisk_that_waits_for_its_end_is_told_with_the_way_back() -> None:
    assert accepts_calls(True).advice == ""
    assert "core abort shutdown" in accepts_calls(False).advice


def test_an_asterisk_without_copies_of_its_sip_is_told() -> None:
    module = {"name": "res_hep_pjsip.so", "status": "Running"}
    assert list(copies([module])) == []
    for modules in ([], [{**module, "status": "Not Running"}]):
        (finding,) = copies(modules)
        assert "not counted" in finding.what
        assert "hep.conf" in finding.advice


def test_calls_that_asterisk_refused_are_told() -> None:
    none = 'hotline_trunk_refused_total{status="4xx",kind="media"} 0.0\n'
    some = 'hotline_trunk_refused_total{status="4xx",kind="extension"} 2.0\n'
    assert list(refusals("")) == []
    (finding,) = refusals(none)
    assert not finding.advice
    (finding,) = refusals(none + some)
    assert finding.what.endswith(": 2 extension (4xx)")


def test_an_asterisk_that_obeys_no_bans_is_told() -> None:
    loaded = {"res_pjsip_acl.so"}
    assert list(strangers(loaded, True)) == []
    (finding,) = strangers(loaded, False)
    assert "[strangers] is not in force" in finding.what
    (finding,) = strangers(set(), True)
    assert "res_pjsip_acl.so is not loaded" in finding.what


def test_a_pjsip_conf_that_does_not_include_the_bans_is_told(tmp_path: Path) -> None:
    settings = Settings(asterisk_config_dir=tmp_path)
    assert list(bans_file(settings)) == [], "it cannot be seen from here"
    theirs = tmp_path / "pjsip.conf"
    theirs.write_text((TEMPLATES / "pjsip.conf").read_text())
    assert list(bans_file(settings)) == []
    theirs.write_text("[strangers]\ntype = acl\n[other]\n#tryinclude bans.pjsip.conf\n")
    (finding,) = bans_file(settings)
    assert "nobody is banned" in finding.what


def test_thai_recordings_that_are_missing_are_told(tmp_path: Path) -> None:
    prompts = tmp_path / "lib" / "prompts"
    assert list(thai_recordings(prompts)) == [], "it cannot be seen from here"
    prompts.mkdir(parents=True)
    (finding,) = thai_recordings(prompts)
    assert "no Thai recordings installed" in finding.what
    fill(prompts / "th", {"greeting": 700.0}, 0.1)
    (finding,) = thai_recordings(prompts)
    assert "Thai prompts are missing: recording_notice" in finding.what
    fill(prompts / "th", {prompt.key: 700.0 for prompt in wanted(Language.THAI)}, 0.01)
    (finding,) = thai_recordings(prompts)
    assert finding.what.startswith("all ")
    (prompts / "th" / "manifest.json").write_text("nothing")
    (finding,) = thai_recordings(prompts)
    assert "is no manifest" in finding.what


def test_who_is_banned_and_who_is_attacked_is_told() -> None:
    metrics = (
        'hotline_sip_banned_addresses{kind="guessing"} 2.0\n'
        'hotline_sip_banned_addresses{kind="by_hand"} 1.0\n'
        "hotline_sip_attacked_accounts %d.0\n"
    )
    assert list(bans("")) == []
    (finding,) = bans(metrics % 0)
    assert finding.what == "2 addresses banned for guessing passwords, 1 by hand"
    assert not finding.advice
    (finding,) = bans(metrics % 3)
    assert "of 3 phones" in finding.what
    assert finding.advice


@pytest.mark.parametrize(
    ("web", "sound", "found"),
    [
        ({}, {}, [Health.OK]),
        ({"web_address": "0.0.0.0"}, {}, [Health.FAIL, Health.WARN]),
        ({"web_https": True}, {}, [Health.FAIL]),
        ({"web_https": True}, {"CALLCENTER_RTP_ADDRESS": "192.0.2.7"}, [Health.OK]),
        ({"web_https": True}, {"CALLCENTER_SIP_ADDRESS": "0.0.0.0"}, [Health.OK]),
        (
            {"web_address": "192.0.2.7"},
            {"CALLCENTER_SIP_ADDRESS": "0.0.0.0"},
            [Health.OK, Health.WARN],
        ),
    ],
)
def test_browsers_that_would_hear_nothing_are_told(
    web: dict[str, str | bool], sound: dict[str, str], found: list[Health]
) -> None:
    findings = look_at_browsers(Settings.model_validate(web), read_settings(sound))
    assert [finding.health for finding in findings] == found


def test_an_asterisk_whose_calls_can_be_taken_over_is_told() -> None:
    loaded = {"res_pjsip_refer.so"}
    section = [{"attribute": "match_header", "value": "Replaces: /./"}]
    assert list(taken_over(set(), None)) == []
    assert list(taken_over(loaded, section)) == []
    for other in (None, [{"attribute": "match_header", "value": ""}]):
        (finding,) = taken_over(loaded, other)
        assert "takes over" in finding.what


def test_how_much_room_there_is_for_callers_is_told() -> None:
    metrics = (
        'hotline_asterisk_legs{kind="callers"} %d.0\n'
        'hotline_asterisk_legs{kind="all"} 62.0\n'
        'hotline_asterisk_legs{kind="callers_limit"} 75.0\n'
        'hotline_asterisk_legs{kind="all_limit"} 100.0\n'
    )
    assert list(room("")) == []
    (finding,) = room(metrics % 60)
    assert finding.what == "60 callers of 75 that RTP ports are for; with operators 62 of 100"
    assert not finding.advice
    (finding,) = room(metrics % 61)
    assert "PortsNearlyOut" in finding.advice
