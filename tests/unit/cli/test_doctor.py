"""What the doctor says of an Asterisk, and of folders, that are not quite as they should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.cli.doctor.asterisk import accepts_calls, copies, nameable, native_bridge
from callcenter.cli.doctor.host import disk
from callcenter.cli.doctor.service import refusals
from callcenter.config import Settings


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
