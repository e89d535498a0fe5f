"""The API's document can be made of all features together: the service does not start without."""

import json
from collections.abc import Iterator

from callcenter.features import FEATURES
from callcenter.web.feature import catalogue
from callcenter.web.openapi import document_bytes


def test_all_features_fit_into_one_document() -> None:
    assert b'"openapi": "3.1.0"' in document_bytes(catalogue(FEATURES))


def test_generators_of_clients_can_read_it() -> None:
    """openapi-python-client refuses the whole document for one `items: false`."""
    found = list(closed_lists(json.loads(document_bytes(catalogue(FEATURES))), ""))
    assert found == []


def closed_lists(part: object, at: str) -> Iterator[str]:
    """Where a list's items are said to be none, beside those at its beginning."""
    if isinstance(part, dict):
        if part.get("items") is False:
            yield at
        for name, value in part.items():
            yield from closed_lists(value, f"{at}/{name}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from closed_lists(value, f"{at}/{number}")
