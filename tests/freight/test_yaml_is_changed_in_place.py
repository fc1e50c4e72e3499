"""A value of a YAML text is changed where it stands, and all else stays as its author wrote it."""

from typing import Any

import pytest

from dispatchsim.models.plain_yaml import load_yaml
from dispatchsim.models.yaml_edits import edit_yaml

BLOCK = """\
# first
money:
  rate: 1450  # all in
  floor: 1400

facts: |
  late by: 3 hours
  where: Elko
# stops
stops:
- kind: pickup  # one
  place: Boise
- kind: delivery
  place: Reno
names:
- weight
- pickup
last: 'a: b'  # end
"""


def edited(text: str, **changes: Any) -> str | None:
    document: Any = load_yaml(text)
    return edit_yaml(text, {key: value for key, value in {**document, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({}, "", ""),
        ({"money": {"rate": 1500, "floor": 1400}}, "rate: 1450", "rate: 1500"),
        ({"money": {"rate": 1450}}, "  floor: 1400\n", ""),
        ({"money": {"rate": 1450, "floor": 1400, "lumper": 5}}, "floor: 1400\n", "floor: 1400\n  lumper: 5\n"),
        ({"money": None}, "money:\n  rate: 1450  # all in\n  floor: 1400\n", ""),
        ({"facts": "late by: 4 hours"}, "|\n  late by: 3 hours\n  where: Elko", "'late by: 4 hours'"),
        ({"facts": "a: 1\nb: 2"}, "|\n  late by: 3 hours\n  where: Elko", "|-\n  a: 1\n  b: 2"),
        (
            {"stops": [{"kind": "pickup", "place": "Nampa"}, {"kind": "delivery", "place": "Reno"}]},
            "Boise",
            "Nampa",
        ),
        ({"names": ["weight"]}, "- weight\n- pickup\n", "- weight\n"),
        ({"last": "# no comment"}, "'a: b'", "'# no comment'"),
        ({"more": {"x": [1, 2]}}, "# end\n", "# end\nmore:\n  x:\n  - 1\n  - 2\n"),
    ],
)
def test_only_what_differs_is_changed(changes: dict[str, Any], old: str, new: str) -> None:
    assert edited(BLOCK, **changes) == BLOCK.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("{a: 1, b: 2}", {"a": 3}, "{a: 3, b: 2}"),
        ("{a: 1, b: 2}", {"a": None}, "{b: 2}"),
        ("{a: 1, b: 2}", {"b": None}, "{a: 1}"),
        ("{a: 1}", {"b": "x, y"}, "{a: 1, b: 'x, y'}"),
        ("a: {b: 1} # c", {"a": {"b": "one\ntwo"}}, 'a: {b: "one\\ntwo"} # c'),
        ("a: [1, 2] # c", {"a": [1, 2, 3]}, "a: [1, 2, 3] # c"),
        ("a: # empty\nb: 1", {"a": {"c": 2}}, None),
    ],
)
def test_short_forms_stay_short(text: str, changes: dict[str, Any], expected: str | None) -> None:
    assert edited(text, **changes) == expected
