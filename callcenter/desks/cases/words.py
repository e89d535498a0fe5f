"""The Thai words for a case in papers and on screens. The state also has words that an operator can
read aloud to the citizen. They contain no names."""

from callcenter.desks.cases.model import CaseOutcome, CaseState, CaseType, Channel

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

STATES = {
    S.RECEIVED: "รับเรื่องแล้ว",
    S.REFERRED: "ส่งต่อแล้ว",
    S.IN_PROGRESS: "กำลังดำเนินการ",
    S.WAITING: "รอข้อมูล",
    S.ANSWERED: "ตอบแล้ว",
    S.CLOSED: "ยุติ",
    S.DUPLICATE: "รวมกับเรื่องอื่น",
    S.WITHDRAWN: "ถอนเรื่อง",
}
TOPICS = {
    "water": "น้ำ",
    "road": "ถนน",
    "electricity": "ไฟฟ้า",
    "covid": "โรคระบาด",
    "disaster": "สาธารณภัย",
    "debt": "หนี้นอกระบบ",
    "drugs": "ยาเสพติด",
    "official": "การปฏิบัติงานของเจ้าหน้าที่",
    "land": "ที่ดิน",
    "environment": "สิ่งแวดล้อม",
    "registration": "งานทะเบียน",
    "other": "อื่น ๆ",
}  # a topic that is not here is shown by its code
TYPES = {
    CaseType.COMPLAINT: "เรื่องร้องเรียน",
    CaseType.HELP: "เรื่องขอความช่วยเหลือ",
    CaseType.QUESTION: "เรื่องสอบถาม",
    CaseType.TIP_OFF: "เรื่องแจ้งเบาะแส",
    CaseType.SUGGESTION: "ข้อเสนอแนะ",
}
OUTCOMES = {
    CaseOutcome.SUBSTANTIATED: "มีมูล",
    CaseOutcome.NOT_SUBSTANTIATED: "ไม่มีมูล",
    CaseOutcome.REMEDIED: "แก้ไขแล้วระหว่างตรวจสอบ",
    CaseOutcome.NOT_DETERMINABLE: "ไม่อาจสรุปได้",
    CaseOutcome.PARTLY: "มีมูลบางส่วน",
}
CHANNELS = {
    Channel.LINE_1567: "โทรศัพท์ ๑๕๖๗",
    Channel.LINE_1111: "โทรศัพท์ ๑๑๑๑",
    Channel.PROVINCE_LINE: "โทรศัพท์ของจังหวัด",
    Channel.PAGE_INBOX: "กล่องข้อความเพจ",
    Channel.WALK_IN: "มาด้วยตนเอง",
    Channel.LETTER: "จดหมาย",
    Channel.PO_BOX: "ตู้ ปณ.",
    Channel.LINE_APP: "LINE",
    Channel.WEB: "เว็บไซต์",
    Channel.EMAIL: "อีเมล",
    Channel.REFERRAL_1111: "ส่งต่อจาก ๑๑๑๑",
    Channel.REFERRAL: "หน่วยงานอื่นส่งต่อ",
}


def read_aloud(state: CaseState, holder_th: str, holder_en: str) -> tuple[str, str]:
    """The state in Thai and in English."""
    thai, english = READ_ALOUD[state]
    return thai.format(holder=holder_th), english.format(holder=holder_en)
