import time

import jwt
import pytest
from pytest_django import Settings

from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.errors import ConflictError, UnavailableError
from dispatchsim.gateways.livekit import LiveKitRooms
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.observers import observer_token
from tests.backend.conftest import Launch


def test_a_server_that_is_away_is_told_at_once(settings: Settings) -> None:
    settings.LIVEKIT_URL = "ws://127.0.0.1:9"
    began = time.monotonic()

    with pytest.raises(UnavailableError) as caught:
        LiveKitRooms().list_rooms()

    assert caught.value.part == "livekit"
    assert time.monotonic() - began < 1


@pytest.mark.django_db
def test_an_observer_may_listen_in_one_room_and_nothing_else(launch: Launch, settings: Settings) -> None:
    conversation = launch()

    access = observer_token(conversation=conversation, observer="ann")

    claims = jwt.decode(access.token, settings.LIVEKIT_API_SECRET, algorithms=["HS256"])
    assert claims["video"] == {
        "roomJoin": True,
        "room": str(conversation.pk),
        "canPublish": False,
        "canSubscribe": True,
        "canPublishData": False,
        "hidden": True,
    }


@pytest.mark.django_db
def test_an_observers_token_lives_for_minutes(launch: Launch, settings: Settings) -> None:
    access = observer_token(conversation=launch(), observer="ann")

    claims = jwt.decode(access.token, settings.LIVEKIT_API_SECRET, algorithms=["HS256"])
    assert 0 < claims["exp"] - time.time() <= 600


@pytest.mark.django_db
def test_two_tabs_of_one_person_are_two_observers(launch: Launch, settings: Settings) -> None:
    conversation = launch()

    tokens = [observer_token(conversation=conversation, observer="ann").token for _ in range(2)]

    names = {jwt.decode(token, settings.LIVEKIT_API_SECRET, algorithms=["HS256"])["sub"] for token in tokens}
    assert len(names) == 2


@pytest.mark.django_db
def test_an_access_shows_no_token_in_logs(launch: Launch) -> None:
    access = observer_token(conversation=launch(), observer="ann")

    assert access.token not in repr(access)


@pytest.mark.django_db(transaction=True)
def test_a_finished_call_lets_nobody_in(launch: Launch) -> None:
    conversation = end_conversation(conversation_id=launch().pk, reason=EndReason.PERSON_ENDED)

    with pytest.raises(ConflictError):
        observer_token(conversation=conversation, observer="ann")
