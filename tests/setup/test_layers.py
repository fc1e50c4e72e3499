"""Rules about imports that import-linter cannot say: what may be used from outside, part by part."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imported_by(folder: str) -> Iterator[tuple[str, str]]:
    """List what the modules of a folder import, as file and full name."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((str(path.relative_to(ROOT)), name) for name in names)


def strangers(folder: str, *allowed: str) -> list[str]:
    """List imports of a folder that are neither standard library nor allowed."""
    return [
        f"{file}: {name}"
        for file, name in imported_by(folder)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)
    ]


def test_set_up_needs_the_standard_library_alone() -> None:
    assert strangers("dispatchsim/bootstrap", "dispatchsim.bootstrap") == []


def test_the_domain_needs_pydantic_alone() -> None:
    assert strangers("dispatchsim/domain", "dispatchsim.domain", "pydantic") == []


def test_the_rehearsal_model_uses_no_livekit_but_its_local_inference() -> None:
    used = [f"{file}: {name}" for file, name in imported_by("rehearsal") if name.startswith("livekit")]

    assert [line for line in used if "livekit.local_inference" not in line] == []


@pytest.mark.parametrize("version", [(3, 8)])
def test_an_old_python_can_read_the_first_file_of_set_up(version: tuple[int, int]) -> None:
    text = (ROOT / "dispatchsim" / "bootstrap" / "__main__.py").read_text(encoding="utf-8")

    ast.parse(text, feature_version=version)
