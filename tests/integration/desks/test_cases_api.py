"""The acceptance list DD-01 to DD-10 and HL-10, HL-16 through the API."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.desks.cases import routes as case_routes
from callcenter.desks.cases.figures import CaseFigures
from callcenter.desks.cases.invariants import faults
from callcenter.desks.cases.model import Channel
from callcenter.desks.cases.store import CasesInPostgres
from callcenter.desks.shared.scope import Scope
from callcenter.desks.shared.thai import thai
from callcenter.ports.metrics import ALL, SUM, Samples
from callcenter.ports.people import Role
from tests.integration.desks.office import API, CLI, COMPLAINT, FINDINGS, Office

EVERYTHING = Scope(everything=True, units=frozenset(), sources=frozenset())
WALK_IN: dict[str, Any] = {**COMPLAINT, "channel": "walk_in"}


async def made(office: Office, by: str = "malee", **fields: Any) -> str:
    answer = await office.post(by, "cases", {**WALK_IN, **fields})
    assert answer.status == 201, answer.body
    return str(answer.body["case"]["case"])


async def referred(office: Office, reference: str, **fields: Any) -> str:
    body = {**COMPLAINT, "to_unit": "p33", "reference": reference, **fields}
    answer = await office.post("gcc", "referrals", body)
    assert answer.status == 201, answer.body
    return str(answer.body["case"]["case"])


async def listed(office: Office, by: str, query: str = "") -> list[str]:
    answer = await office.get(by, f"cases?{query}")
    assert answer.status == 200, answer.body
    return [line["case"] for line in answer.body["cases"]]


async def test_dd_01_two_at_once_get_two_numbers_and_thai_digits_find_them(office: Office) -> None:
    one, two = await asyncio.gather(made(office, "malee"), made(office, "wichai"))
    assert one != two
    for typed in (
        one,
        thai(f"{one[:2]}-{one[2:4]}-{one[4:10]}-{one[10]}"),
        f" {one[:5]} {one[5:]}",
    ):
        found = await office.post("malee", "case-search", {"number": typed})
        assert [line["case"] for line in found.body["cases"]] == [one]
    wrong = one[:10] + str((int(one[10]) + 1) % 10)
    assert (await office.post("malee", "case-search", {"number": wrong})).code == "number_wrong"


async def test_dd_02_each_type_and_urgent_ones_first(office: Office) -> None:
    for kind in ("complaint", "help", "question", "tip_off", "suggestion"):
        await made(office, type=kind)
    urgent = await made(office, type="help", urgency="urgent", people_concerned=None)
    found = await listed(office, "wichai")
    assert (len(found), found[0]) == (6, urgent)
    ageing = (await office.get("wichai", "case-ageing")).body["holders"]
    assert [(row["holder"], row["cases"], row["people"]) for row in ageing] == [("p33", 6, 35)]
    pages, after = [], ""
    while True:
        page = (await office.get("wichai", f"cases?limit=2{after}")).body
        pages += [line["case"] for line in page["cases"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert pages == found


async def test_dd_03_the_same_reference_gives_the_same_case(office: Office) -> None:
    both = await asyncio.gather(*(referred(office, "1111-1") for _ in range(4)))
    assert len(set(both)) == 1
    assert await referred(office, "1111-1", facts="อื่น ๆ") == both[0]
    assert await referred(office, "1111-2") != both[0]
    typed = {**WALK_IN, "source_unit": "gcc1111", "source_reference": "1111-1"}
    seen = await office.post("malee", "cases", typed)
    assert (seen.code, seen.body["faults"]) == ("reference_known", [both[0]])
    assert len(await listed(office, "wichai")) == 2


async def test_a_reference_that_somebody_else_said_tells_nothing_and_takes_nothing(
    office: Office,
) -> None:
    """Neither can one learn what a stranger has, nor is the source's own number used up."""
    theirs = await referred(office, "1111-1")
    typed = {**WALK_IN, "source_unit": "gcc1111", "source_reference": "1111-1", "area": "34"}
    said = await office.post("ubon", "cases", typed)
    assert (said.status, said.body["case"]["source_itself"]) == (201, False)
    early = await office.post("ubon", "cases", {**typed, "source_reference": "1111-2"})
    posted = await referred(office, "1111-2")
    assert posted not in (theirs, early.body["case"]["case"])
    assert (await office.get("gcc", f"cases/{posted}")).body["source_itself"] is True
    assert await referred(office, "1111-2") == posted


