from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Conversation, Event
from dispatchsim.services.floor import open_floor_if_due
from dispatchsim.services.observers import listener_subscribed
from dispatchsim.services.supervision import reconcile_once
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeAgent, FakeRooms
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def awaited(launch: Launch, agent_servers: None, rooms: FakeRooms) -> Conversation:
    """A call whose two agents are ready and whose listener has not subscribed."""
    conversation = launch()
    for role in Role:
        rooms.join(conversation.pk, role)
        FakeAgent(conversation.pk, role).ready()
    conversation.refresh_from_db()
    return conversation


def test_it_stays_shut_while_one_agent_is_not_ready(launching_call: Call, rooms: FakeRooms) -> None:
    launching_call.dispatcher.ready()

    assert launching_call.refresh().status == "launching"
    assert not rooms.open[str(launching_call.conversation.pk)].control.floor_open


def test_it_opens_with_the_second_ready_agent_when_no_listener_is_expected(
    launching_call: Call, rooms: FakeRooms
) -> None:
    launching_call.driver.ready()
    launching_call.dispatcher.ready()

    assert launching_call.refresh().status == "live"
    assert rooms.open[str(launching_call.conversation.pk)].control.floor_open


def test_it_waits_for_the_listener(awaited: Conversation, rooms: FakeRooms) -> None:
    reconcile_once(timezone.now())

    assert not rooms.open[str(awaited.pk)].control.floor_open


def test_it_opens_at_once_when_the_listener_subscribes(awaited: Conversation, rooms: FakeRooms) -> None:
    listener_subscribed(conversation_id=awaited.pk, listener=None)

    assert rooms.open[str(awaited.pk)].control.floor_open


def test_a_viewer_who_is_quicker_does_not_cost_the_launcher_the_first_word(
    awaited: Conversation, rooms: FakeRooms
) -> None:
    launcher, viewer = make_person("ann"), make_person("bob")
    Conversation.objects.filter(pk=awaited.pk).update(launched_by=launcher)

    listener_subscribed(conversation_id=awaited.pk, listener=viewer)
    opened_by_viewer = rooms.open[str(awaited.pk)].control.floor_open
    listener_subscribed(conversation_id=awaited.pk, listener=launcher)

    assert (opened_by_viewer, rooms.open[str(awaited.pk)].control.floor_open) == (False, True)


def test_it_opens_with_the_second_agent_when_the_listener_was_there_first(
    launch: Launch, agent_servers: None, rooms: FakeRooms
) -> None:
    conversation = launch()
    listener_subscribed(conversation_id=conversation.pk, listener=None)

    for role in Role:
        FakeAgent(conversation.pk, role).ready()

    assert rooms.open[str(conversation.pk)].control.floor_open


def test_it_opens_after_two_seconds_without_the_listener(awaited: Conversation, rooms: FakeRooms) -> None:
    reconcile_once(timezone.now() + timedelta(seconds=2))

    awaited.refresh_from_db()
    assert awaited.status == "live"
    assert rooms.open[str(awaited.pk)].control.floor_open


def test_it_opens_once_when_web_and_supervisor_open_it_together(awaited: Conversation) -> None:
    due = timezone.now() + timedelta(seconds=3)

    def open_it(_number: int) -> bool:
        try:
            return open_floor_if_due(conversation_id=awaited.pk, now=due)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(open_it, range(8)))

    assert opened.count(True) == 1
    assert Event.objects.filter(type="floor.opened").count() == 1


def test_agents_who_could_not_be_told_are_told_by_the_next_look(awaited: Conversation, rooms: FakeRooms) -> None:
    rooms.answers = False
    listener_subscribed(conversation_id=awaited.pk, listener=None)
    rooms.answers = True

    reconcile_once(timezone.now())

    assert rooms.open[str(awaited.pk)].control.floor_open
