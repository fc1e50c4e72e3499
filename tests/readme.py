"""The README as tests read it: its text and its blocks of code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def find_blocks(language: str, word: str) -> list[str]:
    """Give the blocks of a language with a word in them."""
    return [text for found, text in BLOCKS if found == language and word in text]