async def test_dd_04_every_hand_over_is_shown_with_its_times(office: Office) -> None:
    office.at("2022-03-10T09:00", still=True)
    number = await referred(office, "1111-4")
    office.at("2022-03-10T09:10", still=True)
    await office.must("wichai", number, "receive")
    office.at("2022-03-10T09:20", still=True)
    await office.must("wichai", number, "refer", to_unit="d3307")
    await office.must("wichai", number, "refer", to_unit="d3306")
    office.at("2022-03-10T09:30", still=True)
    await office.must("nok", number, "receive")
    office.at("2022-03-10T09:40", still=True)
    case = await office.must("nok", number, "return", reason="wrong_agency", text="ชลประทาน")
    assert [hop["state"] for hop in case["hops"]] == ["received", "returned", "sent"]
    assert case["hops"][1]["answer"] == "ชลประทาน"
    times = [[hop[f"{step}_at"] for step in ("sent", "received", "ended")] for hop in case["hops"]]
    assert times == [
        ["2022-03-10T02:00:00Z", "2022-03-10T02:10:00Z", None],
        ["2022-03-10T02:20:00Z", "2022-03-10T02:30:00Z", "2022-03-10T02:40:00Z"],
        ["2022-03-10T02:20:00Z", None, None],
    ]
    for hop in case["hops"]:
        assert hop["clocks"] and all(clock["due_at"] for clock in hop["clocks"])
    early = await office.do("wichai", number, "answer", text="x", findings=FINDINGS)
    assert early.body["faults"] == ["answers_awaited"]
    case = await office.must("wichai", number, "recall", hop=3, text="ส่งผิด")
    assert (case["state"], case["holder"]) == ("in_progress", "p33")


async def test_dd_06_it_is_not_closed_before_everybody_knows(office: Office) -> None:
    number = await referred(office, "1111-6")
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "answer", text="x", findings=FINDINGS)
    unsaid = await made(office, type="question", allegations=[])
    await office.must("malee", unsaid, "answer-at-once", text="x")
    refused = await office.do("wichai", unsaid, "close")
    assert refused.body["faults"] == ["citizen_not_informed"]
    await office.must("malee", unsaid, "inform-citizen", why_not="ไม่ประสงค์ออกนาม")
    closed = await office.must("wichai", unsaid, "close")
    assert (closed["citizen_informed_at"], closed["citizen_why_not"]) == (None, "ไม่ประสงค์ออกนาม")
    for action, body, fault in (
        ("report-to-source", {"text": "หนังสือ"}, "source_not_informed"),
        ("inform-citizen", {"how": "โทรศัพท์"}, "citizen_not_informed"),
    ):
        refused = await office.do("wichai", number, "close")
        assert (refused.status, refused.body["faults"]) == (409, [fault])
        await office.must("wichai", number, action, **body)
    assert (await office.must("wichai", number, "close"))["state"] == "closed"
    refused = await office.do("wichai", number, "take")
    assert (refused.code, refused.body["faults"]) == ("not_now", ["letter", "message", "reopen"])
    case = await office.must("gcc", number, "reopen", text="ยังไม่เรียบร้อย")
    assert (case["state"], case["reopened"]) == ("in_progress", 1)


