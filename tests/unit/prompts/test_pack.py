"""Packs: what is kept, what the check finds, what stands in for a recording that is not there."""

import hashlib
import os
from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.prompts.catalogue import BY_KEY, PROMPTS, RINGING, Language, wanted
from callcenter.prompts.errors import PromptError
from callcenter.prompts.intake import Recording
from callcenter.prompts.pack import MANIFEST, Entry, Pack, write_whole
from callcenter.prompts.sound import Measure, read_wav, wav
from callcenter.prompts.stand_in import DEBIAN, attention, gather, publish
from tests.unit.prompts.voices import file, recording, sine

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def thai(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "th", Language.THAI)


def install(pack: Pack, key: str, made: Recording | None = None, text: str | None = None) -> Entry:
    return pack.install(key, made or recording(), text=text, source="upload", now=NOW)


def kinds(pack: Pack) -> set[tuple[str, str]]:
    """What the check finds beside all that is missing."""
    return {(f.key, f.kind) for f in pack.check() if f.kind != "missing"}


def test_no_pack_is_a_pack_where_all_is_missing(thai: Pack) -> None:
    assert thai.is_empty()
    assert thai.missing() == [prompt.key for prompt in wanted(Language.THAI)]
    assert {fault.kind for fault in thai.check()} == {"missing"}
    assert not thai.folder.exists(), "a look makes nothing"


def test_a_recording_is_kept_with_its_measures(thai: Pack) -> None:
    made = recording()
    entry = install(thai, "greeting", made)
    assert thai.path("greeting").read_bytes() == made.wav == thai.recording("greeting")
    assert entry.sha256 == hashlib.sha256(made.wav).hexdigest()
    assert entry.text == BY_KEY["greeting"].th
    assert thai.manifest().prompts == {"greeting": entry}
    assert "greeting" not in thai.missing()
    assert kinds(thai) == set()
    assert thai.path("greeting").stat().st_mode & 0o777 == 0o644
    assert not list(thai.folder.glob(".new-*"))


def test_it_can_be_replaced_and_removed(thai: Pack) -> None:
    install(thai, "greeting")
    again = install(thai, "greeting", recording(900))
    assert thai.manifest().prompts == {"greeting": again}
    assert thai.remove("greeting")
    assert not thai.remove("greeting")
    assert thai.is_empty()
    assert thai.manifest().prompts == {}


def test_own_prompts_need_a_text_once(thai: Pack) -> None:
    with pytest.raises(PromptError, match="say its text"):
        install(thai, "own_flood")
    install(thai, "own_flood", text="น้ำท่วมในจังหวัดศรีสะเกษ")
    assert install(thai, "own_flood").text == "น้ำท่วมในจังหวัดศรีสะเกษ"
    with pytest.raises(PromptError, match="one line"):
        install(thai, "own_flood", text="a\nb")


@pytest.mark.parametrize("key", ["../greeting", "nothing", "", "own_/x", "greeting.wav"])
def test_a_key_that_is_none_is_refused(thai: Pack, key: str) -> None:
    with pytest.raises(PromptError, match="no prompt has the key"):
        install(thai, key)
    assert thai.is_empty()


def test_a_word_of_the_other_language_is_refused(thai: Pack) -> None:
    with pytest.raises(PromptError, match="not used in th"):
        install(thai, "clock_am")


def test_the_check_names_what_is_wrong(thai: Pack) -> None:
    for key in ("greeting", "closed", "full", "sorry", "goodbye", "number_1", "survey_thanks"):
        install(thai, key)
    thai.path("closed").write_bytes(b"not a recording")
    thai.path("full").write_bytes(wav(sine(700, 1, level=0.01)))
    square = array("h", [32767] * 40 + [-32767] * 40) * 100
    thai.path("sorry").write_bytes(wav(square))
    thai.path("goodbye").write_bytes(wav(sine(700, 30)))
    thai.path("number_1").write_bytes(file(sine(700, 1, rate=16000), rate=16000))
    thai.path("survey_thanks").unlink()
    (thai.folder / "holiday.wav").write_bytes(wav(sine(700, 1)))
    (thai.folder / "place.wav").write_bytes(wav(sine(700, 1, level=0.1)))
    assert {
        ("closed", "format"),
        ("full", "quiet"),
        ("sorry", "clipped"),
        ("sorry", "loud"),
    } < kinds(thai)
    assert {("goodbye", "long"), ("number_1", "format"), ("holiday", "unknown")} < kinds(thai)
    assert {("place", "unlisted"), ("full", "changed")} < kinds(thai)
    assert "greeting" not in {key for key, _ in kinds(thai)}
    assert "survey_thanks" in {fault.key for fault in thai.check() if fault.kind == "missing"}


def test_a_recording_of_an_older_text_is_named(thai: Pack) -> None:
    install(thai, "greeting", text="สวัสดีครับ")
    assert kinds(thai) == {("greeting", "text")}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no manifest"),
        ("[]", "no manifest"),
        ('{"language": "en"}', "language en"),
        ('{"language": "th", "prompts": {"../x": {}}}', "no manifest"),
        ("x" * 1_100_000, "longer"),
    ],
)
def test_a_manifest_that_is_none_is_named(thai: Pack, text: str, why: str) -> None:
    thai.folder.mkdir()
    (thai.folder / MANIFEST).write_text(text)
    with pytest.raises(PromptError, match=why):
        thai.manifest()
    with pytest.raises(PromptError, match=why):
        install(thai, "greeting")


