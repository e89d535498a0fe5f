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
        ("+66 45 614 545", "045614545"),
        ("+66-45-614-545", "045614545"),
        ("+66 (0)45 614545", "045614545"),
        ("0066.45.614.545", "045614545"),
        ("6645614545", "045614545"),
        ("tel:+66-45-614545;phone-context=+66", "045614545"),
        ("sip:+6645614545@example.org;user=phone", "045614545"),
        ("045614545;phone-context=th", "045614545"),
        ("+66 81 234 5678", "0812345678"),
        ("15-67", "1567"),
        ("+661567", "1567"),
        ("+661800123456", "1800123456"),
        ("+1 212 555 0100", "+12125550100"),
        ("0012125550100", "+12125550100"),
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
