"""The text of a PDF as a reader copies it.

Thai marks are drawn by glyphs of their own; what they mean stands in the file as ActualText (PDF
32000-1, 14.9.4), which pypdf leaves out.
"""

from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, DictionaryObject

_SHOW = (b"Tj", b"TJ", b"'", b'"')


def text_of(pdf: bytes) -> str:
    """All pages, words of a line in the order in which they were drawn, without spaces."""
    reader = PdfReader(BytesIO(pdf))
    return "".join(_page(page, reader) for page in reader.pages)


def _page(page: PageObject, reader: PdfReader) -> str:
    fonts = {name: _letters(font.get_object()) for name, font in _fonts(page).items()}
    letters: dict[int, str] = {}
    said: list[str] = []
    inside: list[bool] = []  # of marked contents; True: its text was said already
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            letters = fonts[operands[0]]
        elif operator in (b"BDC", b"BMC"):
            more = operands[1] if len(operands) > 1 else None
            actual = more.get("/ActualText") if isinstance(more, DictionaryObject) else None
            if actual is not None and not any(inside):
                said.append(str(actual))
            inside.append(actual is not None)
        elif operator == b"EMC":
            inside.pop()
        elif operator in _SHOW and not any(inside):
            said += [letters.get(glyph, "") for glyph in _glyphs(operands[0])]
    return "".join("".join(said).split())


def _fonts(page: PageObject) -> dict[str, Any]:
    resources: Any = page["/Resources"].get_object()
    found: dict[str, Any] = resources["/Font"].get_object() if "/Font" in resources else {}
    return found


def _glyphs(shown: Any) -> list[int]:
    parts = shown if isinstance(shown, list) else [shown]
    raw = b"".join(_bytes(part) for part in parts if not isinstance(part, int | float))
    return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]


def _bytes(part: Any) -> bytes:
    return bytes(part.original_bytes) if hasattr(part, "original_bytes") else bytes(part)


def _letters(font: Any) -> dict[int, str]:
    """Glyph -> text, from the font's ToUnicode."""
    found: dict[int, str] = {}
    kind = ""
    for line in font["/ToUnicode"].get_object().get_data().decode("ascii", "replace").splitlines():
        words = line.replace("<", " ").replace(">", " ").split()
        if line.rstrip().endswith(("beginbfchar", "beginbfrange")):
            kind = words[-1]
        elif line.startswith("end"):
            kind = ""
        elif kind == "beginbfchar" and len(words) >= 2:
            found[int(words[0], 16)] = bytes.fromhex(words[1]).decode("utf-16-be")
        elif kind == "beginbfrange" and len(words) == 3:
            first, last, start = (int(word, 16) for word in words)
            found |= {glyph: chr(start + glyph - first) for glyph in range(first, last + 1)}
    return found
