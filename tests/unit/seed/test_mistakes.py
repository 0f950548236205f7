"""Every kind of mistake, by the line, path and words in which it is told.

The mistakes stand in mistakes/*.txt: a title, a fixture, and its problems behind `>>>`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.seed.problems import Problem, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.seed.kinds import Mistakes

MARK = ">>> "


def cases() -> Iterator[object]:
    """Yield each case of the text files under its title."""
    for path in sorted(Path(__file__).with_name("mistakes").glob("*.txt")):
        for case in path.read_text(encoding="utf-8").split("### ")[1:]:
            title, *lines = case.strip("\n").split("\n")
            told = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
            text = "\n".join(line for line in lines if not line.startswith(MARK))
            yield pytest.param(f"{text}\n", told, id=title)


@pytest.mark.parametrize(("text", "told"), list(cases()))
def test_each_mistake_is_told(text: str, told: list[str], mistakes: Mistakes) -> None:
    """A problem says in which line and where in the document it is, what is wrong, and what would be right."""
    assert told
    assert mistakes(text) == told


def test_a_problem_is_one_line() -> None:
    """Whatever stands in a fixture, a problem is one line that a terminal can show."""
    problem = Problem("fixtures/x.yaml", 12, "clusters[0].hsms[1].zone", "us-west-2c has no subnet", "us-west-2a")
    assert str(problem) == "fixtures/x.yaml:12: clusters[0].hsms[1].zone: us-west-2c has no subnet; expected us-west-2a"
    assert str(Problem("x.yaml", 0, "", "cannot be read")) == "x.yaml: cannot be read"
    assert shown("two\nlines \x1b[31m" + "x" * 100).isprintable()
    assert len(shown("x" * 1000)) == 80
    assert written(("keys", 0, "tags", "a b", 1)) == "keys[0].tags['a b'][1]"


def test_schema_faults_do_not_hide_what_else_is_wrong(mistakes: Mistakes) -> None:
    """Faults of the schema, duplicates and impossible worlds are told together, in the order of the lines."""
    told = mistakes(
        """\
account: 111122223333
clusters:
  - id: cluster-abcdefghijk
    state: ACTVE
    colour: red
    hsms:
      - zone: us-west-2c
      - id: hsm-abcdefghijk
      - id: hsm-abcdefghijk
        sate: ACTIVE
custom_key_stores:
  - name: one
    cluster: cluster-zyxwvutsrqp
    password: short
    password: again
keys:
  - custom_key_store: two
    tags: {cost: 5}
"""
    )
    assert [line.split(": ")[:2] for line in told] == [
        ["1", "account"],
        ["4", "clusters[0].state"],
        ["5", "clusters[0].colour"],
        ["7", "clusters[0].hsms[0].zone"],
        ["9", "clusters[0].hsms[2].id"],
        ["10", "clusters[0].hsms[2].sate"],
        ["13", "custom_key_stores[0].cluster"],
        ["14", "custom_key_stores[0].password"],
        ["15", "custom_key_stores[0].password"],
        ["17", "keys[0].custom_key_store"],
        ["18", "keys[0].tags.cost"],
    ]


STORE = "custom_key_stores: [{name: one, cluster: cluster-abcdefghijk}]"


@pytest.mark.parametrize(
    "lines",
    [
        ["clusters: [{id: 5}]", STORE],
        ["clusters: [5]", STORE],
        ["clusters: 5", STORE],
        ["clusters: !x [{id: cluster-abcdefghijk}]", STORE],
        ["clusters: [{subnets: 5, hsms: [{zone: us-west-2c}, {subnet: subnet-a6b10bd1}]}]"],
        [
            "clusters: [{subnets: [subnet-5, 5], hsms: [{zone: us-west-2c}]}]",
            "network: {vpcs: [{subnets: [{id: subnet-5}]}]}",
        ],
        ["clusters: [{state: ACTVE, users: [{name: x}], hsms: [{}, {}]}]"],
        ["clusters: [{hsms: [{zone: 5, ip: 10.9.9.9}]}]"],
        ["network: {vpcs: [{subnets: [{id: 5}]}]}", "clusters: [{subnets: [subnet-a6b10bd1]}]"],
        ["network: 5", "clusters: [{subnets: [subnet-a6b10bd1]}]"],
        ["network: {vpcs: 5}", "clusters: [{vpc: vpc-1a2b3c4d, subnets: [subnet-a6b10bd1]}]"],
        ["network: {vpcs: [5]}", "clusters: [{vpc: vpc-1a2b3c4d, subnets: [subnet-a6b10bd1]}]"],
        ["network: {vpcs: [{subnets: 5}]}", "clusters: [{subnets: [subnet-a6b10bd1]}]"],
        ["region: 5", "network: {vpcs: [{subnets: [{zone: eu-west-1a}]}]}"],
        ["keys: [{state: 5, deletion_in_days: 7}]"],
        ["custom_key_stores: 5", "keys: [{custom_key_store: one}]"],
        [STORE.replace("one", "5"), "clusters: [{id: cluster-abcdefghijk}]", "keys: [{custom_key_store: one}]"],
        [STORE.replace("}]", ", connection: CONNECTED}]"), "clusters: [{id: cluster-abcdefghijk, users: 5}]"],
        [
            STORE.replace("}]", ", connection: FAILED}]"),
            "clusters: [{id: cluster-abcdefghijk, users: [{name: kmsuser, locked: 5}], hsms: [{}]}]",
        ],
    ],
)
def test_one_mistake_is_told_once(lines: list[str], mistakes: Mistakes) -> None:
    """Nothing is told that would be right if the value that the schema refuses were."""
    assert len(mistakes("\n".join(lines))) == 1
