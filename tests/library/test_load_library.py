"""A new installation gets a library once; what authors do to it stays."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError, NotFoundError
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.library import LIBRARY_DIR, get_persona, load_library, read_library
from dispatchsim.services.revisions import latest_number, save_entry

pytestmark = pytest.mark.django_db
SCENARIOS = [file for file in read_library() if file.kind == "scenarios"]


def write_scenario(directory: Path, slug: str, text: str) -> None:
    (directory / "scenarios").mkdir(exist_ok=True)
    (directory / "scenarios" / f"{slug}.yaml").write_text(text, encoding="utf-8")


def test_a_new_installation_gets_every_file() -> None:
    loaded = load_library()

    files = len(list(LIBRARY_DIR.glob("*/*.yaml")))
    assert len(loaded.created) == files == Scenario.objects.count() + Persona.objects.count()


def test_each_role_has_two_personas_at_least() -> None:
    load_library()

    assert all(Persona.objects.filter(role=role).count() >= 2 for role in Role)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.slug)
def test_a_load_sheet_has_five_to_eight_facts(file: object) -> None:
    sheet = str(next(one for one in SCENARIOS if one is file).fields["load_sheet"])

    assert 5 <= len(parse_load_sheet(sheet)) <= 8


def test_no_two_scenarios_share_a_value() -> None:
    values = [fact.value for file in SCENARIOS for fact in parse_load_sheet(str(file.fields["load_sheet"]))]

    assert len(values) == len(set(values))


def test_a_second_loading_adds_nothing() -> None:
    load_library()

    assert load_library().created == ()


def test_an_edit_by_an_author_stays() -> None:
    load_library()
    Persona.objects.filter(slug="tim").update(voice="sage")

    load_library()

    assert Persona.objects.get(slug="tim").voice == "sage"


def test_a_deleted_entry_does_not_come_back() -> None:
    load_library()
    Persona.objects.get(slug="rosa").delete()

    load_library()

    assert not Persona.objects.filter(slug="rosa").exists()


def test_a_deleted_entry_comes_back_when_asked_for_by_name() -> None:
    load_library()
    Persona.objects.get(slug="rosa").delete()

    load_library(again=["rosa"])

    assert Persona.objects.filter(slug="rosa").exists()


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotFoundError, match="nobody") as caught:
        load_library(again=["nobody"])

    assert "tim" in caught.value.hint


def test_an_entry_that_an_author_made_first_is_kept() -> None:
    Persona.objects.create(slug="tim", role=Role.DISPATCHER, name="Timothy", title="Ours")

    load_library()

    assert Persona.objects.get(slug="tim").name == "Timothy"


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    write_scenario(tmp_path, "broken", "title: [unclosed")

    with pytest.raises(InvalidInputError, match=r"scenarios/broken\.yaml"):
        load_library(directory=tmp_path)


def test_a_bad_load_sheet_in_a_file_is_named_by_its_line(tmp_path: Path) -> None:
    write_scenario(tmp_path, "odd", "title: Odd\nload_sheet: |\n  weight: 1 ton\n  no pair here\n")

    with pytest.raises(InvalidInputError, match="Line 2"):
        load_library(directory=tmp_path)


def test_an_unknown_field_in_a_file_is_named(tmp_path: Path) -> None:
    write_scenario(tmp_path, "odd", "title: Odd\nload_sheet: 'weight: 1 ton'\ncolour: red\n")

    with pytest.raises(InvalidInputError, match="colour"):
        load_library(directory=tmp_path)


def test_the_command_tells_what_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_library")

    assert "added personas/tim" in capsys.readouterr().out


def test_the_command_fails_with_a_sentence_for_an_unknown_name() -> None:
    with pytest.raises(CommandError, match="no file named nobody"):
        call_command("load_library", "--again", "nobody")


def test_every_entry_is_valid_as_the_admin_sees_it() -> None:
    load_library()

    try:
        for entry in [*Scenario.objects.all(), *Persona.objects.all()]:
            entry.full_clean()
    except ValidationError as error:
        pytest.fail(str(error))


def test_tim_and_chris_play_when_nobody_is_named() -> None:
    load_library()

    assert [get_persona(slug=None, role=role).slug for role in Role] == ["tim", "chris"]


def test_another_persona_plays_where_the_default_was_deleted() -> None:
    load_library()
    Persona.objects.get(slug="tim").delete()

    assert get_persona(slug=None, role=Role.DISPATCHER).slug == "dana"


def test_a_driver_cannot_play_the_dispatcher() -> None:
    load_library()

    with pytest.raises(InvalidInputError) as caught:
        get_persona(slug="chris", role=Role.DISPATCHER)

    assert caught.value.field == "overrides.dispatcher.persona"


def read_persona(directory: Path, text: str) -> Persona:
    """Load a library with one persona, and give it as the installation has it then."""
    (directory / "personas").mkdir(exist_ok=True)
    (directory / "personas" / "lee.yaml").write_text(f"role: driver\nname: Lee\ntitle: T\n{text}", encoding="utf-8")
    load_library(directory=directory)
    return Persona.objects.get(slug="lee")


BROKEN = "character: |\n  You ask\n  before you say yes.\n"
FOLDED = "character: >-\n  You ask\n  before you say yes.\n"


@pytest.mark.parametrize("field", ["character", "dispatcher_briefing", "driver_briefing"])
def test_no_prose_of_the_library_breaks_in_the_middle_of_a_sentence(field: str) -> None:
    texts = [str(file.fields[field]) for file in read_library() if field in file.fields]

    assert texts
    assert [text for text in texts if "\n" in text] == []


def test_an_entry_that_nobody_saved_follows_its_file_where_only_line_breaks_differ(tmp_path: Path) -> None:
    read_persona(tmp_path, BROKEN)

    assert read_persona(tmp_path, FOLDED).character == "You ask before you say yes."


def test_following_its_file_makes_a_version(tmp_path: Path) -> None:
    read_persona(tmp_path, BROKEN)

    assert latest_number(read_persona(tmp_path, FOLDED)) == 2


def test_line_breaks_of_an_author_stay(tmp_path: Path, author: User) -> None:
    lee = read_persona(tmp_path, FOLDED)
    lee.character = "You ask\nbefore you say yes."
    save_entry(lee, author=author)

    assert read_persona(tmp_path, FOLDED).character == "You ask\nbefore you say yes."


def test_other_words_in_a_file_change_no_entry(tmp_path: Path) -> None:
    read_persona(tmp_path, BROKEN)

    assert read_persona(tmp_path, "character: You never ask.\n").character == "You ask\nbefore you say yes."


def test_a_load_sheet_keeps_its_lines(tmp_path: Path) -> None:
    write_scenario(tmp_path, "odd", "title: Odd\nload_sheet: |\n  weight: 1 ton\n  miles: 3\n")
    load_library(directory=tmp_path)

    write_scenario(tmp_path, "odd", "title: Odd\nload_sheet: 'weight: 1 ton miles: 3'\n")
    load_library(directory=tmp_path)

    assert Scenario.objects.get(slug="odd").load_sheet == "weight: 1 ton\nmiles: 3"
