import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import InvalidInputError, TooManyCallsError, UnavailableError
from dispatchsim.domain.events import AgentServerHeartbeat
from dispatchsim.domain.frozen import FrozenPersona, InlineScenario
from dispatchsim.domain.line import LineQuality
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.agent_servers import record_heartbeat
from dispatchsim.services.briefs import read_report_token
from dispatchsim.services.launch import AgentOverrides, repeat_conversation
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.supervision import reconcile_once
from tests.backend.conftest import Launch, Library
from tests.backend.fakes import FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)


def briefs(rooms: FakeRooms) -> dict[str, ConversationBrief]:
    return {agent: ConversationBrief.model_validate_json(metadata) for _, agent, metadata in rooms.dispatched}


def test_a_launch_makes_the_room_and_asks_for_both_agents(
    launch: Launch, agent_servers: None, rooms: FakeRooms
) -> None:
    conversation = launch()

    assert [(room, agent) for room, agent, _ in rooms.dispatched] == [
        (str(conversation.pk), "dispatcher"),
        (str(conversation.pk), "driver"),
    ]


def test_the_room_outlives_the_longest_call_even_if_it_counts_as_empty(launch: Launch, rooms: FakeRooms) -> None:
    conversation = launch()

    assert rooms.open[str(conversation.pk)].timeout_s > conversation.max_duration_s


def test_a_brief_tells_where_and_with_which_right_to_report(
    launch: Launch, agent_servers: None, rooms: FakeRooms, settings: Settings
) -> None:
    conversation = launch()

    brief = briefs(rooms)["driver"]

    assert brief.report_url == f"{settings.DISPATCHSIM_WEB_URL}/api/v1/ingest/{conversation.pk}/events"
    assert read_report_token(brief.report_token, conversation_id=conversation.pk) is Role.DRIVER


def test_the_scenarios_opener_opens_the_call(
    launch: Launch, library: Library, agent_servers: None, rooms: FakeRooms
) -> None:
    library.scenario.opener = Role.DRIVER.value

    launch()

    assert {agent: brief.is_opener for agent, brief in briefs(rooms).items()} == {"dispatcher": False, "driver": True}


def test_twenty_launches_with_one_key_make_one_conversation_and_one_agent_a_role(
    launch: Launch, agent_servers: None, rooms: FakeRooms
) -> None:
    start = threading.Barrier(20)

    def launch_at_once(_number: int) -> Conversation:
        start.wait()
        try:
            return launch(idempotency_key="one")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        conversations = list(threads.map(launch_at_once, range(20)))

    assert len({conversation.pk for conversation in conversations}) == 1
    assert Conversation.objects.count() == 1
    assert sorted(agent for _, agent, _ in rooms.dispatched) == ["dispatcher", "driver"]


def test_the_cap_of_calls_holds_when_many_launch_at_once(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 3

    def launch_at_once(_number: int) -> str:
        try:
            return launch().status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(launch_at_once, range(8)))

    assert (statuses.count("launching"), statuses.count("queued")) == (3, 5)


def test_a_queued_call_starts_when_another_has_ended(launch: Launch, settings: Settings, rooms: FakeRooms) -> None:
    settings.MAX_CALLS = 1
    first, second = launch(), launch()

    end_conversation(conversation_id=first.pk, reason=EndReason.PERSON_ENDED)
    reconcile_once(timezone.now())

    second.refresh_from_db()
    assert second.status == "launching"
    assert str(second.pk) in rooms.open


def test_a_new_call_does_not_overtake_those_that_wait(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    first, second = launch(), launch()
    end_conversation(conversation_id=first.pk, reason=EndReason.PERSON_ENDED)

    third = launch()
    reconcile_once(timezone.now())

    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.status, third.status) == ("launching", "queued")


def test_calls_leave_the_queue_in_the_order_in_which_they_came_as_far_as_there_is_room(
    launch: Launch, settings: Settings
) -> None:
    settings.MAX_CALLS = 1
    calls = [launch() for _ in range(4)]
    settings.MAX_CALLS = 3

    reconcile_once(timezone.now())

    for call in calls:
        call.refresh_from_db()
    assert [call.status for call in calls] == ["launching", "launching", "launching", "queued"]


