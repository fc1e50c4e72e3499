"""Fixtures of the library's tests."""

from tests.library_rows import chicken, tim

__all__ = ["chicken", "tim"]
