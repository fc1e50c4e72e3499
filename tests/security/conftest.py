"""People, a library and rooms in memory for the tests of who may do what."""

from tests.api.conftest import api_token, library, rooms, voice_model
from tests.live.conftest import prepared
from tests.people import author, operator, stranger, viewer

__all__ = ["api_token", "author", "library", "operator", "prepared", "rooms", "stranger", "viewer", "voice_model"]
