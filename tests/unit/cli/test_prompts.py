"""callcenter prompts …: from the list for the speaker to the recording that callers hear."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callcenter.cli import prompts
from callcenter.cli.errors import CommandError
from callcenter.cli.main import app
from callcenter.prompts import engine
from callcenter.prompts.catalogue import Language, wanted
from callcenter.prompts.intake import Recording, prepared
from callcenter.prompts.sound import wav
from tests.unit.prompts.voices import file, sine


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings are converted in this process: a hundred processes take a minute."""

    async def taken_in(data: bytes, longest_seconds: float) -> Recording:
        return prepared(data, longest_seconds)

    monkeypatch.setattr(prompts, "taken_in", taken_in)
    monkeypatch.setattr(engine, "taken_in", taken_in)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["prompts", *words, "--folder", str(folder)])


def test_the_list_for_the_speaker_is_a_spreadsheet(tmp_path: Path) -> None:
    (tmp_path / "th").mkdir()
    (tmp_path / "th" / "greeting.wav").write_bytes(wav(sine(700, 1)))
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "export-script").stdout)))
    assert [row["file"] for row in rows] == [f"{p.key}.wav" for p in wanted(Language.THAI)]
    assert rows[0]["text"].startswith("สวัสดี")
    left = run(tmp_path, "export-script", "--missing").stdout
    assert "greeting.wav" not in left
    assert "closed.wav" in left


@pytest.mark.usefixtures("quick")
def test_a_folder_of_recordings_is_installed_and_checked(tmp_path: Path) -> None:
    studio, folder = tmp_path / "studio", tmp_path / "prompts"
    studio.mkdir()
    for prompt in wanted(Language.THAI):
        (studio / f"{prompt.key}.wav").write_bytes(file(sine(700, 0.3, rate=16000), rate=16000))
    (studio / "notes.txt").write_text("spoken by Khun A")
    done = run(folder, "install", str(studio), "--voice", "Khun A, for this hotline alone")
    assert done.exit_code == 0, done.output
    assert "notes.txt: no prompt has this name" in done.output
    assert "still missing 0" in done.stdout
    assert (folder / "place.wav").exists(), "what stands in"
    checked = run(folder, "check", "--language", "th")
    assert (checked.exit_code, checked.stdout.strip()) == (
        0,
        "all prompts are recorded, and nothing is wrong with them",
    )
    listed = run(folder, "list").stdout
    assert "0.3" in listed
    assert "-20.0" in listed
    again = run(tmp_path / "elsewhere", "install", str(folder / "th"))
    assert again.exit_code == 0, "an installed pack can be taken along"


def test_what_cannot_be_taken_is_named_and_the_rest_installed(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    studio.mkdir()
    (studio / "greeting.wav").write_bytes(wav(sine(700, 1)))
    (studio / "closed.wav").write_bytes(b"RIFF nothing")
    done = run(tmp_path / "prompts", "install", str(studio))
    assert done.exit_code == 1
    assert "closed: " in done.output
    assert "installed 1, refused 1" in done.stdout


def test_one_file_under_another_name_with_its_text(tmp_path: Path) -> None:
    (tmp_path / "take 7.wav").write_bytes(wav(sine(700, 1)))
    words = ("install", str(tmp_path / "take 7.wav"), "--key", "own_flood")
    assert "say its text" in run(tmp_path / "p", *words).output
    assert run(tmp_path / "p", *words, "--text", "น้ำท่วม").exit_code == 0
    assert "น้ำท่วม" in run(tmp_path / "p", "list").stdout


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    checked = run(tmp_path, "check")
    assert checked.exit_code == 1
    assert "no Thai recordings installed" in checked.output
    assert "th/greeting is not recorded" in checked.stdout


@pytest.mark.usefixtures("quick")
def test_a_program_speaks_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_bytes(wav(sine(500, 0.4)))
    speak = f"cp {tmp_path / 'voice.wav'} {{out}} --suffix={{text}}"
    done = run(tmp_path / "p", "make", "--language", "en", "--engine", speak)
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "p" / "en" / "manifest.json").read_text())
    assert {entry["source"] for entry in manifest["prompts"].values()} == {"engine"}
    assert run(tmp_path / "p", "check", "--language", "en").exit_code == 0
    assert (
        "installed 0" in run(tmp_path / "p", "make", "--language", "en", "--engine", speak).stdout
    )


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("espeak-ng {text}", "{out}"),
        ("espeak-ng -w {out}", "{text}"),
        ("'", "--engine"),
        ("{out} {text}", "{out}"),
    ],
)
def test_an_engine_that_cannot_work_is_refused(tmp_path: Path, command: str, why: str) -> None:
    done = run(tmp_path, "make", "--engine", command)
    assert isinstance(done.exception, CommandError)
    assert why in str(done.exception)


@pytest.mark.parametrize(
    "command", ["false {out} {text}", "/nowhere/speak {out} {text}", "true {out} {text}"]
)
def test_an_engine_that_says_nothing_is_told_of_each_text(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, "make", "--engine", command)
    assert done.exit_code == 1
    assert "installed 0" in done.stdout


def test_a_recording_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "place.wav").write_bytes(wav(sine(700, 1)))
    assert run(tmp_path / "p", "install", str(tmp_path / "place.wav")).exit_code == 0
    assert run(tmp_path / "p", "remove", "place").exit_code == 0
    assert not (tmp_path / "p" / "th" / "place.wav").exists()
    assert (tmp_path / "p" / "place.wav").exists()
    assert isinstance(run(tmp_path / "p", "remove", "place").exception, CommandError)
