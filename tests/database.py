"""After a test that commits, the test database is put back from a copy that was made once it was migrated.

Django would empty it and make content types, permissions and groups anew: that took a third of such a test's time.
"""

import sqlite3

import pytest
from django.db import connection
from django.test import TransactionTestCase


def copy_database() -> sqlite3.Connection:
    """Give a copy in memory of the test database as it is."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    _database().backup(copy)
    return copy


def put_back(copy: sqlite3.Connection, patch: pytest.MonkeyPatch) -> None:
    """Put this back after each test that commits, instead of what Django does."""
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: copy.backup(_database()))


def _database() -> sqlite3.Connection:
    connection.ensure_connection()
    assert isinstance(connection.connection, sqlite3.Connection)
    return connection.connection
