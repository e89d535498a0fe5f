"""Thai and English side by side, as every title and description on a page is written.

A lint rule refuses a title in one language only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in Thai and in English."""

    thai: str
    english: str

    def __str__(self) -> str:
        return f"{self.thai} / {self.english}"


NO_CALLS = Words("ไม่มีสาย", "no calls")
"""Shown where a percentage of nothing would stand: never 0 % and never 100 %."""

FEW_CALLS = Words("สายน้อย", "few calls")
"""Shown where a percentage of fewer than 20 calls would stand; the two counts stand beside it."""

NOT_KNOWN = Words("ไม่ทราบ", "not known")
NOT_MEASURED = Words("ไม่ได้วัด", "not measured")
NOBODY = Words("ไม่มีเจ้าหน้าที่", "no operators")
NOTHING = Words("ไม่มีข้อมูล", "no data")
NONE = Words("ไม่มี", "none")

GOOD = Words("ผ่าน", "met")
MIDDLING = Words("เฝ้าระวัง", "watch")
BAD = Words("ไม่ผ่าน", "missed")
