"""Tools of a call over HTTP: once per call id, refused with a reason, kept with the transcript, judged at the end."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.events import TurnFinished, TurnStarted
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.verdict import Result
from dispatchsim.models import Event, ToolUse
from dispatchsim.services.briefs import build_brief, sign_report_token
from dispatchsim.services.launch import repeat_conversation
from dispatchsim.services.verdicts import find_verdict
from tests.backend.conftest import Call, Launch, Library
from tests.backend.fakes import FakeRooms
from tests.freight.cases import BOOKING, build_case

pytestmark = pytest.mark.django_db(transaction=True)
TIM, CHRIS = Role.DISPATCHER, Role.DRIVER


def post(
    call: Call, name: str, body: object, *, role: Role = TIM, token: str | None = None, call_id: object = None
) -> tuple[int, Any]:
    token = sign_report_token(call.conversation.pk, role) if token is None else token
    answer = Client().post(
        f"/api/v1/ingest/{call_id or call.conversation.pk}/tools/{name}",
        data=body if isinstance(body, str | bytes) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    return answer.status_code, answer.json()


def use(call: Call, role: Role, name: str, call_id: str = "", **arguments: Any) -> dict[str, Any]:
    status, result = post(call, name, {"call_id": call_id or uuid4().hex, "arguments": arguments}, role=role)
    assert status == 200
    return dict(result)


def state(call: Call) -> FreightState:
    return FreightState.model_validate(call.refresh().freight_state or {})


def book(call: Call) -> None:
    use(call, TIM, "offer_rate", amount_usd=1600)
    use(call, CHRIS, "accept_load", rate_usd=1600)
    use(call, TIM, "book_load", rate_usd=1600)


def say_it_all(call: Call) -> None:
    call.dispatcher.say("Frozen chicken, 42,000 pounds, Springdale, Arkansas, tomorrow at 7 in the morning.")
    call.driver.say("Sixteen hundred dollars, okay.")
    call.dispatcher.say("Sixteen hundred, you are booked. Bye.")
    call.driver.say("Bye.")


def hang_up(call: Call) -> None:
    call.driver.hang_up()
    call.dispatcher.leave()
    call.driver.leave()
    call.refresh()


def test_a_tool_changes_the_state_and_answers(freight_call: Call) -> None:
    assert use(freight_call, TIM, "offer_rate", amount_usd=1500) == {"ok": True, "offered_usd": 1500}
    assert state(freight_call).offered_rate == 1500


def test_the_same_call_id_gives_the_same_result_and_changes_nothing(freight_call: Call) -> None:
    first = use(freight_call, TIM, "offer_rate", "one", amount_usd=1500)

    again = use(freight_call, TIM, "offer_rate", "one", amount_usd=1600)

    assert again == first
    assert state(freight_call).offers == (1500,)
    assert ToolUse.objects.count() == Event.objects.filter(type="tool.called").count() == 1


def test_both_sides_may_use_the_same_call_id(freight_call: Call) -> None:
    use(freight_call, TIM, "offer_rate", "one", amount_usd=1600)

    assert use(freight_call, CHRIS, "accept_load", "one", rate_usd=1600)["ok"] is True


def test_many_at_once_with_one_call_id_are_one_use(freight_call: Call) -> None:
    def once(_: int) -> dict[str, Any]:
        try:
            return use(freight_call, TIM, "offer_rate", "one", amount_usd=1500)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(once, range(6)))

    assert results == [{"ok": True, "offered_usd": 1500}] * 6
    assert ToolUse.objects.count() == 1


def test_a_refusal_is_an_answer_and_is_kept(freight_call: Call) -> None:
    result = use(freight_call, TIM, "offer_rate", amount_usd=5000)

    assert (result["ok"], state(freight_call).offers) == (False, ())
    assert ToolUse.objects.get().result == result


def test_each_use_is_an_event_with_arguments_and_result(freight_call: Call) -> None:
    use(freight_call, TIM, "offer_rate", "one", amount_usd=1500)

    event = Event.objects.get(type="tool.called")
    assert (event.role, event.agent_seq) == ("dispatcher", None)
    assert event.payload == {
        "call_id": "one",
        "name": "offer_rate",
        "arguments": {"amount_usd": 1500},
        "result": {"ok": True, "offered_usd": 1500},
    }


def test_agents_go_on_reporting_after_a_tool(freight_call: Call) -> None:
    use(freight_call, TIM, "offer_rate", amount_usd=1500)

    freight_call.dispatcher.say("Fourteen fifty.")

    assert freight_call.refresh().last_turn_seq == 1


def test_a_tool_of_the_other_side_is_refused(freight_call: Call) -> None:
    assert "no function" in use(freight_call, CHRIS, "offer_rate", amount_usd=1500)["reason"]


def test_a_call_with_nothing_at_stake_has_no_tools(live_call: Call) -> None:
    assert "no function" in use(live_call, TIM, "offer_rate", amount_usd=1500)["reason"]


def test_nothing_is_settled_once_the_call_is_over(freight_call: Call) -> None:
    say_it_all(freight_call)
    hang_up(freight_call)

    assert use(freight_call, TIM, "offer_rate", amount_usd=1500) == {"ok": False, "reason": "The call is not on."}
    assert ToolUse.objects.count() == 0


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_forged_token_is_refused(freight_call: Call, token: str) -> None:
    assert post(freight_call, "offer_rate", {"call_id": "x", "arguments": {}}, token=token)[0] == 401


def test_a_token_of_another_call_is_refused(freight_call: Call) -> None:
    token = sign_report_token(uuid4(), TIM)

    assert post(freight_call, "offer_rate", {"call_id": "x", "arguments": {}}, token=token)[0] == 401


def test_an_unknown_call_is_not_found(freight_call: Call) -> None:
    unknown = uuid4()

    answer = post(freight_call, "offer_rate", {"call_id": "x"}, token=sign_report_token(unknown, TIM), call_id=unknown)

    assert answer[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"arguments": {}}, 422),
        ({"call_id": "", "arguments": {}}, 422),
        ({"call_id": "x", "arguments": []}, 422),
        ({"call_id": "x", "arguments": {}, "more": 1}, 422),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_a_bad_body_is_refused_by_its_status(freight_call: Call, body: object, status: int) -> None:
    assert post(freight_call, "offer_rate", body)[0] == status


@pytest.mark.parametrize("value", ["\x00" * 5, 10**400, [[1]], {"a": "b"}, "x" * 5000, "\ud800"])
def test_odd_arguments_are_kept_and_refused(freight_call: Call, value: Any) -> None:
    assert use(freight_call, TIM, "offer_rate", "odd\x00", amount_usd=value)["ok"] is False
    assert ToolUse.objects.get().call_id == "odd"


def test_the_brief_carries_the_tools_and_their_address(freight_call: Call) -> None:
    brief = build_brief(freight_call.conversation, TIM)

    assert [tool.name for tool in brief.tools] == ["look_up_load", "offer_rate", "book_load"]
    assert brief.tools_url.endswith(f"/api/v1/ingest/{freight_call.conversation.pk}/tools")


def test_a_brief_without_freight_has_no_tools(live_call: Call) -> None:
    assert build_brief(live_call.conversation, TIM).tools == ()


def test_a_good_call_gets_a_verdict_at_its_end(freight_call: Call) -> None:
    book(freight_call)
    say_it_all(freight_call)

    hang_up(freight_call)

    verdict = find_verdict(freight_call.conversation)
    assert verdict is not None
    assert (verdict.joint, verdict.reasons) == (Result.PASS, ())


def test_a_running_call_has_no_verdict(freight_call: Call) -> None:
    book(freight_call)
    say_it_all(freight_call)

    assert freight_call.refresh().verdict is None


def test_words_that_arrive_after_the_end_count(freight_call: Call) -> None:
    book(freight_call)
    freight_call.dispatcher.say("Frozen chicken, 42,000 pounds, Springdale, Arkansas, tomorrow at 7 in the morning.")
    freight_call.driver.say("Sixteen hundred dollars, okay. Bye.")
    hang_up(freight_call)
    before = find_verdict(freight_call.conversation)

    seq, at, text = freight_call.dispatcher.seq, time.time(), "Sixteen hundred, you are booked. Bye."
    freight_call.dispatcher.send(
        [
            TurnStarted(seq=seq + 1, at=at, turn_id="late"),
            TurnFinished(seq=seq + 2, at=at, turn_id="late", text=text),
        ]
    )

    after = find_verdict(freight_call.refresh())
    assert before is not None
    assert after is not None
    assert (before.agents[TIM], after.agents[TIM]) == (Result.FAIL, Result.PASS)


def test_a_failed_call_has_no_verdict(freight_call: Call) -> None:
    say_it_all(freight_call)
    freight_call.driver.fail(EndReason.AGENT_FAILED, "It broke.")
    hang_up(freight_call)

    assert freight_call.refresh().verdict is None


def test_a_call_with_nothing_at_stake_has_no_verdict(live_call: Call) -> None:
    say_it_all(live_call)
    hang_up(live_call)

    assert live_call.refresh().verdict is None


def test_a_repeat_starts_with_nothing_settled(freight_call: Call, rooms: FakeRooms) -> None:
    book(freight_call)

    again = repeat_conversation(conversation=freight_call.refresh())

    assert again.freight_state is None
    assert again.scenario_copy == freight_call.conversation.scenario_copy


def test_a_launch_freezes_the_freight(library: Library, launch: Launch) -> None:
    library.scenario.freight = json.dumps(BOOKING)
    library.scenario.load_sheet = "commodity: frozen chicken"
    library.scenario.save()

    call = launch()

    assert build_case().model_dump(mode="json") == call.scenario_copy["freight"]
