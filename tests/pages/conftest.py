"""Fixtures of the pages' tests: people, a library, rooms in memory, and something where the voice model should be."""

from tests.api.conftest import library, rooms, voice_model
from tests.people import author, operator, stranger, viewer

__all__ = ["author", "library", "operator", "rooms", "stranger", "viewer", "voice_model"]
