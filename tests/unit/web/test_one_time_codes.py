"""Codes of an authenticator app: the vectors of RFC 6238, drift, and what an app is told."""

import base64

import pytest

from callcenter.web import one_time_codes

SECRET = base64.b32encode(b"12345678901234567890").decode()  # of the RFC's appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert one_time_codes.code(SECRET, one_time_codes.step_of(seconds), digits=8) == code
    assert one_time_codes.code(SECRET, one_time_codes.step_of(seconds)) == code[2:]


@pytest.mark.parametrize(("late", "known"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_a_clock_may_be_half_a_minute_wrong(late: int, known: bool) -> None:
    now = 1_234_567_890.0
    shown = one_time_codes.code(SECRET, one_time_codes.step_of(now + late))
    found = one_time_codes.matching_step(SECRET, shown, now)
    assert found == (one_time_codes.step_of(now + late) if known else None)


def test_no_other_text_is_a_code() -> None:
    for given in ("", "123456", "๑๒๓๔๕๖", "abcd-efgh"):
        assert one_time_codes.matching_step(SECRET, given, 59.0) is None


def test_a_secret_is_what_apps_take() -> None:
    secret = one_time_codes.new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != one_time_codes.new_secret()
    address = one_time_codes.address(secret, account="somchai", issuer="Call centre")
    assert address == (
        f"otpauth://totp/Call%20centre%3Asomchai?secret={secret}"
        "&issuer=Call%20centre&digits=6&period=30"
    )


def test_a_recovery_code_is_the_same_however_it_is_typed() -> None:
    codes = one_time_codes.recovery_codes()
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert one_time_codes.recovery_hash(typed) == one_time_codes.recovery_hash(codes[0])
