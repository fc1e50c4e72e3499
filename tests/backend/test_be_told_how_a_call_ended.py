"""What watchers of a call are told at its end: what came of it, and who ended it."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from pytest_django import Settings

from dispatchsim import consumers
from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation
from dispatchsim.services.lifecycle import end_conversation
from tests.backend.conftest import Call
from tests.backend.watching import Watch, sign_in
from tests.freight.cases import build_case, build_scenario

pytestmark = pytest.mark.django_db(transaction=True)


async def test_what_came_of_a_call_is_told_before_its_end(live_call: Call, watch: Watch) -> None:
    await sync_to_async(put_at_stake)(live_call)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    await sync_to_async(hold_and_end)(live_call)
    frames = [await watcher.next()]
    while frames[-1].get("status") != "ended":
        frames.append(await watcher.next())

    verdict = next(frame for frame in frames if frame["type"] == "verdict")
    assert (verdict["verdict"]["joint"], 'data-outcome="fail"' in verdict["html"]) == ("fail", True)


async def test_who_comes_back_after_the_end_is_told_what_came_of_it(live_call: Call, watch: Watch) -> None:
    await sync_to_async(put_at_stake)(live_call)
    await sync_to_async(hold_and_end)(live_call)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    assert (await watcher.next_of("verdict"))["verdict"]["expected"] == "booked"


async def test_the_verdict_is_told_once(live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "POLL_AFTER_END_S", 0.05)
    await sync_to_async(put_at_stake)(live_call)
    await sync_to_async(hold_and_end)(live_call)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("verdict")
    await watcher.next_of("seen")

    assert await watcher.socket.receive_nothing(timeout=0.5)


async def test_a_call_with_nothing_at_stake_ends_without_a_verdict(live_call: Call, watch: Watch) -> None:
    await sync_to_async(hold_and_end)(live_call)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    frames = [await watcher.next()]
    while frames[-1]["type"] != "seen":
        frames.append(await watcher.next())
    assert "verdict" not in {frame["type"] for frame in frames}


async def test_who_ended_the_call_is_told_so_and_a_script_who_it_was(
    live_call: Call, watch: Watch, settings: Settings
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    ann = await User.objects.aget(username="ann")
    await sync_to_async(end_conversation)(
        conversation_id=live_call.conversation.pk, reason=EndReason.PERSON_ENDED, ended_by=ann
    )
    own = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")
    script = watch(live_call.conversation.pk)
    await own.open()
    await script.open()

    assert (await own.next_of("status"))["sentence"] == "You ended the call."
    assert (await script.next_of("status"))["sentence"] == "ann ended the call."


def put_at_stake(call: Call) -> None:
    """Have the call be about a load that should be booked."""
    copy = build_scenario(build_case()).model_dump(mode="json")
    Conversation.objects.filter(pk=call.conversation.pk).update(scenario_copy=copy)


def hold_and_end(call: Call) -> None:
    """Let both say something, and hang up without settling anything."""
    call.dispatcher.say("Hi Chris.")
    call.driver.say("No thanks. Bye.")
    call.driver.hang_up()
    call.driver.leave()
    call.dispatcher.leave()
