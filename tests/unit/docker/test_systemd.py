"""The units and their installer keep what docker/README.md promises, whoever edits them."""

import re
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[3] / "docker" / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
INSTALL = (SYSTEMD / "install").read_text()
every = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)


def words(unit: Path, name: str) -> set[str]:
    """All that is said in lines `name=…`."""
    lines = re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)
    return {word for line in lines for word in line.split()}


@every
def test_who_waits_for_the_network_asks_for_it(unit: Path) -> None:
    if "network-online.target" in words(unit, "After"):
        assert "network-online.target" in words(unit, "Wants")


@every
def test_whom_a_unit_cannot_run_beside_does_not_start_at_boot(unit: Path) -> None:
    for other in words(unit, "Conflicts"):
        disabled = re.search(r"^for theirs in (.*); do$", INSTALL, re.MULTILINE)
        assert disabled is not None and other in disabled[1].split()


def test_no_rule_of_an_older_version_stays_in_force() -> None:
    cleared = INSTALL.index("rm -rf /etc/callcenter/metrics/rules")
    copied = INSTALL.index("cp -R metrics/prometheus.yml metrics/rules")
    reloaded = INSTALL.index("systemctl try-reload-or-restart")
    assert cleared < copied < reloaded


@every
def test_what_can_be_reloaded_is_reloaded_by_the_installer(unit: Path) -> None:
    if words(unit, "ExecReload"):
        reloaded = INSTALL[INSTALL.index("systemctl try-reload-or-restart") :].splitlines()[0]
        assert unit.stem in reloaded
