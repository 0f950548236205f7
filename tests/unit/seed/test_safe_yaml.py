"""YAML that can do no harm."""

from __future__ import annotations

import pytest
import yaml

from mockaws.seed import safe_yaml
from mockaws.seed.safe_yaml import MAX_BYTES, MAX_DEPTH, parse


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with libyaml, and with the parser that stands in where libyaml is missing."""
    monkeypatch.setattr(safe_yaml, "_LOADER", getattr(yaml, request.param))


def plain(text: str) -> object:
    """Return what *text* holds, which must be free of faults."""
    parsed = parse(text.encode())
    assert not parsed.faults
    assert parsed.root is not None
    return parsed.root.plain()


def faults(content: str | bytes) -> list[str]:
    """Return the faults of a text, each as `line: path: message`."""
    parsed = parse(content if isinstance(content, bytes) else content.encode())
    return [f"{line}: {'.'.join(map(str, fault.path))}: {fault.message}" for line, fault in parsed.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("012345678901", 12345678901),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("1507133412.351", 1507133412.351),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("9" * 50, "9" * 50),
    ],
)
def test_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    """Of plain scalars only numbers, true, false and null are more than text, and only as YAML 1.2 writes them."""
    assert plain(f"key: {text}") == {"key": value}
    assert type(plain(f"key: {text}")["key"]) is type(value)  # type: ignore[index]


def test_lines_are_those_of_keys_and_list_entries() -> None:
    """A value is found in the line of its key, a list entry where it begins, what is missing where it is missing."""
    root = parse(b"a:\n  - b: 1\n    c:\n      d: 2\n  - e\n").root
    assert root is not None
    assert [root.line_of(path) for path in [("a",), ("a", 0), ("a", 0, "c"), ("a", 0, "c", "d"), ("a", 1)]] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert root.line_of(("a", 0, "missing")) == 2
    assert root.line_of(("missing",)) == 1


def test_an_alias_stands_for_the_value_it_names() -> None:
    """A few aliases are welcome, and a fault in what they repeat is found where it is written."""
    assert plain("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}
    root = parse(b"a: &x\n  - 1\nb: *x\n").root
    assert root is not None
    assert root.line_of(("b", 0)) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: !!python/object/apply:os.system ['x']", "1: a: has the tag !!python/object/apply:os.system"),
        ("a: !!str 5", "1: a: has the tag !!str"),
        ("a:\n  - !secret x", "2: a.0: has the tag !secret"),
        ("a: 1\nb: 2\na: 3", "3: a: is there twice, first in line 1"),
        ("a: 1\n---\nb: 2", "2: : starts a second document"),
        ("a: *x", "1: a: repeats *x, which is not there"),
        ("a: &x [*x]", "1: a.0: repeats *x, inside itself"),
        ("[a]: 1", "1: : has a mapping or a list for a key"),
    ],
)
def test_what_is_not_taken_is_named(text: str, fault: str) -> None:
    """Tags, duplicate keys, second documents and endless values are refused, with their line and path."""
    assert faults(text) == [fault]


def test_many_faults_are_named_at_once() -> None:
    """A tag and a duplicate key do not hide what comes behind them."""
    assert len(faults("a: !!set {}\nb: 1\nb: 2\nc: !x y")) == 3


def test_aliases_cannot_fill_the_memory() -> None:
    """Ten lines of ten aliases each would be ten thousand million values; reading stops long before."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert parse("\n".join(lines).encode()).root is None
    assert faults("\n".join(lines)) == ["4: a3.7: repeats more than 10000 values through aliases"]


def test_depth_is_bounded() -> None:
    """More levels than anybody writes are refused, also when aliases pile them up."""
    assert plain("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    deep = "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    (fault,) = faults(deep)
    assert fault.endswith("is nested more than 32 levels deep")
    piled = ["a0: &a0 " + "[" * 20 + "]" * 20, "a1: &a1 " + "[" * 20 + "*a0" + "]" * 20]
    (fault,) = faults("\n".join(piled))
    assert fault.startswith("2: ")
    assert fault.endswith("is nested more than 32 levels deep")


def test_size_is_bounded() -> None:
    """A file of many megabytes is not even parsed."""
    assert faults(b"#" * (MAX_BYTES + 1)) == [f"0: : is larger than {MAX_BYTES} bytes"]


@pytest.mark.parametrize("content", [b"a: \xff", "a: 1".encode("utf-16")])
def test_only_utf_8_is_read(content: bytes) -> None:
    """YAML may be UTF-16 too; fixtures are UTF-8."""
    assert faults(content) == ["1: : is not UTF-8"]


def test_a_byte_order_mark_is_no_fault() -> None:
    """Some editors begin a UTF-8 file with one."""
    assert plain("\ufeffa: 1") == {"a": 1}


@pytest.mark.parametrize("text", ["a: [1", "a: 'x", "a: b: c", "a:\n\tb: 1", "a: @b", "a: \x01"])
def test_broken_yaml_is_one_fault_with_a_line(text: str) -> None:
    """Whatever the parser stumbles over is told in its words, with the line."""
    (fault,) = faults(text)
    assert "is not YAML: " in fault
    assert not fault.startswith("0:")


def test_half_a_surrogate_pair_is_no_text() -> None:
    """An escape can write what UTF-8 cannot hold; it never gets as far as a record."""
    assert parse(b'a: "\\ud800"').faults


def test_a_file_without_anything_is_an_empty_value() -> None:
    """An empty file, or one of comments, holds nothing."""
    assert plain("") is None
    assert plain("# nothing\n") is None
