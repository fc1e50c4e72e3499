"""Prices that an operator of the system enters: before them a model is unpriced, afterwards its calls have a cost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from dispatchsim.domain.conversation import VoiceProvider
from dispatchsim.domain.prices import TokenPrices
from dispatchsim.domain.tokens import Tokens
from dispatchsim.models import Conversation, ModelPrice
from dispatchsim.services.prices import read_price_book
from dispatchsim.services.usage import CallCost, cost_of, find_unpriced_models
from tests.api.calls import make_call
from tests.backend.test_cost_of_a_call import MILLION, price, use

TOMORROWS = "gpt-of-tomorrow"
PRICES = {
    "audio_in": Decimal(30),
    "audio_cached": Decimal(1),
    "audio_out": Decimal(60),
    "text_in": Decimal(4),
    "text_cached": Decimal("0.5"),
    "text_out": Decimal(20),
}


def enter(model: str = TOMORROWS, *, days_ago: int = 0, **prices: Decimal) -> ModelPrice:
    day = timezone.now().date() - timedelta(days=days_ago)
    return ModelPrice.objects.create(model=model, valid_from=day, **(PRICES | prices))


def call_of(model: str = TOMORROWS, *, days_ago: int = 0, **tokens: Any) -> Conversation:
    call = make_call(voice_provider=VoiceProvider.OPENAI)
    Conversation.objects.filter(pk=call.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    call.refresh_from_db()
    used: dict[str, Any] = tokens or {"output_audio_tokens": 1000}
    use(call, model=model, **used)
    return call


@pytest.mark.django_db
def test_a_model_is_unpriced_until_its_prices_are_entered() -> None:
    before = cost_of(call_of())

    enter()

    assert before == CallCost(usd=None, is_unpriced=True)
    assert cost_of(call_of()) == CallCost(usd=Decimal("0.06"))


@pytest.mark.django_db
def test_a_call_of_the_past_gets_its_cost_from_an_entry_with_an_earlier_day() -> None:
    call = call_of(days_ago=3)

    enter(days_ago=2)
    too_late = cost_of(call)
    enter(days_ago=3, audio_out=Decimal(50))

    assert too_late == CallCost(usd=None, is_unpriced=True)
    assert cost_of(call).usd == Decimal("0.05")


@pytest.mark.django_db
def test_a_call_keeps_the_price_of_its_day_when_another_follows() -> None:
    enter(days_ago=5)
    enter(days_ago=1, audio_out=Decimal(90))

    assert cost_of(call_of(days_ago=4)).usd == Decimal("0.06")
    assert cost_of(call_of()).usd == Decimal("0.09")


@pytest.mark.django_db
def test_cached_tokens_are_a_part_of_those_that_came_in() -> None:
    enter()
    tokens: dict[str, Any] = {
        "input_audio_tokens": 1000,
        "cached_audio_tokens": 400,
        "input_text_tokens": 500,
        "cached_text_tokens": 500,
    }

    assert cost_of(call_of(**tokens)).usd == (600 * 30 + 400 * 1 + 500 * Decimal("0.5")) / MILLION


@pytest.mark.django_db
def test_prices_of_ones_own_go_before_the_list() -> None:
    enter("gpt-realtime-2", audio_out=Decimal(1))

    assert cost_of(call_of("gpt-realtime-2")).usd == Decimal("0.001")


@pytest.mark.django_db
def test_a_dated_name_costs_what_was_entered_for_its_model() -> None:
    enter()

    assert cost_of(call_of(f"{TOMORROWS}-2027-01-31")).usd == Decimal("0.06")


@pytest.mark.django_db
def test_a_model_with_prices_of_ones_own_can_have_a_budget(settings: Settings) -> None:
    now = timezone.now()

    before = read_price_book().is_priced(TOMORROWS, at=now)
    enter()

    assert (before, read_price_book().is_priced(TOMORROWS, at=now)) == (False, True)


@pytest.mark.django_db
def test_the_models_without_a_price_are_named() -> None:
    call = call_of()
    use(call, model="gpt-realtime-2", output_audio_tokens=10)

    assert find_unpriced_models(call) == [TOMORROWS]


amounts = st.integers(min_value=0, max_value=10 * MILLION)
usage = st.builds(
    Tokens,
    input_text_tokens=amounts,
    input_audio_tokens=amounts,
    cached_text_tokens=amounts,
    cached_audio_tokens=amounts,
    output_text_tokens=amounts,
    output_audio_tokens=amounts,
)


@given(usage)
def test_the_list_and_own_prices_add_up_alike(tokens: Tokens) -> None:
    own = TokenPrices(
        text_in=Decimal(4),
        text_cached=Decimal("0.4"),
        text_out=Decimal(24),
        audio_in=Decimal(32),
        audio_cached=Decimal("0.4"),
        audio_out=Decimal(64),
    )

    assert own.cost_usd(tokens) == price("gpt-realtime-2", **tokens.model_dump())


@given(usage)
def test_what_was_cached_never_costs_on_top(tokens: Tokens) -> None:
    same = TokenPrices(**dict.fromkeys(PRICES, Decimal(7)))

    assert same.cost_usd(tokens) == same.cost_usd(tokens.model_copy(update=dict.fromkeys(CACHED, 0)))


CACHED = ("cached_text_tokens", "cached_audio_tokens")
