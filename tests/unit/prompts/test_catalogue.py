"""The list of prompts: the same keys in both languages, and texts that can be recorded."""

import re

import pytest

from callcenter.prompts.catalogue import (
    BY_KEY,
    KEY,
    OWN,
    PROMPTS,
    Language,
    is_key,
    longest_seconds,
    wanted,
)

THAI = re.compile(r"[\u0e00-\u0e7f ]+")
ENGLISH = re.compile(r"[A-Za-z'., ]+")
ALLOWED_IN_SOUNDS = re.compile(r"[a-z0-9/-]+")


def test_a_key_is_there_once_and_is_the_name_of_a_file() -> None:
    assert len(BY_KEY) == len(PROMPTS)
    assert all(KEY.fullmatch(prompt.key) for prompt in PROMPTS)
    assert not any(prompt.key.startswith(OWN) for prompt in PROMPTS)


def test_a_text_is_in_its_language_and_has_no_digits() -> None:
    for prompt in PROMPTS:
        assert prompt.th or prompt.en
        assert not prompt.th or THAI.fullmatch(prompt.th), prompt.key
        assert not prompt.en or ENGLISH.fullmatch(prompt.en), prompt.key
        assert all(ALLOWED_IN_SOUNDS.fullmatch(sound) for sound in prompt.sounds)


def test_only_words_of_numbers_and_times_are_missing_in_one_language() -> None:
    alone = [prompt for prompt in PROMPTS if not (prompt.th and prompt.en)]
    assert {prompt.group.value for prompt in alone} <= {"numbers", "times"}
    assert len(wanted(Language.THAI)) + len(wanted(Language.ENGLISH)) == 2 * len(PROMPTS) - len(
        alone
    )


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("greeting", True),
        ("own_flood_sisaket", True),
        ("own_", True),
        ("greetings", False),
        ("own_../../etc", False),
        ("own_Flood", False),
        ("own_" + "a" * 45, False),
        ("", False),
        ("own_a\n", False),
    ],
)
def test_which_keys_a_recording_may_have(key: str, good: bool) -> None:
    assert is_key(key) is good


def test_own_prompts_may_be_a_minute_long() -> None:
    assert longest_seconds("own_flood") == 60
    assert longest_seconds("number_1") < 5
