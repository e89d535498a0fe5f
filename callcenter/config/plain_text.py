"""The rule for every text that a person sees: names, titles, reasons for a pause.

A text is one visible line. It has no characters that change the direction of writing, are invisible
or end a line, so that two texts that look alike are alike. Every script is accepted.
"""

import re

_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
)
MARKS_MOST = 4  # on one letter; Thai and Vietnamese need two
UNSEEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2"
    r"\u115f-\u1160\u17b4-\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    r"\u2800\u3164\ue000-\uf8ff\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd"
    "\U00013430-\U00013438\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
"""The inside of a character class: controls, direction changes, joiners, private use, line ends
(Cc, Cf, Co, Zl, Zp of Unicode 14), and invisible letters. A test compares it with Python's own
table, which takes half a second to search."""

PATTERN = (
    rf"^(?![{_MARKS}])(?!.*[{_MARKS}]{{{MARKS_MOST + 1}}})"
    rf"[^\s{UNSEEN}]([^{UNSEEN}]*[^\s{UNSEEN}])?$(?!\n)"
)
ACCEPTED = (
    "a text on one line that can be seen: without invisible characters or ones that change the "
    "direction, without a space at its beginning or end"
)
_READ = re.compile(PATTERN)


def is_plain(text: str, longest: int) -> bool:
    """Whether the text follows the rule and is not too long."""
    return len(text) <= longest and _READ.match(text) is not None
