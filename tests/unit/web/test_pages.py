"""The console's files: answered from memory, with their policy, compressed, kept by browsers."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.hosting.console import new_enough
from callcenter.web import pages


async def _client(built: Path) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    pages.add_to(app, built)
    client = TestClient(TestServer(app), auto_decompress=False)
    await client.start_server()
    return client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build of three files, and one that nobody may have."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>console</title>")
    (tmp_path / "assets" / "index-abc.js").write_text("export {};\n" * 200)
    (tmp_path / "assets" / "thai.woff2").write_bytes(b"wOF2")
    (tmp_path / "notes.secret").write_text("not a page")
    return tmp_path


async def test_the_index_page_has_its_policy_and_is_asked_for_anew(built: Path) -> None:
    client = await _client(built)
    async with client.get("/") as answer:
        assert answer.status == 200 and answer.content_type == "text/html"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-cache"
        mark = answer.headers["ETag"]
    async with client.get("/", headers={"If-None-Match": mark}) as answer:
        assert answer.status == 304 and await answer.read() == b""
    await client.close()


async def test_assets_are_compressed_and_kept(built: Path) -> None:
    client = await _client(built)
    async with client.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == pages.YEAR
        assert len(await answer.read()) < 200
    async with client.get(
        "/assets/index-abc.js", headers={"Accept-Encoding": "identity"}
    ) as answer:
        assert "Content-Encoding" not in answer.headers
        assert len(await answer.read()) == 2200
    await client.close()


@pytest.mark.parametrize(
    "path", ["/notes.secret", "/assets/", "/assets/../index.html.bak", "/%2e%2e/notes.secret"]
)
async def test_nothing_else_can_be_asked_for(built: Path, path: str) -> None:
    client = await _client(built)
    async with client.get(path) as answer:
        assert answer.status == 404
    await client.close()


async def test_without_a_build_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    client = await _client(tmp_path / "nothing")
    async with client.get("/") as answer:
        assert answer.status == 404 and "make console" in await answer.text()
    await client.close()


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v20.19.0", True),
        ("v20.18.3", False),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("v18.20.4", False),
        ("", False),
    ],
)
def test_which_node_is_new_enough(version: str, enough: bool) -> None:
    assert new_enough(version) is enough
