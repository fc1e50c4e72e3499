"""YAML as authors write it, read without what makes small texts large, and written without references."""

import re
from typing import Any

import yaml

MAX_NODES = 20_000  # keys and values of one text, about two seconds of reading
MAX_DEPTH = 10  # folder, slug, field, five of freight, and some to name what is wrong
# PyYAML folds these as line breaks in every style but this one, and they come back as others.
_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")


class PlainYamlError(Exception):
    """The text as a whole cannot be used; the text says why."""


class PlainLoader(yaml.SafeLoader):
    """YAML without what makes small files large: no aliases, no depth, few values; and no key twice."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.nodes = 0
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Count what is read, and refuse anchors and aliases."""
        self.nodes += 1
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if event.anchor or getattr(event, "tag", None):
            raise PlainYamlError(
                f"Line {event.start_mark.line + 1}: write the value out; anchors and tags are not taken."
            )
        if self.nodes > MAX_NODES:
            raise PlainYamlError(f"The file has more than {MAX_NODES:,} values.")
        if self.depth >= MAX_DEPTH:
            raise PlainYamlError(f"Line {event.start_mark.line + 1} is nested too deeply.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands there twice: YAML would keep the last one silently."""
        taken: set[str] = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in taken:
                raise PlainYamlError(f"Line {key.start_mark.line + 1} names {key.value!r} a second time.")
            taken.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


class _PlainDumper(yaml.SafeDumper):
    """YAML as people write it: long texts as blocks, nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  (as the library calls it)
        """Write every value out."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text or len(text) > 100 else None
    if _ODD_BREAKS.search(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_PlainDumper.add_representer(str, _represent_text)


def load_yaml(text: str) -> object:
    """Read a text. Raises PlainYamlError, yaml.YAMLError, ValueError, RecursionError."""
    return yaml.load(text, Loader=PlainLoader)  # noqa: S506  (a SafeLoader, made stricter)


def dump_yaml(document: object) -> str:
    """Write a document as people would."""
    return yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120)
