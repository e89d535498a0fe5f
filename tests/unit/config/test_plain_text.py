"""The rule for texts that a person sees is held against Python's own table of characters."""

import sys
import unicodedata

from callcenter.config.plain_text import is_plain


def test_nothing_that_cannot_be_seen_is_let_through() -> None:
    unseen = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs")
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        kind = unicodedata.category(letter)
        if kind in unseen and unicodedata.unidata_version <= "15.1.0" and kind != "Cs":
            assert not is_plain(letter, 9), hex(code)
            assert is_plain(f"a{letter}b", 9) is (kind == "Zs"), hex(code)


def test_thai_is_let_through() -> None:
    for text in ("สมชาย ใจดี", "น้ำ ก๊ก", "ที่นี่ ปู่ ญี่ปุ่น", "ศูนย์ดำรงธรรม ๑๕๖๗", "ฯลฯ", "ฤๅษี ๆ"):
        assert is_plain(text, 100), text
