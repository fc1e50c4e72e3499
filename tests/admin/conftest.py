"""Fixtures of the admin's tests."""

from tests.people import author, operator, stranger, viewer

__all__ = ["author", "operator", "stranger", "viewer"]