def test_a_long_queue_costs_a_look_no_more_than_a_short_one(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 2
    launch(), launch(), launch()
    short = queries_of_a_look()
    for _ in range(6):
        launch()

    long = queries_of_a_look()

    assert len(long) == len(short)


def test_a_look_locks_nothing_while_all_places_are_taken(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 2
    launch(), launch(), launch(), launch()

    assert not [sql for sql in queries_of_a_look() if "BEGIN" in sql or "FOR UPDATE" in sql]


def queries_of_a_look() -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        reconcile_once(timezone.now(), asks_livekit=False)
    return [query["sql"] for query in captured.captured_queries]


def test_a_queued_call_waits_while_the_system_drains(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    first, second = launch(), launch()
    end_conversation(conversation_id=first.pk, reason=EndReason.PERSON_ENDED)

    reconcile_once(timezone.now(), starts_queued=False)

    second.refresh_from_db()
    assert second.status == "queued"


def begin_to_drain() -> None:
    for role in Role:
        record_heartbeat(AgentServerHeartbeat(server_id=f"server-{role}", role=role, state="draining"))


def test_a_queued_call_is_not_started_for_agent_servers_that_drain(
    launch: Launch, settings: Settings, agent_servers: None
) -> None:
    settings.MAX_CALLS = 1
    first, second = launch(), launch()
    begin_to_drain()
    end_conversation(conversation_id=first.pk, reason=EndReason.PERSON_ENDED)

    reconcile_once(timezone.now())

    second.refresh_from_db()
    assert second.status == "queued"


def test_a_call_launched_while_agent_servers_drain_waits_for_others(launch: Launch, agent_servers: None) -> None:
    begin_to_drain()
    call = launch()
    waited = call.status
    for role in Role:
        record_heartbeat(AgentServerHeartbeat(server_id=f"new-{role}", role=role))

    reconcile_once(timezone.now())

    call.refresh_from_db()
    assert (waited, call.status) == ("queued", "launching")


def test_a_call_launched_just_before_the_drain_is_stopped_and_has_not_failed(
    launch: Launch, agent_servers: None
) -> None:
    call = launch()
    begin_to_drain()

    reconcile_once(timezone.now() + timedelta(seconds=27))

    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("ended", "stopped")


def test_a_queue_that_is_too_long_is_refused(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    for _ in range(5):
        launch()

    with pytest.raises(TooManyCallsError):
        launch()


def test_without_agent_servers_a_call_launches_and_waits(launch: Launch, rooms: FakeRooms) -> None:
    conversation = launch()

    assert (conversation.status, rooms.dispatched) == ("launching", [])


def test_without_livekit_a_launch_fails_and_leaves_its_key_for_another_try(launch: Launch, rooms: FakeRooms) -> None:
    rooms.answers = False
    with pytest.raises(UnavailableError) as caught:
        launch(idempotency_key="one")
    rooms.answers = True

    again = launch(idempotency_key="one")

    failed = Conversation.objects.exclude(pk=again.pk).get()
    assert caught.value.part == "livekit"
    assert (failed.status, failed.end_reason) == ("failed", "livekit_unavailable")
    assert again.status == "launching"


def test_a_rehearsal_model_that_does_not_answer_is_named_before_anything_is_written(
    launch: Launch, settings: Settings
) -> None:
    settings.REHEARSAL_URL = "http://127.0.0.1:9/v1"

    with pytest.raises(UnavailableError) as caught:
        launch()

    assert (caught.value.part, Conversation.objects.count()) == ("voice_model", 0)


def test_openais_model_needs_a_key(launch: Launch) -> None:
    with pytest.raises(UnavailableError) as caught:
        launch(provider=VoiceProvider.OPENAI)

    assert caught.value.part == "voice_model"


def test_with_a_key_openais_model_is_the_default(launch: Launch, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "key"

    assert launch().voice_provider == "openai"


def test_a_persona_of_the_other_role_is_refused_by_name_of_the_field(launch: Launch, library: Library) -> None:
    with pytest.raises(InvalidInputError) as caught:
        launch(driver=library.tim)

    assert caught.value.field == "driver"


def test_later_edits_of_the_library_do_not_change_a_launched_call(launch: Launch, library: Library) -> None:
    conversation = launch()

    library.tim.name = "Tom"
    library.tim.save()

    conversation.refresh_from_db()
    assert FrozenPersona.model_validate(conversation.dispatcher_copy).name == "Tim"


def test_overrides_change_one_agent_of_one_call(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    launch(overrides={Role.DRIVER: AgentOverrides(voice="cedar", model="m-1", instructions="You mumble.")})

    told = briefs(rooms)

    assert (told["driver"].voice.voice, told["driver"].voice.model) == ("cedar", "m-1")
    assert "You mumble." in told["driver"].instructions
    assert told["dispatcher"].voice.voice == "alloy"


def test_both_agents_are_told_the_scenarios_line(
    launch: Launch, library: Library, agent_servers: None, rooms: FakeRooms
) -> None:
    library.scenario.line = LineQuality.NOISY.value

    launch()

    assert {brief.line for brief in briefs(rooms).values()} == {LineQuality.NOISY}


def test_a_launch_can_pick_another_line(
    launch: Launch, library: Library, agent_servers: None, rooms: FakeRooms
) -> None:
    library.scenario.line = LineQuality.NOISY.value

    launch(line=LineQuality.PHONE)

    assert {brief.line for brief in briefs(rooms).values()} == {LineQuality.PHONE}


def test_a_voice_that_cannot_be_a_name_is_refused(launch: Launch) -> None:
    with pytest.raises(InvalidInputError) as caught:
        launch(overrides={Role.DRIVER: AgentOverrides(voice="two words")})

    assert caught.value.field == "driver.voice"


def test_a_persona_whose_voice_the_rehearsal_model_does_not_have_is_refused(launch: Launch, library: Library) -> None:
    library.chris.voice = "nova"

    with pytest.raises(InvalidInputError) as caught:
        launch()

    assert (caught.value.field, caught.value.message.partition(" is ")[0]) == ("driver.voice", "Voice of Chris: “nova”")


def test_a_voice_of_this_call_replaces_one_that_the_rehearsal_model_does_not_have(
    launch: Launch, library: Library
) -> None:
    library.chris.voice = "nova"

    call = launch(overrides={Role.DRIVER: AgentOverrides(voice="cedar")})

    assert call.driver_copy["voice"]["voice"] == "cedar"


def test_a_repeat_with_a_voice_that_the_rehearsal_model_does_not_have_is_refused(launch: Launch) -> None:
    call = launch()
    call.driver_copy["voice"]["voice"] = "nova"

    with pytest.raises(InvalidInputError) as caught:
        repeat_conversation(conversation=call)

    assert caught.value.field == "driver.voice"


def test_a_scenario_can_come_with_the_launch(launch: Launch, agent_servers: None, rooms: FakeRooms) -> None:
    conversation = launch(scenario=InlineScenario(title="Pipes", load_sheet="cargo: nine green pipes"))

    assert (conversation.title, conversation.scenario) == ("Pipes", None)
    assert "cargo: nine green pipes" in briefs(rooms)["dispatcher"].instructions


def test_an_inline_scenario_with_a_bad_load_sheet_is_refused_by_field(launch: Launch) -> None:
    with pytest.raises(InvalidInputError) as caught:
        launch(scenario=InlineScenario(load_sheet="no colon here"))

    assert caught.value.field == "load_sheet"


def test_a_web_process_that_died_while_launching_is_made_up_for(
    launch: Launch, agent_servers: None, rooms: FakeRooms
) -> None:
    conversation = launch()
    rooms.open.clear()
    Conversation.objects.update(room_created_at=None)
    AgentSeat.objects.update(dispatch_count=0, dispatched_at=None)

    reconcile_once(timezone.now() + timedelta(seconds=6))

    assert str(conversation.pk) in rooms.open
    assert len(rooms.dispatched) == 4
