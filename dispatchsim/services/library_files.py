"""Read and write library files: one entry a file, or many in one, as YAML or JSON.

one entry, named by the file              many entries in one file
dispatchsim/library/personas/tim.yaml     library.yaml
    role: dispatcher                          personas:
    name: Tim                                   tim:
    ...                                           role: dispatcher
                                                  ...
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import yaml

from dispatchsim.models.freight_text import as_mapping
from dispatchsim.models.plain_yaml import PlainYamlError, dump_yaml, load_yaml
from dispatchsim.services.library_content import KINDS, Entry, folder_of, read_content

MAX_FILE_BYTES = 512 * 1024  # a hundred long entries; the library that comes with the project has 12 KB
MAX_ENTRIES = 500
MAX_KEY = 100  # slugs have 50 characters at most
_SECOND_DOCUMENT = "expected a single document in the stream"  # as PyYAML calls it
_COPY_NUMBER = re.compile(r" ?\(\d+\)$")  # browsers save a second `tim.yaml` as `tim (1).yaml`
_FORM_OF_MANY = (
    "Many entries in one file stand by kind and short name: `scenarios:`, below it `onions-to-reno:`, and below "
    "that one `key: value` for each field; personas below `personas:` in the same way."
)
_Raw = dict[str, Any]  # what a file holds before anything is known of it


class FileFormat(StrEnum):
    """The two formats of library files."""

    YAML = "yaml"
    JSON = "json"


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, and where."""

    file: str
    entry: str  # as in `personas/tim`; empty where it is the file as a whole
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.entry, self.field, self.message) if part)


@dataclass(frozen=True)
class FileEntry:
    """One entry as a file has it, not checked yet."""

    file: str
    kind: str
    slug: str
    fields: Mapping[str, object] = field(hash=False)

    @property
    def name(self) -> str:
        """Name it as a library does, as in `personas/tim`."""
        return f"{self.kind}/{self.slug}"


@dataclass(frozen=True)
class ReadFile:
    """What was found in one file."""

    entries: tuple[FileEntry, ...] = ()
    problems: tuple[Problem, ...] = ()


class _FileError(Exception):
    """The file as a whole cannot be used; the text says why."""


def read_file(name: str, content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> ReadFile:
    """Read the entries of one file. The file's name gives the slug where it holds a single entry."""
    try:
        document = _parse(name, content, max_bytes)
        return _collect(name, document)
    except _FileError as error:
        return ReadFile(problems=(Problem(name, "", "", str(error)),))


def write_entry(entry: Entry, file_format: FileFormat) -> str:
    """Write one entry as a file of its own; the slug is the file's name."""
    return _dump(_fields(entry), file_format)


def write_entries(entries: Iterable[Entry], file_format: FileFormat) -> str:
    """Write many entries as one file."""
    document: dict[str, dict[str, Mapping[str, object]]] = {}
    for entry in entries:
        document.setdefault(folder_of(entry), {})[entry.slug] = _fields(entry)
    return _dump(document, file_format)


def _fields(entry: Entry) -> Mapping[str, object]:
    """Give what stands in the file; freight as a mapping, where the author's text is nothing but that."""
    fields: dict[str, object] = {name: value for name, value in read_content(entry).items() if name != "slug"}
    if "freight" in fields:
        fields["freight"] = as_mapping(str(fields["freight"])) or fields["freight"]
    return fields


def _dump(document: Mapping[str, object], file_format: FileFormat) -> str:
    if file_format is FileFormat.JSON:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return dump_yaml(document)


def _parse(name: str, content: bytes, max_bytes: int) -> _Raw:
    if len(content) > max_bytes:
        raise _FileError(f"The file is larger than {max_bytes // 1024} KB.")
    suffix = PurePath(name).suffix.lower()
    if suffix not in {".yaml", ".yml", ".json"}:
        raise _FileError("Only .yaml, .yml and .json files are taken.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _FileError("The file is not UTF-8 text.") from error
    document = _parse_json(text) if suffix == ".json" else _parse_yaml(text)
    if isinstance(document, list) and document:
        raise _FileError(f"The file holds a list, whose entries have no short names. {_FORM_OF_MANY}")
    if not isinstance(document, dict) or not document:
        raise _FileError("The file holds no entry: write one `key: value` for each field.")
    return _with_text_keys(document)


def _parse_yaml(text: str) -> object:
    try:
        return load_yaml(text)
    except PlainYamlError as error:
        raise _FileError(str(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}: " if mark else ""
        if error.context == _SECOND_DOCUMENT:
            raise _FileError(f"{where}a second document, after `---`. {_FORM_OF_MANY}") from error
        raise _FileError(f"{where}not readable as YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _FileError(f"Not readable as YAML: {_first_line(error)}.") from error


def _parse_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        raise _FileError(f"Line {error.lineno}: not readable as JSON: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise _FileError(f"Not readable as JSON: {_first_line(error)}.") from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> _Raw:
    found: _Raw = {}
    for key, value in pairs:
        if key in found:
            raise _FileError(f"{key!r} stands in one object a second time.")
        found[key] = value
    return found


def _first_line(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return (str(error).splitlines() or ["no reason given"])[0].rstrip(".")


def _with_text_keys(document: Mapping[object, object], where: str = "") -> _Raw:
    """Refuse keys that YAML took for numbers, dates or truths, and keys that nobody could have meant."""
    place = f" in {where}" if where else ""
    for key in document:
        if not isinstance(key, str):
            raise _FileError(f"The key `{key}`{place} is not text; put it in quotes.")
        if len(key) > MAX_KEY or not key.isprintable():
            raise _FileError(f"A key{place} is too long or has characters that cannot be shown.")
    return {str(key): value for key, value in document.items()}


def _collect(name: str, document: _Raw) -> ReadFile:
    if set(document) <= set(KINDS):
        return _collect_many(name, document)
    path = PurePath(name)
    slug = _COPY_NUMBER.sub("", path.stem)
    kind = path.parent.name if path.parent.name in KINDS else _guess_kind(document)
    return ReadFile(entries=(FileEntry(name, kind, slug, document),))


def _guess_kind(document: _Raw) -> str:
    if "load_sheet" in document:
        return "scenarios"
    if "role" in document:
        return "personas"
    raise _FileError("It is neither a scenario, with a `load_sheet`, nor a persona, with a `role`.")


def _collect_many(name: str, document: _Raw) -> ReadFile:
    entries: list[FileEntry] = []
    problems: list[Problem] = []
    for kind, slug, fields in _each_entry(document):
        if not isinstance(fields, dict):
            problems.append(Problem(name, f"{kind}/{slug}".rstrip("/"), "", "It must hold one `key: value` a field."))
            continue
        entries.append(FileEntry(name, kind, slug, _with_text_keys(fields, f"{kind}/{slug}")))
        if len(entries) > MAX_ENTRIES:
            raise _FileError(f"The file has more than {MAX_ENTRIES} entries.")
    return ReadFile(tuple(entries), tuple(problems))


def _each_entry(document: _Raw) -> Iterator[tuple[str, str, object]]:
    for kind, found in document.items():
        if not isinstance(found, dict):
            yield kind, "", found
            continue
        yield from ((kind, slug, fields) for slug, fields in _with_text_keys(found, kind).items())