async def test_dd_07_overdue_is_what_sql_says_and_what_waits_is_not(
    office: Office, engine: AsyncEngine
) -> None:
    office.at("2022-04-12T15:00")
    numbers = [await referred(office, f"1111-7-{n}") for n in range(4)]
    shown = (await office.get("wichai", f"cases/{numbers[0]}")).body
    due = {clock["name"]: clock["due_at"] for clock in shown["hops"][0]["clocks"]}
    assert due["receive"] == "2022-04-18T09:30:00Z"  # Songkran and a weekend are between
    await office.must("wichai", numbers[1], "receive")
    await office.must("wichai", numbers[2], "receive")
    await office.must("wichai", numbers[2], "wait", text="ขอเอกสารเพิ่ม")
    for moment, expected in (
        ("2022-04-12T17:59", set()),
        ("2022-04-12T18:01", {0, 1, 3}),  # nobody has acknowledged them within three hours
        ("2022-05-30T00:00", {0, 1, 3}),
    ):
        now = office.at(moment)
        found = set(await listed(office, "wichai", "overdue=true"))
        async with engine.connect() as connection:
            late = await connection.scalars(
                text(
                    "select distinct d.number from clocks c join documents d on d.id = c.document "
                    "where c.met_at is null and c.ended_at is null and c.paused_at is null "
                    "and c.due_at < :now"
                ),
                {"now": now},
            )
        assert found == set(late), moment
        assert {n for n, number in enumerate(numbers) if number in found} == expected
    limit = {"counted": "working_days", "amount": 3}
    assert (await office.post("wichai", "case-limits/receive/normal", limit)).status == 405
    put = await office.ask("PUT", "central", "case-limits/receive/normal", limit)
    assert (put.status, put.body["version"]) == (200, 2)
    refused = await office.ask("PUT", "wichai", "case-limits/receive/normal", limit)
    assert refused.code == "not_allowed"
    office.at("2022-04-12T15:00")
    later = (await office.get("wichai", f"cases/{await referred(office, '1111-7-9')}")).body
    due = {clock["name"]: clock["due_at"] for clock in later["hops"][0]["clocks"]}
    assert due["receive"] == "2022-04-20T09:30:00Z"


async def test_dd_09_who_complains_is_seen_by_few_and_each_look_is_kept(office: Office) -> None:
    number = await referred(office, "1111-9")
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")
    for who, sees in (
        ("wichai", True),
        ("somsri", True),
        ("gcc", True),
        ("nok", False),
        ("malee", False),
        ("admin33", False),
        ("central", False),
        ("ubon", False),
    ):
        answer = await office.get(who, f"cases/{number}/persons")
        assert answer.status == (200 if sees else 404), who
        assert ("สมหญิง" in str(answer.body)) is sees
        for path in (f"cases/{number}", "cases", "cases?area=33&holder=d3307"):
            assert "สมหญิง" not in str((await office.get(who, path)).body)
            assert not tells_number(str((await office.get(who, path)).body))
    entries = (await office.get(CLI, "audit?limit=1000")).body["entries"]
    looks = [entry for entry in entries if entry["action"] == "case.persons"]
    assert [look["details"]["shown"] for look in looks] == [False] * 5 + [True] * 3
    assert all("สมหญิง" not in str(entry) and not tells_number(str(entry)) for entry in entries)


def tells_number(text: str) -> bool:
    """In full, or masked. Four digits alone may be a part of any figure."""
    return "345678" in text or "x-5678" in text


async def test_dd_10_hl_10_a_caller_s_earlier_cases_are_beside_the_call(office: Office) -> None:
    house = office.house
    await house.operator("malee", queues=["damrong"])
    entered = await house.ask("POST", f"{API}/operators/malee/log-in", {}, by=CLI)
    assert entered.status == 200, entered.body
    first = await made(office)
    await house.caller("c2", number="0812345678")
    beside = await office.get("malee", "calls/c2/cases")
    [line] = beside.body["cases"]
    assert line["case"] == first
    assert line["said_th"] == "รับเรื่องไว้แล้ว อยู่ที่ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ"
    for phone in ("0812345678", "๐๘๑-๒๓๔-๕๖๗๘", "+66812345678"):
        found = await office.post("malee", "case-search", {"phone": phone})
        assert [each["case"] for each in found.body["cases"]] == [first]
    assert (await office.post("ubon", "case-search", {"phone": "0812345678"})).body["cases"] == []


async def test_a_list_tells_cases_apart_by_how_their_facts_begin(office: Office) -> None:
    short, long = await made(office, facts="ท่อแตก\nน้ำไหล"), await made(office, facts="ก" * 150)
    told = {line["case"]: line for line in (await office.get("wichai", "cases")).body["cases"]}
    assert told[short]["excerpt"] == "ท่อแตก น้ำไหล"
    assert told[long]["excerpt"] == "ก" * 100 + "…"
    assert told[short]["area_written_en"] == "Ku, Prang Ku, Si Sa Ket"
    assert told[short]["holder_name_en"] == "Damrongdham Centre, Si Sa Ket"


async def test_of_somebody_else_s_call_no_cases_are_told(office: Office) -> None:
    await office.house.caller("c3", number="0812345678")  # waits: nobody is in it
    assert await made(office)
    await made(office, "wichai", call="c3", channel="1567")
    for who in ("malee", "wichai", "gcc", "ubon", "nobody"):
        assert (await office.get(who, "calls/c3/cases")).body["cases"] == [], who
        never = await office.get(who, "calls/c4/cases")
        assert (never.status, never.body["cases"]) == (200, []), who


