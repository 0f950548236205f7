"""What fixtures tell of their worlds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mockaws.records.kms import Key
from mockaws.seed import loader
from mockaws.seed.problems import FixtureError
from tests.unit.seed.kinds import NOW, one

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load

SCENARIO = """\
scenario:
  shows: a key that there is not
  fails: [{call: "kms:DescribeKey", with: {KeyId: alias/application}, error: NotFoundException}]
  mend: aws kms create-key
"""


def test_the_world_does_not_depend_on_it(load: Load) -> None:
    """With a scenario or without, the same ids and material follow from the file."""
    assert one(load(f"keys: [{{}}]\n{SCENARIO}"), Key) == one(load("keys: [{}]"), Key)


def test_what_a_call_is_given() -> None:
    """A parameter that is the content of a file has that content, and the file is known, too."""
    first, *_ = loader.scenario("one-hsm").fails
    assert (first.service, first.operation) == ("kms", "CreateCustomKeyStore")
    assert first.error == "CloudHsmClusterInvalidConfigurationException"
    assert first.files == {"TrustAnchorCertificate": "customerCA.crt"}
    assert first.parameters["TrustAnchorCertificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert first.parameters["CloudHsmClusterId"] == "cluster-readytwozone"


def test_a_fixture_that_was_sent_names_files_in_vain() -> None:
    """Nothing of this machine is read for it, and its scenario is as good as any."""
    policy = {"call": "kms:CreateKey", "with": {"Policy": {"file": "/etc/passwd"}}, "error": "LimitExceededException"}
    scenario = {"shows": "a key", "fails": [policy], "mend": "true"}
    loader.parse(json.dumps({"scenario": scenario}).encode(), "document", now=NOW)


def test_a_faulty_scenario_stops_a_fixture(load: Load) -> None:
    """A reader can rely on what it says."""
    with pytest.raises(FixtureError, match=r"scenario.fails\[0\].call: there is no operation DescribeKeys"):
        load(SCENARIO.replace("DescribeKey", "DescribeKeys"))
