"""The library as it comes, and the two entries that tests speak of."""

import pytest

from dispatchsim.models import Persona, Scenario
from dispatchsim.services.library import load_library


@pytest.fixture
def chicken(db: None) -> Scenario:
    load_library()
    return Scenario.objects.get(slug="chicken-to-dallas")


@pytest.fixture
def tim(chicken: Scenario) -> Persona:
    return Persona.objects.get(slug="tim")
