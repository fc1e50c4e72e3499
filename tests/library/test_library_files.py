"""Library files: what goes out comes in again, and hostile files are refused with a reason."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatchsim.models import Persona, Scenario
from dispatchsim.services.library import LIBRARY_DIR
from dispatchsim.services.library_checks import build_entry
from dispatchsim.services.library_content import Entry, read_content
from dispatchsim.services.library_files import (
    MAX_FILE_BYTES,
    FileFormat,
    ReadFile,
    read_file,
    write_entries,
    write_entry,
)

FORMATS = list(FileFormat)
PERSONA = "role: driver\nname: Lee\ntitle: Night driver\n"
BREAKS = ["a\x85  b", "a\u2028\n b", "a\n  b\n\n c", "a: b\n\t# c", "- a\n'b' \"c\""]
# Any text that a form or database can hold; the ends are trimmed, as forms do.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=200).map(str.strip)
WORDS = TEXT.filter(bool)
SLUG = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,40}", fullmatch=True)
FACT = st.from_regex(r"[a-z]{1,12}: [A-Za-z0-9 ,.#'\"-]{0,30}[a-z0-9]", fullmatch=True)
SHEET = st.lists(FACT, min_size=1, max_size=8, unique_by=lambda line: line.partition(":")[0]).map("\n".join)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    return Scenario(
        slug=draw(SLUG),
        title=draw(WORDS)[:120].strip(),
        summary=draw(TEXT),
        opener=draw(st.sampled_from(["dispatcher", "driver"])),
        load_sheet=draw(SHEET),
        dispatcher_briefing=draw(TEXT),
        driver_briefing=draw(TEXT),
        driver_decision=draw(st.sampled_from(["accept", "decline: it pays: too little", "Accept"])),
        max_duration_s=draw(st.integers(15, 3600)),
        max_turns=draw(st.integers(2, 500)),
    )


@st.composite
def personas(draw: st.DrawFn) -> Persona:
    return Persona(
        slug=draw(SLUG),
        role=draw(st.sampled_from(["dispatcher", "driver"])),
        name=draw(st.sampled_from(["Tim", "no", "1", "null", "~", "2026-01-01", "- x", "a: b", "#1", "'"])),
        title=draw(WORDS)[:120].strip(),
        character=draw(TEXT),
        voice=draw(st.sampled_from(["cedar", "on", "1e3"])),
        speed=draw(st.floats(0.25, 1.5)),
        vad_threshold=draw(st.floats(0, 1)),
        vad_silence_ms=draw(st.integers(100, 5000)),
        is_interruptible=draw(st.booleans()),
        transcription_model=draw(st.sampled_from(["", "whisper-1"])),
    )


def comes_back(entry: Entry, read: ReadFile) -> bool:
    (found,) = read.entries
    back, problems = build_entry(found)
    return problems == () and read_content(back) == read_content(entry)


def why(name: str, text: str | bytes) -> str:
    read = read_file(name, text.encode() if isinstance(text, str) else text)
    assert read.entries == ()
    (problem,) = read.problems
    assert problem.file == name
    return problem.message


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=st.one_of(scenarios(), personas()))
def test_an_entry_comes_back_as_it_went_out(file_format: FileFormat, entry: Entry) -> None:
    text = write_entry(entry, file_format)

    assert comes_back(entry, read_file(f"{entry.slug}.{file_format}", text.encode()))


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=st.one_of(scenarios(), personas()))
def test_an_entry_comes_back_from_a_file_of_many(file_format: FileFormat, entry: Entry) -> None:
    text = write_entries([entry], file_format)

    assert comes_back(entry, read_file(f"library.{file_format}", text.encode()))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["yaml", "json"]))
def test_any_bytes_are_read_or_refused_by_name(content: bytes, suffix: str) -> None:
    read = read_file(f"x.{suffix}", content)

    assert all(problem.file == f"x.{suffix}" and problem.message for problem in read.problems)


@pytest.mark.parametrize("file", sorted(LIBRARY_DIR.glob("*/*.yaml")), ids=lambda file: file.stem)
def test_the_projects_own_files_are_of_this_format(file: Path) -> None:
    read = read_file(f"{file.parent.name}/{file.name}", file.read_bytes())

    assert [(entry.kind, entry.slug) for entry in read.entries] == [(file.parent.name, file.stem)]


@pytest.mark.django_db
@pytest.mark.parametrize("text", BREAKS)
def test_odd_line_breaks_come_back_as_they_were(text: str) -> None:
    entry = Persona(slug="lee", role="driver", name="Lee", title="Night driver", character=text)

    assert comes_back(entry, read_file("lee.yaml", write_entry(entry, FileFormat.YAML).encode()))


def test_the_form_that_a_refused_list_is_told_of_is_taken() -> None:
    listed = why("library.yaml", f"- {PERSONA.replace(chr(10), chr(10) + '  ')}")
    kind, slug = re.findall(r"`([\w-]+):`", listed)[:2]

    read = read_file("library.yaml", f"{kind}:\n  {slug}:\n    load_sheet: 'a: b'\n".encode())

    assert [(entry.kind, entry.slug) for entry in read.entries] == [("scenarios", "onions-to-reno")]


def test_long_texts_are_written_as_blocks() -> None:
    text = write_entry(Persona(slug="x", character="One line.\nAnother: line."), FileFormat.YAML)

    assert "character: |-\n  One line.\n  Another: line.\n" in text


def test_the_kind_of_a_single_entry_is_found_by_its_fields() -> None:
    assert [read_file("lee.yaml", PERSONA.encode()).entries[0].kind] == ["personas"]


def test_a_second_download_still_has_its_slug() -> None:
    assert read_file("lee (2).yaml", PERSONA.encode()).entries[0].slug == "lee"


def test_a_mark_at_the_start_of_a_file_is_no_problem() -> None:
    assert read_file("lee.yaml", b"\xef\xbb\xbf" + PERSONA.encode()).problems == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x [1]\nb: *x\n", "anchors and tags"),
        ("a: !!python/object/apply:os.system ['true']\n", "anchors and tags"),
        ("!!binary x: y\n", "anchors and tags"),
        ("a: !!timestamp never\n", "anchors and tags"),
        ("a: [unclosed", "Line "),
        ("role: driver\nrole: driver\n", "Line 2 names 'role' a second time"),
        ("role: driver\n1: x\n", "put it in quotes"),
        ("role: driver\n2026-13-45: x\n", "Not readable as YAML"),
        (
            "--- {}\n--- {}\n",
            "Line 2: a second document, after `---`. Many entries in one file stand by kind and",
        ),
        ("- a\n- b\n", "holds a list, whose entries have no short names. Many entries in one file stand by kind and"),
        ("[]\n", "holds no entry"),
        ("", "holds no entry"),
        ("colour: red\n", "neither a scenario"),
        ("a: " + "[" * 3000, "nested too deeply"),
        ("role: driver\n? [a]\n: b\n", "not readable as YAML"),
        ("a: \x07\n", "Not readable as YAML"),
        (f"role: driver\n{'k' * 200}: x\n", "too long"),
    ],
)
def test_hostile_yaml_is_refused_with_a_reason(text: str, reason: str) -> None:
    assert reason in why("x.yaml", text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"role": "driver", "role": "x"}', "a second time"),
        ('{"role": ', "Line 1"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "holds no entry"),
        ('{"role": "driver", "\\ud800": 1}', "cannot be shown"),
        ('{"role": ' + "9" * 5000 + "}", "Not readable as JSON"),
    ],
)
def test_hostile_json_is_refused_with_a_reason(text: str, reason: str) -> None:
    assert reason in why("x.json", text)


def test_a_file_that_doubles_by_reference_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)
    )
    began = time.monotonic()

    assert "anchors" in why("bomb.yaml", bomb)
    assert time.monotonic() - began < 1


def test_a_file_of_countless_values_is_refused() -> None:
    assert "20,000 values" in why("many.yaml", "a: [" + "1," * 40_000 + "1]")


def test_a_file_of_countless_entries_is_refused() -> None:
    text = json.dumps({"personas": {f"p{n}": {"role": "driver"} for n in range(501)}})

    assert "500 entries" in why("many.json", text)


def test_a_large_file_is_refused() -> None:
    assert "512 KB" in why("large.yaml", b"#" * (MAX_FILE_BYTES + 1))


def test_a_file_of_another_kind_is_refused() -> None:
    assert ".yaml" in why("tim.exe", "role: driver")


def test_a_file_that_is_no_text_is_refused() -> None:
    assert "UTF-8" in why("x.yaml", b"\xff\xfe\x00")
