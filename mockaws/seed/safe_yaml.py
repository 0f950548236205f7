"""YAML that can do no harm, read with the line of everything in it, and written.

A subset of YAML 1.2: one document, the scalars of its core schema, no tags, and no more repetition through aliases than
a reader can follow. So `no` and `on` are text, a date stays text, and 012 is the number twelve.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import yaml

from mockaws.seed.problems import MAX_PROBLEMS, Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mockaws.seed.problems import Path

MAX_BYTES = 64 * 1024 * 1024
TOO_LARGE = (f"is larger than {MAX_BYTES} bytes", "a small file")
MAX_DEPTH = 32
MAX_NODES = 1_000_000
"""The most keys and values of a document, without those under the key that may repeat."""
BYTES_A_NODE = 4
"""The fewest bytes for each key and value under the key that may repeat; a snapshot has about 25."""
MAX_REPEATED = 10_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_WORD = re.compile(r"|~|null|Null|NULL|true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPEAKING = frozenset("~ntfNTF+-.0123456789")
_LONGEST_NUMBER = 40
_STANDARD_TAG = "tag:yaml.org,2002:"
_WIDEST = 1 << 30
_NO_BLOCK = re.compile(r"[ \n]|.*?(?:[^ -~\n]| (?:\n|\Z))", re.DOTALL)
_SPECIAL = re.compile(r"[^ -~]")


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands: a scalar, a list of nodes, or a mapping of nodes.

    *text* is what a scalar looks like in the file; *size* counts the values in it, *depth* the levels.
    """

    value: Any
    line: int
    text: str = ""
    size: int = 1
    depth: int = 0
    key_lines: dict[str, int] | None = None

    def plain(self) -> Any:
        """Return the value as Python has it: dict, list, text, number, bool or None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def parted(self, name: str) -> tuple[Node, Node | None]:
        """Return the mapping without what stands under *name*, and that; None where nothing does."""
        inner = self.child(name)
        if inner is None:
            return self, None
        return replace(self, value={key: node for key, node in self.value.items() if key != name}), inner

    def line_of(self, path: Path) -> int:
        """Return the line of *path*, that of its key where it has one, else of what it is missing in."""
        node, line = self, self.line
        for step in path:
            inner = node.child(step)
            if inner is None:
                return line
            line = (node.key_lines or {}).get(str(step), inner.line)
            node = inner
        return line

    def text_of(self, path: Path) -> str:
        """Return how the scalar at *path* is written in the file."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node is not None else None
        return node.text if node is not None else ""

    def child(self, step: str | int) -> Node | None:
        """Return what stands under a key or an index; None where nothing does."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            item: Node = self.value[step]
            return item
        return None


class Parsed(NamedTuple):
    """A document, None where it cannot be read to its end, and its faults, each with its line."""

    root: Node | None
    faults: list[tuple[int, Fault]]


def parse(content: bytes, *, repeating: str = "", max_nodes: int = MAX_NODES) -> Parsed:
    """Read the one document in *content*, which has at most *max_nodes* keys and values.

    What stands under its key *repeating* may be as large as its bytes let it, and repeat as much as it likes: `plain`
    must not be asked of that.
    """
    if len(content) > MAX_BYTES:
        return Parsed(None, [(0, Fault((), *TOO_LARGE))])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Parsed(None, [(line, Fault((), "is not UTF-8", "text in UTF-8"))])
    composer = _Composer(yaml.parse(text, Loader=_LOADER), repeating, max_nodes, len(content) // BYTES_A_NODE)
    try:
        return Parsed(composer.document(), composer.faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        composer.faults.append((mark.line + 1 if mark else 0, Fault((), f"is not YAML: {said}")))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        composer.faults.append((line, Fault((), f"is not YAML: {error.reason}", "printable characters")))
    except _StopError:
        pass
    return Parsed(None, composer.faults)


def dump(value: Any) -> str:
    """Return *value* as YAML that `parse` reads as the same; what is in it several times is written once."""
    text: str = yaml.dump(
        value, Dumper=_DUMPER, sort_keys=False, default_flow_style=False, allow_unicode=True, width=_WIDEST
    )
    return text


class _StopError(Exception):
    """It makes no sense to read on."""


class _Composer:
    """Makes nodes of the parser's events."""

    def __init__(self, events: Iterator[Any], repeating: str, max_nodes: int, max_repeating: int) -> None:
        self._max = self._left = max_nodes
        self._max_repeating = max(max_nodes, max_repeating)
        self.faults: list[tuple[int, Fault]] = []
        self._events = events
        self._repeating = (repeating,)
        self._anchors: dict[str, Node | None] = {}
        self._repeated = 0

    def document(self) -> Node:
        """Return the one document; a file without any is an empty value."""
        node = Node(None, 1)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, (), "starts a second document", "one document in a file")
                node = self._node(next(self._events), ())
        return node

    def _node(self, event: Any, path: Path) -> Node:
        self._left -= 1
        if self._left < 0:
            self._stop(event, path, f"is beyond the limit of {self._max:,} keys and values", "a smaller document")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._check_depth(event, path, 1)
        if event.tag is not None:
            tag = event.tag.replace(_STANDARD_TAG, "!!")
            self._fault(event, path, f"has the tag {tag}", "a plain value: tags are not allowed")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, path)
        else:
            node = self._mapping(event, path)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _repeated_node(self, path: Path) -> Node:
        kept = self._max, self._left
        self._max = self._left = self._max_repeating
        node = self._node(next(self._events), path)
        self._max, self._left = kept
        return node

    def _alias(self, event: Any, path: Path) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            what = "inside itself" if event.anchor in self._anchors else "which is not there"
            self._stop(event, path, f"repeats *{event.anchor}, {what}", f"a value marked with &{event.anchor} above")
        self._repeated += 0 if path[:1] == self._repeating else node.size
        if self._repeated > MAX_REPEATED:
            self._stop(event, path, f"repeats more than {MAX_REPEATED} values through aliases", "the values themselves")
        self._check_depth(event, path, node.depth)
        return node

    def _check_depth(self, event: Any, path: Path, depth: int) -> None:
        if len(path) + depth > MAX_DEPTH:
            self._stop(event, path, f"is nested more than {MAX_DEPTH} levels deep", "a flatter document")

    def _scalar(self, event: Any, path: Path) -> Node:
        text: str = event.value
        if not text.isascii() and text != text.encode(errors="ignore").decode():
            self._fault(event, path, "holds half a surrogate pair", "text in Unicode")
            text = ""
        return Node(text if event.style else _resolved(text), _line(event), text)

    def _sequence(self, event: Any, path: Path) -> Node:
        nodes: list[Node] = []
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            nodes.append(self._node(inner, (*path, len(nodes))))
        return _collection(event, nodes, nodes)

    def _mapping(self, event: Any, path: Path) -> Node:
        nodes: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._node(key, (*path, "?"))
            inner_path = (*path, name.text)
            if inner_path == self._repeating:
                inner = self._repeated_node(inner_path)
            else:
                inner = self._node(next(self._events), inner_path)
            if isinstance(name.value, (dict, list)):
                self._fault(key, path, "has a mapping or a list for a key", "text for a key", spoils=False)
            elif name.text in nodes:
                message = f"is there twice, first in line {lines[name.text]}"
                self._fault(key, inner_path, message, f"one {name.text}", spoils=False)
            else:
                nodes[name.text] = inner
                lines[name.text] = _line(key)
        return _collection(event, nodes, nodes.values(), lines)

    def _fault(self, event: Any, path: Path, message: str, expected: str, *, spoils: bool = True) -> None:
        self.faults.append((_line(event), Fault(path, message, expected, spoils)))
        if len(self.faults) > MAX_PROBLEMS:
            raise _StopError

    def _stop(self, event: Any, path: Path, message: str, expected: str) -> NoReturn:
        self._fault(event, path, message, expected)
        raise _StopError


