"""Mistakes of a snapshot are reported all at once, each with its line, its path and a sentence."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis.strategies import integers, randoms

from mockaws.fixtures import loader, safe_yaml
from mockaws.fixtures.loader import FixtureError
from mockaws.records.kms import Key
from mockaws.records.world import INSTANT
from mockaws.worlds.world import World
from tests.unit.snapshots.living import NOW, STEPS, Life, lived
from tests.unit.snapshots.test_round_trip import answers, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

HEAD = "snapshot: 1\naccount: '111122223333'\n"
KEY = f"""\
{HEAD}records:
  Key:
  - account: '111122223333'
    region: us-west-2
    id: 1234abcd-12ab-34cd-56ef-1234567890ab
    created_at: 2024-05-01T12:00:00.5Z
    materials:
    - id: {"0" * 64}
      secret: {"A" * 43}=
      created_at: 1714564800
"""
ANYTHING: tuple[Any, ...] = (
    *(None, "", "x", 5, -1, 1e300, True, [], {}, [None], {"a": "b"}),
    *("never", "AAAA", "2024-01-01T00:00:00Z", "9999-12-31", "RSA_2048", "DELETED", "0" * 64, "eu-central-1"),
)
LIVED = lived("ready-cluster", INSTANT, [(step, 1, 3) for step in STEPS * 2])


def mistakes(text: str) -> list[str]:
    """Return the mistakes of a snapshot, each as `line: path: message; expected …`."""
    with pytest.raises(FixtureError) as refused:
        loader.parse(text.encode(), "world.yaml", now=NOW)
    return [str(mistake).removeprefix("world.yaml:") for mistake in refused.value.mistakes]


def test_a_snapshot_by_hand() -> None:
    """It can be written by people: moments in any form, long base64 on several lines, and defaults left out."""
    broken = KEY.replace(f"{'A' * 43}=", f"|\n        {'A' * 20}\n        {'A' * 23}=")
    for text in (KEY, broken):
        (key,) = loader.parse(text.encode(), "x", now=NOW).records
        assert isinstance(key, Key)
        assert (key.created_at, key.enabled, key.tags, key.materials[0].secret) == (1714564800.5, True, {}, bytes(32))


@pytest.mark.parametrize("version", ["2", "0", "'1'", "1.0", "true", "latest", "", "[1]"])
def test_another_version(version: str) -> None:
    """Of a version that cannot be read nothing else is said."""
    text = f"snapshot: {version}\nnonsense: true\nrecords: {{Thing: 5}}\n"
    (told,) = mistakes(text)
    assert told.startswith("1: snapshot: ")
    assert told.endswith("; expected 1, the version of this mockaws")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((KEY, HEAD + "records: []\n"), "3: records: is a list; expected lists of records by their kinds"),
        ((KEY, HEAD + "records: {Key: 5}\n"), "3: records.Key: is a number; expected a list of records"),
        ((KEY, HEAD + "records: {Key: [5]}\n"), "3: records.Key[0]: 5 is a number; expected the fields of a Key"),
        (
            ("  Key:", "  HsmKee:"),
            "4: records.HsmKee: no such kind of record (did you mean HsmKey?); expected",
        ),
        (("region: us", "regoin: us"), "6: records.Key[0].regoin: no such field (did you mean region?); "),
        (("region: us", "regoin: us"), "5: records.Key[0].region: is missing; expected a value"),
        (("'111122223333'\n    r", "111122223333\n    r"), "5: records.Key[0].account: 111122223333 is a number; "),
        (("'111122223333'\n    r", "'1'\n    r"), "5: records.Key[0].account: 1 is not an account; expected 12 digits"),
        (
            ("us-west-2", "Oregon"),
            "6: records.Key[0].region: Oregon is not a Region; expected a Region such as us-west-2",
        ),
        (("id: 1234abcd", "id: 1234 abcd"), "7: records.Key[0].id: 1234 abcd-12ab"),
        (("2024-05-01T12", "2024-05-01T25"), "8: records.Key[0].created_at: 2024-05-01T25:00:00.5Z is not a moment; "),
        (("2024-05-01T12", "2924-13-01T12"), "8: records.Key[0].created_at: 2924-13-01T12:00:00.5Z is not a moment; "),
        (("2024-05-01T12", "6124-05-01T12"), "8: records.Key[0].created_at: 6124-05-01T12:00:00.5Z is out of range"),
        (("1714564800", "[]"), "12: records.Key[0].materials[0].created_at: is a list; expected a moment such as "),
        (
            ("    materials:", "    enabled: 1\n    materials:"),
            "9: records.Key[0].enabled: 1 is a number; expected true ",
        ),
        (("    materials:", "    origin: KMS\n    materials:"), "9: records.Key[0].origin: KMS is not known here"),
        (
            ("    materials:", "    origin: 5\n    materials:"),
            "9: records.Key[0].origin: 5 is a number; expected one of",
        ),
        (("    materials:", "    tags: [a]\n    materials:"), "9: records.Key[0].tags: is a list; expected a mapping"),
        (
            ("    materials:", "    tags: {a: 1}\n    materials:"),
            "9: records.Key[0].tags.a: 1 is a number; expected tex",
        ),
        (
            ("    materials:", "    spec: RSA_2084\n    materials:"),
            "9: records.Key[0].spec: RSA_2084 is no key spec (did",
        ),
        (
            ("    materials:", "    usage: SIGN\n    materials:"),
            "9: records.Key[0].usage: SIGN is no usage of SYMMETRIC",
        ),
        (
            ("    materials:", "    spec: RSA_2048\n    materials:"),
            "12: records.Key[0].materials[0].secret: is none of ",
        ),
        (
            ("    materials:", "    policy: x\n    materials:"),
            "9: records.Key[0].policy: it is not a JSON object; expected a key p",
        ),
        (
            ("    materials:", "    policy: '{}'\n    materials:"),
            "9: records.Key[0].policy: Statement: its Statement is",
        ),
        (
            ("    materials:", "    rotation: {period_in_days: 0, counts_from: 0}\n    materials:"),
            "9: records.Key[0].rotation.period_in_days: 0 is out of range; expected 90 to 2560",
        ),
        (
            ("    materials:", "    origin: AWS_CLOUDHSM\n    materials:"),
            "5: records.Key[0].custom_key_store_id: there is no key store None; expected the id of a CustomKeyStore",
        ),
        (
            ("A=", "="),
            "11: records.Key[0].materials[0].secret: the value is not base64; expected base64, or no",
        ),
        (("AAAA=", "="), "11: records.Key[0].materials[0].secret: is none of SYMMETRIC_DEFAULT; expected 32 bytes"),
        (("0000\n", "000G\n"), "10: records.Key[0].materials[0].id: 0000000000"),
        ((KEY, KEY + KEY[KEY.index("  - a") :]), "13: records.Key[1].id: 1234abcd-12ab-34cd-56ef-1234567890ab is take"),
        (
            (KEY, KEY + "  Alias:\n  - {account: '111122223333', region: us-west-2, id: alias/a, target_key_id: b}\n"),
            "14: records.Alias[0].target_key_id: there is no key b; expected the id of a Key in the same account",
        ),
        (
            (HEAD, f"{HEAD}keys: []\n"),
            "3: keys: is not allowed in a snapshot, whose records replace it; expected no keys",
        ),
        (("snapshot: 1\n", ""), "3: records: are only for a snapshot; expected snapshot: 1 beside them, or no records"),
        (
            (KEY, "clock: {seconds_ahead: 5}\n"),
            "1: clock: is only for a snapshot; expected snapshot: 1 beside it, or no ",
        ),
        ((HEAD, f"{HEAD}clock: {{frozen_at: '2024-13-01'}}\n"), "3: clock.frozen_at: 2024-13-01 is not a moment of a"),
        ((HEAD, f"{HEAD}clock: {{seconds_ahead: 1e300}}\n"), "3: clock.seconds_ahead: 1e+300 is not a moment of"),
        (
            (HEAD, f"{HEAD}clock: {{seconds_ahead: 1, frozen_at: 5}}\n"),
            "3: clock.seconds_ahead: stands beside frozen_at",
        ),
        ((HEAD, f"{HEAD}clock: {{ahead: 1}}\n"), "3: clock.ahead: no such property"),
        (
            (HEAD, f"{HEAD}faults: [{{operation: 'kms:Encrpyt', drop: true}}]\n"),
            "3: faults[0].operation: kms:Encrpyt is",
        ),
    ],
)
def test_each_mistake_is_told(change: tuple[str, str], told: str) -> None:
    """A mistake names its line and path, what is wrong, and what would be right."""
    assert change[0] in KEY
    assert any(each.startswith(told) for each in mistakes(KEY.replace(*change, 1))), mistakes(KEY.replace(*change, 1))


def test_hsms_run_in_fips_mode_or_not() -> None:
    """Another mode is refused, of clusters and of backups: what HSMs tell of themselves follows from it."""
    text = World.of(loader.load("ready-cluster", now=NOW)).snapshot()
    told = mistakes(text.replace("mode: FIPS", "mode: FISP"))
    wrong = "mode: FISP is no mode (did you mean FIPS?); expected one of FIPS, NON_FIPS"
    assert [each.partition(": ")[2] for each in told] == [f"records.Cluster[0].{wrong}", f"records.Backup[0].{wrong}"]


def test_all_mistakes_at_once() -> None:
    """A snapshot with several mistakes need not be read again after each of them."""
    text = KEY.replace("us-west-2", "5").replace("2024-05-01", "soon").replace("created_at: 17", "at: 17")
    assert [each.split(":")[1].strip() for each in mistakes(text)] == [
        "records.Key[0].region",
        "records.Key[0].created_at",
        "records.Key[0].materials[0].created_at",
        "records.Key[0].materials[0].at",
    ]


def test_aliases_of_yaml_cannot_grow_without_end() -> None:
    """Records may repeat what stands above, and are not unfolded; everywhere else that is limited."""
    laughs = "".join(f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    lists = f"    a0: &a0 [lol]\n{laughs}"
    assert mistakes(f"{HEAD}records:\n  Zone:\n  - outages: &o []\n{lists}")
    assert any("repeats more than" in each for each in mistakes(f"{HEAD}relaxations:\n{lists}"))


@pytest.mark.slow
@given(random=randoms(use_true_random=False), count=integers(1, 3))
def test_whatever_is_changed(random: Random, count: int) -> None:
    """A snapshot with any change in it is refused with messages, or makes a world in which all operations answer."""
    parsed = safe_yaml.parse(LIVED.world.snapshot().encode(), repeating="records").root
    assert parsed is not None
    document = parsed.plain()
    for _ in range(count):
        _change(document, random)
    try:
        world = World.of(loader.parse(safe_yaml.dump(document).encode(), "world.yaml", now=NOW))
    except FixtureError:
        return
    answers(world, LIVED)
    asker = object.__new__(Life)
    asker.world, asker.ciphertexts = world, []
    for step in random.sample(STEPS, 5):
        step(asker, random.randrange(8), random.randrange(8))
    assert in_order(World.of(loader.parse(world.snapshot().encode(), "again", now=NOW))) == in_order(world)


def _change(document: Any, random: Random) -> None:
    """Take something away, put something else in its place, or have it twice."""
    places = list(_places(document))
    inner, step = random.choice(places)
    match random.randrange(4):
        case 0:
            del inner[step]
        case 1:
            inner[step] = random.choice(ANYTHING)
        case 2:
            other, where = random.choice(places)
            inner[step] = deepcopy(other[where])  # else a value could come to hold itself
        case 3 if isinstance(inner, list):
            inner.insert(step, deepcopy(inner[step]))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for step, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, step
        if isinstance(inner, (dict, list)):
            yield from _places(inner)
