"""Official papers as PDF: a form (Typst) filled with data.

The forms are this system's own, after the rules for official letters; no ministry has given one.
Letters are Sarabun (SIL Open Font License, `fonts/OFL.txt`), shipped here: the machine's fonts are
not looked at, so that a paper looks the same everywhere.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"


async def pdf(form: Path, data: Mapping[str, object]) -> bytes:
    """The form filled with the data, away from the loop: it takes a fifth of a second."""
    return await asyncio.to_thread(_compile, form, json.dumps(data, ensure_ascii=False))


def _compile(form: Path, data: str) -> bytes:
    made = typst.compile(
        str(form),
        root=str(form.parents[2]),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data},
    )
    assert isinstance(made, bytes)
    return made
