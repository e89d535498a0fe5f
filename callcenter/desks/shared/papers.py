"""Official papers as PDF: a form (Typst) filled with data.

The forms are this system's own, by the rules for official letters; no ministry has given one.
Letters are in Sarabun (SIL Open Font License, `fonts/OFL.txt`), which is shipped here. The
machine's fonts are ignored, so that a paper looks the same everywhere.
"""

import asyncio
import json
import re
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"
BREAK = "\u200b"  # where a Thai line may be broken
_ONE = ThreadPoolExecutor(1, "paper")
"""One at a time: a long text keeps a core busy for seconds, and calls need the other cores."""


async def pdf(form: Path, data: Mapping[str, object]) -> bytes:
    """The form filled with the data, as PDF. Made in a thread, because it takes a fifth of a
    second."""
    text = _visible(json.dumps(data, ensure_ascii=False))
    return await asyncio.get_running_loop().run_in_executor(_ONE, _compile, form, text)


def _visible(text: str) -> str:
    """The text without invisible characters. They can reverse text, so that a letter reads
    differently from what was typed, and thousands of them in a row take a minute to set."""
    seen = (c for c in text if c == BREAK or unicodedata.category(c) != "Cf")
    return re.sub(f"{BREAK}{{2,}}", BREAK, "".join(seen))


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
