"""Dialled numbers as the site file and the command line take them."""

import re

from callcenter.core.dialled import normal_form

_DID = re.compile(r"\+?[0-9]{2,20}")


def as_did(text: str) -> str | None:
    """A dialled number in its normal form, or None when it is not one.

    2 to 20 ASCII digits. `[0-9]`, not `\\d`: that takes any script's.
    """
    normal = normal_form(text)
    return normal if _DID.fullmatch(normal) else None
