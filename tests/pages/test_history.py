"""A person looks for a call."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation
from dispatchsim.pages.history import PAGE_SIZE
from tests.pages.calls import Markup, finished_call, running_call
from tests.people import signed_in


def read(person: User, **query: str) -> str:
    return signed_in(person).get(reverse("conversation_list"), query).content.decode()


def read_markup(person: User, **query: str) -> Markup:
    return Markup(signed_in(person).get(reverse("conversation_list"), query))


def test_the_newest_call_comes_first(viewer: User) -> None:
    older, newer = finished_call(title="Older"), finished_call(title="Newer")
    Conversation.objects.filter(pk=older.pk).update(created_at=timezone.now() - timedelta(hours=3))

    page = read(viewer)

    assert page.index(str(newer.pk)) < page.index(str(older.pk))


def test_a_call_shows_its_status_length_and_end(viewer: User) -> None:
    now = timezone.now()
    finished_call(floor_opened_at=now - timedelta(seconds=67), ended_at=now)

    row = read_markup(viewer)

    assert [row.words("span", **{"class": name}) for name in ("badge badge--ended call__status", "call__end")] == [
        "Ended",
        "They said goodbye and hung up.",
    ]
    assert row.words("span", **{"class": "call__length"}) == "1:07"


@pytest.mark.parametrize(("result", "word"), [("pass", "Pass"), ("fail", "Fail"), ("not_evaluable", "Not judged")])
def test_a_call_shows_its_verdict_as_a_sign_with_a_word(viewer: User, result: str, word: str) -> None:
    finished_call(verdict={"joint": result})

    page = read(viewer)

    assert f'<span class="mark mark--{result}"><svg' in page
    assert f'<span class="visually-hidden">Verdict: </span>{word}</span>' in page


def test_a_call_with_nothing_at_stake_shows_no_verdict(viewer: User) -> None:
    finished_call()

    assert "Verdict: " not in read(viewer)


def test_a_call_that_was_never_connected_says_so_instead_of_a_length(viewer: User) -> None:
    finished_call(reason=EndReason.AGENT_NEVER_JOINED, floor_opened_at=None)

    assert "never connected" in read(viewer)


def test_a_running_call_shows_its_length_so_far(viewer: User) -> None:
    running_call(floor_opened_at=timezone.now() - timedelta(minutes=2, seconds=0.5))

    assert 'title="Length">2:00<' in read(viewer)


def test_an_empty_history_shows_an_operator_the_button(operator: User) -> None:
    assert "Make the first call" in read(operator)


def test_an_empty_history_shows_a_viewer_no_button(viewer: User) -> None:
    assert "Make the first call" not in read(viewer)


def test_a_search_finds_by_title(viewer: User) -> None:
    finished_call(title="Onions to Reno")
    finished_call(title="Steel to Chicago")

    page = read(viewer, q="chicago")

    assert ("Onions to Reno" in page, "Steel to Chicago" in page) == (False, True)


def test_failed_calls_can_be_looked_at_alone(viewer: User) -> None:
    finished_call(title="Went well")
    finished_call(title="Went wrong", reason=EndReason.AGENT_NEVER_JOINED)

    page = read(viewer, status="failed")

    assert ("Went well" in page, "Went wrong" in page) == (False, True)


def test_a_search_without_a_hit_leads_back_to_all_calls(viewer: User) -> None:
    finished_call()

    told = read_markup(viewer, q="nothing like it").words("section", **{"class": "panel empty"})

    assert ("No call matches" in told, "Show all calls" in told) == (True, True)


@pytest.mark.parametrize("words", ['"', "driver-1 OR", "\0", "<b>", "%", "x" * 10_000])
def test_odd_searches_are_answered(viewer: User, words: str) -> None:
    answer = signed_in(viewer).get(reverse("conversation_list"), {"q": words})

    assert answer.status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999"])
def test_odd_page_numbers_are_answered(viewer: User, number: str) -> None:
    assert signed_in(viewer).get(reverse("conversation_list"), {"page": number}).status_code == 200


def test_many_calls_come_in_pages_that_keep_the_search(viewer: User) -> None:
    for _ in range(PAGE_SIZE + 1):
        finished_call(title="Onions")

    page = Markup(signed_in(viewer).get(reverse("conversation_list"), {"q": "Onions"}))

    assert page.attributes("a", rel="next")[0]["href"] == "?q=Onions&page=2"


def test_a_page_of_calls_costs_the_same_queries_however_many_there_are(
    viewer: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        finished_call()
    client = signed_in(viewer)

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(reverse("conversation_list"))


def test_htmx_gets_the_rows_alone(viewer: User) -> None:
    finished_call()

    answer = signed_in(viewer).get(reverse("conversation_list"), headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<div id="calls"')


def test_a_page_brought_back_by_the_browser_is_whole(viewer: User) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    answer = signed_in(viewer).get(reverse("conversation_list"), headers=headers)

    assert answer.content.decode().startswith("<!doctype html>")


def test_a_running_call_keeps_the_list_fresh(viewer: User) -> None:
    running_call()

    assert 'hx-trigger="every 5s"' in read(viewer)


def test_a_list_of_finished_calls_is_left_alone(viewer: User) -> None:
    finished_call()

    assert 'hx-trigger="every 5s"' not in read(viewer)
