"""The library as it comes, and the two entries that tests speak of."""

from collections.abc import Sequence
from functools import cache

import pytest
from django.db import transaction
from django.db.models import Model

from dispatchsim.models import LoadedEntry, Persona, Revision, Scenario
from dispatchsim.services.library import load_library


def add_library() -> None:
    """Put the library's rows in, as `load_library` does; its files are read only once by all tests of a process."""
    for rows in _library_rows():
        type(rows[0])._default_manager.bulk_create(rows)


@cache
def _library_rows() -> list[Sequence[Model]]:
    with transaction.atomic():
        load_library()
        rows: list[Sequence[Model]] = [
            list(model._default_manager.all()) for model in (Scenario, Persona, Revision, LoadedEntry)
        ]
        transaction.set_rollback(True)
    return rows


@pytest.fixture
def chicken(db: None) -> Scenario:
    add_library()
    return Scenario.objects.get(slug="chicken-to-dallas")


@pytest.fixture
def tim(chicken: Scenario) -> Persona:
    return Persona.objects.get(slug="tim")
