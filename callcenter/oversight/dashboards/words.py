"""Thai and English text for every title and description on a page.

A lint rule refuses a title in one language only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in Thai and in English."""

    thai: str
    english: str

    def __str__(self) -> str:
        return f"{self.thai} / {self.english}"


NO_CALLS = Words("ไม่มีสาย", "no calls")
"""Shown in place of a percentage of nothing: never 0 % and never 100 %."""

FEW_CALLS = Words("สายน้อย", "few calls")
"""Shown in place of a percentage of fewer than 20 calls. The two counts are shown beside it."""

NOT_KNOWN = Words("ไม่ทราบ", "not known")
NOT_MEASURED = Words("ไม่ได้วัด", "not measured")
NOBODY = Words("ไม่มีเจ้าหน้าที่", "no operators")
NOTHING = Words("ไม่มีข้อมูล", "no data")
NONE = Words("ไม่มี", "none")

GOOD = Words("ผ่าน", "met")
MIDDLING = Words("เฝ้าระวัง", "watch")
BAD = Words("ไม่ผ่าน", "missed")