async def test_what_is_closed_does_not_take_another_case_in(office: Office) -> None:
    closed = await made(office, type="question", allegations=[])
    await office.must("malee", closed, "answer-at-once", text="x")
    await office.must("malee", closed, "inform-citizen", how="x")
    await office.must("wichai", closed, "close")
    answer = await office.do("wichai", await made(office), "merge", into=closed)
    assert (answer.code, answer.body["faults"]) == ("case_fault", ["wrong_target"])


async def test_a_look_from_above_is_not_the_receiver_s_look(office: Office) -> None:
    number = await referred(office, "1111-30")
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")
    for who in ("somsri", "wichai", "admin33"):
        assert (await office.get(who, f"cases/{number}")).body["hops"][1]["seen_at"] is None, who
    assert (await office.get("nok", f"cases/{number}")).body["hops"][1]["seen_at"] is not None


async def test_what_is_not_possible_says_why(office: Office) -> None:
    number = await referred(office, "1111-31")
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")

    async def blocked(who: str) -> dict[str, str]:
        shown = (await office.get(who, f"cases/{number}")).body
        assert not {*shown["actions"]} & {each["action"] for each in shown["blocked"]}
        return {each["action"]: each["why_not"] for each in shown["blocked"]}

    assert (await blocked("nok"))["answer"] == "receive_first"
    assert (await blocked("wichai"))["answer"] == "answers_awaited"
    assert (await blocked("wichai"))["close"] == "other_state"
    assert await blocked("admin33") == {}
    await office.must("nok", number, "receive")
    await office.must("nok", number, "answer", text="x", findings=FINDINGS)
    assert (await blocked("wichai"))["close"] == "source_not_informed"
    refused = await office.do("wichai", number, "close")
    assert refused.body["faults"] == ["source_not_informed"]


async def test_hl_16_a_case_of_another_channel_has_no_call(
    office: Office, engine: AsyncEngine
) -> None:
    office.at("2022-03-13T10:00")
    number = await made(office, channel="page_inbox")
    shown = (await office.get("malee", f"cases/{number}")).body
    assert (shown["channel"], shown["call"]) == ("page_inbox", None)
    async with engine.connect() as connection:
        assert await connection.scalar(text("select count(*) from calls")) == 0, "none is made up"
    period = "arrived_from=2022-03-01T00:00:00Z&arrived_before=2022-04-01T00:00:00Z"
    counted = await office.get(CLI, f"service-levels?{period}")
    assert counted.status == 200, counted.body
    assert all(level["counted"] == 0 for line in counted.body["lines"] for level in line["levels"])
    assert office.house.pump.state.calls == {}, "nor is any in the engine, whose are the metrics"


async def test_the_operator_in_the_call_sees_who_it_is_and_no_other_operator(
    office: Office,
) -> None:
    house = office.house
    await house.operator("malee", queues=["damrong"])
    entered = await house.ask("POST", f"{API}/operators/malee/log-in", {}, by=CLI)
    assert entered.status == 200, entered.body
    await house.caller("c8")
    earlier = await made(office, call="c7", channel="1567")
    present = await made(office, call="c8", channel="1567")
    shown = await office.get("malee", f"cases/{present}/persons")
    assert shown.status == 200, shown.body
    assert [person["phone"] for person in shown.body["persons"]] == ["081-234-5678", "0812345678"]
    assert (await office.get("malee", f"cases/{earlier}/persons")).status == 404


