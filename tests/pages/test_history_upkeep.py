"""A person labels calls, and deletes them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from dispatchsim.models import Conversation, Turn
from dispatchsim.services.history import MAX_LABEL, MAX_LABELS
from tests.pages.calls import Markup, finished_call, running_call
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def label(person: User, call: Conversation, labels: str) -> Any:
    return signed_in(person).post(reverse("label_conversation", args=[call.pk]), {"labels": labels})


def delete(person: User, call: Conversation) -> Any:
    return signed_in(person).post(reverse("delete_conversation", args=[call.pk]))


def labels_of(call: Conversation) -> list[str]:
    return [label.text for label in call.labels.all()]


def test_labels_are_what_stands_between_commas(operator: User) -> None:
    call = finished_call()

    label(operator, call, " good  example,late pickup,, Good example ")

    assert labels_of(call) == ["Good example", "late pickup"]


def test_the_page_for_labels_names_who_spoke(operator: User) -> None:
    page = signed_in(operator).get(reverse("label_conversation", args=[finished_call().pk])).content.decode()

    assert (">Tim</bdi>" in page, ">Chris</bdi>" in page) == (True, True)


def test_labels_show_in_the_history(operator: User) -> None:
    call = finished_call()
    label(operator, call, "good example")

    page = signed_in(operator).get(reverse("conversation_list")).content.decode()

    assert '<span class="label" dir="auto">good example</span>' in page


def test_labels_can_be_taken_away(operator: User) -> None:
    call = finished_call()
    label(operator, call, "good example")

    label(operator, call, "")

    assert labels_of(call) == []


def test_a_running_call_can_be_labelled(operator: User) -> None:
    call = running_call()

    label(operator, call, "listen to this")

    assert labels_of(call) == ["listen to this"]


@pytest.mark.parametrize("labels", ["x" * (MAX_LABEL + 1), ",".join(map(str, range(MAX_LABELS + 1)))])
def test_labels_that_are_too_long_or_too_many_are_kept_in_the_form_alone(operator: User, labels: str) -> None:
    call = finished_call()

    answer = label(operator, call, labels)

    assert (answer.status_code, labels_of(call)) == (422, [])
    assert Markup(answer).attributes("input", name="labels")[0]["value"] == labels


def test_the_form_starts_with_the_labels_that_there_are(operator: User) -> None:
    call = finished_call()
    label(operator, call, "a, b")

    page = Markup(signed_in(operator).get(reverse("label_conversation", args=[call.pk])))

    assert page.attributes("input", name="labels")[0]["value"] == "a, b"


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_label(request: pytest.FixtureRequest, person: str) -> None:
    call = finished_call()

    answer = label(request.getfixturevalue(person), call, "mine")

    assert (answer.status_code, labels_of(call)) == (403, [])


def test_asking_deletes_nothing(author: User) -> None:
    call = finished_call()

    answer = signed_in(author).get(reverse("delete_conversation", args=[call.pk]))

    assert ("Delete this call?" in answer.content.decode(), Conversation.objects.count()) == (True, 1)


def test_a_deleted_call_is_gone_with_all_that_was_said(author: User) -> None:
    call = finished_call()

    answer = delete(author, call)

    assert (answer.headers["Location"], Conversation.objects.count(), Turn.objects.count()) == (
        reverse("conversation_list"),
        0,
        0,
    )


def test_a_deleted_call_is_told(author: User) -> None:
    client = signed_in(author)

    page = client.post(reverse("delete_conversation", args=[finished_call(title="Onions").pk]), follow=True)

    assert "“Onions” was deleted." in page.content.decode()


def test_a_call_that_is_still_on_stays(author: User) -> None:
    answer = delete(author, running_call())

    assert (answer.status_code, Conversation.objects.count()) == (409, 1)


def test_a_call_that_is_still_on_says_what_to_do(author: User) -> None:
    call = running_call()

    page = Markup(signed_in(author).get(reverse("delete_conversation", args=[call.pk])))

    assert page.attributes("a", href=reverse("conversation_detail", args=[call.pk]))


@pytest.mark.parametrize("person", ["operator", "viewer", "stranger"])
def test_only_authors_delete(request: pytest.FixtureRequest, person: str) -> None:
    answer = delete(request.getfixturevalue(person), finished_call())

    assert (answer.status_code, Conversation.objects.count()) == (403, 1)


@pytest.mark.parametrize(
    ("person", "tools"), [("author", [True, True]), ("operator", [True, False]), ("viewer", [False, False])]
)
def test_the_history_offers_what_a_person_may_do(
    request: pytest.FixtureRequest, person: str, tools: list[bool]
) -> None:
    call = finished_call()

    page = Markup(signed_in(request.getfixturevalue(person)).get(reverse("conversation_list")))

    paths = [reverse(name, args=[call.pk]) for name in ("label_conversation", "delete_conversation")]
    assert [bool(page.attributes("a", href=path)) for path in paths] == tools


@pytest.mark.parametrize("name", ["label_conversation", "delete_conversation", "repeat_conversation"])
def test_a_form_of_another_site_changes_nothing(author: User, name: str) -> None:
    client = signed_in(author, enforce_csrf_checks=True)

    assert client.post(reverse(name, args=[finished_call().pk])).status_code == 403


@pytest.mark.parametrize(("query", "back"), [("", "conversation_list"), ("?back=call", "conversation_detail")])
def test_whoever_has_labelled_a_call_is_back_where_they_were(operator: User, query: str, back: str) -> None:
    call = finished_call()
    path = reverse("label_conversation", args=[call.pk]) + query

    answer = signed_in(operator).post(path, {"labels": "good example"})

    assert answer.headers["Location"] == reverse(back, args=[call.pk] if query else [])


def test_who_decides_against_deleting_is_back_at_the_call(author: User) -> None:
    call = finished_call()

    page = Markup(signed_in(author).get(reverse("delete_conversation", args=[call.pk]) + "?back=call"))

    assert page.attributes("a", href=reverse("conversation_detail", args=[call.pk]))