def test_where_it_cannot_be_written_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pack = Pack(tmp_path / "file" / "th", Language.THAI)
    with pytest.raises(PromptError, match="cannot be written"):
        install(pack, "greeting")


# ---- what stands in ---------------------------------------------------------------------------


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    folder = tmp_path / "sounds"
    for prompt in PROMPTS:
        for sound in prompt.sounds:
            path = folder / f"{sound}.gsm"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"[" + sound.encode() + b"]")
    return folder


def test_debians_english_stands_in_behind_a_tone(tmp_path: Path, sounds: Path) -> None:
    prompts = tmp_path / "prompts"
    gather(prompts, sounds)
    publish(prompts)
    assert (prompts / "full.gsm").read_bytes() == b"[beep][sorry][please-try-call-later]"
    assert (prompts / "en" / "full.gsm").read_bytes() == b"[sorry][please-try-call-later]"
    assert (prompts / "number_5.gsm").read_bytes() == b"[digits/5]"
    assert (prompts / "recording_notice.gsm").read_bytes() == b"[beep]", "no tone before a tone"


def test_every_prompt_is_heard_somehow(tmp_path: Path, sounds: Path) -> None:
    """Whatever is there of Debian's: one file for each key, and never two."""
    for where in (sounds, tmp_path / "nothing"):
        prompts = tmp_path / where.name / "prompts"
        gather(prompts, where)
        publish(prompts)
        names = [path.stem for path in prompts.glob("*.*")]
        assert sorted(names) == sorted([*BY_KEY, RINGING])
        assert all(path.stat().st_size for path in prompts.glob("*.*"))


def test_an_english_recording_takes_debians_place(tmp_path: Path, sounds: Path) -> None:
    prompts = tmp_path / "prompts"
    gather(prompts, sounds)
    publish(prompts)
    english = Pack(prompts / "en", Language.ENGLISH)
    made = recording()
    install(english, "full", made)
    publish(prompts, ["full"])
    assert not (prompts / "full.gsm").exists()
    assert not (prompts / "en" / "full.gsm").exists()
    told, spoken = read_wav((prompts / "full.wav").read_bytes())[0], read_wav(made.wav)[0]
    assert told[: len(attention())] == attention()
    assert told[-len(spoken) :] == spoken
    english.remove("full")
    publish(prompts, ["full"])
    assert (prompts / "full.gsm").exists()
    assert (prompts / "en" / "full.gsm").exists()
    assert not (prompts / "full.wav").exists()


def test_own_prompts_stand_in_too(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    install(Pack(prompts / "th", Language.THAI), "own_flood", text="น้ำท่วม")
    publish(prompts)
    assert (prompts / "own_flood.wav").exists()


def test_debians_wav_is_as_good(tmp_path: Path) -> None:
    sounds, prompts = tmp_path / "sounds", tmp_path / "prompts"
    sounds.mkdir()
    (sounds / "hello.wav").write_bytes(wav(sine(700, 0.5)))
    gather(prompts, sounds)
    publish(prompts)
    assert [path.name for path in (prompts / DEBIAN).iterdir()] == ["greeting.wav"]
    assert len(read_wav((prompts / "greeting.wav").read_bytes())[0]) > 8000


def test_a_stand_in_that_is_the_same_is_not_written_again(tmp_path: Path, sounds: Path) -> None:
    prompts = tmp_path / "prompts"
    gather(prompts, sounds)
    publish(prompts)
    before = {path: path.stat().st_ino for path in prompts.rglob("*.*")}
    publish(prompts)
    assert before == {path: path.stat().st_ino for path in prompts.rglob("*.*")}


def test_a_measure_is_what_the_manifest_says(thai: Pack) -> None:
    made = Recording(
        wav=recording().wav, measure=Measure(seconds=1.5, loudness=-20.5, clipped=False)
    )
    entry = install(thai, "greeting", made)
    assert (entry.seconds, entry.loudness) == (1.5, -20.5)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["greeting.wav", MANIFEST])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a pipe"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    """The service writes what stands in for recordings at its start."""
    pack = Pack(tmp_path / "en", Language.ENGLISH)
    pack.folder.mkdir()
    odd = pack.folder / name
    if kind == "folder":
        odd.mkdir()
    else:
        pipe = odd if kind == "pipe" else tmp_path / "pipe"
        os.mkfifo(pipe)
        if kind != "pipe":
            odd.symlink_to(pipe)
    (tmp_path / DEBIAN).mkdir()
    publish(tmp_path)
    assert (tmp_path / "greeting.wav").exists(), "a tone is heard"
    if name == MANIFEST:
        with pytest.raises(PromptError):
            pack.manifest()
    else:
        assert pack.recording("greeting") is None
        assert ("greeting", "unreadable") in kinds(pack)


def test_what_could_not_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"sound")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
