"""What a call costs, by the price list in the locked `genai-prices` package."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from dispatchsim.domain.conversation import VoiceProvider
from dispatchsim.domain.tokens import Tokens
from dispatchsim.domain.voice_models import DEFAULT_MODEL, LAST_DAYS, MODELS
from dispatchsim.gateways.prices import find_cost_usd, is_priced
from dispatchsim.models import Conversation, Event
from dispatchsim.services.usage import CallCost, cost_of, costs_of
from tests.api.calls import make_call

MILLION = 1_000_000
NOVEMBER = datetime(2026, 11, 20, tzinfo=UTC)


def price(model: str, **tokens: int) -> Decimal | None:
    return find_cost_usd(Tokens(**tokens), model=model, at=NOVEMBER)


def use(call: Conversation, *, role: str = "driver", model: str = "gpt-realtime", **tokens: int) -> None:
    seq = Event.objects.filter(conversation=call).count() + 1
    payload = {"type": "usage", "seq": seq, "at": 1.0, "model": model, **tokens}
    Event.objects.create(conversation=call, seq=seq, role=role, type="usage", payload=payload, at=timezone.now())


@pytest.mark.parametrize(
    ("kind", "dollars"),
    [
        ({"input_audio_tokens": MILLION}, "32"),
        ({"input_audio_tokens": MILLION, "cached_audio_tokens": MILLION}, "0.40"),
        ({"output_audio_tokens": MILLION}, "64"),
        ({"input_text_tokens": MILLION}, "4"),
        ({"input_text_tokens": MILLION, "cached_text_tokens": MILLION}, "0.40"),
        ({"output_text_tokens": MILLION}, "24"),
    ],
)
@pytest.mark.parametrize("model", ["gpt-realtime-2", "gpt-realtime-2.1"])
def test_a_million_tokens_of_a_kind_cost_what_openai_published_in_july_2026(
    model: str, kind: dict[str, int], dollars: str
) -> None:
    assert price(model, **kind) == Decimal(dollars)


@pytest.mark.parametrize(
    ("kind", "dollars"),
    [
        ({"input_audio_tokens": MILLION}, "10"),
        ({"input_audio_tokens": MILLION, "cached_audio_tokens": MILLION}, "0.30"),
        ({"output_audio_tokens": MILLION}, "20"),
        ({"input_text_tokens": MILLION}, "0.60"),
        ({"input_text_tokens": MILLION, "cached_text_tokens": MILLION}, "0.06"),
        ({"output_text_tokens": MILLION}, "2.40"),
    ],
)
def test_the_small_model_costs_what_openai_published_in_july_2026(kind: dict[str, int], dollars: str) -> None:
    assert price("gpt-realtime-2.1-mini", **kind) == Decimal(dollars)


def test_cached_tokens_are_taken_out_of_those_that_came_in() -> None:
    cost = price("gpt-realtime", input_audio_tokens=1000, cached_audio_tokens=400, input_text_tokens=100)

    assert cost == (600 * Decimal(32) + 400 * Decimal("0.4") + 100 * Decimal(4)) / MILLION


def test_more_cached_tokens_than_came_in_count_as_all_of_them() -> None:
    assert price("gpt-realtime", input_text_tokens=10, cached_text_tokens=99) == 10 * Decimal("0.4") / MILLION


def test_the_price_of_a_sum_is_the_sum_of_the_prices() -> None:
    one, many = price("gpt-realtime-2", input_audio_tokens=10), price("gpt-realtime-2", input_audio_tokens=10_000_000)

    assert one is not None
    assert many == one * MILLION


def test_a_dated_name_costs_what_its_model_costs() -> None:
    assert price("gpt-realtime-2-2026-05-01", output_audio_tokens=MILLION) == Decimal(64)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_that_the_launch_page_offers_has_a_price(model: str) -> None:
    assert is_priced(model, at=NOVEMBER)


def test_the_default_model_does_not_end_soon() -> None:
    assert DEFAULT_MODEL in MODELS
    assert DEFAULT_MODEL not in LAST_DAYS


@pytest.mark.parametrize("model", ["", "gpt-of-tomorrow", "rehearsal", "gpt-4o"])
def test_a_model_that_the_list_does_not_know_as_a_voice_has_no_price(model: str) -> None:
    assert not is_priced(model, at=NOVEMBER)


def test_the_list_is_the_one_in_the_package() -> None:
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415  (large)

    price("gpt-realtime", output_audio_tokens=1)

    assert not get_snapshot().from_auto_update


@pytest.mark.django_db
def test_both_agents_of_a_call_are_paid_for() -> None:
    call = make_call(voice_provider=VoiceProvider.OPENAI)
    use(call, role="driver", output_audio_tokens=1000)
    use(call, role="dispatcher", model="gpt-realtime-mini", output_audio_tokens=1000)

    assert cost_of(call).usd == Decimal("0.084")


@pytest.mark.django_db
def test_usage_without_a_model_is_that_of_the_frozen_copy() -> None:
    call = make_call(voice_provider=VoiceProvider.OPENAI)
    use(call, model="", output_audio_tokens=1000)

    assert cost_of(call).usd == Decimal("0.064")


@pytest.mark.django_db
def test_one_unknown_price_makes_the_whole_call_unpriced() -> None:
    call = make_call(voice_provider=VoiceProvider.OPENAI)
    use(call, output_audio_tokens=1000)
    use(call, model="gpt-of-tomorrow", output_audio_tokens=1000)

    assert cost_of(call) == CallCost(usd=None, is_unpriced=True)


@pytest.mark.django_db
def test_a_rehearsed_call_costs_nothing_and_is_not_unpriced() -> None:
    call = make_call()
    use(call, output_audio_tokens=1000)

    assert cost_of(call) == CallCost()


@pytest.mark.django_db
def test_rehearsed_calls_are_not_even_looked_up(django_assert_num_queries: object) -> None:
    calls = [make_call(), make_call()]

    with django_assert_num_queries(0):  # type: ignore[operator]
        costs_of(calls)
