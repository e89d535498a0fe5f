"""Asterisk's settings name our prompts, and the person who starts it is told that none is Thai."""

from pathlib import Path

from callcenter.hosting.asterisk_files import AsteriskSettings, write_instance
from callcenter.hosting.stack import unrecorded
from callcenter.hosting.stack_settings import read_settings
from callcenter.prompts.catalogue import BY_KEY, RINGING
from tests.unit.prompts.voices import fill

PASSWORD = "sixteen-letters-or-more"


def test_prompts_have_the_path_that_asterisk_sees_and_others_their_name(tmp_path: Path) -> None:
    settings = AsteriskSettings(
        ari_password=PASSWORD,
        greeting="callcenter/own_flood&callcenter/greeting&custom/callcenter/hello",
        privacy_notice="",
    )
    write_instance(tmp_path, settings, base="/srv", owner=None, sounds=tmp_path / "none")
    written = (tmp_path / "etc" / "extensions.conf").read_text().splitlines()
    prompts = "/srv/lib/prompts"
    expected = f"{prompts}/own_flood&{prompts}/greeting&custom/callcenter/hello"
    assert f"GREETING = {expected}" in written
    assert "PRIVACY_NOTICE = " in written
    assert f"LIFEBOAT_MESSAGE = {prompts}/please_wait" in written
    assert not any("@{" in line for line in written)


def test_debians_english_is_found_below_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """As in a root file system: `en` is a link to /etc/alternatives of that system."""
    sounds = tmp_path / "sounds"
    voice = sounds / "en_US_f_Allison"
    voice.mkdir(parents=True)
    (sounds / "en").symlink_to("/nowhere/asterisk-prompt-en")
    for name in ("beep", "hello"):
        (voice / f"{name}.gsm").write_bytes(f"[{name}]".encode())
    write_instance(
        tmp_path, AsteriskSettings(ari_password=PASSWORD), base="/srv", owner=None, sounds=sounds
    )
    prompts = tmp_path / "lib" / "prompts"
    assert (prompts / "greeting.gsm").read_bytes() == b"[beep][hello]"
    assert {path.stem for path in prompts.glob("*.*")} == {*BY_KEY, RINGING}


def test_where_debians_are_not_the_dial_plan_plays_them_by_their_names(tmp_path: Path) -> None:
    write_instance(
        tmp_path,
        AsteriskSettings(ari_password=PASSWORD),
        base="/srv",
        owner=None,
        sounds=tmp_path / "none",
    )
    prompts = tmp_path / "lib" / "prompts"
    assert not list(prompts.glob("greeting.*"))
    assert (prompts / "place.wav").exists(), "Debian has nothing like it: the tone alone"


def test_that_nothing_is_recorded_in_thai_is_said_at_the_start(tmp_path: Path) -> None:
    settings = read_settings({"CALLCENTER_DATA_DIR": str(tmp_path)})
    (line,) = unrecorded(settings)
    assert line.startswith("no Thai recordings installed")
    fill(tmp_path / "asterisk" / "lib" / "prompts" / "th", {"greeting": 700.0}, 0.01)
    assert list(unrecorded(settings)) == []
    theirs = {"CALLCENTER_DATA_DIR": str(tmp_path / "x"), "CALLCENTER_ARI_URL": "http://x/ari"}
    assert list(unrecorded(read_settings(theirs))) == [], "it cannot be seen from here"
