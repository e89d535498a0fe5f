"""The console's pages: built by `make console`, read once at the start and served from memory.

The files are those of `callcenter/web/console/dist`: an index page and assets whose names change
with their content. No other file on the disk can be fetched.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

BUILT = Path(__file__).parent / "console" / "dist"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html",
    )
)
"""What a page may load and do: only what this service itself serves (CSP level 3)."""

PERMISSIONS = "microphone=(self), speaker-selection=(self), hid=(self), camera=(), geolocation=()"
YEAR = "public, max-age=31536000, immutable"
KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
PACKED = (".html", ".js", ".css", ".svg", ".webmanifest")  # woff2 is compressed already
NOT_BUILT = (
    "The console is not built here. `make console` builds it; then start the service again.\n"
    "The API is at /api/v1, described by /api/openapi.json.\n"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of the console, ready to be sent."""

    kind: str
    body: bytes
    packed: bytes | None  # gzip
    lasting: bool  # its name changes with its content
    mark: str  # ETag


def add_to(app: web.Application, built: Path = BUILT) -> None:
    """Serve `/` and every file of the build. If there is no build, `/` gives a sentence."""
    pages = read_pages(built)
    if "/index.html" not in pages:
        app.router.add_get("/", _not_built)
        return
    app.router.add_get("/", _handler(pages["/index.html"]))
    for path, page in pages.items():
        app.router.add_get(path, _handler(page))


def read_pages(built: Path) -> Mapping[str, Page]:
    """Every file below a folder, by its path in a URL. Empty if there is no folder."""
    files = sorted(path for path in built.rglob("*") if path.is_file() and path.suffix in KINDS)
    return {f"/{path.relative_to(built).as_posix()}": _read(path, built) for path in files}


def _read(path: Path, built: Path) -> Page:
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in PACKED else None
    return Page(
        kind=KINDS[path.suffix],
        body=body,
        packed=packed,
        lasting=path.parent != built,
        mark=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def _handler(page: Page) -> Handler:
    headers = {
        "Cache-Control": YEAR if page.lasting else "no-cache",
        "ETag": page.mark,
        "Vary": "Accept-Encoding",
    }
    if page.kind == "text/html":
        headers |= {"Content-Security-Policy": POLICY, "Permissions-Policy": PERMISSIONS}

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == page.mark:
            return web.Response(status=304, headers=headers)
        takes = "gzip" in request.headers.get("Accept-Encoding", "")
        if page.packed is None or not takes:
            return web.Response(body=page.body, headers=headers, content_type=page.kind)
        return web.Response(
            body=page.packed,
            headers={**headers, "Content-Encoding": "gzip"},
            content_type=page.kind,
        )

    return handle


async def _not_built(request: web.Request) -> web.StreamResponse:
    return web.Response(status=404, text=NOT_BUILT)
