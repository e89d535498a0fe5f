"""The kinds of text and number that a request may contain, as types.

msgspec checks them on the way in, openapi.py publishes them. No control characters anywhere:
PostgreSQL refuses U+0000, and a line break in a name could forge a line of a file or a log.
`$(?!\\n)`, because `$` alone also matches before a last line break.
"""

from typing import Annotated

from msgspec import Meta

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
    str, Meta(pattern=r"^[0-9a-z][0-9a-z_-]{0,31}$(?!\n)", examples=["damrongdham"])
]
QueueIds = Annotated[list[QueueId], Meta(min_length=1, max_length=20)]
PersonName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$(?!\n)",
        examples=["สมชาย ใจดี"],
    ),
]
Contact = Annotated[
    str,
    Meta(
        pattern=(
            r"^sip:([A-Za-z0-9._-]{1,32}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?$(?!\n)"
        ),
        description="where a phone that does not register listens",
        examples=["sip:somchai@192.0.2.7:5060"],
    ),
]
PauseReason = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)", examples=["lunch", "training"])
]
Priority = Annotated[int, Meta(ge=0, le=9, description="a higher one is answered first")]
CallName = Annotated[str, Meta(pattern=r"^[!-~]{1,150}$(?!\n)", examples=["cc-1795000000.42"])]
PasswordText = Annotated[str, Meta(min_length=1, max_length=200)]
