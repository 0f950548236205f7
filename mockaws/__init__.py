"""mockaws answers as AWS KMS, CloudHSM v2 and STS do, on one local endpoint, from worlds written in YAML."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockaws.mock import Mock
    from mockaws.mock_hsm import MockHsm
    from mockaws.mock_world import MakeClient, MockClock, MockWorld
    from mockaws.seed.problems import FixtureError
    from mockaws.services.hsm.errors import HsmError
    from mockaws.settings import SettingsError

__all__ = [
    "FixtureError",
    "HsmError",
    "MakeClient",
    "Mock",
    "MockClock",
    "MockHsm",
    "MockWorld",
    "SettingsError",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what a program asks for; the command imports what it needs, and no more."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)


_FOUND_IN = {
    "FixtureError": "seed.problems",
    "HsmError": "services.hsm.errors",
    "MakeClient": "mock_world",
    "Mock": "mock",
    "MockClock": "mock_world",
    "MockHsm": "mock_hsm",
    "MockWorld": "mock_world",
    "SettingsError": "settings",
}
