"""Money is a cap like time and turns: a call is wrapped up, then ended; the day's budget refuses the next launch."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import OverBudgetError
from dispatchsim.domain.events import UsageReported
from dispatchsim.models import Conversation, Spending
from dispatchsim.services.history import delete_conversation
from dispatchsim.services.launch import AgentOverrides
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.supervision import reconcile_once
from tests.backend.conftest import Call, Launch, Library
from tests.backend.fakes import FakeAgent, FakeRooms

pytestmark = pytest.mark.django_db

TEN_CENTS = Decimal("1562.5")  # spoken tokens of gpt-realtime, at 64 dollars a million


@pytest.fixture(autouse=True)
def openai_key(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-for-tests"


@pytest.fixture
def paid_call(launch: Launch, agent_servers: None, rooms: FakeRooms) -> Call:
    return connect(launch(expects_listener=False, provider=VoiceProvider.OPENAI), rooms)


def connect(conversation: Conversation, rooms: FakeRooms) -> Call:
    """Let both agents join and be ready."""
    for role in Role:
        rooms.join(conversation.pk, role)
    call = Call(conversation, FakeAgent(conversation.pk, Role.DISPATCHER), FakeAgent(conversation.pk, Role.DRIVER))
    call.dispatcher.ready()
    call.driver.ready()
    call.refresh()
    return call


def spend(agent: FakeAgent, dollars: str, *, model: str = "gpt-realtime") -> None:
    """Report a response that cost so much."""
    tokens = math.ceil(Decimal(dollars) * 10 * TEN_CENTS)
    agent.report(lambda seq, at: UsageReported(seq=seq, at=at, model=model, output_audio_tokens=tokens))


def turns_left(call: Call, rooms: FakeRooms) -> int | None:
    return rooms.open[str(call.conversation.pk)].control.turns_left


def test_a_call_that_has_spent_nine_tenths_has_two_turns_left(
    paid_call: Call, rooms: FakeRooms, settings: Settings
) -> None:
    settings.CALL_BUDGET_USD = Decimal(1)

    spend(paid_call.driver, "0.50")
    spend(paid_call.dispatcher, "0.40")

    assert turns_left(paid_call, rooms) == 2
    assert paid_call.refresh().status == ConversationStatus.LIVE


def test_a_call_with_money_left_is_told_nothing(paid_call: Call, rooms: FakeRooms, settings: Settings) -> None:
    settings.CALL_BUDGET_USD = Decimal(1)

    spend(paid_call.driver, "0.89")

    assert turns_left(paid_call, rooms) is None


def test_a_call_that_has_spent_its_budget_ends_with_its_sentence_finished(paid_call: Call, settings: Settings) -> None:
    settings.CALL_BUDGET_USD = Decimal(1)

    spend(paid_call.driver, "1.02")

    call = paid_call.refresh()
    assert (call.status, call.end_reason, call.is_cut) == (ConversationStatus.ENDING, EndReason.BUDGET, False)
    assert call.end_detail == "$1.02 of $1.00 for this call was spent."


def test_a_call_ended_by_its_budget_has_not_failed(paid_call: Call, settings: Settings) -> None:
    settings.CALL_BUDGET_USD = Decimal(1)
    spend(paid_call.driver, "1.02")

    paid_call.driver.leave()
    paid_call.dispatcher.leave()

    assert paid_call.refresh().status == ConversationStatus.ENDED


def test_the_supervisor_ends_a_call_whose_budget_was_lowered(paid_call: Call, settings: Settings) -> None:
    spend(paid_call.driver, "0.50")
    settings.CALL_BUDGET_USD = Decimal("0.25")

    reconcile_once(timezone.now())

    assert paid_call.refresh().end_reason == EndReason.BUDGET


def test_a_rehearsed_call_has_no_budget(launch: Launch, rooms: FakeRooms, settings: Settings) -> None:
    call = connect(launch(expects_listener=False, provider=VoiceProvider.REHEARSAL), rooms)
    settings.CALL_BUDGET_USD = Decimal("0.01")

    spend(call.driver, "5.00")

    assert call.refresh().status == ConversationStatus.LIVE


def test_without_a_budget_a_call_may_cost_anything(paid_call: Call) -> None:
    spend(paid_call.driver, "500.00")

    assert paid_call.refresh().status == ConversationStatus.LIVE


def test_the_days_budget_alone_ends_the_calls_that_are_on(paid_call: Call, settings: Settings) -> None:
    settings.DAY_BUDGET_USD = Decimal(1)
    Spending.objects.create(day=timezone.now().date(), spent_usd=Decimal("0.80"))

    spend(paid_call.driver, "0.30")

    assert paid_call.refresh().end_detail == "$1.10 of $1.00 for the day was spent."


def test_a_launch_after_the_days_budget_is_refused_with_the_sums(
    paid_call: Call, launch: Launch, settings: Settings
) -> None:
    spend(paid_call.driver, "1.25")
    settings.DAY_BUDGET_USD = Decimal(1)

    with pytest.raises(OverBudgetError) as refused:
        launch(provider=VoiceProvider.OPENAI)

    assert "$1.25 of $1.00 is spent." in refused.value.message
    assert "DISPATCHSIM_DAY_BUDGET_USD" in refused.value.hint


def test_a_refused_launch_leaves_no_row(launch: Launch, settings: Settings) -> None:
    settings.DAY_BUDGET_USD = Decimal(1)
    Spending.objects.create(day=timezone.now().date(), spent_usd=Decimal(1))

    with pytest.raises(OverBudgetError):
        launch(provider=VoiceProvider.OPENAI)

    assert not Conversation.objects.exists()


def test_the_rehearsal_model_may_speak_when_the_money_is_gone(launch: Launch, settings: Settings) -> None:
    settings.DAY_BUDGET_USD = Decimal(1)
    Spending.objects.create(day=timezone.now().date(), spent_usd=Decimal(1))

    assert launch(provider=VoiceProvider.REHEARSAL).status == ConversationStatus.LAUNCHING


def test_yesterdays_money_does_not_count(launch: Launch, settings: Settings) -> None:
    settings.DAY_BUDGET_USD = Decimal(1)
    Spending.objects.create(day=timezone.now().date() - timedelta(days=1), spent_usd=Decimal(5))

    assert launch(provider=VoiceProvider.OPENAI).status == ConversationStatus.LAUNCHING


def test_deleting_a_call_gives_no_money_back(paid_call: Call, launch: Launch, settings: Settings) -> None:
    spend(paid_call.driver, "1.25")
    end_conversation(conversation_id=paid_call.conversation.pk, reason=EndReason.PERSON_ENDED)
    paid_call.driver.leave()
    paid_call.dispatcher.leave()
    delete_conversation(conversation_id=paid_call.conversation.pk)
    settings.DAY_BUDGET_USD = Decimal(1)

    with pytest.raises(OverBudgetError):
        launch(provider=VoiceProvider.OPENAI)


def test_a_batch_that_is_sent_again_is_paid_for_once(paid_call: Call) -> None:
    usage = UsageReported(seq=paid_call.driver.seq + 1, at=1.0, model="gpt-realtime", output_audio_tokens=1_000_000)

    paid_call.driver.send([usage])
    paid_call.driver.send([usage])

    assert Spending.objects.get().spent_usd == Decimal(64)


@pytest.mark.django_db(transaction=True)
def test_launches_at_once_set_no_more_aside_than_the_day_allows(
    launch: Launch, settings: Settings, rooms: FakeRooms
) -> None:
    settings.CALL_BUDGET_USD, settings.DAY_BUDGET_USD = Decimal(1), Decimal("3.50")
    start = threading.Barrier(8)

    def launch_at_once(_number: int) -> bool:
        start.wait()
        try:
            launch(provider=VoiceProvider.OPENAI)
        except OverBudgetError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        launched = list(threads.map(launch_at_once, range(8)))

    assert (sum(launched), Conversation.objects.count()) == (3, 3)


def test_what_a_finished_call_did_not_spend_is_free_again(paid_call: Call, launch: Launch, settings: Settings) -> None:
    settings.CALL_BUDGET_USD, settings.DAY_BUDGET_USD = Decimal(1), Decimal("1.50")
    spend(paid_call.driver, "0.25")
    end_conversation(conversation_id=paid_call.conversation.pk, reason=EndReason.PERSON_ENDED)
    paid_call.driver.leave()
    paid_call.dispatcher.leave()

    assert launch(provider=VoiceProvider.OPENAI).status == ConversationStatus.LAUNCHING


def test_a_call_that_waits_sets_its_money_aside_as_well(launch: Launch, settings: Settings) -> None:
    settings.CALL_BUDGET_USD, settings.DAY_BUDGET_USD, settings.MAX_CALLS = Decimal(1), Decimal(2), 1
    launch(provider=VoiceProvider.OPENAI)
    waiting = launch(provider=VoiceProvider.OPENAI)

    with pytest.raises(OverBudgetError) as refused:
        launch(provider=VoiceProvider.OPENAI)

    assert waiting.status == ConversationStatus.QUEUED
    assert "$2.00 is set aside for calls that are on" in refused.value.message


def test_a_waiting_call_is_not_started_once_the_money_is_gone(launch: Launch, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    launch(provider=VoiceProvider.REHEARSAL)
    waiting = launch(provider=VoiceProvider.OPENAI)
    settings.MAX_CALLS, settings.DAY_BUDGET_USD = 2, Decimal(1)
    Spending.objects.create(day=timezone.now().date(), spent_usd=Decimal(1))

    reconcile_once(timezone.now())

    waiting.refresh_from_db()
    assert (waiting.status, waiting.end_reason) == (ConversationStatus.ENDED, EndReason.BUDGET)


def test_a_model_without_a_price_is_refused_while_a_budget_is_set(launch: Launch, settings: Settings) -> None:
    settings.CALL_BUDGET_USD = Decimal(1)
    overrides = {Role.DRIVER: AgentOverrides(model="gpt-of-tomorrow")}

    with pytest.raises(OverBudgetError, match="The price of gpt-of-tomorrow is not known"):
        launch(provider=VoiceProvider.OPENAI, overrides=overrides)


def test_a_model_without_a_price_may_speak_without_a_budget(launch: Launch, library: Library) -> None:
    overrides = {Role.DRIVER: AgentOverrides(model="gpt-of-tomorrow")}

    assert launch(provider=VoiceProvider.OPENAI, overrides=overrides).status == ConversationStatus.LAUNCHING
