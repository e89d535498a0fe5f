"""What the audit keeps is said in the words of both languages at the page that shows it."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
WORDS = CHECKOUT / "callcenter/web/console/src/words"
NOTED = re.compile(r'\.(?:note|audit)\(\s*"([a-z_.]+)"')


def actions() -> set[str]:
    """Those that the endpoints write."""
    sources = (CHECKOUT / "callcenter").rglob("*.py")
    return {each for path in sources for each in NOTED.findall(path.read_text())}


def test_every_action_of_the_audit_has_words_in_both_languages() -> None:
    wanted = actions()
    assert len(wanted) > 40
    for language in ("en", "th"):
        text = (WORDS / f"{language}.ts").read_text()
        table = text[text.index("    actions: {") :]
        known = set(re.findall(r'^      "?([a-z_.]+)"?: "', table[: table.index("\n    }")], re.M))
        assert wanted - known == set(), language
