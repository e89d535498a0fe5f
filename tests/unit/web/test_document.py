"""The API's document can be made of all features together: the service does not start without."""

from callcenter.features import FEATURES
from callcenter.web.feature import catalogue
from callcenter.web.openapi import document_bytes


def test_all_features_fit_into_one_document() -> None:
    assert b'"openapi": "3.1.0"' in document_bytes(catalogue(FEATURES))
