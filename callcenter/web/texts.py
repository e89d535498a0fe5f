r"""The kinds of text and number that a request may have, as types.

msgspec checks them on the way in, and openapi.py publishes them. The description of a kind is the
sentence that a person gets if a text does not fit. No control characters are allowed anywhere:
PostgreSQL refuses U+0000, and a line break in a name could forge a line of a file or a log.
`$(?!\n)` is used because `$` alone also matches before a last line break.
"""

from typing import Annotated

from msgspec import Meta

from callcenter.config import ACCEPTED, PATTERN
from callcenter.core.skills import LEVEL_MOST, SKILLS_MOST

ID = r"^[0-9a-z][0-9a-z_-]{0,31}$(?!\n)"
OperatorName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$(?!\n)",
        description="1 to 32 of a-z 0-9 . _ -, the first a letter or digit",
        examples=["somchai"],
    ),
]
AccountName = OperatorName
QueueId = Annotated[
    str,
    Meta(
        pattern=ID,
        description="1 to 32 of a-z 0-9 _ -, the first a letter or digit",
        examples=["damrongdham"],
    ),
]
QueueIds = Annotated[list[QueueId], Meta(min_length=1, max_length=20)]
SkillName = Annotated[
    str,
    Meta(
        pattern=ID,
        description="1 to 32 of a-z 0-9 _ -, the first a letter or digit",
        examples=["english"],
    ),
]
SkillLevel = Annotated[int, Meta(ge=1, le=LEVEL_MOST, description="1 to 5; 5 is the highest")]
SkillLevels = Annotated[dict[SkillName, SkillLevel], Meta(max_length=SKILLS_MOST)]
PersonName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=PATTERN,
        description=ACCEPTED,
        examples=["สมชาย ใจดี"],
    ),
]
Contact = Annotated[
    str,
    Meta(
        pattern=(
            r"^sip:([A-Za-z0-9._-]{1,32}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?$(?!\n)"
        ),
        description="where a phone that does not register listens: sip:user@host:port",
        examples=["sip:somchai@192.0.2.7:5060"],
    ),
]
PauseReason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=32,
        pattern=PATTERN,
        description=ACCEPTED,
        examples=["lunch", "พักเที่ยง"],
    ),
]
Priority = Annotated[int, Meta(ge=0, le=9, description="a higher one is answered first")]
CallName = Annotated[
    str,
    Meta(
        pattern=r"^[!-~]{1,150}$(?!\n)",
        description="the id of a call, as a list of calls shows it",
        examples=["cc-1795000000.42"],
    ),
]
WindowName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9-]{8,64}$(?!\n)",
        description="8 to 64 letters, digits and -, chosen at random by the window",
        examples=["3f1c2a9e-window"],
    ),
]
OneTimeCode = Annotated[
    str,
    Meta(
        pattern=r"^[ ]?[0-9A-Za-z][0-9A-Za-z -]{4,38}$(?!\n)",
        description="six digits of the app, or a recovery code",
        examples=["123456"],
    ),
]
PasswordText = Annotated[str, Meta(min_length=1, max_length=200)]
