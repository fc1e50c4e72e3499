"""Change values of a YAML text in place, so that comments, order and style of its author stay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from dispatchsim.models.plain_yaml import PlainLoader, PlainYamlError, dump_yaml, load_yaml

_WIDEST = 10_000  # one line, whatever its length


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def edit_yaml(text: str, wanted: Mapping[str, object]) -> str | None:
    """Give the text with the values of `wanted`; None where only writing it anew would do. It must be a mapping."""
    root = yaml.compose(text, Loader=PlainLoader)
    if root is None:
        return None
    changed = text
    for edit in sorted(_compare(text, root, load_yaml(text), wanted), key=lambda one: one.start, reverse=True):
        changed = changed[: edit.start] + edit.text + changed[edit.end :]
    try:
        return changed if load_yaml(changed) == wanted else None
    except (yaml.YAMLError, PlainYamlError, ValueError):
        return None


def _compare(text: str, node: yaml.Node, had: Any, wanted: Any) -> Iterator[_Edit]:
    if had == wanted:
        return
    if isinstance(node, yaml.MappingNode) and node.value and isinstance(wanted, Mapping):
        yield from _compare_mapping(text, node, had, wanted)
    elif isinstance(node, yaml.SequenceNode) and isinstance(wanted, list) and len(wanted) == len(node.value):
        for item, before, after in zip(node.value, had, wanted, strict=True):
            yield from _compare(text, item, before, after)
    else:
        yield _Edit(node.start_mark.index, _end(text, node), _in_a_line(wanted))


def _compare_mapping(
    text: str, node: yaml.MappingNode, had: Mapping[Any, Any], wanted: Mapping[Any, Any]
) -> Iterator[_Edit]:
    for at, (key, value) in enumerate(node.value):
        name = key.value
        if name not in wanted:
            yield _remove(text, node, at)
        elif not node.flow_style and had.get(name) != wanted[name] and _takes_lines(value, wanted[name]):
            block = _in_block(name, wanted[name], key.start_mark.column)
            yield _Edit(key.start_mark.index, _end(text, value), block)
        else:
            yield from _compare(text, value, had.get(name), wanted[name])
    new = {key: value for key, value in wanted.items() if key not in had}
    if new:
        yield _add(text, node, new)


def _takes_lines(node: yaml.Node, wanted: object) -> bool:
    """Tell whether a value is written over several lines, and not as a part of what stands there."""
    if isinstance(wanted, str):
        return "\n" in wanted
    is_block = isinstance(node, yaml.SequenceNode) and not node.flow_style
    return is_block and isinstance(wanted, list) and len(wanted) != len(node.value)


def _add(text: str, node: yaml.MappingNode, new: Mapping[Any, object]) -> _Edit:
    """Put new keys behind the last one, in the style of their neighbours."""
    end = _end(text, node.value[-1][1])
    if node.flow_style:
        return _Edit(end, end, "".join(f", {key}: {_in_a_line(value)}" for key, value in new.items()))
    column = node.value[0][0].start_mark.column
    lines = "".join(f"\n{' ' * column}{_in_block(key, value, column)}" for key, value in new.items())
    line_end = _line_end(text, end)
    return _Edit(line_end, line_end, lines)


def _remove(text: str, node: yaml.MappingNode, at: int) -> _Edit:
    """Take a key out: with its comma, or with its line and what stands behind it there."""
    key, value = node.value[at]
    if not node.flow_style:
        return _Edit(text.rfind("\n", 0, key.start_mark.index) + 1, _line_end(text, _end(text, value)) + 1, "")
    if at > 0:
        return _Edit(_end(text, node.value[at - 1][1]), _end(text, value), "")
    end = node.value[1][0].start_mark.index if len(node.value) > 1 else _end(text, value)
    return _Edit(key.start_mark.index, end, "")


def _end(text: str, node: yaml.Node) -> int:
    """Give where the last value ends; PyYAML counts the empty lines and comments behind a block as its own."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    return node.start_mark.index + len(text[node.start_mark.index : node.end_mark.index].rstrip())


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found


def _in_a_line(value: object) -> str:
    """Write a value so that it stands inside brackets as well as behind a colon."""
    quotes = '"' if isinstance(value, str) and "\n" in value else None  # others would take lines of their own
    listed = yaml.safe_dump(
        [value], default_flow_style=True, default_style=quotes, allow_unicode=True, sort_keys=False, width=_WIDEST
    )
    return listed.strip()[1:-1]


def _in_block(key: str, value: object, column: int) -> str:
    return dump_yaml({key: value}).rstrip("\n").replace("\n", f"\n{' ' * column}")
