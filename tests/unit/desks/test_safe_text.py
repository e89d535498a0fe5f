"""Texts that a spreadsheet program would calculate stay texts."""

import pytest

from callcenter.desks.shared.sheets import safe_text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+66",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_what_would_be_calculated_is_marked(text: str) -> None:
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "อำเภอ", "1+1", "a=b", " x"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text
