"""AWS KMS, CloudHSM v2 and STS on one local endpoint, with worlds that are described in YAML."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockaws.application import create_app
    from mockaws.fixtures.mistakes import FixtureError
    from mockaws.services.hsm.errors import HsmError
    from mockaws.settings import SettingsError
    from mockaws.testing.hsm import MockHsm
    from mockaws.testing.mock import Mock
    from mockaws.testing.world import MakeClient, MockClock, MockWorld

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
    "create_app",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import a public name when a program asks for it, so that the command imports only what it needs."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)


_FOUND_IN = {
    "FixtureError": "fixtures.mistakes",
    "HsmError": "services.hsm.errors",
    "MakeClient": "testing.world",
    "Mock": "testing.mock",
    "MockClock": "testing.world",
    "MockHsm": "testing.hsm",
    "MockWorld": "testing.world",
    "SettingsError": "settings",
    "create_app": "application",
}
