"""An import says what it would do, names each problem by file, entry and field, and is done whole or not at all."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dispatchsim.domain.errors import ConflictError, InvalidInputError
from dispatchsim.models import Persona, Revision, Scenario
from dispatchsim.services.library_files import FileFormat, ReadFile, read_file, write_entries
from dispatchsim.services.library_import import Outcome, apply_import, plan_import
from dispatchsim.services.revisions import latest_number, revisions_of, save_entry

pytestmark = pytest.mark.django_db
LEE = "role: driver\nname: Lee\ntitle: Night driver\n"


def yaml_file(text: str, name: str = "lee.yaml") -> ReadFile:
    return read_file(name, text.encode())


def problems_of(*files: ReadFile) -> list[tuple[str, str, str]]:
    return [(problem.entry, problem.field, problem.message) for problem in plan_import(files).problems]


def everything(file_format: FileFormat = FileFormat.YAML) -> ReadFile:
    text = write_entries([*Scenario.objects.all(), *Persona.objects.all()], file_format)
    return read_file(f"library.{file_format}", text.encode())


def test_a_new_entry_is_written() -> None:
    apply_import([yaml_file(LEE)])

    assert Persona.objects.get(slug="lee").title == "Night driver"


def test_an_imported_entry_has_a_version_with_a_note() -> None:
    apply_import([yaml_file(LEE)])

    assert [one.note for one in revisions_of(Persona.objects.get(slug="lee"))] == ["Imported"]


def test_the_whole_library_imported_again_changes_nothing(tim: Persona) -> None:
    revisions = Revision.objects.count()

    plan = apply_import([everything()])

    assert (plan.to_write, Revision.objects.count()) == ((), revisions)


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_a_deleted_library_comes_back_whole(tim: Persona, file_format: FileFormat) -> None:
    exported = everything(file_format)
    Scenario.objects.all().delete()
    Persona.objects.all().delete()

    apply_import([exported])

    assert everything(file_format) == exported


def test_a_change_is_told_by_field(tim: Persona) -> None:
    exported = everything()
    tim.voice = "sage"
    save_entry(tim)

    changed = [planned for planned in plan_import([exported]).entries if planned.outcome is Outcome.CHANGED]

    assert [(one.name, [change.field for change in one.changes]) for one in changed] == [("personas/tim", ["voice"])]


def test_a_change_is_the_next_version(tim: Persona) -> None:
    apply_import([yaml_file("role: dispatcher\nname: Timothy\ntitle: Ours\n", "tim.yaml")])

    assert latest_number(tim) == 2


def test_what_a_file_leaves_out_takes_its_default(tim: Persona) -> None:
    apply_import([yaml_file("role: dispatcher\nname: Tim\ntitle: Calm\n", "tim.yaml")])

    tim.refresh_from_db()
    assert (tim.character, tim.voice) == ("", "alloy")


def test_a_plan_writes_nothing() -> None:
    plan_import([yaml_file(LEE)])

    assert not Persona.objects.exists()


def test_one_bad_entry_keeps_all_others_out() -> None:
    bad = yaml_file("role: pilot\nname: Max\ntitle: Nobody\n", "max.yaml")

    with pytest.raises(InvalidInputError, match=r"max\.yaml: personas/max: role"):
        apply_import([yaml_file(LEE), bad])

    assert not Persona.objects.exists()


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("title: 7:30", "title", "put the text in quotes"),
        ("name: no", "name", "It is `False` and not text"),
        ("name:", "name", "It is empty"),
        ("speed: fast", "speed", "Write a number"),
        ("speed: 9", "speed", "less than or equal to 1.5"),
        ("speed: .nan", "speed", "Write a number"),
        ("speed: .inf", "speed", "Write a number"),
        ("vad_silence_ms: 200.5", "vad_silence_ms", "whole number"),
        (f"vad_silence_ms: {'9' * 400}", "vad_silence_ms", "Write a number"),
        ("vad_silence_ms: true", "vad_silence_ms", "Write a number"),
        ("is_interruptible: maybe", "is_interruptible", "`true` or `false`"),
        ("voise: cedar", "voise", "Is it `voice`?"),
        ("slug: lee", "slug", "leave it out"),
        ("created_at: 2020-01-01", "created_at", "no such field"),
        ("id: 1", "id", "no such field"),
        ("character: [a, b]", "character", "not text"),
        ('character: "a\\0b"', "character", "cannot be stored"),
        (f"character: {'long ' * 1000}", "character", "at most 4,000"),
    ],
)
def test_a_bad_value_is_named_by_its_field(line: str, field: str, message: str) -> None:
    text = f"role: driver\n{'' if line.startswith('name') else 'name: Lee'}\n"
    text += f"{'' if line.startswith('title') else 'title: Night driver'}\n{line}\n"

    (problem,) = problems_of(yaml_file(text))

    assert problem[:2] == ("personas/lee", field)
    assert message in problem[2]


def test_half_a_character_in_json_is_named_by_its_field() -> None:
    file = read_file("lee.json", b'{"role": "driver", "name": "Lee", "title": "\\ud83d"}')

    assert problems_of(file)[0][:2] == ("personas/lee", "title")


def test_a_missing_field_is_named() -> None:
    assert [problem[1] for problem in problems_of(yaml_file("role: driver\nname: Lee\n"))] == ["title"]


@pytest.mark.parametrize("slug", ["Two words", "<b>", "a" * 60, ""])
def test_a_bad_slug_is_named(slug: str) -> None:
    file = read_file(
        "x.json", f'{{"personas": {{"{slug}": {{"role": "driver", "name": "L", "title": "T"}}}}}}'.encode()
    )

    assert {problem[1] for problem in problems_of(file)} == {"slug"}


def test_every_bad_line_of_a_load_sheet_is_named() -> None:
    file = yaml_file("title: Odd\nload_sheet: |\n  no pair\n  a: b\n  A: c\n", "odd.yaml")

    assert [problem[2][:6] for problem in problems_of(file)] == ["Line 1", "Line 3"]


def test_a_decision_that_no_driver_can_follow_is_named() -> None:
    file = yaml_file("title: Odd\nload_sheet: 'a: b'\ndriver_decision: maybe\n", "odd.yaml")

    assert [problem[1] for problem in problems_of(file)] == ["driver_decision"]


def test_an_entry_that_comes_twice_is_named() -> None:
    assert {problem[0] for problem in problems_of(yaml_file(LEE), yaml_file(LEE))} == {"personas/lee"}


def test_an_entry_that_is_no_mapping_is_named() -> None:
    assert problems_of(yaml_file("personas:\n  lee: driver\n", "many.yaml"))[0][0] == "personas/lee"


def test_a_library_that_moved_on_since_the_plan_is_not_overwritten(tim: Persona) -> None:
    file = yaml_file("role: dispatcher\nname: Timothy\ntitle: Ours\n", "tim.yaml")
    plan = plan_import([file])
    tim.voice = "sage"
    save_entry(tim)

    with pytest.raises(ConflictError):
        apply_import([file], fingerprint=plan.fingerprint)

    tim.refresh_from_db()
    assert tim.name == "Tim"


def test_the_commands_move_a_library_by_folder(
    tim: Persona, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_library", str(tmp_path))
    Persona.objects.filter(slug="tim").delete()

    call_command("import_library", str(tmp_path))

    assert (tmp_path / "personas" / "tim.yaml").is_file()
    assert "personas/tim new\n1 new, 0 changed, 25 unchanged." in capsys.readouterr().out


def test_the_commands_move_a_library_by_one_file(tim: Persona, tmp_path: Path) -> None:
    file = tmp_path / "library.json"
    call_command("export_library", str(file))
    Scenario.objects.all().delete()

    call_command("import_library", str(file))

    assert Scenario.objects.count() == 16


def test_the_command_prints_chosen_entries(tim: Persona, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_library", "--only", "tim")

    assert capsys.readouterr().out.startswith("personas:\n  tim:\n    role: dispatcher\n")


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lee.yaml").write_text(LEE)

    call_command("import_library", str(tmp_path / "lee.yaml"), "--dry-run")

    assert "nothing was written" in capsys.readouterr().out
    assert not Persona.objects.exists()


def test_the_command_lists_every_problem(tmp_path: Path) -> None:
    (tmp_path / "lee.yaml").write_text("role: pilot\nname: Lee\ntitle: T\nspeed: 9\n")

    with pytest.raises(CommandError) as caught:
        call_command("import_library", str(tmp_path / "lee.yaml"))

    assert [line.split(": ")[2] for line in str(caught.value).splitlines()[1:]] == ["role", "speed"]


def test_a_missing_path_is_told() -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_library", "/nowhere/at/all.yaml")


def test_an_unknown_slug_is_told() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("export_library", "--only", "nobody")


def test_a_voice_that_is_not_known_is_warned_of_and_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lee.yaml").write_text("role: driver\nname: Lee\ntitle: T\nvoice: nova\n", encoding="utf-8")

    call_command("import_library", str(tmp_path / "lee.yaml"))

    assert "voice: “nova” is none of the voices known here" in capsys.readouterr().err
    assert Persona.objects.get(slug="lee").voice == "nova"
