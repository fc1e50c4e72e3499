from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentServerHeartbeat
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.agent_servers import ready_roles, record_heartbeat
from dispatchsim.services.supervision import follow_reports, reconcile_once
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def outcome(conversation: Conversation) -> tuple[str, str]:
    conversation.refresh_from_db()
    return conversation.status, conversation.end_reason


def look_for_29_s(*, heard_since: datetime | None = None, begun: datetime | None = None) -> datetime | None:
    """Look as the supervisor does in 29 s, the end of a call that is cut included; give since when it heard agents."""
    begun = begun or timezone.now()
    for second in range(30):
        now = begun + timedelta(seconds=second)
        heard_since = follow_reports(heard_since, now=now)
        reconcile_once(now, heard_since=heard_since)
        # An end begins on the real clock; here it begins with the look that finds it.
        Conversation.objects.filter(status="ending", ending_at__lte=timezone.now()).update(ending_at=now)
    return heard_since


def heard_of(call: Call, at: datetime, *roles: Role) -> None:
    """Both agents, or those named, have reported at this time."""
    seats = AgentSeat.objects.filter(conversation=call.conversation)
    seats.filter(role__in=[role.value for role in roles or Role]).update(last_seen_at=at)


def test_agents_are_asked_for_once_their_servers_are_there(
    launch: Launch, rooms: FakeRooms, request: pytest.FixtureRequest
) -> None:
    launch()
    request.getfixturevalue("agent_servers")

    reconcile_once(timezone.now())
    reconcile_once(timezone.now())

    assert [agent for _, agent, _ in rooms.dispatched] == ["dispatcher", "driver"]


def test_a_draining_agent_server_is_not_asked(agent_servers: None) -> None:
    record_heartbeat(AgentServerHeartbeat(server_id="server-driver", role=Role.DRIVER, state="draining"))

    assert ready_roles() == {Role.DISPATCHER}


