"""One trace for each call that is over, for an operator who asked for it and for nobody else."""

import json
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pydantic import JsonValue
from pytest_django import Settings

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.events import ToolCalled, ToolRequest, UsageReported
from dispatchsim.management.commands import supervise
from dispatchsim.models import Conversation, Turn
from dispatchsim.services.freight_tools import use_tool
from dispatchsim.services.tracing import Traced, trace_finished_calls
from tests.backend.collector import Collector, collect
from tests.backend.conftest import Call

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CALL, TIM, CHRIS = "invoke_workflow Chicken", "invoke_agent Tim", "invoke_agent Chris"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collect() as running:
        yield running


@pytest.fixture
def otlp(collector: Collector, settings: Settings) -> Collector:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
    return collector


@pytest.fixture
def ended_call(live_call: Call) -> Conversation:
    """Two turns, a tool, usage of both, and a goodbye."""
    opened_at = live_call.refresh().floor_opened_at
    assert opened_at is not None
    zero = opened_at.timestamp()
    live_call.dispatcher.finish(live_call.dispatcher.start(at=zero + 1), "Hi Chris, frozen chicken.", at=zero + 3)
    live_call.driver.finish(live_call.driver.start(at=zero + 4), "What does it", at=zero + 5, interrupted=True)
    live_call.driver.report(
        lambda seq, at: ToolCalled(seq=seq, at=at, call_id="call_1", name="end_call", arguments='{"why": "done"}')
    )
    for agent, tokens in ((live_call.dispatcher, 30), (live_call.driver, 20), (live_call.driver, 50)):
        agent.report(
            lambda seq, at, tokens=tokens: UsageReported(  # type: ignore[misc]
                seq=seq,
                at=at,
                model="gpt-realtime",
                input_audio_tokens=tokens,
                cached_audio_tokens=10,
                input_text_tokens=1000,
                output_audio_tokens=2 * tokens,
            )
        )
    live_call.driver.hang_up()
    live_call.driver.leave()
    live_call.dispatcher.leave()
    return live_call.refresh()


def look(seconds: float = 4) -> Traced:
    return trace_finished_calls(now=later(seconds))


