"""Dialled numbers as the site file and the command line accept them."""

import re

from callcenter.core.dialled import normal_form

_DID = re.compile(r"\+?[0-9]{2,20}")


def as_did(text: str) -> str | None:
    r"""A dialled number in its normal form, or None if it is not one.

    2 to 20 ASCII digits. `[0-9]` and not `\d`, which accepts the digits of any script.
    """
    normal = normal_form(text)
    return normal if _DID.fullmatch(normal) else None
