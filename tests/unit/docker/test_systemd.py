"""The units and their installer keep what docker/README.md promises, whoever edits them."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[3] / "docker" / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
INSTALL = (SYSTEMD / "install").read_text()
COMMAND = (SYSTEMD / "callcenter").read_text()
SYSTEMCTL = """#!/bin/sh
unit=$(basename "$3" .service)
case $1 in
    is-enabled) case " {enabled} " in *" $unit "*) exit 0 ;; esac; exit 1 ;;
    disable) echo "$3" >> {told} ;;
esac
"""
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
        pairs = re.search(r"^for pair in (.*); do$", INSTALL, re.MULTILINE)
        assert pairs is not None
        assert f"{other.removesuffix('.service')}:{unit.stem}" in pairs[1].split()


@pytest.mark.parametrize(
    ("enabled", "disabled"),
    [
        ("prometheus prometheus-alertmanager", []),
        ("prometheus callcenter-prometheus prometheus-alertmanager", ["prometheus.service"]),
        (
            "prometheus-alertmanager callcenter-alertmanager callcenter-prometheus",
            ["prometheus-alertmanager.service"],
        ),
        ("callcenter-prometheus callcenter-alertmanager", []),
    ],
)
def test_the_host_s_own_is_disabled_only_for_ours(
    tmp_path: Path, enabled: str, disabled: list[str]
) -> None:
    told = tmp_path / "told"
    told.touch()
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(enabled=enabled, told=told))
    systemctl.chmod(0o755)
    loop = INSTALL[INSTALL.index("for pair in") :]
    script = "set -eu\n" + loop[: loop.index("\ndone\n") + 6]
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-c", script], env=path, capture_output=True, text=True, check=True
    )
    assert told.read_text().split() == disabled
    for unit in re.findall(r"callcenter-[a-z-]+\.service", done.stdout):
        assert (SYSTEMD / unit).exists()


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


def test_the_command_line_takes_settings_as_systemd_does(tmp_path: Path) -> None:
    file, trace = tmp_path / "callcenter.env", tmp_path / "trace"
    file.write_text(
        f"""# settings
PATH=/nowhere
  CALLCENTER_GREETING=hello&touch {trace}
CALLCENTER_TRUNKS=192.0.2.1, $(touch {trace})
CALLCENTER_ARI_USER="call centre"
CALLCENTER_PRIVACY_NOTICE='a "quoted" one'
CALLCENTER_LIFEBOAT_MESSAGE="""
    )
    read = COMMAND[: COMMAND.index("exec setpriv")]
    assert "/etc/callcenter/callcenter.env" in read
    script = read.replace("/etc/callcenter/callcenter.env", str(file)) + "env"
    path = {"PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        ["sh", "-c", script], env=path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {
        "PATH=/usr/bin:/bin",
        f"CALLCENTER_GREETING=hello&touch {trace}",
        f"CALLCENTER_TRUNKS=192.0.2.1, $(touch {trace})",
        "CALLCENTER_ARI_USER=call centre",
        'CALLCENTER_PRIVACY_NOTICE=a "quoted" one',
        "CALLCENTER_LIFEBOAT_MESSAGE=",
        "CALLCENTER_CACHE=/var/cache/callcenter",
    } <= set(told)
    assert not trace.exists()


SETPRIV = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
[ "$(id -u)" != 0 ] || exec /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
exec "$@"
"""


@pytest.fixture
def checkout() -> Iterator[Path]:
    """Where others may come: pytest's own folders are closed to them."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    for name in (".venv", "callcenter", "metrics"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
        (folder / name / "file").touch()
        (folder / name / "file").chmod(0o644)
    (folder / "setpriv").write_text(SETPRIV)
    (folder / "setpriv").chmod(0o755)
    yield folder
    (folder / "callcenter").chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        (None, None),
        (".venv/file", "not so: .venv/file: chmod"),
        ("callcenter", "not so: callcenter: chmod"),
    ],
)
def test_programs_that_the_service_may_not_read_are_refused(
    checkout: Path, closed: str | None, told: str | None
) -> None:
    if closed is not None:
        (checkout / closed).chmod(0)
    check = INSTALL[INSTALL.index("as() {") : INSTALL.index("install -d -m 0755 /etc/callcenter")]
    tried = subprocess.run(
        ["sh", "-c", f"set -eu\n{check}"],
        cwd=checkout,
        env={"PATH": f"{checkout}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == (0 if told is None else 1)
    assert (told or "") in tried.stderr


def test_what_is_installed_can_be_read_by_others() -> None:
    assert INSTALL.index("\numask 022\n") < INSTALL.index("compileall")
