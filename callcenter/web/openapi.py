"""The OpenAPI 3.1 document, printed from the endpoints themselves.

Served at /api/openapi.json and by `callcenter openapi`. msgspec knows the schema of every type.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

import callcenter
from callcenter.web.endpoint import Download, Endpoint, Websocket
from callcenter.web.errors import ProblemBody
from callcenter.web.feature import Catalogue

Json = dict[str, Any]  # a type checker does not know the shape of a JSON Schema
Schemas = dict[type, Json]
_REFERENCE = "#/components/schemas/{name}"
_ALWAYS = ("internal", "database_away", "unknown_parameter", "wrong_host", "encoded", "too_large")


def document_bytes(catalogue: Catalogue) -> bytes:
    """The document as JSON."""
    return msgspec.json.format(msgspec.json.encode(document(catalogue)), indent=2)


def document(catalogue: Catalogue) -> Json:
    """The document: paths in the order of the endpoints, schemas by name."""
    endpoints = catalogue.endpoints
    kinds = {k for e in endpoints for k in (e.body, e.answer, e.query) if k is not None}
    kinds.discard(Download)
    sent = [socket.sends for socket in catalogue.websockets]
    told = sorted(set(catalogue.webhooks.values()) - kinds, key=str)
    ordered = [*sorted(kinds, key=str), *sent, *told, ProblemBody]
    listed, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    schemas: Schemas = dict(zip(ordered, listed, strict=True))
    _require_plain_names(components)
    for query in {e.query for e in endpoints if e.query is not None}:
        schemas[query] = components.pop(query.__name__)  # its fields become parameters
    _write_plainly(components, *schemas.values())
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, catalogue, schemas)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    for socket in catalogue.websockets:
        paths[socket.path] = {"get": _websocket(socket, schemas)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "callcenter",
            "version": "1",
            "description": callcenter.__doc__ or "",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "webhooks": {
            event: {"post": _webhook(event, schemas[kind])}
            for event, kind in catalogue.webhooks.items()
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "callcenter_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _websocket(socket: Websocket, schemas: Schemas) -> Json:
    """A websocket. OpenAPI cannot describe one, so its messages stand at the answer 101."""
    said = {"application/json": {"schema": schemas[socket.sends]}}
    problem = {"application/problem+json": {"schema": schemas[ProblemBody]}}
    return {
        "operationId": socket.handler.__name__,
        "tags": [socket.tag],
        "summary": socket.summary,
        "description": socket.description,
        "security": [{"session": []}, {"token": []}],
        "responses": {
            "101": {"description": "A websocket; each text is one message", "content": said},
            "default": {"description": "Refused, as everywhere", "content": problem},
        },
    }


def _webhook(event: str, schema: Json) -> Json:
    """What a receiver gets, and how it knows that we sent it."""
    texts = {
        "Callcenter-Signature": "t=SECONDS,v1=HEX: HMAC-SHA256 of SECONDS.BODY with the secret",
        "Callcenter-Delivery": "the same at each try: count it once",
        "Callcenter-Event": event,
    }
    return {
        "operationId": f"webhook_{event.replace('.', '_')}",
        "tags": ["webhooks"],
        "summary": f"Sent to webhooks that want {event}",
        "description": "Tried for about three hours until it is answered with 2xx within 10 s; "
        "in order for each call. Redirects are not followed.",
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in texts.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "Taken"}, "default": {"description": "Tried again"}},
    }


def _require_plain_names(components: Mapping[str, object]) -> None:
    """Raises ValueError if two types have one name: msgspec then puts their modules' names before
    it, and generators of clients cut those off. Rename one of the types."""
    alike = [name for name in components if not name.isidentifier()]
    if alike:
        raise ValueError(f"several types have one name: {', '.join(alike)}")


def _operation(endpoint: Endpoint, catalogue: Catalogue, schemas: Schemas) -> Json:
    text = (endpoint.handler.__doc__ or "").strip()
    summary, _, rest = text.partition("\n")
    operation: Json = {
        "operationId": endpoint.handler.__name__,
        "tags": [endpoint.tag],
        "summary": summary.rstrip("."),
        "description": " ".join(rest.split()) + _role(endpoint),
        "security": [{"session": []}, {"token": []}] if endpoint.needs else [],
        "responses": _responses(endpoint, catalogue, schemas),
    }
    parameters = [*_path_parameters(endpoint, catalogue), *_query_parameters(endpoint, schemas)]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        content = {"application/json": {"schema": schemas[endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.upload_bytes:
        content = {"application/octet-stream": {"schema": {"maxLength": endpoint.upload_bytes}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _role(endpoint: Endpoint) -> str:
    return f" Needs the role {endpoint.needs.value} or higher." if endpoint.needs else ""


def _path_parameters(endpoint: Endpoint, catalogue: Catalogue) -> list[Json]:
    patterns = catalogue.path_patterns
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{patterns[name]}$"},
        }
        for name in endpoint.path_names()
    ]


def _query_parameters(endpoint: Endpoint, schemas: Schemas) -> list[Json]:
    if endpoint.query is None:
        return []
    query = schemas[endpoint.query]
    properties: dict[str, Json] = query["properties"]
    required: list[str] = query.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in properties.items()
    ]


def _write_plainly(*parts: object) -> None:
    r"""Python's `$(?!\n)` is a plain `$` in a pattern of JSON Schema (ECMA-262). Of a list that is
    as long as its `prefixItems`, `items: false` says nothing more, and generators of clients do not
    read a document with it (openapi-python-client 0.29.1)."""
    for part in parts:
        if isinstance(part, dict):
            if part.get("items") is False and part.get("maxItems") == len(part["prefixItems"]):
                del part["items"]
            if isinstance(pattern := part.get("pattern"), str):
                part["pattern"] = pattern.removesuffix(r"(?!\n)")
            _write_plainly(*part.values())
        elif isinstance(part, list):
            _write_plainly(*part)


def _responses(endpoint: Endpoint, catalogue: Catalogue, schemas: Schemas) -> Json:
    good: Json = {"description": "Done"}
    if endpoint.answer is Download:
        good["content"] = {endpoint.gives: {}}
    elif endpoint.answer is not None:
        good["content"] = {endpoint.gives: {"schema": schemas[endpoint.answer]}}
    responses: Json = {str(endpoint.status): good}
    kinds, by_status = catalogue.problems, dict[int, list[str]]()
    for code in _codes(endpoint):
        by_status.setdefault(kinds[code].status, []).append(code)
    problem = {"application/problem+json": {"schema": schemas[ProblemBody]}}
    for status, codes in sorted(by_status.items()):
        description = "; ".join(f"{code}: {kinds[code].title}" for code in codes)
        responses[str(status)] = {"description": description, "content": problem}
    return responses


def _codes(endpoint: Endpoint) -> list[str]:
    codes = [*_ALWAYS, *endpoint.problems]
    if endpoint.needs is not None:
        codes += [
            "not_logged_in",
            "not_allowed",
            "password_must_change",
            "second_factor_must",
            "wrong_origin",
        ]
    if endpoint.body is not None:
        codes += ["malformed", "invalid", "not_json", "length_required"]
    if endpoint.upload_bytes:
        codes += ["malformed", "length_required"]
    if endpoint.query is not None:
        codes.append("invalid")
    if "{" in endpoint.path:
        codes.append("not_found")
    return list(dict.fromkeys(codes))