async def test_two_who_change_a_case_at_once(office: Office) -> None:
    number = await referred(office, "1111-11")
    body = {"version": 1}
    answers = await asyncio.gather(
        *(office.do("wichai", number, "receive", **body) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    assert {answer.code for answer in answers if answer.status == 409} == {"changed_meanwhile"}


async def test_what_is_wrong_is_told_and_nothing_is_stored(office: Office) -> None:
    for fields, code in (
        ({"area": "หนองบัว"}, "area_ambiguous"),
        ({"area": "ไม่มี"}, "area_unknown"),
        ({"area": "100205"}, "area_abolished"),
        ({"facts": "โทรกลับ ๐๘๑-๒๓๔-๕๖๗๘"}, "phone_in_text"),
        ({"people_concerned": -1}, "invalid"),
        ({"people_concerned": 100_001}, "invalid"),
        ({"facts": "x" * 4001}, "invalid"),
        ({"unit": "p34"}, "not_allowed"),
        ({"source_unit": "nobody"}, "unknown_unit"),
        (
            {"source_unit": "gcc1111", "source_received_at": "2100-01-01T00:00:00Z"},
            "date_in_future",
        ),
    ):
        answer = await office.post("malee", "cases", {**WALK_IN, **fields})
        assert (answer.status in (403, 404, 422), answer.code) == (True, code), fields
    assert await listed(office, "wichai") == []
    kept = await made(office, facts="โทรกลับ 02-1234567", confirmed=True)
    assert await listed(office, "wichai") == [kept]


async def test_a_case_that_was_joined_still_finds_the_one_that_goes_on(office: Office) -> None:
    goes_on, same = await made(office), await made(office)
    similar = (await office.post("malee", "cases", WALK_IN)).body["similar"]
    assert {line["case"] for line in similar} == {goes_on, same}
    await office.must("wichai", same, "merge", into=goes_on)
    found = (await office.post("malee", "case-search", {"number": same})).body["cases"]
    assert {line["case"] for line in found} == {goes_on, same}
    corrected = await office.must("wichai", goes_on, "correct", people_concerned=9, area="33")
    assert corrected["events"][-1]["changes"] == {
        "people_concerned": [7, 9],
        "area": ["330702", "33"],
    }


async def test_a_question_is_answered_at_once(office: Office) -> None:
    number = await made(office, type="question", allegations=[])
    case = await office.must("malee", number, "answer-at-once", text="โทร 1330")
    assert case["state"] == "answered"
    await office.must("malee", number, "inform-citizen", how="ในสาย")
    assert (await office.do("malee", number, "close")).code == "not_allowed"
    await office.must("wichai", number, "close")


async def test_history_is_only_added_to(office: Office, engine: AsyncEngine) -> None:
    number = await made(office)
    await office.must("wichai", number, "take")
    told = await CasesInPostgres(engine).told(number, EVERYTHING)
    assert told is not None
    assert faults(told.case, told.events) == []
    for statement in (
        "update document_events set actor = 'x'",
        "delete from document_events",
        "truncate document_events cascade",
    ):
        with pytest.raises(DBAPIError, match="only added to"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_somebody_without_a_grant_sees_and_makes_nothing(office: Office) -> None:
    number = await made(office)
    for who in ("nobody", "viewer"):
        assert await listed(office, who) == []
        assert (await office.get(who, f"cases/{number}")).status == 404
        assert (await office.post(who, "cases", WALK_IN)).code == "not_allowed"
        assert (await office.get(who, "case-ageing")).body["holders"] == []
    await office.house.person("boss", Role.ADMINISTRATOR)
    assert (await office.get("boss", f"cases/{number}")).status == 404


async def test_figures_are_what_was_done(office: Office, engine: AsyncEngine) -> None:
    office.at("2022-04-12T15:00")
    figures = CaseFigures(CasesInPostgres(engine), office.house.hands.wall)
    assert figures.open() == {}  # not counted yet: no data, not 0
    number = await referred(office, "1111-20")
    await referred(office, "1111-21")
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "answer", text="x", findings=FINDINGS)
    await office.must("wichai", number, "report-to-source", text="x")
    await office.must("wichai", number, "inform-citizen", how="x")
    await office.must("wichai", number, "close")
    office.at("2022-04-12T18:30")
    await figures.count()
    assert figures.open()[("referred",)] == 1
    assert sum(figures.open().values()) == 1
    assert figures.overdue()[("acknowledge",)] == 1
    assert sum(figures.overdue().values()) == 1
    assert figures.closed()[("complaint", "partly")] == 1
    assert (len(figures.closed()), sum(figures.closed().values())) == (30, 1)
    await office.must("gcc", number, "reopen", text="x")
    await figures.count()
    assert (figures.reopened(), figures.open()[("in_progress",)]) == ({(): 1}, 1)


async def test_who_was_not_in_a_call_gets_no_number_by_naming_it(office: Office) -> None:
    """Neither do their superiors at the desk, who see the people of the case."""
    await office.house.caller("c9", number="0899998888")
    number = await made(office, call="c9", channel="1567", persons=[])
    assert (await office.get("wichai", f"cases/{number}/persons")).body["persons"] == []
    for phone in ("0899998888", "0899998887"):
        found = await office.post("malee", "case-search", {"phone": phone})
        assert found.body["cases"] == []


async def test_who_takes_the_call_need_not_type_the_number(office: Office) -> None:
    await office.house.operator("malee")
    log_in = f"{API}/operators/malee/log-in"
    assert (await office.house.ask("POST", log_in, {}, by=CLI)).status == 200
    await office.house.caller("c9", number="0899998888")
    await office.house.pump.put_and_wait(OperatorAnswered(offer=offer_id(CallId("c9"), 1)))
    number = await made(office, call="c9", channel="1567", persons=[])
    persons = (await office.get("wichai", f"cases/{number}/persons")).body["persons"]
    assert [(each["role"], each["phone"]) for each in persons] == [("contact", "0899998888")]


async def test_of_two_cases_joined_with_each_other_at_once_one_goes_on(office: Office) -> None:
    await office.get("wichai", "cases")  # is logged in
    for _ in range(3):
        a, b = await made(office), await made(office)
        answers = await asyncio.gather(
            office.post("wichai", f"cases/{a}/merge", {"version": 1, "into": b}),
            office.post("wichai", f"cases/{b}/merge", {"version": 1, "into": a}),
        )
        codes = sorted(str(answer.status) for answer in answers)
        assert codes[0] == "200", [answer.body for answer in answers]
        assert codes[1] in ("404", "409"), [answer.body for answer in answers]
        states = [(await office.get("wichai", f"cases/{n}")).body["state"] for n in (a, b)]
        assert sorted(states) == ["duplicate", "received"]


async def test_what_was_withdrawn_does_not_go_on(office: Office) -> None:
    a, b = await made(office), await made(office)
    await office.must("wichai", b, "withdraw", text="ไม่ประสงค์")
    answer = await office.do("wichai", a, "merge", into=b)
    assert (answer.code, answer.body["faults"]) == ("case_fault", ["wrong_target"])


async def test_a_limit_that_is_set_twice_at_once_has_two_versions(office: Office) -> None:
    await office.get("central", "cases")
    body = {"counted": "calendar_days", "amount": 5}
    path = "case-limits/result/normal"
    answers = await asyncio.gather(*(office.ask("PUT", "central", path, body) for _ in range(3)))
    assert sorted(answer.body["version"] for answer in answers) == [2, 3, 4]


async def test_how_long_things_took_is_told_to_prometheus(office: Office) -> None:
    office.at("2031-03-03T09:00", still=True)
    body = {**COMPLAINT, "to_unit": "p33", "reference": "1"}
    case = str((await office.post("gcc", "referrals", body)).body["case"]["case"])
    office.at("2031-03-03T09:30", still=True)
    await office.must("wichai", case, "receive")
    office.at("2031-03-03T11:00", still=True)
    await office.must("wichai", case, "refer", to_unit="d3307")
    office.at("2031-03-03T13:00", still=True)
    await office.must("nok", case, "receive")
    office.at("2031-03-04T09:00", still=True)
    await office.must("nok", case, "answer", text="ตรวจสอบแล้ว", findings=FINDINGS)
    [parts] = [
        each.parts
        for each in office.house.serving.features
        if isinstance(each.parts, case_routes.Parts)
    ]
    await parts.figures.count()
    hops, assigned = parts.figures.hops(), parts.figures.assigned()

    def of(samples: Samples, *key: str) -> list[float]:
        return [samples[(*key, edge)] for edge in ("1800", "3600", "10800", "86400", ALL, SUM)]

    assert of(hops, "province", "receive") == [1, 1, 1, 1, 1, 1800]
    assert of(hops, "district", "receive") == [0, 0, 1, 1, 1, 7200]
    assert of(hops, "district", "answer") == [0, 0, 0, 1, 1, 22 * 3600]
    assert of(hops, "province", "answer") == [0] * 6
    assert of(assigned, "referral_1111") == [0, 0, 1, 1, 1, 7200]
    assert sum(assigned[(each.value, ALL)] for each in Channel) == 1
    assert set(samples_labels(hops)) >= {("national", "receive"), ("local", "answer")}


def samples_labels(samples: Samples) -> set[tuple[str, ...]]:
    return {labels[:-1] for labels in samples}
