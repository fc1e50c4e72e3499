"""What the documents name is there: files, and the tests that show a claim."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.readme import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = ("agents", "dispatchsim", "docs", "media_server", "rehearsal", "static", "templates", "tests")
SPAN = re.compile(r"`([^`\n]+)`")
# A path below a folder, or a file of the kinds that we write.
PATH = re.compile(r"…?(?:[\w.-]+/)*[\w.-]+(?:/|\.(?:css|go|html|js|md|mod|py|toml|txt|yaml))")
MADE = {"logs/"}  # by a running stack, in its data folder
TEST = re.compile(r"(?P<file>(?:[\w/]+/)?test_\w+)\.py|::(?P<name>test_\w+)")


@cache
def files() -> frozenset[str]:
    """List the files and folders of the project, each after a stroke, so that an end of it can be looked for."""
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    here = [*below, *(ROOT / folder for folder in FOLDERS), *ROOT.glob("*.*")]
    return frozenset(f"/{path.relative_to(ROOT)}{'/' * path.is_dir()}" for path in here)


def has(named: str) -> bool:
    """Tell whether a path is there; documents may leave out the folders before it."""
    wanted = named.removeprefix("…")
    return any(path.endswith(wanted if named.startswith("…") else f"/{wanted}") for path in files())


@cache
def defined_in(file: str) -> frozenset[str]:
    """List the tests of a file by the end of its path."""
    texts = [(ROOT / path[1:]).read_text(encoding="utf-8") for path in files() if path.endswith(f"/{file}")]
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)", "\n".join(texts), flags=re.MULTILINE))


def spans(document: Path) -> list[str]:
    """Give what stands between backticks, outside of whole blocks of code."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return SPAN.findall(text)


def named_tests(document: Path) -> Iterator[tuple[str, str]]:
    """Give each test by the end of its file's path and its name; one without a file is of the file before it."""
    file = ""
    for span in spans(document):
        for match in TEST.finditer(span):
            file = match["file"] or file
            if match["name"]:
                yield f"{file}.py", match["name"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    named = {span.partition("::")[0] for span in spans(document)} - MADE

    assert sorted(path for path in named if PATH.fullmatch(path) and not has(path)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_in_its_file(document: Path) -> None:
    assert [f"{file}::{name}" for file, name in named_tests(document) if name not in defined_in(file)] == []


def test_the_documents_name_tests() -> None:
    assert len(list(named_tests(ROOT / "docs" / "reliability.md"))) > 10
