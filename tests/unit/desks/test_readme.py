"""The desks' README: the picture of the states and the list of checks are printed from the code.

`python -m tests.unit.desks.test_readme` prints them again.
"""

import re
from pathlib import Path

from callcenter.desks.cases.model import CaseState
from callcenter.desks.cases.states import TABLE, CaseAction
from callcenter.desks.reports import states as report_states
from callcenter.desks.reports.model import ReportState

ROOT = Path(__file__).parents[3]
README = ROOT / "callcenter/desks/README.md"
CHECKS = {
    "DD-01": "two at once, two numbers; a wrong or swapped digit is caught; Thai digits find it",
    "DD-02": "each type; urgent ones first; people concerned are not the number of cases",
    "DD-03": "the same reference of a source gives the same case",
    "DD-04": "every hand-over with its times; return with a reason; parallel ones must both end",
    "DD-05": "the outcome from the conclusions; without one a complaint is not answered",
    "DD-06": "not closed before source and citizen know, or it is said why not",
    "DD-07": "limits over Songkran; overdue is what SQL says; what waits is never overdue",
    "DD-08": "the bulletin with its four headings and counts",
    "DD-09": "who complains is seen by few, and each look is kept; the district finds it nowhere,"
    " and nobody in a file",
    "DD-10": "found in a call by number or phone, from an index, within a second"
    " among 200,000; the state in words to read aloud, and by keypad",
    "RP-01": "a due time as the letter writes it, stored and shown alike",
    "RP-02": "77 are expected; a second submission is a revision; of two at once one wins",
    "RP-03": "prefilled calls, staff and cases are those of SQL, to the edges of the period; typed"
    " numbers keep the system's beside them",
    "RP-04": "complaints about admission, obstacles, suggestions, coordination, publicity",
    "RP-05": "on time to the second; returned and submitted within a day keeps its time",
    "RP-06": "reminders to those who have not submitted, and the list of them",
    "RP-07": "spreadsheet, CSV, JSON with the same numbers, also when they come back; ADX and DHIS2"
    " by a reader written from their documents (no server of DHIS2 was there); mail waits in an"
    " outbox",
    "RP-08": "totals of what was submitted; who is missing is named and no zero",
    "XC-01": "areas as people write them; a name used 28 times; an abolished area",
    "XC-02": "Thai digits, Buddhist years, leap days",
    "XC-03": "outside one's scope nothing is there, at every endpoint of a case, list, search and"
    " file, for each role; who only reads changes nothing",
    "XC-04": "a round shows the letter that asked for it; a letter sets the deadline of a case or a"
    " round, and the history says which",
    "XC-05": "deadlines, periods and written times are the same on a machine and with a database"
    " set to another time zone",
    "HL-10": "earlier cases of the number beside the call",
    "HL-11": "what a call was about is said, or it is `undisposed`",
    "HL-12": "answers found by a part of a Thai word; out-of-date ones flagged; misses counted",
    "HL-16": "a case of another channel has no call, makes none up, and counts as none",
}


LACKS: dict[str, str] = {}
"""What of the check no test here shows."""


def named_tests(check: str) -> dict[str, int]:
    """How many tests are named after the check, by their file."""
    word = check.lower().replace("-", "_")
    named = re.compile(rf"^(?:async )?def test_(?:\w+_)?{word}_", re.MULTILINE)
    folders = (ROOT / "tests/unit/desks", ROOT / "tests/integration/desks")
    files = sorted(path for folder in folders for path in folder.glob("test_*.py"))
    files.append(ROOT / "tests/integration/test_notes.py")
    counted = {str(path.relative_to(ROOT / "tests")): path.read_text() for path in files}
    many = {name: len(named.findall(text)) for name, text in counted.items()}
    return {name: count for name, count in many.items() if count}


def state_of(check: str) -> str:
    if not named_tests(check):
        return "**not built**"
    return f"partly: {LACKS[check]}" if check in LACKS else "tested"


def printed() -> dict[str, str]:
    """The parts, by the words of their first mark."""
    rows = ["| check | what | state | tests |", "|---|---|---|---|"]
    for check, what in CHECKS.items():
        found = ", ".join(f"`{name}` {many}" for name, many in named_tests(check).items())
        rows.append(f"| {check} | {what} | {state_of(check)} | {found} |")
    first = {CaseAction.CREATE: CaseState.RECEIVED}
    begun = {report_states.ReportAction.START: ReportState.DRAFT}
    return {
        "states of a case": TABLE.diagram(first),
        "states of a report": report_states.TABLE.diagram(begun),
        "checks": "\n".join(rows),
    }


def with_parts(text: str) -> str:
    """The README with the parts as they are now."""
    for name, part in printed().items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- end)",
            lambda marks, part=part: f"{marks[1]}{part}\n{marks[2]}",  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
    return text


def test_the_readme_is_as_the_code_is() -> None:
    text = README.read_text()
    assert with_parts(text) == text, "python -m tests.unit.desks.test_readme prints it again"


def test_each_check_has_a_test_of_its_name() -> None:
    assert [check for check in CHECKS if not named_tests(check)] == []
    assert set(LACKS) <= set(CHECKS)


if __name__ == "__main__":
    README.write_text(with_parts(README.read_text()))
