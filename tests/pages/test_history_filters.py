"""A person narrows the history down."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.verdict import Result
from dispatchsim.models import Conversation, Event
from dispatchsim.services.history import EXCERPT, cut_out, label_conversation
from tests.api.calls import add_turn
from tests.pages.calls import SCENARIO, Markup, finished_call, persona_copy
from tests.people import signed_in


def read(person: User, **query: str) -> Any:
    return signed_in(person).get(reverse("conversation_list"), query)


def found(person: User, **query: str) -> set[str]:
    links = [link["href"] or "" for link in Markup(read(person, **query)).attributes("a", **{"class": "call__link"})]
    return {
        call.title for call in Conversation.objects.all() if reverse("conversation_detail", args=[call.pk]) in links
    }


def used(call: Conversation, model: str, **tokens: int) -> None:
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": model, **tokens}
    Event.objects.create(conversation=call, seq=1, role="driver", type="usage", payload=payload, at=call.created_at)


def test_a_search_finds_what_was_said(viewer: User) -> None:
    add_turn(finished_call(title="One"), 3, Role.DRIVER, "There was black ice near Elko.")
    finished_call(title="Other")

    assert found(viewer, q="black ELKO") == {"One"}


def test_every_word_of_a_search_counts(viewer: User) -> None:
    finished_call(title="Onions to Reno")

    assert found(viewer, q="onions chicago") == set()


def test_a_search_finds_labels(viewer: User) -> None:
    label_conversation(conversation=finished_call(title="One"), labels=["good example"])
    finished_call(title="Other")

    assert found(viewer, q="example") == {"One"}


def test_calls_of_one_scenario(viewer: User, library: None) -> None:
    finished_call(title="One", scenario_copy=SCENARIO | {"slug": "late-to-pickup"})
    finished_call(title="Other")

    assert found(viewer, scenario="late-to-pickup") == {"One"}


def test_calls_that_were_written_on_the_spot(viewer: User) -> None:
    finished_call(title="One", scenario_copy=SCENARIO | {"slug": ""})
    finished_call(title="Other")

    assert found(viewer, scenario="-") == {"One"}


def test_calls_that_a_persona_played_in(viewer: User, library: None) -> None:
    finished_call(title="One", driver_copy=persona_copy(Role.DRIVER, "Rosa"))
    finished_call(title="Other")

    assert found(viewer, persona="rosa") == {"One"}


def test_calls_of_one_voice_model(viewer: User) -> None:
    finished_call(title="One", voice_provider="openai")
    finished_call(title="Other")

    assert found(viewer, provider="openai") == {"One"}


def test_calls_that_ended_for_one_reason(viewer: User) -> None:
    finished_call(title="One", reason=EndReason.TIME_CAP)
    finished_call(title="Other")

    assert found(viewer, reason="time_cap") == {"One"}


def test_calls_that_a_guard_brought_on_are_found_and_counted(viewer: User) -> None:
    call = finished_call(title="One")
    finished_call(title="Other")
    payload = {"outcome": "recovered"}
    Event.objects.create(conversation=call, seq=1, type="guard.both_greeted", payload=payload, at=call.created_at)

    assert found(viewer, guard="both_greeted") == {"One"}
    assert "1 call matches" in read(viewer, guard="both_greeted").content.decode()


def test_calls_with_a_label(viewer: User) -> None:
    label_conversation(conversation=finished_call(title="One"), labels=["good example"])
    finished_call(title="Other")

    assert found(viewer, label="good example") == {"One"}


def test_calls_of_some_days_with_both_ends(viewer: User) -> None:
    for day in (1, 2, 3, 4):
        call = finished_call(title=f"Day {day}")
        Conversation.objects.filter(pk=call.pk).update(created_at=datetime(2026, 3, day, 23, 59, tzinfo=UTC))

    assert found(viewer, since="2026-03-02", until="2026-03-03") == {"Day 2", "Day 3"}


def test_filters_narrow_each_other(viewer: User) -> None:
    finished_call(title="One", voice_provider="openai", reason=EndReason.TIME_CAP)
    finished_call(title="Other", voice_provider="openai")

    assert found(viewer, provider="openai", reason="time_cap") == {"One"}


@pytest.mark.parametrize(
    "name", ["status", "verdict", "scenario", "persona", "provider", "reason", "guard", "label", "since", "until"]
)
@pytest.mark.parametrize("value", ["no-such-thing", "\0", "9999-12-31", "0001-01-01", "' OR 1=1 --", "é" * 5000])
def test_odd_filters_are_answered(viewer: User, name: str, value: str) -> None:
    finished_call()

    assert read(viewer, **{name: value}).status_code == 200


def test_bytes_that_are_no_text_are_answered(viewer: User) -> None:
    assert signed_in(viewer).get(reverse("conversation_list") + "?q=%ff%fe%00&since=%80").status_code == 200


def test_filters_in_use_are_unfolded(viewer: User) -> None:
    page = Markup(read(viewer, provider="openai"))

    assert "open" in page.attributes("details", **{"class": "sieve__fine"})[0]


def test_filters_without_a_hit_lead_back_to_all_calls(viewer: User) -> None:
    finished_call()

    told = Markup(read(viewer, provider="openai")).words("section", **{"class": "panel empty"})

    assert ("No call matches" in told, "Show all calls" in told) == (True, True)


def test_a_call_with_openai_shows_what_it_cost(viewer: User) -> None:
    used(finished_call(voice_provider="openai"), "gpt-realtime-2025-08-28", output_audio_tokens=10_000)

    assert "$0.64" in read(viewer).content.decode()


def test_tokens_that_the_model_had_read_before_cost_less(viewer: User) -> None:
    tokens = {"input_audio_tokens": 100_000, "cached_audio_tokens": 100_000}
    used(finished_call(voice_provider="openai"), "gpt-realtime", **tokens)

    assert "$0.04" in read(viewer).content.decode()


def test_a_model_without_a_known_price_is_unpriced(viewer: User) -> None:
    used(finished_call(voice_provider="openai"), "gpt-of-tomorrow", output_audio_tokens=10_000)

    assert 'title="Cost">unpriced<' in read(viewer).content.decode()


def test_calls_that_cost_nothing_have_no_column_for_it(viewer: User) -> None:
    used(finished_call(), "gpt-realtime", output_audio_tokens=10_000)

    assert 'title="Cost"' not in read(viewer).content.decode()


def test_a_rehearsed_call_beside_a_paid_one_is_free(viewer: User) -> None:
    used(finished_call(voice_provider="openai"), "gpt-realtime-2025-08-28", output_audio_tokens=10_000)
    finished_call()

    assert 'title="Cost">free<' in read(viewer).content.decode()


def test_a_paid_call_that_used_nothing_says_so(viewer: User) -> None:
    used(finished_call(voice_provider="openai"), "gpt-realtime-2025-08-28", output_audio_tokens=10_000)
    finished_call(voice_provider="openai")

    assert 'title="Cost">nothing used<' in read(viewer).content.decode()


@pytest.mark.parametrize("result", Result)
def test_calls_of_one_verdict(viewer: User, result: Result) -> None:
    for joint in Result:
        finished_call(title=joint, verdict={"joint": joint})
    finished_call(title="Nothing at stake")

    assert found(viewer, verdict=result) == {result}


def test_the_verdict_that_is_asked_for_stays_chosen(viewer: User) -> None:
    page = Markup(read(viewer, verdict="fail"))

    assert [option["value"] for option in page.attributes("option") if "selected" in option and option["value"]] == [
        "fail"
    ]


def test_a_search_shows_what_was_said_and_leads_to_that_turn(viewer: User) -> None:
    call = finished_call()
    add_turn(call, 3, Role.DISPATCHER, "The temperature would be minus ten, and it has to <run> at that all the way.")

    page = read(viewer, q="temperature run").content.decode()

    assert f'{reverse("conversation_detail", args=[call.pk])}#turn-3"' in page
    assert "The <mark>temperature</mark> would be minus ten, and it has to &lt;<mark>run</mark>&gt;" in page


def test_a_call_found_by_its_title_shows_no_turn(viewer: User) -> None:
    finished_call(title="Melons to Boise")

    assert "call__match" not in read(viewer, q="melons").content.decode()


@pytest.mark.parametrize("text", [f"{'so ' * 100}onions {'so ' * 100}", f"{'x' * 300} onions", f"{'x' * 300}onions"])
def test_a_long_turn_is_cut_around_what_was_found(text: str) -> None:
    parts = cut_out(text, ["onions"])

    assert ("onions", True) in parts
    assert sum(len(part) for part, _ in parts) <= EXCERPT + 2
    assert parts[0][0].startswith("…")


def told(person: User, **query: str) -> str:
    markup: str = read(person, **query).content.decode()
    return markup.partition("remarks")[2].partition("</p>")[0]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"status": "bogus"}, "Not understood, and left out: Status “bogus”."),
        ({"since": "garbage"}, "Not understood, and left out: From “garbage”."),
        ({"verdict": "<b>", "label": "gone"}, "Verdict “&lt;b&gt;”, Label “gone”"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "“From” is later than “To”"),
        ({"page": "999"}, "There is no page 999: this is page 1."),
        ({"page": "last"}, "There is no page last: this is page 1."),
    ],
)
def test_what_was_not_understood_is_said_above_the_list(viewer: User, query: dict[str, str], words: str) -> None:
    finished_call()

    assert words in told(viewer, **query)


def test_what_is_understood_counts_beside_what_is_not(viewer: User) -> None:
    finished_call(title="One")
    finished_call(title="Other")

    assert found(viewer, q="One", status="bogus") == {"One"}


def test_nothing_is_remarked_on_filters_that_are_understood(viewer: User) -> None:
    finished_call()

    assert told(viewer, status="ended", since="2026-03-01", until="2026-03-01", page="1") == ""
