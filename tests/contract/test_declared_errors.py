"""Every error sentence that a service declares comes about, or is excused with a reason; and it reads as declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.model.errors import Declared
from mockaws.services.cloudhsmv2 import errors as cloudhsmv2
from mockaws.services.kms import errors as kms
from mockaws.services.sts import errors as sts
from tests.contract import provoked_kms, provoked_others

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from mockaws.model.errors import AWSError
    from tests.unit.services.kms.calling import Refusal

PROVOCATIONS: dict[str, tuple[ModuleType, dict[str, Callable[[], Refusal]], dict[str, str]]] = {
    "kms": (kms, provoked_kms.PROVOCATIONS, provoked_kms.EXCUSED),
    "cloudhsmv2": (cloudhsmv2, provoked_others.CLOUDHSMV2, {}),
    "sts": (sts, provoked_others.STS, {}),
}


def declared(module: ModuleType) -> dict[str, Declared]:
    """Return the error sentences of a module by their names."""
    return {name: value for name, value in vars(module).items() if isinstance(value, Declared)}


@pytest.mark.parametrize("service", PROVOCATIONS)
def test_nothing_is_forgotten(service: str) -> None:
    """A sentence that nothing brings about has a line that says why; no line outlives its sentence."""
    module, provocations, excused = PROVOCATIONS[service]
    assert declared(module).keys() == provocations.keys() | excused.keys()
    assert not provocations.keys() & excused.keys()


@pytest.mark.parametrize(
    ("service", "name"), [(service, name) for service in PROVOCATIONS for name in PROVOCATIONS[service][1]]
)
def test_it_comes_about(service: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The story ends with this very sentence, its blanks filled in."""
    module, provocations, _ = PROVOCATIONS[service]
    expected = declared(module)[name]
    raised: list[Declared] = []
    original = Declared.__call__

    def noticed(self: Declared, **blanks: Any) -> AWSError:
        raised.append(self)
        return original(self, **blanks)

    monkeypatch.setattr(Declared, "__call__", noticed)
    code, message = provocations[name]()
    assert raised[-1:] == [expected]
    if service != "sts":  # the Query protocol has names of its own for errors that all services share
        assert code == expected.code
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(expected.sentence)), message, re.DOTALL)