def _collection(event: Any, value: Any, nodes: Collection[Node], key_lines: dict[str, int] | None = None) -> Node:
    size = 1 + sum(node.size for node in nodes)
    depth = 1 + max((node.depth for node in nodes), default=0)
    return Node(value, _line(event), size=size, depth=depth, key_lines=key_lines)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _resolved(text: str) -> Any:
    """Return what a plain scalar means in YAML 1.2's core schema; numbers that JSON cannot hold stay text."""
    if text and text[0] not in _SPEAKING:
        return text
    if _WORD.fullmatch(text):
        return _WORDS[text.lower()]
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
    return text


def _represented(dumper: Any, text: str) -> Any:
    """Return the node of a text: lines as lines where nothing in them could be lost."""
    style = None
    if "\n" in text and not _NO_BLOCK.match(text):
        style = "|"
    elif _SPECIAL.search(text):
        style = '"'
    return dumper.represent_scalar(f"{_STANDARD_TAG}str", text, style=style)


# What PyYAML knows of scalars is YAML 1.1; with this it puts in quotes what `_resolved` would not take for text.
_DUMPER: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {"yaml_implicit_resolvers": {}})
_DUMPER.add_representer(str, _represented)
for _tag, _pattern in (
    ("null", re.compile(r"(?:|~|null|Null|NULL)\Z")),
    ("bool", re.compile(rf"(?:{_WORD.pattern})\Z")),
    ("int", re.compile(rf"(?:{_INTEGER.pattern})\Z")),
    ("float", re.compile(rf"(?:{_FLOAT.pattern})\Z")),
):
    _DUMPER.add_implicit_resolver(_STANDARD_TAG + _tag, _pattern, None)
