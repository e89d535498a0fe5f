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
lasting = pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"prepare"}))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_has_a_version(name: str) -> None:
    assert VERSION.search(SERVICES[name]["image"])


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


def test_prometheus_and_grafana_load_what_is_in_metrics() -> None:
    for name in ("prometheus", "alertmanager", "grafana"):
        for volume in SERVICES[name]["volumes"]:
            found = re.search(r"\.\./(metrics[\w/.]*)", volume)
            assert found is None or (ROOT / found[1]).exists(), volume


def _after(name: str, first: str) -> bool:
    before: dict[str, Any] = SERVICES[name].get("depends_on", {})
    return first in before or any(_after(other, first) for other in before)


def _version(image: str) -> str:
    found = re.search(r":v?([\d.]+)", image)
    assert found is not None
    return found[1]
