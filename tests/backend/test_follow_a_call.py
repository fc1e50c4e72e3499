import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dispatchsim import consumers
from dispatchsim.asgi import application
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.models import AgentSeat, Turn
from dispatchsim.services.freight_tools import use_tool
from dispatchsim.services.lifecycle import finish_conversation
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeAgent, FakeRooms
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "api-token-for-tests-" + "t" * 40
Frame = dict[str, Any]


class Watcher:
    """A socket of the live feed."""

    def __init__(self, conversation_id: UUID, *, after: int | None = None, **headers: str) -> None:
        query = "" if after is None else f"?after={after}"
        self.socket = WebsocketCommunicator(
            application,
            f"/ws/conversations/{conversation_id}/{query}",
            headers=[(b"host", b"localhost"), *((name.encode(), value.encode()) for name, value in headers.items())],
        )

    async def open(self) -> bool:
        return (await self.socket.connect(timeout=10))[0]

    async def next(self) -> Frame:
        frame: Frame = await self.socket.receive_json_from(timeout=10)
        return frame

    async def next_of(self, kind: str, fits: Callable[[Frame], bool] = lambda _: True) -> Frame:
        while True:
            frame = await self.next()
            if frame["type"] == kind and fits(frame):
                return frame

    async def close_code(self) -> int:
        while True:
            message = await self.socket.receive_output(timeout=10)
            if message["type"] == "websocket.close":
                return int(message["code"])


@pytest.fixture
async def watch(settings: Settings) -> AsyncIterator[Callable[..., Watcher]]:
    settings.DISPATCHSIM_API_TOKEN = TOKEN
    opened = list[Watcher]()

    def open_one(conversation_id: UUID, **arguments: Any) -> Watcher:
        headers = {} if "cookie" in arguments else {"authorization": f"Bearer {TOKEN}"}
        opened.append(Watcher(conversation_id, **(headers | arguments)))
        return opened[-1]

    yield open_one
    for watcher in opened:
        await watcher.socket.disconnect()


Watch = Callable[..., Watcher]


def sign_in(settings: Settings, *groups: str) -> tuple[Client, str]:
    client = signed_in(make_person("ann", *groups))
    return client, f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


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


async def test_a_viewer_may_follow(live_call: Call, watch: Watch, settings: Settings) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")

    await watcher.open()

    assert (await watcher.next())["type"] == "status"


async def test_nobody_follows_without_signing_in(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk, cookie="", origin="http://localhost")
    await watcher.open()

    assert await watcher.close_code() == 4401


async def test_a_wrong_bearer_token_is_refused_even_with_a_good_session(
    live_call: Call, watch: Watch, settings: Settings
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost", authorization="Bearer x")
    await watcher.open()

    assert await watcher.close_code() == 4401


async def test_a_person_without_the_right_is_refused(live_call: Call, watch: Watch, settings: Settings) -> None:
    _, cookie = await sync_to_async(sign_in)(settings)
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")
    await watcher.open()

    assert await watcher.close_code() == 4403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "http://localhost:81", ""])
async def test_a_socket_of_another_site_is_refused(
    live_call: Call, watch: Watch, settings: Settings, origin: str
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin=origin)

    assert await watcher.open() is False


async def test_a_conversation_that_does_not_exist_closes_the_socket(db: None, watch: Watch) -> None:
    watcher = watch(uuid4())
    await watcher.open()

    assert await watcher.close_code() == 4404


async def test_signing_out_closes_the_socket(
    live_call: Call, watch: Watch, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    client, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")
    await watcher.open()

    await sync_to_async(client.logout)()

    assert await watcher.close_code() == 4401


@pytest.mark.parametrize(
    ("frame", "code"), [("x" * 3000, 1009), ("{not json", 4400), (b"\x00\x01", 4400), ("[" * 2000, 4400)]
)
async def test_frames_that_no_page_sends_close_the_socket(
    live_call: Call, watch: Watch, frame: str | bytes, code: int
) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    text, data = (frame, None) if isinstance(frame, str) else (None, frame)
    await watcher.socket.send_to(text_data=text, bytes_data=data)

    assert await watcher.close_code() == code


async def test_a_flood_of_frames_closes_the_socket(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    for _ in range(40):
        await watcher.socket.send_json_to({"type": "here"})

    assert await watcher.close_code() == 4429


async def test_frames_of_an_unknown_kind_are_let_pass(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    unknown: tuple[object, ...] = ({"type": "news from tomorrow"}, [], 3, None)
    for frame in unknown:
        await watcher.socket.send_json_to(frame)

    await sync_to_async(live_call.driver.say)("Still here.")
    assert (await watcher.next_of("turn", lambda one: one["turn"]["is_final"]))["turn"]["text"] == "Still here."


async def test_a_watcher_who_leaves_leaves_no_task_behind(live_call: Call, watch: Watch) -> None:
    before = asyncio.all_tasks()
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    await watcher.socket.disconnect()

    assert asyncio.all_tasks() <= before


async def test_other_addresses_take_no_sockets(db: None) -> None:
    socket = WebsocketCommunicator(application, "/ws/anything/else/")

    assert (await socket.connect())[0] is False
