"""A caller's number as anyone may see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.web.masking import masked


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("0812345678", "08x-xxx-5678"),
        ("+66812345678", "08x-xxx-5678"),
        ("66812345678", "08x-xxx-5678"),
        ("๐๘๑-๒๓๔-๕๖๗๘", "08x-xxx-5678"),
        ("045614545", "04x-xx-4545"),
        ("+442079460018", "44x-xxxxx-0018"),
        ("1567", "xxxx"),
        ("", "withheld"),
        ("Anonymous", "withheld"),
        ("<script>", "hidden"),
        ("081234567\u202e8", "hidden"),
        ("0" * 64_000, "hidden"),
    ],
)
def test_numbers(caller: str, shown: str) -> None:
    assert masked(caller) == shown


@given(st.from_regex(r"\+?[0-9]{7,20}", fullmatch=True) | st.text(max_size=80))
def test_at_most_six_of_its_digits_are_ever_shown(caller: str) -> None:
    assert sum(character.isdigit() for character in masked(caller)) <= 6
