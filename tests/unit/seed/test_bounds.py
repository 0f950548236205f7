"""Fixtures that would cost much: what is read of them is counted, and reading ends when it makes no sense any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema_rs import Draft202012Validator

from mockaws.seed import loader, schema
from mockaws.seed.loader import MOST_SENT, FixtureError
from mockaws.seed.problems import MAX_PROBLEMS, guess
from mockaws.seed.safe_yaml import BYTES_A_NODE, parse
from tests.unit.seed.kinds import NOW

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load, Mistakes

MORE = f"has more than these {MAX_PROBLEMS} mistakes"
HEAD = "snapshot: 1\naccount: '111122223333'\nrecords:\n  Key:\n"
RECORD = """\
  - account: '111122223333'
    region: us-west-2
    id: 1234abcd-12ab-34cd-56ef-{:012d}
    created_at: 0
    materials:
    - {{id: '{:064d}', created_at: 0}}
"""


def sent(text: str) -> loader.Seed:
    """Return a fixture that came over the network."""
    return loader.parse(text.encode(), "sent", now=NOW)


def refused(text: str) -> list[str]:
    """Return the problems of a fixture that came over the network."""
    with pytest.raises(FixtureError) as error:
        sent(text)
    return [f"{problem.line}: {problem.path}: {problem.message}" for problem in error.value.problems]


@pytest.mark.parametrize(
    ("text", "nodes"), [("a: 1", 3), ("[1, 2]", 3), ("{a: {b: c}, d: []}", 7), ("x", 1), ("a: &a 1\nb: *a", 5)]
)
def test_keys_and_values_are_counted(text: str, nodes: int) -> None:
    """A document may have as many as it has, and not one less."""
    assert parse(text.encode(), max_nodes=nodes).root is not None
    parsed = parse(text.encode(), max_nodes=nodes - 1)
    assert parsed.root is None
    ((_, fault),) = parsed.faults
    assert (fault.message, fault.expected) == (
        f"is beyond the limit of {nodes - 1:,} keys and values",
        "a smaller document",
    )


def test_what_is_sent_is_smaller_than_a_file(load: Load) -> None:
    """A server reads less of what comes over the network than of a file of its own."""
    text = "keys:\n" + f"- tags: {json.dumps(dict.fromkeys(map(str, range(50)), ''))}\n" * (MOST_SENT // 103 + 1)
    (problem,) = refused(text)
    assert problem.endswith(f"is beyond the limit of {MOST_SENT:,} keys and values")
    assert len(load(text).records) > MOST_SENT // 103


def test_records_are_not_counted_with_the_rest() -> None:
    """A snapshot has as many records as fit into its bytes."""
    keys = MOST_SENT // 15
    text = HEAD + "".join(RECORD.format(number, number) for number in range(keys))
    assert parse(text.encode(), max_nodes=MOST_SENT).root is None
    assert len(sent(text).records) == keys


def test_records_that_are_none() -> None:
    """Values with fewer than BYTES_A_NODE bytes each are counted, so that they are refused as records."""
    values = 4 * MOST_SENT
    (problem,) = refused(f"snapshot: 1\nrecords: {{Key: [{'1,' * values}]}}\n")
    assert problem.endswith(f"is beyond the limit of {(2 * values + 31) // BYTES_A_NODE:,} keys and values")
    (problem,) = refused(f"records: {{}}\nkeys: [{'1,' * MOST_SENT}]\n")  # the rest is counted as ever behind them
    assert problem.endswith(f"is beyond the limit of {MOST_SENT:,} keys and values")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{aliases: [alias/a]}", "keys[1].aliases[0]: alias/a is taken by keys[0].aliases[0]"),
        ("{aliasses: [alias/a]}", "keys[0].aliasses: there is no such property (did you mean aliases?)"),
        ("{aliases: [!x alias/a]}", "keys[0].aliases[0]: has the tag !x"),
        ("5", "keys[0]: 5 is a number"),
    ],
)
@pytest.mark.parametrize("times", [MAX_PROBLEMS, MAX_PROBLEMS + 2, 5000])
def test_mistakes_are_told_up_to_a_number(line: str, told: str, times: int) -> None:
    """The first ones are told, in the order of their lines, and that there are more."""
    problems = refused("keys:\n" + f"- {line}\n" * times)
    assert problems[0].partition(" ")[2] == told
    assert len(problems) == MAX_PROBLEMS + (times > MAX_PROBLEMS) - (
        told.startswith("keys[1]") and times == MAX_PROBLEMS
    )
    assert (problems[-1] == f"0: : {MORE}") == (times > MAX_PROBLEMS)
    lines = [int(problem.partition(":")[0]) for problem in problems[:MAX_PROBLEMS]]
    assert lines == sorted(lines)
    assert lines[0] in {2, 3}


def test_mistakes_of_records_are_told_up_to_a_number() -> None:
    """So it is with records of a wrong form, and with those that cannot be beside each other."""
    for record in ("  - {id: 5}\n", RECORD.format(1, 1), RECORD.replace("us-west-2", "'%'").format(1, 1)):
        problems = refused(HEAD + record * 300)
        assert len(problems) == MAX_PROBLEMS + 1
        assert problems[-1] == f"0: : {MORE}"


def test_a_mistake_far_down_is_found(mistakes: Mistakes) -> None:
    """A large document is checked in parts, and what is wrong in any of them has its path and its line."""
    good = "- aliases: []\n"
    for before in (49, 50, 2000):
        assert mistakes("keys:\n" + good * before + "- 5\n" + good * 1000) == [
            f"{before + 2}: keys[{before}]: 5 is a number; expected a mapping"
        ]
    users = "".join(f"    - {{name: u{number}, role: crypto-user, password: password1}}\n" for number in range(900))
    assert mistakes(f"clusters:\n  - users:\n{users}    - 5\n") == [
        "903: clusters[0].users[900]: 5 is a number; expected a mapping"
    ]
    assert mistakes("keys:\n" + good * 3000 + "network: {vpcs: [5]}\n") == [
        "3002: network.vpcs[0]: 5 is a number; expected a mapping"
    ]
    assert mistakes("faults:\n" + "- {drop: true}\n" * 10_001) == [
        "1: faults: has 10001 entries; expected at most 10000"
    ]


def test_the_checker_never_gets_much_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells no error before it has found all, and nothing else runs until then."""
    asked: list[int] = []
    checker = Draft202012Validator(schema.schema())

    class Counting:
        def is_valid(self, document: Any) -> bool:
            return bool(checker.is_valid(document))

        def iter_errors(self, document: Any) -> Any:
            asked.append(max(_lengths(document)))
            return checker.iter_errors(document)

    monkeypatch.setattr(schema, "_validator", Counting)
    for text in (
        "keys: [" + "{a: b}," * 5000 + "]",
        "keys: [{grants: [" + "{}," * 5000 + "]}]",
        "network: {vpcs: [{subnets: [" + "5," * 5000 + "]}]}",
    ):
        asked.clear()
        assert len(refused(text)) >= 50
        assert asked
        assert max(asked) <= 50


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("clusters: [" + "{}," * 1001 + "]", "1: clusters: has 1001 entries"),
        ("network: {vpcs: [" + "{}," * 101 + "]}", "1: network.vpcs: has 101 entries"),
        ("network: {vpcs: [{subnets: [" + "{}," * 201 + "]}]}", "1: network.vpcs[0].subnets: has 201 entries"),
    ],
)
def test_what_is_made_of_little_text(text: str, told: str) -> None:
    """Of what costs much to make there is no more than an account could have."""
    assert refused(text) == [told]


def test_subnets_without_ranges(load: Load) -> None:
    """As many as a VPC may have find ranges of their own, between those that are given."""
    given = "{cidr: 10.0.1.0/24}, {cidr: 10.0.3.0/28}, {cidr: 10.0.250.0/23}"
    seed = load(f"network: {{vpcs: [{{subnets: [{given}{', {}' * 197}]}}]}}")
    ranges = [record.cidr for record in seed.records if hasattr(record, "cidr")]
    assert len(set(ranges)) == len(ranges) == 200
    assert ranges[3:6] == ["10.0.0.0/24", "10.0.2.0/24", "10.0.4.0/24"]


def test_a_guess_costs_little() -> None:
    """A long text is not compared with names, and no text with more than some names."""
    assert guess("x" * 100_000 + "y", ["x" * 100_000]) == ""
    assert guess("alis", map(str, range(10**9))) == ""
    assert guess("alis", ["alias"]) == " (did you mean alias?)"


def _lengths(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [0, *(length for inner in value.values() for length in _lengths(inner))]
    return [len(value), *(length for inner in value for length in _lengths(inner))] if isinstance(value, list) else [0]
