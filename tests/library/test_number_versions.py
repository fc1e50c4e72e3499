"""Each change of a scenario or persona makes the next version, and none is ever changed."""

import threading
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from dispatchsim.domain.errors import InvalidInputError, NotFoundError
from dispatchsim.models import Persona, Revision, Scenario
from dispatchsim.services.freezing import freeze_scenario
from dispatchsim.services.library import load_library
from dispatchsim.services.library_content import Sign, describe_changes, diff_lines, read_content
from dispatchsim.services.previews import preview_prompts
from dispatchsim.services.revisions import restore_revision, revision_number, revisions_of, save_entry

pytestmark = pytest.mark.django_db
WRITERS, SAVES = 4, 5


def numbers(entry: Scenario | Persona) -> list[int]:
    return [revision.number for revision in revisions_of(entry)]


def rename(scenario: Scenario, title: str) -> None:
    scenario.title = title
    save_entry(scenario)


def test_a_loaded_entry_is_version_1(chicken: Scenario) -> None:
    assert numbers(chicken) == [1]


def test_a_change_makes_the_next_version(chicken: Scenario) -> None:
    rename(chicken, "Chicken again")

    assert numbers(chicken) == [2, 1]


def test_a_save_without_a_change_makes_no_version(chicken: Scenario) -> None:
    save_entry(chicken)

    assert numbers(chicken) == [1]


def test_a_version_from_before_lines_is_the_same_content_as_one_on_a_clear_line(chicken: Scenario) -> None:
    assert "line" not in read_content(chicken)


def test_another_line_makes_a_version_that_tells_it(chicken: Scenario) -> None:
    before = read_content(chicken)
    chicken.line = "noisy"
    save_entry(chicken)

    changes = describe_changes(Scenario, before, read_content(chicken))
    assert numbers(chicken) == [2, 1]
    assert [(change.field, [line.text for line in change.lines]) for change in changes] == [
        ("line", ["clear", "noisy"])
    ]


def test_line_breaks_of_a_browser_are_no_change(chicken: Scenario) -> None:
    chicken.load_sheet = chicken.load_sheet.replace("\n", "\r\n") + "\r\n"
    save_entry(chicken)

    assert numbers(chicken) == [1]


def test_a_version_knows_its_author_and_note(chicken: Scenario) -> None:
    ada = User.objects.create_user("ada")
    chicken.title = "Other"

    revision = save_entry(chicken, author=ada, note="For Monday")

    assert (revision.author, revision.note, revision.content["title"]) == (ada, "For Monday", "Other")


def test_a_version_stays_when_its_author_goes(chicken: Scenario) -> None:
    ada = User.objects.create_user("ada")
    chicken.title = "Other"
    save_entry(chicken, author=ada)

    ada.delete()

    assert numbers(chicken) == [2, 1]


def test_a_version_is_written_once(chicken: Scenario) -> None:
    revision = revisions_of(chicken)[0]
    revision.note = "Something else"

    with pytest.raises(TypeError):
        revision.save()


def test_what_was_written_past_the_versions_is_kept_before_the_next_save(chicken: Scenario) -> None:
    Scenario.objects.filter(pk=chicken.pk).update(title="By a script")
    chicken.title = "By an author"

    save_entry(chicken)

    assert [revision.content["title"] for revision in revisions_of(chicken)][:2] == ["By an author", "By a script"]


def test_an_entry_from_before_versions_gets_one_at_the_next_start() -> None:
    old = Persona.objects.create(slug="old", role="driver", name="Old", title="Driver")

    load_library()

    assert numbers(old) == [1]


def test_an_older_version_comes_back_as_a_new_one(chicken: Scenario) -> None:
    before = read_content(chicken)
    rename(chicken, "Worse")

    revision = restore_revision(chicken, number=1)

    assert (revision.number, revision.note) == (3, "Restored from version 1")
    assert read_content(Scenario.objects.get(pk=chicken.pk)) == before


def test_a_version_that_never_was_cannot_come_back(chicken: Scenario) -> None:
    with pytest.raises(NotFoundError):
        restore_revision(chicken, number=9)


def test_a_version_whose_slug_is_taken_cannot_come_back(chicken: Scenario) -> None:
    chicken.slug = "renamed"
    save_entry(chicken)
    Scenario.objects.create(slug="chicken-to-dallas", title="Thief", load_sheet="a: b")

    with pytest.raises(InvalidInputError) as caught:
        restore_revision(chicken, number=1)

    assert caught.value.field == "slug"
    assert Scenario.objects.get(pk=chicken.pk).slug == "renamed"


def test_the_number_of_a_copy_is_that_of_its_content(chicken: Scenario) -> None:
    copy = Scenario.objects.get(pk=chicken.pk)
    rename(chicken, "Newer")

    assert (revision_number(copy), revision_number(chicken)) == (1, 2)


def test_an_unsaved_entry_has_no_number() -> None:
    assert revision_number(Scenario(title="New", load_sheet="a: b")) is None


def test_a_frozen_scenario_names_its_version(chicken: Scenario) -> None:
    rename(chicken, "Newer")

    assert freeze_scenario(chicken).revision == 2


def test_frozen_personas_name_their_versions(chicken: Scenario, tim: Persona) -> None:
    tim.voice = "sage"
    save_entry(tim)

    sides = preview_prompts(scenario=chicken, dispatcher=tim, driver=Persona.objects.get(slug="chris"))

    assert [side.revision for side in sides.values()] == [2, 1]


def _save_again(pk: int, titles: Iterable[str], start: threading.Barrier) -> None:
    try:
        start.wait(timeout=20)
        for title in titles:
            rename(Scenario.objects.get(pk=pk), title)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_authors_who_save_at_once_get_numbers_without_holes_or_doubles() -> None:
    scenario = Scenario(slug="busy", title="Busy", load_sheet="a: b")
    save_entry(scenario)
    start = threading.Barrier(WRITERS)
    writers = [
        threading.Thread(target=_save_again, args=(scenario.pk, [f"{who} {n}" for n in range(SAVES)], start))
        for who in range(WRITERS)
    ]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)

    assert sorted(numbers(scenario)) == list(range(1, WRITERS * SAVES + 2))
    newest = revisions_of(scenario)[0].content
    assert newest["title"] == Scenario.objects.get(pk=scenario.pk).title


def test_versions_outlive_their_entry(chicken: Scenario) -> None:
    pk = chicken.pk
    chicken.delete()

    assert Revision.objects.filter(kind="scenario", entry_id=pk).count() == 1


def test_a_difference_names_field_and_lines(chicken: Scenario) -> None:
    before = read_content(chicken)
    chicken.load_sheet = chicken.load_sheet.replace("miles: 330", "miles: 331")

    (change,) = describe_changes(Scenario, before, read_content(chicken))

    told = [(line.sign, line.text) for line in change.lines if line.sign is not Sign.SAME]
    assert (change.label, told) == ("Load sheet", [(Sign.REMOVED, "miles: 330"), (Sign.ADDED, "miles: 331")])


def test_equal_texts_have_equal_lines() -> None:
    assert {line.sign for line in diff_lines("a\nb", "a\nb")} == {Sign.SAME}
