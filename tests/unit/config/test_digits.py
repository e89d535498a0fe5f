"""One form for a dialled number, whoever wrote it."""

import pytest

from callcenter.config import as_did


@pytest.mark.parametrize(
    ("written", "did"),
    [
        ("1567", "1567"),
        ("๑๕๖๗", "1567"),
        ("045-614545", "045614545"),
        ("๐๔๕-๖๑๔๕๔๕", "045614545"),
        ("+66 45 614 545", "+6645614545"),
        ("(045) 614.545", "045614545"),
    ],
)
def test_numbers_as_people_write_them(written: str, did: str) -> None:
    assert as_did(written) == did


@pytest.mark.parametrize(
    "written", ["", "1", "+", "1+1", "15a7", "١٥٦٧", "1567\x00", "1" * 21, "*88", "１５６７"]
)
def test_what_is_no_dialled_number(written: str) -> None:
    assert as_did(written) is None