def test_a_lost_dispatch_is_taken_back_and_made_again(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    rooms.takes_dispatches = False
    conversation = launch()
    rooms.join(conversation.pk, Role.DRIVER)

    reconcile_once(after(4.5))

    assert [agent for _, agent, _ in rooms.dispatched] == ["dispatcher", "driver", "dispatcher"]
    assert len(rooms.open[str(conversation.pk)].dispatches) == 2


def test_an_agent_in_the_room_is_not_asked_for_again(launching_call: Call, rooms: FakeRooms) -> None:
    reconcile_once(after(5))
    reconcile_once(after(20))

    assert len(rooms.dispatched) == 2


def test_a_job_that_starts_slowly_is_given_time(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    launch()

    reconcile_once(after(8))

    assert len(rooms.dispatched) == 2


def test_a_job_that_hangs_is_asked_for_again(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    launch()

    reconcile_once(after(13))

    assert len(rooms.dispatched) == 4


def test_an_agent_is_asked_for_three_times_at_most(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    rooms.takes_dispatches = False
    launch()

    for seconds in (5, 10, 15, 20, 25):
        reconcile_once(after(seconds))

    assert len(rooms.dispatched) == 6


def test_a_dispatch_that_livekit_did_not_take_does_not_count(
    launch: Launch, rooms: FakeRooms, request: pytest.FixtureRequest
) -> None:
    conversation = launch()
    request.getfixturevalue("agent_servers")
    rooms.answers = False
    reconcile_once(timezone.now())
    rooms.answers = True

    reconcile_once(timezone.now())

    assert {seat.dispatch_count for seat in conversation.seats.all()} == {1}


def test_a_call_whose_agents_never_join_fails_within_thirty_seconds(launch: Launch, rooms: FakeRooms) -> None:
    conversation = launch()

    look_for_29_s()

    assert outcome(conversation) == ("failed", "agent_never_joined")
    assert (conversation.end_detail, rooms.open) == ("Missing: Dispatcher, Driver.", {})


def test_an_agent_that_joins_but_cannot_speak_fails_the_call(launching_call: Call) -> None:
    launching_call.dispatcher.ready()
    launching_call.driver.beat()

    look_for_29_s()

    assert outcome(launching_call.conversation) == ("failed", "agent_failed")


def test_an_agent_that_is_silent_and_out_of_the_room_has_vanished(live_call: Call, rooms: FakeRooms) -> None:
    now = after(11)
    heard_of(live_call, now, Role.DRIVER)
    rooms.leave(live_call.conversation.pk, Role.DISPATCHER)

    reconcile_once(now)
    reconcile_once(now + timedelta(seconds=3))

    assert outcome(live_call.conversation) == ("failed", "agent_vanished")
    assert rooms.open == {}


def test_an_agent_that_is_silent_for_long_fails_the_call_within_thirty_seconds_although_livekit_lists_it(
    live_call: Call,
) -> None:
    heard_of(live_call, after(29), Role.DRIVER)

    look_for_29_s()

    assert outcome(live_call.conversation) == ("failed", "agent_vanished")


def test_a_set_up_gets_the_time_in_which_an_agent_that_hangs_is_asked_for_twice_more(
    launching_call: Call,
) -> None:
    launching_call.dispatcher.ready()

    reconcile_once(after(25))

    assert outcome(launching_call.conversation)[0] == "launching"


def test_a_short_absence_of_the_web_side_ends_no_call(live_call: Call) -> None:
    reconcile_once(after(14))

    assert outcome(live_call.conversation) == ("live", "")


def test_a_web_side_that_is_away_for_long_ends_no_call_whose_agents_are_in_the_room(live_call: Call) -> None:
    look_for_29_s()
    heard_since = look_for_29_s(begun=after(30))
    heard_of(live_call, after(60), Role.DRIVER)  # the first report that comes in again

    back_since = follow_reports(heard_since, now=after(60))
    reconcile_once(after(60), heard_since=back_since)
    heard_of(live_call, after(62), Role.DISPATCHER)
    Conversation.objects.update(last_turn_at=after(61))  # what was said meanwhile comes with the reports
    reconcile_once(after(62), heard_since=back_since)

    assert (heard_since, outcome(live_call.conversation)) == (None, ("live", ""))


def test_an_agent_that_stays_silent_after_the_web_side_came_back_has_vanished(live_call: Call) -> None:
    look_for_29_s()
    heard_of(live_call, after(60), Role.DRIVER)

    look_for_29_s(begun=after(31))

    assert outcome(live_call.conversation) == ("failed", "agent_vanished")


def test_agents_of_whom_neither_reports_nor_livekit_know_have_vanished(live_call: Call, rooms: FakeRooms) -> None:
    rooms.answers = False

    look_for_29_s()

    assert outcome(live_call.conversation) == ("failed", "agent_vanished")


def test_an_agent_that_leaves_without_hanging_up_ends_the_call(live_call: Call) -> None:
    live_call.driver.leave()

    reconcile_once(after(2.5))

    assert outcome(live_call.conversation)[1] == "agent_vanished"


def test_a_call_that_nobody_begins_is_ended(live_call: Call) -> None:
    now = after(26)
    heard_of(live_call, now)

    reconcile_once(now)

    assert outcome(live_call.conversation)[1] == "nobody_spoke"


def test_a_call_in_which_both_fell_silent_is_ended(live_call: Call) -> None:
    live_call.driver.say("Hello.")
    now = after(21)
    heard_of(live_call, now)

    reconcile_once(now)

    assert outcome(live_call.conversation)[1] == "dead_air"


def test_silence_is_not_judged_while_an_agent_does_not_report(live_call: Call) -> None:
    live_call.driver.say("Hello.")
    now = after(21)
    heard_of(live_call, now, Role.DRIVER)

    reconcile_once(now)

    assert outcome(live_call.conversation)[0] == "live"


def test_the_time_cap_ends_the_call_gracefully(live_call: Call, rooms: FakeRooms) -> None:
    reconcile_once(after(live_call.conversation.max_duration_s + 1))

    control = rooms.open[str(live_call.conversation.pk)].control
    assert (outcome(live_call.conversation)[1], control.cut) == ("time_cap", False)


def test_agents_are_told_to_wrap_up_before_the_time_cap(live_call: Call, rooms: FakeRooms) -> None:
    now = after(live_call.conversation.max_duration_s - 15)
    heard_of(live_call, now)
    Conversation.objects.update(last_turn_at=now)

    reconcile_once(now)

    assert rooms.open[str(live_call.conversation.pk)].control.turns_left == 2


def test_agents_are_told_to_wrap_up_before_the_turn_cap(live_call: Call, rooms: FakeRooms) -> None:
    Conversation.objects.update(max_turns=4)

    live_call.dispatcher.say("One.")
    live_call.driver.say("Two.")

    assert rooms.open[str(live_call.conversation.pk)].control.turns_left == 2


def test_the_last_allowed_turn_ends_the_call(live_call: Call) -> None:
    Conversation.objects.update(max_turns=2)

    live_call.dispatcher.say("One.")
    live_call.driver.start()

    assert outcome(live_call.conversation) == ("ending", "turn_cap")


def test_a_call_whose_room_is_gone_has_failed(live_call: Call, rooms: FakeRooms) -> None:
    rooms.open.clear()

    reconcile_once(after(4))
    reconcile_once(after(7))

    assert outcome(live_call.conversation) == ("failed", "room_vanished")


def test_a_room_that_was_made_just_now_is_not_missed(live_call: Call, rooms: FakeRooms) -> None:
    rooms.open.clear()

    reconcile_once(timezone.now())

    assert outcome(live_call.conversation)[0] == "live"


def test_a_livekit_that_does_not_answer_ends_no_live_call(live_call: Call, rooms: FakeRooms) -> None:
    rooms.answers = False

    reconcile_once(after(5))

    assert outcome(live_call.conversation)[0] == "live"


def test_a_room_of_ours_without_an_unfinished_call_is_deleted(live_call: Call, rooms: FakeRooms) -> None:
    Conversation.objects.update(status="ended")

    reconcile_once(timezone.now())

    assert rooms.open == {}


def test_rooms_of_another_installation_are_left_alone(db: None, rooms: FakeRooms) -> None:
    for name, owner in (("theirs", "somebody-else"), ("6f1a0f5e-0000-4000-8000-000000000000", "")):
        rooms.create_room(name=name, metadata=RoomControl(owner=owner).model_dump_json(), timeout_s=10)

    reconcile_once(timezone.now())

    assert rooms.deleted == []


def test_a_look_at_the_rows_alone_asks_livekit_nothing(live_call: Call, rooms: FakeRooms) -> None:
    before = rooms.calls

    reconcile_once(timezone.now(), asks_livekit=False)

    assert rooms.calls == before
