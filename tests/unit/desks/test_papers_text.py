"""What is not seen does not get into a paper."""

from callcenter.desks.shared.papers import _visible


def test_what_nobody_sees_is_left_out_and_thai_stays_as_it_is() -> None:
    thai = "ตำบลกู่\u200bอำเภอปรางค์กู่ น้ำ ก่ำ ๑๒.๐๐ น. ABC\n\t“ ”"
    assert _visible(thai) == thai
    assert _visible("ก" + "\u200b\u200d" * 5_000 + "ข") == "ก\u200bข"
    assert _visible("ไม่ผิด\u202eดิผ\u2066\ufeff\u00ad") == "ไม่ผิดดิผ"
