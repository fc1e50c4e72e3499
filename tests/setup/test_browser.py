"""The tests never go on without a browser: one is found, or the person is told what to do."""

from pathlib import Path

import pytest

from dispatchsim.bootstrap import browser
from dispatchsim.bootstrap.errors import SetupError


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_browser_that_is_named_and_starts_is_used(tmp_path: Path) -> None:
    named = program(tmp_path / "chromium", "echo Chromium 150")

    assert browser.ensure_chromium({"CHROMIUM_BIN": str(named)}) == named


def test_a_browser_that_is_named_and_does_not_start_is_told(tmp_path: Path) -> None:
    stub = program(tmp_path / "chromium", "echo install it from the shop; exit 1")

    with pytest.raises(SetupError, match="does not start"):
        browser.ensure_chromium({"CHROMIUM_BIN": str(stub)})


def test_without_any_browser_the_person_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("_find_system", "_find_playwright", "_install_playwright", "_install_debian"):
        monkeypatch.setattr(browser, source, lambda: None)

    with pytest.raises(SetupError) as caught:
        browser.ensure_chromium({})

    assert "CHROMIUM_BIN" in caught.value.hint
