"""Fixtures of the library's tests."""

from tests.library_rows import chicken, tim
from tests.people import author

__all__ = ["author", "chicken", "tim"]
