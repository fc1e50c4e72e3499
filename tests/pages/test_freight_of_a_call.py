"""What was at stake in a call, on its page and over the API: tools between the turns, and the verdict."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pydantic import JsonValue

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.models import Conversation
from dispatchsim.services.doings import find_doings
from dispatchsim.services.freight_tools import use_tool
from dispatchsim.services.verdicts import judge
from tests.api.calls import add_turn
from tests.freight.cases import DETENTION, build_case, build_scenario
from tests.pages.calls import Markup, finished_call, running_call
from tests.people import signed_in

pytestmark = pytest.mark.django_db
COPY = build_scenario(build_case()).model_dump(mode="json")


def use(call: Conversation, role: Role, name: str, **arguments: JsonValue) -> None:
    request = ToolRequest(call_id=f"{role}-{name}", arguments=arguments)
    use_tool(conversation_id=call.pk, role=role, name=name, request=request)


def booked_call(**fields: Any) -> Conversation:
    call = running_call(scenario_copy=COPY, floor_opened_at=timezone.now(), **fields)
    use(call, Role.DISPATCHER, "offer_rate", amount_usd=1600)
    use(call, Role.DRIVER, "accept_load", rate_usd=9999)
    use(call, Role.DRIVER, "accept_load_again")
    add_turn(call, 1, Role.DISPATCHER, "Sixteen hundred.")
    add_turn(call, 2, Role.DRIVER, "Bye.")
    return call


def finish(call: Conversation, reason: EndReason = EndReason.AGENT_HUNG_UP) -> Conversation:
    call.refresh_from_db()
    call.status, call.end_reason, call.ended_at = ConversationStatus.ENDED, reason, timezone.now()
    call.save()
    judge(call)
    return call


def read(person: User, call: Conversation) -> Any:
    return signed_in(person).get(reverse("conversation_detail", args=[call.pk]))


@pytest.mark.parametrize("is_over", [False, True])
def test_tools_stand_between_the_turns_while_the_call_runs_and_after(viewer: User, is_over: bool) -> None:
    call = booked_call()

    page = read(viewer, finish(call) if is_over else call).content.decode()

    assert "Offered 1,600 dollars" in page
    assert page.index("Offered 1,600 dollars") < page.index("Sixteen hundred.")


def test_the_arguments_and_the_result_of_a_tool_are_there_to_unfold(viewer: User) -> None:
    page = read(viewer, finish(booked_call())).content.decode()

    assert '<dt>amount</dt><dd dir="auto">1,600 dollars</dd>' in page
    assert '<dt>offered</dt><dd dir="auto">1,600 dollars</dd>' in page


def test_a_refused_tool_is_shown_with_its_reason(viewer: User) -> None:
    answer = read(viewer, finish(booked_call()))

    assert len(Markup(answer).attributes("li", **{"data-call-id": "driver-accept_load"})) == 1
    assert "Tried to accept the load at 9,999 dollars. Refused: What is on the table" in answer.content.decode()


def test_the_end_of_the_call_is_an_agents_own_tool_and_shown_like_the_others(viewer: User) -> None:
    call = booked_call()
    payload = {"call_id": "x", "name": "end_call", "arguments": '{"why": "done"}', "result": "hanging up"}
    at = timezone.now() + timedelta(seconds=9)
    call.events.create(seq=9, role=Role.DRIVER, agent_seq=1, type="tool.called", payload=payload, at=at)

    page = read(viewer, call).content.decode()

    assert page.index("Hung up") > page.index("Bye.")


def test_the_verdict_names_what_failed_and_links_its_evidence(viewer: User) -> None:
    page = read(viewer, finish(booked_call())).content.decode()

    assert "The load should have been booked; nothing was settled." in page
    assert 'href="#turn-2">turn 2</a>' in page


def test_a_check_leads_to_the_tool_that_shows_it(viewer: User) -> None:
    call = running_call(scenario_copy=COPY, floor_opened_at=timezone.now())
    use(call, Role.DISPATCHER, "offer_rate", amount_usd=1600)
    use(call, Role.DRIVER, "accept_load", rate_usd=1600)
    use(call, Role.DISPATCHER, "book_load", rate_usd=1600)
    add_turn(call, 1, Role.DISPATCHER, "Sixteen hundred.")
    add_turn(call, 2, Role.DRIVER, "Bye.")

    page = read(viewer, finish(call))

    links = [one["href"] for one in Markup(page).attributes("a") if str(one.get("href")).startswith("#use-")]
    ids = {one.get("id") for one in Markup(page).attributes("li")}
    assert links
    assert {str(link)[1:] for link in links} <= ids


def test_the_load_sheet_has_the_facts_that_the_freight_adds(viewer: User) -> None:
    page = read(viewer, finish(booked_call())).content.decode()

    assert "53 foot reefer" in page


def test_a_failed_call_says_that_it_was_not_judged(viewer: User) -> None:
    call = finished_call(reason=EndReason.AGENT_FAILED, scenario_copy=COPY)

    assert "Not judged: the call failed" in read(viewer, call).content.decode()


def test_a_call_with_nothing_at_stake_has_no_verdict_panel(viewer: User) -> None:
    assert "Verdict" not in read(viewer, finished_call()).content.decode()


def test_a_call_with_nothing_at_stake_says_why_it_was_not_judged(viewer: User) -> None:
    assert "Not judged: nothing was at stake" in read(viewer, finished_call()).content.decode()


def test_a_call_that_was_cut_short_says_why_it_was_not_judged(viewer: User) -> None:
    call = running_call(scenario_copy=COPY, floor_opened_at=timezone.now())
    add_turn(call, 1, Role.DISPATCHER, "Hi.")
    add_turn(call, 2, Role.DRIVER, "Hi.")

    page = read(viewer, finish(call, EndReason.PERSON_ENDED)).content.decode()

    assert "Not judged: ended early" in page
    assert "evaluable<" not in page


def test_a_status_that_was_on_record_when_a_person_ended_the_call_is_not_told_as_its_outcome(viewer: User) -> None:
    copy = build_scenario(build_case(DETENTION)).model_dump(mode="json")
    call = running_call(scenario_copy=copy, floor_opened_at=timezone.now())
    add_turn(call, 1, Role.DRIVER, "I'm on load 3 0 9 5 5.")
    add_turn(call, 2, Role.DISPATCHER, "Tell me.")
    use(call, Role.DRIVER, "report_status", status="waiting")

    page = read(viewer, finish(call, EndReason.PERSON_ENDED)).content.decode()

    assert ("Not judged: ended early" in page, "Referred" in page) == (True, False)


def test_what_decided_a_verdict_stands_above_the_transcript(viewer: User) -> None:
    page = read(viewer, finish(booked_call())).content.decode()

    assert page.index("The load should have been booked") < page.index(">Transcript<")


def test_hostile_arguments_are_shown_as_text(viewer: User) -> None:
    call = booked_call()
    use(call, Role.DRIVER, "decline_load", reason="<script>alert(1)</script>")

    page = read(viewer, finish(call)).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_the_agents_did_is_not_among_what_the_system_did() -> None:
    assert [doing for doing in find_doings(booked_call().pk) if doing.event == "tool.called"] == []


def get(person: User, call: Conversation, what: str) -> Any:
    client: Client = signed_in(person)
    return client.get(f"/api/v1/conversations/{call.pk}/{what}").json()


def test_the_transcript_of_the_api_has_the_tools(viewer: User, rooms: object) -> None:
    body = get(viewer, finish(booked_call()), "transcript")

    assert body["count"] == 2
    assert [(tool["role"], tool["name"], tool["ok"]) for tool in body["tools"]] == [
        ("dispatcher", "offer_rate", True),
        ("driver", "accept_load", False),
        ("driver", "accept_load_again", False),
    ]
    assert (body["tools"][0]["arguments"], body["tools"][0]["text"]) == ({"amount_usd": 1600}, "Offered 1,600 dollars")


def test_the_status_of_the_api_has_what_is_settled_and_the_verdict(viewer: User, rooms: object) -> None:
    body = get(viewer, finish(booked_call()), "status")

    assert body["freight"]["offered_rate"] == 1600
    assert body["verdict"]["joint"] == "fail"
    assert {check["name"] for check in body["verdict"]["checks"]} >= {"expected_outcome", "nothing_private_said"}


def test_a_call_with_nothing_at_stake_has_neither(viewer: User, rooms: object) -> None:
    body = get(viewer, finished_call(), "status")

    assert (body["freight"], body["verdict"]) == (None, None)


def test_the_list_of_the_api_has_the_joint_result(viewer: User, rooms: object) -> None:
    finish(booked_call())

    assert signed_in(viewer).get("/api/v1/conversations").json()["items"][0]["verdict"] == "fail"
