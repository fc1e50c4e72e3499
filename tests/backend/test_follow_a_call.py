"""What a page is told over the live feed while a call runs."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from dispatchsim import consumers
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.models import AgentSeat, Turn
from dispatchsim.services.freight_tools import use_tool
from dispatchsim.services.lifecycle import finish_conversation
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeAgent, FakeRooms
from tests.backend.watching import Watch, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_watcher_is_told_the_whole_state_first(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    status = await watcher.next_of("status")

    assert (status["status"], status["turns"], status["agents"]["driver"]["joined"]) == ("live", 0, True)
    assert [step["name"] for step in status["steps"] if not step["done"]] == ["first_word"]


async def test_a_watcher_who_comes_late_gets_every_turn(live_call: Call, watch: Watch) -> None:
    await sync_to_async(live_call.dispatcher.say)("Hi Chris.")
    await sync_to_async(live_call.driver.say)("Hi Tim.")
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    first, second = await watcher.next(), await watcher.next()

    assert [(one["seq"], one["turn"]["text"]) for one in (first, second)] == [(1, "Hi Chris."), (2, "Hi Tim.")]
    assert "Hi Chris." in first["html"]


async def test_a_watcher_who_comes_back_gets_what_it_has_not(live_call: Call, watch: Watch) -> None:
    for text in ("One.", "Two.", "Three."):
        await sync_to_async(live_call.driver.say)(text)
    watcher = watch(live_call.conversation.pk, after=2)
    await watcher.open()

    assert (await watcher.next())["seq"] == 3


async def test_a_turn_is_told_as_it_begins_grows_and_ends(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    turn_id = await sync_to_async(live_call.driver.start)()
    begun = await watcher.next_of("turn")
    await sync_to_async(live_call.driver.words)(turn_id, "I can be")
    words = await watcher.next_of("words")
    await sync_to_async(live_call.driver.finish)(turn_id, "I can be there.")
    ended = await watcher.next_of("turn")

    assert (begun["turn"]["is_final"], ended["turn"]["is_final"]) == (False, True)
    assert words == {"type": "words", "seq": 1, "speaker": "driver", "text": "I can be"}
    assert ended["turn"]["text"] == "I can be there."


async def test_five_watchers_of_one_call_are_each_told_every_word(live_call: Call, watch: Watch) -> None:
    watchers = [watch(live_call.conversation.pk) for _ in range(5)]
    for watcher in watchers:
        await watcher.open()
        await watcher.next_of("status")

    turn_id = await sync_to_async(live_call.driver.start)()
    begun = [await watcher.next_of("turn") for watcher in watchers]
    await sync_to_async(live_call.driver.words)(turn_id, "I can be")
    words = [await watcher.next_of("words") for watcher in watchers]
    await sync_to_async(live_call.driver.finish)(turn_id, "I can be there.")
    ended = [await watcher.next_of("turn") for watcher in watchers]

    assert [(one["seq"], one["turn"]["is_final"]) for one in begun] == [(1, False)] * 5
    assert [one["text"] for one in words] == ["I can be"] * 5
    assert [one["turn"]["text"] for one in ended] == ["I can be there."] * 5


async def test_what_other_processes_wrote_is_told_within_a_second_or_so(live_call: Call, watch: Watch) -> None:
    await sync_to_async(live_call.driver.start)()
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    await Turn.objects.aupdate(text="written elsewhere")

    assert (await watcher.next_of("words"))["text"] == "written elsewhere"


async def test_the_end_is_told_with_its_reason(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    await sync_to_async(live_call.driver.hang_up)()
    await sync_to_async(finish_conversation)(conversation_id=live_call.conversation.pk)

    ended = await watcher.next_of("status", lambda frame: frame["status"] == "ended")
    assert (ended["end_reason"], ended["sentence"]) == ("agent_hung_up", "They said goodbye and hung up.")


def offer(call: Call, amount_usd: int) -> None:
    request = ToolRequest(call_id=f"offer-{amount_usd}", arguments={"amount_usd": amount_usd})
    use_tool(conversation_id=call.conversation.pk, role=Role.DISPATCHER, name="offer_rate", request=request)


async def test_a_watcher_is_told_what_the_system_did(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    first = await watcher.next_of("system")
    opened = await watcher.next_of("system", lambda frame: frame["event"] == "floor.opened")

    assert (first["event"], first["text"], first["role"]) == ("call.launched", "Call launched", None)
    assert opened["text"] == "Line opened"


async def test_a_watcher_is_told_what_was_done_with_a_tool_once(freight_call: Call, watch: Watch) -> None:
    watcher = watch(freight_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    await sync_to_async(offer)(freight_call, 1500)
    told = await watcher.next_of("use")
    await sync_to_async(offer)(freight_call, 1600)
    next_one = await watcher.next_of("use")

    assert "Offered 1,500 dollars" in told["html"]
    assert (told["use"]["arguments"], told["use"]["result"]["ok"]) == ({"amount_usd": 1500}, True)
    assert "Offered 1,600 dollars" in next_one["html"]


async def test_a_watcher_who_comes_back_is_told_every_use_of_a_tool(freight_call: Call, watch: Watch) -> None:
    await sync_to_async(offer)(freight_call, 1500)
    watcher = watch(freight_call.conversation.pk, after=7)
    await watcher.open()

    assert (await watcher.next_of("use"))["use"]["text"] == "Offered 1,500 dollars"


async def test_what_the_system_does_is_told_once(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("seen")

    await sync_to_async(live_call.driver.hang_up)()

    assert (await watcher.next_of("system"))["text"] == "Hanging up: They said goodbye and hung up."


async def test_a_watcher_is_told_how_long_ago_each_agent_was_heard_of(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("seen")

    await AgentSeat.objects.filter(role=Role.DRIVER).aupdate(last_seen_at=timezone.now() - timedelta(seconds=30))

    assert 30 <= (await watcher.next_of("seen"))["agents"]["driver"] < 40


async def test_a_listener_who_hears_both_opens_the_floor(
    launch: Launch, agent_servers: None, rooms: FakeRooms, watch: Watch
) -> None:
    conversation = await sync_to_async(launch)()
    for role in Role:
        await sync_to_async(FakeAgent(conversation.pk, role).ready)()
    watcher = watch(conversation.pk)
    await watcher.open()

    await watcher.socket.send_json_to({"type": "subscribed"})

    await watcher.next_of("status", lambda frame: frame["status"] == "live")
    assert rooms.open[str(conversation.pk)].control.floor_open


async def test_the_browser_of_who_launched_the_call_opens_the_floor(
    launch: Launch, agent_servers: None, rooms: FakeRooms, watch: Watch, settings: Settings
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    conversation = await sync_to_async(launch)(launched_by=await User.objects.aget(username="ann"))
    for role in Role:
        await sync_to_async(FakeAgent(conversation.pk, role).ready)()
    watcher = watch(conversation.pk, cookie=cookie, origin="http://localhost")
    await watcher.open()

    await watcher.socket.send_json_to({"type": "subscribed"})

    await watcher.next_of("status", lambda frame: frame["status"] == "live")
    assert rooms.open[str(conversation.pk)].control.floor_open


async def test_markup_in_what_was_said_is_shown_as_text(live_call: Call, watch: Watch) -> None:
    await sync_to_async(live_call.driver.say)("<script>alert(1)</script> {{ x }}")
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    html = (await watcher.next())["html"]

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


async def test_words_are_left_out_for_a_client_that_does_not_read_and_turns_are_not(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_UNHEARD_WORDS_BYTES", 0)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    turn_id = await sync_to_async(live_call.driver.start)()
    await sync_to_async(live_call.driver.words)(turn_id, "left out")
    await sync_to_async(live_call.driver.finish)(turn_id, "kept")

    frames = [await watcher.next()]
    while not (frames[-1]["type"] == "turn" and frames[-1]["turn"]["is_final"]):
        frames.append(await watcher.next())
    assert "words" not in {frame["type"] for frame in frames}


async def test_a_stalled_client_is_sent_everything_once_it_is_heard_of_again(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("seen")
    monkeypatch.setattr(consumers, "MAX_UNHEARD_BYTES", 1)

    for number in range(5):
        await sync_to_async(live_call.driver.say)(f"turn {number}")
    assert await watcher.socket.receive_nothing(timeout=1.3)
    await watcher.socket.send_json_to({"type": "here"})

    assert [(await watcher.next_of("turn"))["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_a_watcher_who_leaves_leaves_no_task_behind(live_call: Call, watch: Watch) -> None:
    before = asyncio.all_tasks()
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    await watcher.socket.disconnect()

    assert asyncio.all_tasks() <= before


async def test_a_client_that_never_says_here_is_told_so_by_a_code_of_its_own(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_UNHEARD_WORDS_BYTES", 1)
    monkeypatch.setattr(consumers, "MAX_UNHEARD_S", 0.5)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    assert await watcher.close_code() == 4408


async def test_a_client_that_says_nothing_is_followed_while_little_was_sent(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_UNHEARD_S", 0.0)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("seen")

    await sync_to_async(live_call.driver.say)("Still told.")

    assert (await watcher.next_of("turn"))["seq"] == 1