def later(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def test_a_call_is_one_trace_whose_id_is_the_conversations(otlp: Collector, ended_call: Conversation) -> None:
    sent = look()

    assert (sent, otlp.paths) == (Traced(sent=1), ["/v1/traces"])
    assert {span.trace_id for span in otlp.requests[0]} == {ended_call.pk.hex}


def test_agents_hang_from_the_call_and_what_they_did_from_them(otlp: Collector, ended_call: Conversation) -> None:
    look()

    parents = {span.id: span.span.name for span in otlp.requests[0]} | {"": None}
    assert {span.span.name: parents[span.parent_id] for span in otlp.requests[0]} == {
        CALL: None, TIM: CALL, CHRIS: CALL, "turn 1": TIM, "turn 2": CHRIS, "execute_tool end_call": CHRIS,
    }  # fmt: skip


def test_a_turn_lies_where_it_was_spoken(otlp: Collector, ended_call: Conversation) -> None:
    look()

    turn = otlp.span("turn 1")
    assert ended_call.floor_opened_at is not None
    assert (turn.started_at - ended_call.floor_opened_at).total_seconds() == pytest.approx(1, abs=0.001)
    assert turn.seconds == pytest.approx(2, abs=0.001)


def test_a_turn_tells_what_was_said_and_by_whom(otlp: Collector, ended_call: Conversation) -> None:
    look()

    attributes = otlp.span("turn 2").attributes
    said = json.loads(str(attributes["gen_ai.output.messages"]))
    assert said == [
        {"role": "assistant", "parts": [{"type": "text", "content": "What does it"}], "finish_reason": "interrupted"}
    ]
    assert (attributes["gen_ai.agent.name"], attributes["gen_ai.output.type"]) == ("Chris", "speech")


def test_a_tool_tells_its_arguments(otlp: Collector, ended_call: Conversation) -> None:
    look()

    attributes = otlp.span("execute_tool end_call").attributes
    assert attributes["gen_ai.tool.call.id"] == "call_1"
    assert attributes["gen_ai.tool.call.arguments"] == '{"why": "done"}'


def test_usage_is_that_of_each_agent(otlp: Collector, ended_call: Conversation) -> None:
    look()

    names = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens")
    used = [tuple(otlp.span(agent).attributes[name] for name in names) for agent in (TIM, CHRIS)]
    assert used == [(1030, 60, 10), (2070, 140, 20)]


def test_an_agent_tells_model_and_prompt(otlp: Collector, ended_call: Conversation) -> None:
    look()

    attributes = otlp.span(TIM).attributes
    assert attributes["gen_ai.request.model"] == "rehearsal"
    assert "You are Tim" in str(attributes["gen_ai.system_instructions"])


def test_the_call_tells_how_it_ended(otlp: Collector, ended_call: Conversation) -> None:
    look()

    attributes = otlp.span(CALL).attributes
    assert (attributes["dispatchsim.status"], attributes["dispatchsim.end_reason"]) == ("ended", "agent_hung_up")
    assert (attributes["dispatchsim.turns"], otlp.span(CALL).span.status.code) == (2, 0)


def test_a_failed_call_is_an_error_with_its_reason(otlp: Collector, live_call: Call) -> None:
    live_call.driver.fail(EndReason.AGENT_FAILED, "The voice broke off.")
    live_call.driver.leave()
    live_call.dispatcher.leave()

    look()

    status = otlp.span(CALL).span.status
    assert (status.code, status.message) == (2, EndReason.AGENT_FAILED.sentence)


@pytest.fixture
def booked_call(freight_call: Call) -> Conversation:
    """A booking with one refusal, held in few words."""
    uses: list[tuple[Role, str, dict[str, JsonValue]]] = [
        (Role.DISPATCHER, "offer_rate", {"amount_usd": 5000}),
        (Role.DISPATCHER, "offer_rate", {"amount_usd": 1600}),
        (Role.DRIVER, "accept_load", {"rate_usd": 1600}),
        (Role.DISPATCHER, "book_load", {"rate_usd": 1600}),
    ]
    for number, (role, name, arguments) in enumerate(uses):
        request = ToolRequest(call_id=f"call_{number}", arguments=arguments)
        use_tool(conversation_id=freight_call.conversation.pk, role=role, name=name, request=request)
    freight_call.dispatcher.say("Sixteen hundred, you are booked. Bye.")
    freight_call.driver.say("Bye.")
    freight_call.driver.hang_up()
    freight_call.driver.leave()
    freight_call.dispatcher.leave()
    return freight_call.refresh()


def test_the_call_tells_what_the_freight_came_to(otlp: Collector, booked_call: Conversation) -> None:
    look()

    attributes = otlp.span(CALL).attributes
    assert attributes["dispatchsim.verdict"] == "fail"
    assert attributes["dispatchsim.verdict.outcomes"] == attributes["dispatchsim.verdict.expected"] == "booked"
    assert attributes["dispatchsim.check.expected_outcome"] == "pass"
    assert attributes["dispatchsim.check.required_facts_said"] == "fail"
    assert attributes["dispatchsim.check.nothing_private_said.driver"] == "pass"


def test_the_call_tells_each_check_with_its_evidence(otlp: Collector, booked_call: Conversation) -> None:
    look()

    checks = json.loads(str(otlp.span(CALL).attributes["dispatchsim.verdict.checks"]))
    settled = next(check for check in checks if check["name"] == "expected_outcome")
    assert settled["evidence"][0]["call_id"] == "call_3"


def test_tools_hang_from_the_side_that_used_them_with_their_result(otlp: Collector, booked_call: Conversation) -> None:
    look()

    names = {span.id: span.span.name for span in otlp.requests[0]}
    used = [(names[span.parent_id], span.span.name) for span in otlp.requests[0] if "tool" in span.span.name]
    assert used == [
        (TIM, "execute_tool offer_rate"), (TIM, "execute_tool offer_rate"),
        (CHRIS, "execute_tool accept_load"), (TIM, "execute_tool book_load"),
    ]  # fmt: skip
    booked = otlp.span("execute_tool book_load").attributes
    assert json.loads(str(booked["gen_ai.tool.call.result"]))["booked_usd"] == 1600


def test_a_refused_tool_tells_why(otlp: Collector, booked_call: Conversation) -> None:
    look()

    refused = otlp.span("execute_tool offer_rate").attributes["dispatchsim.tool.refused_because"]
    assert "above the highest rate" in str(refused)


def test_a_call_with_nothing_at_stake_has_no_verdict(otlp: Collector, ended_call: Conversation) -> None:
    look()

    assert not [name for name in otlp.span(CALL).attributes if name.startswith("dispatchsim.verdict")]


def test_a_call_with_openai_tells_what_it_cost(otlp: Collector, ended_call: Conversation) -> None:
    Conversation.objects.filter(pk=ended_call.pk).update(voice_provider="openai")

    look()

    assert otlp.span(CALL).attributes["dispatchsim.cost_usd"] == pytest.approx(0.027052)


def test_a_call_is_traced_once(otlp: Collector, ended_call: Conversation) -> None:
    look()
    look()

    assert len(otlp.requests) == 1


def test_a_call_that_is_still_on_is_not_traced(otlp: Collector, live_call: Call) -> None:
    assert look() == Traced()


def test_late_reports_are_waited_for(otlp: Collector, ended_call: Conversation) -> None:
    assert look(seconds=0) == Traced()


def test_a_call_that_ended_hours_ago_is_left_alone(otlp: Collector, ended_call: Conversation) -> None:
    assert look(seconds=2 * 3600) == Traced()


def test_a_trace_that_was_refused_is_sent_again_with_the_same_ids(otlp: Collector, ended_call: Conversation) -> None:
    otlp.status = 400
    refused = look()
    otlp.status = 200
    taken = look()
    first = {span.id for span in otlp.requests[0]}
    Conversation.objects.update(traced_at=None)
    look()

    assert (refused, taken) == (Traced(failed=1), Traced(sent=1))
    assert {span.id for span in otlp.requests[1]} == first


def test_a_refused_trace_is_told_without_key_or_words(
    collector: Collector, ended_call: Conversation, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LANGFUSE_HOST, settings.LANGFUSE_PUBLIC_KEY = collector.url, "pk-lf-public"
    settings.LANGFUSE_SECRET_KEY, collector.status = "sk-lf-secret", 401

    look()

    told = caplog.text
    credentials = b64encode(b"pk-lf-public:sk-lf-secret").decode()
    assert "trace not taken" in told
    assert [secret for secret in ("sk-lf-secret", credentials, "frozen chicken") if secret in told] == []


def test_langfuse_gets_its_own_path_and_keys(
    collector: Collector, ended_call: Conversation, settings: Settings
) -> None:
    settings.LANGFUSE_HOST, settings.LANGFUSE_PUBLIC_KEY = collector.url, "pk-lf-public"
    settings.LANGFUSE_SECRET_KEY = "sk-lf-secret"

    look()

    assert collector.paths == ["/api/public/otel/v1/traces"]
    assert collector.headers[0]["authorization"] == f"Basic {b64encode(b'pk-lf-public:sk-lf-secret').decode()}"


def test_headers_of_the_otlp_endpoint_go_there_alone(
    collector: Collector, ended_call: Conversation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=blue")
    settings.LANGFUSE_HOST, settings.LANGFUSE_PUBLIC_KEY = collector.url, "pk-lf-public"
    settings.LANGFUSE_SECRET_KEY, settings.OTEL_EXPORTER_OTLP_ENDPOINT = "sk-lf-secret", collector.url

    look()

    teams = {path: headers.get("x-team") for path, headers in zip(collector.paths, collector.headers, strict=True)}
    assert teams == {"/api/public/otel/v1/traces": None, "/v1/traces": "blue"}


def test_nothing_is_sent_without_keys_or_endpoint(collector: Collector, ended_call: Conversation) -> None:
    assert look() == Traced()
    assert (collector.paths, Conversation.objects.get().traced_at) == ([], None)


def test_nothing_of_opentelemetry_is_imported_without_keys_or_endpoint() -> None:
    script = (
        "import sys, django; django.setup()\n"
        "from django.utils import timezone\n"
        "from dispatchsim.management.commands import supervise\n"
        "from dispatchsim.services.tracing import trace_finished_calls\n"
        "trace_finished_calls(now=timezone.now())\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'genai_prices'))])\n"
    )

    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "[]"


class StopAfter(threading.Event):
    """Lets a loop look so many times, and keeps how long it paused."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks, self.pauses = looks, list[float | None]()

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        return len(self.pauses) > self.looks


@pytest.mark.django_db(transaction=True)
def test_the_supervisor_sends_traces_and_pauses_longer_when_they_are_refused(
    otlp: Collector, ended_call: Conversation
) -> None:
    Conversation.objects.update(ended_at=later(-10))
    supervisor, otlp.status = supervise.Command(), 400
    supervisor._stop = stop = StopAfter(looks=1)

    supervisor._trace()

    assert (len(otlp.paths), stop.pauses) == (1, [supervise.TRACE_LOOK_S, supervise.TRACE_AGAIN_S])


def test_the_supervisor_starts_no_thread_without_keys_or_endpoint() -> None:
    supervise.Command()._start_tracing()

    assert "tracing" not in {thread.name for thread in threading.enumerate()}


def test_an_unfinished_turn_ends_with_the_call(otlp: Collector, ended_call: Conversation) -> None:
    Turn.objects.filter(conversation=ended_call, seq=2).update(end_s=None)

    look()

    turn = otlp.span("turn 2").span
    assert turn.end_time_unix_nano >= turn.start_time_unix_nano
