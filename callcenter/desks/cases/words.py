"""The state of a case in words that an operator can read aloud to the citizen. No names in them."""

from callcenter.desks.cases.model import CaseState

S = CaseState
READ_ALOUD: dict[CaseState, tuple[str, str]] = {
    S.RECEIVED: ("รับเรื่องไว้แล้ว อยู่ที่{holder}", "received, at {holder}"),
    S.REFERRED: ("ส่งต่อไปที่{holder}แล้ว รอรับเรื่อง", "passed to {holder}, who will take it up"),
    S.IN_PROGRESS: ("{holder}กำลังดำเนินการ", "{holder} is working on it"),
    S.WAITING: ("{holder}กำลังรอข้อมูลเพิ่มเติม", "{holder} is waiting for more information"),
    S.ANSWERED: ("ตรวจสอบแล้ว กำลังแจ้งผล", "checked; the result is being told"),
    S.CLOSED: ("ยุติเรื่องแล้ว", "closed"),
    S.DUPLICATE: ("รวมกับเรื่องเดิมที่ดำเนินการอยู่แล้ว", "joined with the same matter"),
    S.WITHDRAWN: ("ถอนเรื่องแล้ว", "withdrawn"),
}


def read_aloud(state: CaseState, holder_th: str, holder_en: str) -> tuple[str, str]:
    """In Thai and in English."""
    thai, english = READ_ALOUD[state]
    return thai.format(holder=holder_th), english.format(holder=holder_en)
