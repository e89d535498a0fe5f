"""/api/v1/prompts/…: the recordings that callers hear, for administrators.

A file is read only after it is known that its sender may send it. It is converted in a process of
its own (callcenter/prompts/intake.py), one at a time, and the next caller hears it. A refused file
is not kept.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import structlog
from msgspec import UNSET, Meta, Struct, UnsetType

from callcenter.ports.people import Role
from callcenter.prompts.catalogue import BY_KEY, Group, Language, is_key, longest_seconds, wanted
from callcenter.prompts.errors import PackError, PromptError
from callcenter.prompts.examination import examined
from callcenter.prompts.intake import taken_in
from callcenter.prompts.pack import Entry, Pack
from callcenter.prompts.stand_in import publish
from callcenter.web.endpoint import Download, Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

UPLOAD_MOST_BYTES = 12_000_000
"""A minute in studio quality: 48 kHz, stereo, 16 bits."""

log = structlog.get_logger(__name__)

endpoints = Endpoints("prompts")


class PromptRecordingView(Struct):
    """A recording. `loudness` in LUFS. `source`: upload, pack or engine."""

    text: str
    seconds: float
    loudness: float
    source: str
    installed: datetime


class PromptView(Struct):
    """A prompt and its recording; null if there is none. `group` null: one of your own prompts."""

    prompt: str
    group: Group | None
    text: str
    longest_seconds: float
    recording: PromptRecordingView | None


class PromptPackView(Struct):
    """The prompts of a language. `missing`: the number without a recording."""

    language: Language
    voice: str
    missing: int
    prompts: list[PromptView]


class PromptFaultView(Struct):
    """A fault of a prompt. `kind`: missing, clipped, quiet, loud, long, format, …"""

    prompt: str
    kind: str
    what: str


class PromptFaultsView(Struct):
    """All faults of a pack."""

    faults: list[PromptFaultView]


class UploadQuery(Struct):
    """`text`: what is said, for your own prompts and if it differs from the listed text."""

    text: Annotated[str, Meta(min_length=1, max_length=300)] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`folder` has the packs. `work`: one conversion or check at a time."""

    folder: Path
    work: asyncio.Lock = field(default_factory=asyncio.Lock)

    def pack(self, request: "Request[Parts]") -> Pack:
        language = Language(request.path["language"])
        return Pack(self.folder / language, language)


@endpoints.get("/prompts/{language}", needs=Role.ADMINISTRATOR, problems=("no_recordings",))
async def list_prompts(request: Request[Parts]) -> PromptPackView:
    """List every prompt of a language with its text and its recording."""
    pack = request.parts.pack(request)
    with _kept():
        manifest = await asyncio.to_thread(pack.manifest)
        missing = await asyncio.to_thread(pack.missing)
    keys = [prompt.key for prompt in wanted(pack.language)]
    keys += [key for key in manifest.prompts if key not in BY_KEY]
    views = [_prompt(key, pack.language, manifest.prompts.get(key)) for key in keys]
    return PromptPackView(
        language=pack.language, voice=manifest.voice, missing=len(missing), prompts=views
    )


@endpoints.get("/prompt-faults/{language}", needs=Role.ADMINISTRATOR, problems=("no_recordings",))
async def check_prompts(request: Request[Parts]) -> PromptFaultsView:
    """Check the recordings: missing, clipped, too quiet, too long or in the wrong format.

    Every file is read and measured, which takes seconds.
    """
    async with _alone(request.parts):
        with _kept():
            found = await examined(request.parts.pack(request))
    return PromptFaultsView(
        faults=[PromptFaultView(prompt=f.key, kind=f.kind, what=f.what) for f in found]
    )


@endpoints.get(
    "/prompts/{language}/{prompt}/recording",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_prompt",),
    gives="audio/wav",
)
async def hear_prompt(request: Request[Parts]) -> Download:
    """Get the recording as callers hear it: WAV, 8 kHz, mono."""
    pack, key = request.parts.pack(request), _key(request)
    data = await asyncio.to_thread(pack.recording, key)
    if data is None:
        raise Problem("unknown_prompt", "It is not recorded in this language.")
    return Download(name=f"{key}.wav", body=data)


@endpoints.put(
    "/prompts/{language}/{prompt}/recording",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_prompt", "recording_refused", "no_recordings", "busy"),
    upload_bytes=UPLOAD_MOST_BYTES,
)
async def upload_prompt(request: Request[Parts], query: UploadQuery, upload: bytes) -> PromptView:
    """Upload a recording (WAV; MP3 and others if ffmpeg is installed).

    It is converted to 8 kHz, silence at its ends is cut, and it is made as loud as the others.
    """
    pack, key = request.parts.pack(request), _key(request)
    text = None if query.text is UNSET else query.text
    async with _alone(request.parts):
        with _kept():
            made = await taken_in(upload, longest_seconds(key))
            entry = await asyncio.to_thread(
                lambda: pack.install(key, made, text=text, source="upload", now=request.wall())
            )
            await asyncio.to_thread(publish, request.parts.folder, [key])
    await request.note("prompt.recorded", key, language=pack.language, sha256=entry.sha256)
    return _prompt(key, pack.language, entry)


@endpoints.delete(
    "/prompts/{language}/{prompt}/recording",
    needs=Role.ADMINISTRATOR,
    status=204,
    problems=("unknown_prompt", "no_recordings"),
)
async def remove_prompt(request: Request[Parts]) -> None:
    """Remove a recording. Callers then hear a tone and the English recording."""
    pack, key = request.parts.pack(request), _key(request)
    with _kept():
        known = await asyncio.to_thread(pack.remove, key)
        if not known:
            raise Problem("unknown_prompt", "It is not recorded in this language.")
        await asyncio.to_thread(publish, request.parts.folder, [key])
    await request.note("prompt.removed", key, language=pack.language)


def _key(request: Request[Parts]) -> str:
    key = request.path["prompt"]
    if not is_key(key):
        raise Problem("unknown_prompt", "No prompt is called so; yours begin with own_.")
    return key


@contextmanager
def _kept() -> Iterator[None]:
    """Faults of the file become a problem for the person; faults of our folder are logged."""
    try:
        yield
    except (PackError, OSError) as error:
        log.error("recordings cannot be read or written", reason=str(error))
        detail = "Calls are not touched by this. `callcenter prompts check` says where and why."
        raise Problem("no_recordings", detail) from error
    except PromptError as error:
        raise Problem("recording_refused", f"{error}.".capitalize()) from error


@asynccontextmanager
async def _alone(parts: Parts) -> AsyncIterator[None]:
    if parts.work.locked():
        detail = "Another recording is being converted. Try again in a moment."
        raise Problem("busy", detail, retry_seconds=2)
    async with parts.work:
        yield


def _prompt(key: str, language: Language, entry: Entry | None) -> PromptView:
    listed = BY_KEY.get(key)
    recording = None
    if entry is not None:
        recording = PromptRecordingView(
            text=entry.text,
            seconds=entry.seconds,
            loudness=entry.loudness,
            source=entry.source,
            installed=entry.installed,
        )
    return PromptView(
        prompt=key,
        group=listed.group if listed else None,
        text=listed.text(language) if listed else (entry.text if entry else ""),
        longest_seconds=longest_seconds(key),
        recording=recording,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_prompt": ProblemKind(404, "There is no such prompt"),
        "recording_refused": ProblemKind(422, "The recording cannot be used"),
        "no_recordings": ProblemKind(503, "The recordings cannot be read or kept"),
    },
    path_patterns={"language": "(th|en)", "prompt": "[a-z][a-z0-9_]{1,47}"},
)
