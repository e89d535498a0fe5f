"""The compose files keep what docker/README.md promises, whoever edits them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STAND_INS: dict[str, Any] = yaml.safe_load((DOCKER / "compose.debian.yml").read_text())["services"]
OURS = ("asterisk", "service")
VERSION = re.compile(r":v?\d+\.\d+(\.\d+)?(-\w+)?$")
BASE = re.compile(r"debian:(trixie|forky)-\d{8}-slim")
STAGE = re.compile(r"^FROM +(\S+)(?: +AS +(\S+))?", re.MULTILINE)
lasting = pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"prepare"}))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_has_a_version(name: str) -> None:
    assert VERSION.search(SERVICES[name]["image"])


@pytest.mark.parametrize(
    "file", sorted(DOCKER.rglob("Dockerfile")), ids=lambda file: file.parent.name
)
def test_an_image_begins_with_a_dated_one(file: Path) -> None:
    own: set[str] = set()
    for base, name in STAGE.findall(file.read_text()):
        assert base in own or BASE.fullmatch(base), base
        own.add(name)
    assert own


@pytest.mark.parametrize("release", ["trixie", "forky"])
def test_all_images_of_a_release_begin_with_the_same(release: str) -> None:
    texts = [file.read_text() for file in DOCKER.rglob("Dockerfile")]
    found = {base[0] for text in texts for base in BASE.finditer(text) if base[1] == release}
    assert len(found) == 1


@pytest.mark.parametrize(
    "file", sorted(DOCKER.rglob("Dockerfile")), ids=lambda file: file.parent.name
)
def test_what_an_image_holds_can_be_read_whatever_the_umask_of_the_clone(file: Path) -> None:
    build, _, last = file.read_text().rpartition("\nFROM ")
    copied = re.findall(r"^COPY (.*)$", last, re.MULTILINE)
    assert all(words.startswith(("--chmod=", "--from=")) for words in copied)
    if "\nCOPY --from=" in last:
        assert "chmod -R go+rX /opt/callcenter" in build


@lasting
def test_no_container_runs_as_root_or_can_become_more(name: str) -> None:
    service = SERVICES[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]


@lasting
def test_a_container_says_whether_it_is_well(name: str) -> None:
    if name in OURS:
        assert "\nHEALTHCHECK " in (DOCKER / name / "Dockerfile").read_text()
    else:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@lasting
def test_nothing_starts_before_its_secrets_are_made(name: str) -> None:
    assert _after(name, "prepare")


def test_what_prepare_makes_files_of_can_be_set() -> None:
    """docker/README.md names them; a variable that is not listed there stays outside."""
    named = set(re.findall(r"`(CALLCENTER_\w+)`", (DOCKER / "README.md").read_text()))
    assert named and named <= SERVICES["prepare"]["environment"].keys()


def test_the_database_has_no_network_and_preparing_needs_none() -> None:
    assert SERVICES["postgres"]["network_mode"] == "none"
    assert SERVICES["prepare"]["network_mode"] == "none"


def test_no_secret_stands_in_the_environment() -> None:
    """Neither a value nor a place to put one: secrets are files, and `prepare` makes them."""
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASS|SECRET|TOKEN", variable):
                assert str(value).startswith(("/run/secrets/", "/var/lib/callcenter/secrets/")), (
                    f"{name}: {variable}"
                )


def test_what_is_kept_has_a_volume() -> None:
    kept = {volume.split(":")[0] for name in SERVICES for volume in SERVICES[name]["volumes"]}
    assert set(COMPOSE["volumes"]) <= kept


def test_a_stand_in_is_of_the_same_version() -> None:
    for name, service in STAND_INS.items():
        if "image" in service:
            official, ours = SERVICES[name]["image"], service["image"]
            assert _version(official) == _version(ours)
            assert f"={_version(ours)}" in (DOCKER / "debian" / name / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["prometheus", "alertmanager", "grafana"])
def test_who_watches_sees_what_is_in_metrics_now(name: str) -> None:
    """A folder: a file mounted alone stays the old one when git or an editor replaces it."""
    found = [
        ROOT / path[1]
        for volume in SERVICES[name]["volumes"]
        if (path := re.search(r"\.\./(metrics[\w/.]*)", volume))
    ]
    assert found and all(path.is_dir() for path in found)


def test_the_lists_of_targets_have_a_place_in_the_folder_that_cannot_be_written() -> None:
    volumes = SERVICES["prometheus"]["volumes"]
    assert "targets:/etc/prometheus/targets:ro" in volumes
    assert (ROOT / "metrics" / "targets" / ".gitignore").exists(), "git keeps no empty folder"


def test_prometheus_loads_changed_rules_by_itself() -> None:
    assert "--enable-feature=auto-reload-config" in SERVICES["prometheus"]["command"]


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        (SERVICES["service"]["environment"]["CALLCENTER_ARI_URL"], "ASTERISK_HTTP_ADDRESS", "8088"),
        (SERVICES["grafana"]["healthcheck"]["test"][-1], "GRAFANA_ADDRESS", "3000"),
    ],
)
def test_who_listens_elsewhere_is_asked_there(text: str, address: str, port: str) -> None:
    """As compose fills it in: with the setting, and without."""
    assert f"{address}:-127.0.0.1}}:${{" in text and f":-{port}}}/" in text


def test_the_database_is_well_when_its_user_can_ask_it_and_it_is_the_lasting_one() -> None:
    asked = " ".join(SERVICES["postgres"]["healthcheck"]["test"])
    assert "-U callcenter" in asked and "SELECT" in asked
    assert "postmaster.pid" in asked


def _after(name: str, first: str) -> bool:
    before: dict[str, Any] = SERVICES[name].get("depends_on", {})
    return first in before or any(_after(other, first) for other in before)


def _version(image: str) -> str:
    found = re.search(r":v?([\d.]+)", image)
    assert found is not None
    return found[1]
