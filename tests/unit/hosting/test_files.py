"""What is written and read without starting anything: secrets, versions, packages."""

import errno
import os
import re
import threading
from pathlib import Path

import pytest

from callcenter.hosting.asterisk_files import AsteriskSettings, write_instance
from callcenter.hosting.asterisk_root import parse_version, require_user_namespace
from callcenter.hosting.errors import HostingError
from callcenter.hosting.packages import Need, install
from callcenter.hosting.secrets_file import secret_file


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = secret_file(tmp_path / "secrets", "ari-password")
    first = path.read_text()
    assert len(first) >= 40
    assert secret_file(tmp_path / "secrets", "ari-password").read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_two_starts_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(secret_file(tmp_path, "one").read_text()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("Asterisk 20.11.0~dfsg", (20, 11, 0)),
        ("Asterisk certified/20.7.1-cert2", (20, 7, 1)),
    ],
)
def test_versions(answer: str, version: tuple[int, ...]) -> None:
    assert parse_version(answer) == version


def test_a_version_that_is_none_is_told() -> None:
    with pytest.raises(HostingError, match="holds no version"):
        parse_version("Asterisk GIT-master")


def test_who_may_have_no_user_namespace_is_told_the_cure(tmp_path: Path) -> None:
    restricted = tmp_path / "apparmor_restrict_unprivileged_userns"
    require_user_namespace(restricted, ["true"])
    with pytest.raises(HostingError, match="user namespaces are allowed"):
        require_user_namespace(restricted, ["false"])
    restricted.write_text("1\n")
    with pytest.raises(HostingError, match=r"sysctl kernel\.apparmor_restrict.*=0"):
        require_user_namespace(restricted, ["false"])


def test_every_place_in_the_templates_is_filled(tmp_path: Path) -> None:
    settings = AsteriskSettings(ari_password=16 * "s", trunks=("192.0.2.7", "198.51.100.0/24"))
    write_instance(tmp_path, settings, base="/srv", owner=None)
    for file in (tmp_path / "etc").iterdir():
        assert "@{" not in file.read_text(), file.name
    assert "match = 198.51.100.0/24" in (tmp_path / "etc" / "pjsip.conf").read_text()


def test_the_carrier_is_asked_where_a_contact_is_given(tmp_path: Path) -> None:
    contacts = ("sip:192.0.2.7", "sip:sbc.example.net:5062")
    settings = AsteriskSettings(ari_password=16 * "s", trunk_contacts=contacts)
    write_instance(tmp_path, settings, base="/srv", owner=None)
    text = (tmp_path / "etc" / "pjsip.conf").read_text()
    assert "qualify_frequency = 10\n" in text
    assert "\ncontact = sip:192.0.2.7\ncontact = sip:sbc.example.net:5062\n" in text


@pytest.mark.parametrize("contact", ["192.0.2.7", "sip:", "sip:x y", "sip:a@b", "sip:h\nx = y"])
def test_a_contact_that_is_no_address_is_refused(contact: str) -> None:
    with pytest.raises(HostingError, match="CALLCENTER_TRUNK_CONTACTS"):
        AsteriskSettings(ari_password=16 * "s", trunk_contacts=(contact,))


@pytest.mark.parametrize("what", ["a file", "a link to nowhere"])
def test_a_strange_recording_folder_does_not_stop_the_start(tmp_path: Path, what: str) -> None:
    place = tmp_path / "spool" / "recording"
    place.parent.mkdir()
    if what == "a file":
        place.write_text("")
    else:
        place.symlink_to("/nowhere/at/all")
    write_instance(
        tmp_path, AsteriskSettings(ari_password="a" * 16), base="/srv", owner=os.getuid()
    )
    assert (tmp_path / "etc" / "asterisk.conf").exists()


def test_a_recording_folder_that_nobody_may_change_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "spool" / "recording"
    place.mkdir(parents=True)
    (place / "kept.alaw").write_text("")
    asked: list[Path] = []

    def refused(path: Path, *owner: int, **how: bool) -> None:
        asked.append(Path(path))
        if Path(path).is_relative_to(place):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("callcenter.hosting.ownership.os.chown", refused)
    settings = AsteriskSettings(ari_password="a" * 16)
    write_instance(tmp_path, settings, base="/srv", owner=os.getuid() + 1)
    assert {tmp_path / "etc" / "asterisk.conf", tmp_path / "lib", place} <= set(asked)


def test_what_the_service_wrote_is_kept_at_the_next_start(tmp_path: Path) -> None:
    settings = AsteriskSettings(ari_password=16 * "s")
    write_instance(tmp_path, settings, base="/srv", owner=None)
    operators = tmp_path / "etc" / "operators.pjsip.conf"
    operators.write_text("[op-somchai](operator-phone)\n")
    write_instance(tmp_path, settings, base="/srv", owner=None)
    assert operators.read_text() == "[op-somchai](operator-phone)\n"


def test_a_host_without_apt_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    need = Need(package="mmdebstrap", purpose="Asterisk's file system", met=lambda: False)
    with pytest.raises(HostingError, match="no apt-get"):
        install([need], said.append)
    assert said == ["missing: mmdebstrap (Asterisk's file system)"]


@pytest.mark.parametrize(
    ("trunks", "calls_per_address", "bound"),
    [
        (("192.0.2.7",), 0, None),
        (("192.0.2.7", "192.0.2.8"), 0, 56),
        (("192.0.2.0/28",), 0, 56),
        (("192.0.2.7",), 20, 20),
        (("192.0.2.7", "192.0.2.8"), 1000, None),
    ],
)
def test_how_many_calls_one_address_may_have(
    tmp_path: Path, trunks: tuple[str, ...], calls_per_address: int, bound: int | None
) -> None:
    """Of 75 callers that there is room for."""
    settings = AsteriskSettings(
        ari_password="x" * 24,
        rtp_port_first=10_000,
        rtp_port_last=10_199,
        trunks=trunks,
        calls_per_address=calls_per_address,
    )
    write_instance(tmp_path, settings, base=str(tmp_path), owner=None)
    dialplan = (tmp_path / "etc" / "extensions.conf").read_text()
    assert "MOST_CALLERS = 75\nMOST_LEGS = 100\n" in dialplan
    found = re.findall(r"@address\)}>(\d+),int", dialplan)
    assert found == ([] if bound is None else [str(bound)])


def test_behind_an_edge_calls_come_from_there_alone(tmp_path: Path) -> None:
    settings = AsteriskSettings(
        ari_password="a-password-of-20-letters",
        edge="127.0.1.1:5060",
        trunks=("192.0.2.7", "192.0.2.8"),
        calls_per_address=5,
    )
    write_instance(tmp_path, settings, base="/srv", owner=None)
    pjsip = (tmp_path / "etc" / "pjsip.conf").read_text()
    assert re.findall(r"^match = (.*)$", pjsip, re.MULTILINE) == ["127.0.1.1"]
    trunk = pjsip[pjsip.index("[trunk@") : pjsip.index("[trunk]\n")]
    assert "rewrite_contact = no" in trunk and "force_rport = no" in trunk
    assert "GROUP(address)" not in (tmp_path / "etc" / "extensions.conf").read_text()
