"""The papers of a case: what stands in the PDF, read back as a reader of the PDF copies it."""

from tests.integration.desks.office import API, COMPLAINT, FINDINGS, Office
from tests.pdf import text_of

SHEET, LETTER = "papers/cover-sheet", "papers/answer-letter"


async def printed(office: Office, by: str, path: str) -> str:
    """The text of a PDF, without spaces."""
    await office.get(by, "me")  # is logged in
    headers = {"Authorization": f"Bearer {office.house.tokens[by]}"}
    async with office.house.http.get(f"{office.house.url}{API}/{path}", headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        said = answer.headers["Content-Disposition"]
        assert said.startswith('attachment; filename="') and said.endswith('.pdf"')
        return text_of(await answer.read())


async def test_the_papers_of_prang_ku(office: Office) -> None:
    office.at("2021-08-17T09:00", still=True)
    marked = "ไม่ได้กักตัว #emph[ตัวเอียง] *ตัวหนา*"  # is text, whatever it looks like
    referral = {**COMPLAINT, "facts": marked, "to_unit": "p33", "reference": "1111-640817-01"}
    made = (await office.post("gcc", "referrals", referral)).body["case"]
    number = made["case"]
    await office.must("wichai", number, "receive")
    office.at("2021-08-17T11:00", still=True)
    await office.must("wichai", number, "refer", to_unit="d3307", note="โปรดรายงานด้วย")
    sheet = await printed(office, "nok", f"cases/{number}/{SHEET}")
    for piece in (
        "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ๑๗สิงหาคม๒๕๖๔",
        "เรียนที่ว่าการอำเภอปรางค์กู่",
        "อ้างถึง๑๑๑๑-๖๔๐๘๑๗-๐๑",
        "ไม่ได้กักตัว#emph[ตัวเอียง]*ตัวหนา*",
        "(๑)เดินทางมาจากพื้นที่เสี่ยง(๒)ไม่ได้กักตัว",
        "พื้นที่ตำบลกู่อำเภอปรางค์กู่จังหวัดศรีสะเกษ",
        "๗ราย",
        "โปรดรายงานด้วย",
        "ลงรับเรื่องภายในวันที่๑๘สิงหาคม๒๕๖๔เวลา๑๖.๓๐น.",
        "แจ้งผลการดำเนินการภายในวันที่๑๑กันยายน๒๕๖๔เวลา๒๓.๕๙น.",
    ):
        assert piece in sheet, (piece, sheet)
    early = await office.get("nok", f"cases/{number}/{LETTER}")
    assert (early.code, early.body["faults"]) == ("case_fault", ["not_answered"])

    await office.must("nok", number, "receive")
    office.at("2021-08-18T15:00", still=True)
    answer = {"text": "กักตัวครบทุกคนแล้ว", "findings": FINDINGS, "taken": ["ให้กักตัว ๑๔ วัน"]}
    await office.must("nok", number, "answer", **answer)
    letter = await printed(office, "wichai", f"cases/{number}/{LETTER}")
    for piece in (
        "๑๘สิงหาคม๒๕๖๔",
        "เรียนศูนย์บริการข้อมูลภาครัฐเพื่อประชาชน(GCC1111)",
        "(๑)เดินทางมาจากพื้นที่เสี่ยง:มีมูล(๒)ไม่ได้กักตัว:แก้ไขแล้วระหว่างตรวจสอบกักตัวแล้ว",
        "สรุปมีมูลบางส่วน",
        "กักตัวครบทุกคนแล้วให้กักตัว๑๔วัน",
    ):
        assert piece in letter, (piece, letter)
    for text in (sheet, letter):
        assert "สมหญิง" not in text
        assert "๕๖๗๘" not in text and "5678" not in text
    entries = (await office.get("command-line", "audit?limit=50")).body["entries"]
    papers = [(e["who"], e["details"]) for e in entries if e["action"] == "case.paper"]
    assert papers == [("wichai", {"paper": "answer-letter"}), ("nok", {"paper": "cover-sheet"})]
    for who in ("dao", "nobody"):
        assert (await office.get(who, f"cases/{number}/{LETTER}")).status == 404
