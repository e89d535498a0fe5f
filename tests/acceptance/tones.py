"""Prompts that are tones: a story hears which one is played."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from callcenter.core.speech import Language
from callcenter.prompts.pack import Pack
from tests.hotline import Hotline
from tests.unit.prompts.voices import recording


@contextmanager
def installed(hotline: Hotline, tones: Mapping[str, tuple[int, float]]) -> Iterator[None]:
    """Install these Thai prompts as an agency does it. `tones`: hertz and seconds, by key."""
    pack = Pack(hotline.asterisk.directory / "lib" / "prompts" / "th", Language.THAI)
    for key, (tone, seconds) in tones.items():
        text = "ข้อความของหน่วยงาน" if key.startswith("own_") else None
        made = recording(tone, seconds)
        pack.install(key, made, text=text, source="upload", now=datetime.now(UTC))
    yield
    for key in tones:
        pack.remove(key)
