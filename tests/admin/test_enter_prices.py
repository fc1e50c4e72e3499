"""Authors enter what a model costs that the price list does not know."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus, EndReason, VoiceProvider
from dispatchsim.models import ModelPrice
from tests.api.calls import make_call
from tests.backend.test_cost_of_a_call import use
from tests.people import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/dispatchsim/modelprice/add/"
PRICES = {
    "model": "gpt-of-tomorrow",
    "valid_from": "2026-11-01",
    "audio_in": "30",
    "audio_cached": "0.4",
    "audio_out": "60",
    "text_in": "4",
    "text_cached": "0.4",
    "text_out": "20",
}


def finished_call() -> Any:
    call = make_call(ConversationStatus.ENDED, end_reason=EndReason.AGENT_HUNG_UP, voice_provider=VoiceProvider.OPENAI)
    use(call, model="gpt-of-tomorrow", output_audio_tokens=100_000)
    return call


def test_a_call_that_is_unpriced_leads_to_where_its_prices_are_entered(desk: Client) -> None:
    call = finished_call()

    page = desk.get(f"/conversations/{call.pk}/").content.decode()

    address = f"{ADD}?model=gpt-of-tomorrow&amp;valid_from={timezone.now():%Y-%m-%d}"
    assert ("unpriced" in page, f'href="{address}"' in page) == (True, True)


def test_once_they_are_entered_the_call_shows_its_cost(desk: Client) -> None:
    call = finished_call()

    desk.post(ADD, PRICES)

    page = desk.get(f"/conversations/{call.pk}/").content.decode()
    assert ("$6.00" in page, "unpriced" in page) == (True, False)


def test_the_form_takes_model_and_day_from_the_link(desk: Client) -> None:
    page = desk.get(f"{ADD}?model=gpt-of-tomorrow&valid_from=2026-11-01").content.decode()

    assert ('value="gpt-of-tomorrow"' in page, 'value="2026-11-01"' in page) == (True, True)


@pytest.mark.parametrize(("field", "value"), [("audio_in", "-1"), ("text_out", "dear"), ("model", "no such!")])
def test_what_cannot_be_a_price_is_named(desk: Client, field: str, value: str) -> None:
    answer: Any = desk.post(ADD, PRICES | {field: value})

    assert field in answer.context["adminform"].form.errors
    assert not ModelPrice.objects.exists()


def test_the_list_sums_up_what_sound_and_text_cost(desk: Client) -> None:
    desk.post(ADD, PRICES)

    page = desk.get("/admin/dispatchsim/modelprice/").content.decode()

    assert ("in 30, cached 0.4, out 60" in page, "in 4, cached 0.4, out 20" in page) == (True, True)


def test_a_model_has_one_entry_a_day(desk: Client) -> None:
    desk.post(ADD, PRICES)
    desk.post(ADD, PRICES)

    assert ModelPrice.objects.count() == 1


def test_an_operator_does_not_set_what_a_budget_goes_by(operator: User) -> None:
    signed_in(operator).post(ADD, PRICES)

    assert not ModelPrice.objects.exists()
    assert "Enter the prices" not in signed_in(operator).get(f"/conversations/{finished_call().pk}/").content.decode()
