"""Flags, else variables, else defaults; what is not known is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mockaws import settings
from mockaws.settings import Settings, SettingsError


def mistakes(environment: dict[str, str], **flags: Any) -> list[str]:
    """Return the mistakes in settings."""
    with pytest.raises(SettingsError) as refused:
        settings.read(environment, flags)
    assert str(refused.value) == "\n".join(refused.value.mistakes)
    return refused.value.mistakes


def test_defaults() -> None:
    """Without anything said, the server listens on port 4566 of this machine alone."""
    assert settings.read({"PATH": "/bin", "AWS_REGION": "us-west-2"}, {}) == Settings()
    assert (Settings().host, Settings().port) == ("127.0.0.1", 4566)


def test_variables() -> None:
    """Every setting has a variable; an empty one counts as not given."""
    environment = {
        "MOCKAWS_HOST": "0.0.0.0",  # noqa: S104
        "MOCKAWS_PORT": "0",
        "MOCKAWS_FIXTURE": "x.yaml",
        "MOCKAWS_ACCOUNT": "111122223333",
        "MOCKAWS_SEED": "s",
        "MOCKAWS_QUIET": "Yes",
        "MOCKAWS_ALLOW_REMOTE_CONTROL": "on",
        "MOCKAWS_LOG_FORMAT": "",
    }
    assert settings.read(environment, {}) == Settings(
        host="0.0.0.0",  # noqa: S104
        port=0,
        fixture="x.yaml",
        account="111122223333",
        id_seed="s",
        quiet=True,
        allow_remote_control=True,
    )


def test_flags_come_first() -> None:
    """A flag is stronger than a variable; one that is None was not given; others are not settings."""
    flags = {"port": 1, "quiet": False, "seed": None, "run": print, "log_format": "json"}
    environment = {"MOCKAWS_PORT": "2", "MOCKAWS_QUIET": "1", "MOCKAWS_SEED": "s"}
    assert settings.read(environment, flags) == Settings(port=1, quiet=False, id_seed="s", log_format="json")


@pytest.mark.parametrize(("text", "quiet"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False)])
def test_truth(text: str, quiet: bool) -> None:
    """Truth has several words."""
    assert settings.read({"MOCKAWS_QUIET": text}, {}).quiet is quiet


@pytest.mark.parametrize(
    ("environment", "flags", "mistake"),
    [
        ({"MOCKAWS_PROT": "1"}, {}, "MOCKAWS_PROT: no such setting; did you mean MOCKAWS_PORT?"),
        (
            {"MOCKAWS_XYZZY": "1"},
            {},
            (
                "MOCKAWS_XYZZY: no such setting; there are MOCKAWS_HOST, MOCKAWS_PORT, MOCKAWS_FIXTURE, "
                "MOCKAWS_ACCOUNT, MOCKAWS_SEED, MOCKAWS_QUIET, MOCKAWS_ALLOW_REMOTE_CONTROL, MOCKAWS_ALLOWED_HOSTS, "
                "MOCKAWS_LOG_FORMAT, MOCKAWS_CALLS, MOCKAWS_OTHERS, MOCKAWS_INIT_DIR"
            ),
        ),
        ({"MOCKAWS_PORT": "http"}, {}, "MOCKAWS_PORT=http: a port is a number from 0 to 65535; 0 takes a free one"),
        ({"MOCKAWS_PORT": "²"}, {}, "MOCKAWS_PORT=²: a port is a number from 0 to 65535; 0 takes a free one"),
        ({}, {"port": "65536"}, "--port=65536: a port is a number from 0 to 65535; 0 takes a free one"),
        ({}, {"port": "-1"}, "--port=-1: a port is a number from 0 to 65535; 0 takes a free one"),
        ({}, {"account": "123"}, "--account=123: an AWS account is 12 digits, such as 111122223333"),
        (
            {"MOCKAWS_ACCOUNT": "٣" * 12},
            {},
            f"MOCKAWS_ACCOUNT={'٣' * 12}: an AWS account is 12 digits, such as 111122223333",
        ),
        ({}, {"port": "9" * 5000}, f"--port={'9' * 5000}: a port is a number from 0 to 65535; 0 takes a free one"),
        ({}, {"port": "1_0"}, "--port=1_0: a port is a number from 0 to 65535; 0 takes a free one"),
        ({}, {"seed": "\udcff"}, "--seed=\udcff: it has bytes that are not UTF-8: use text in UTF-8"),
        ({"MOCKAWS_SEED": "a\udcff"}, {}, "MOCKAWS_SEED=a\udcff: it has bytes that are not UTF-8: use text in UTF-8"),
        ({}, {"host": "\udcff"}, "--host=\udcff: it has bytes that are not UTF-8: use text in UTF-8"),
        ({"MOCKAWS_QUIET": "maybe"}, {}, "MOCKAWS_QUIET=maybe: use 1 or 0, true or false, yes or no, on or off"),
        ({}, {"log_format": "xml"}, "--log-format=xml: the formats are text and json"),
    ],
)
def test_mistakes(environment: dict[str, str], flags: dict[str, Any], mistake: str) -> None:
    """A mistake names its source, and what would be right."""
    assert mistakes(environment, **flags) == [mistake]


def test_all_mistakes_at_once() -> None:
    """All mistakes are told together."""
    assert len(mistakes({"MOCKAWS_PORT": "x", "MOCKAWS_NONSENSE": "y"}, account="z")) == 3


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("mockaws.test", ("mockaws.test",)),
        ("Mockaws.TEST. , .example.test,", ("mockaws.test", ".example.test")),
        ("192.0.2.7,::1,[2001:DB8::1]", ("192.0.2.7", "::1", "2001:db8::1")),
        (["a.test", "my_mockaws"], ("a.test", "my_mockaws")),
        ("", ()),
    ],
)
def test_allowed_hosts(given: Any, found: tuple[str, ...]) -> None:
    """Names are read as browsers send them."""
    assert settings.of_program(allowed_hosts=given).allowed_hosts == found


@pytest.mark.parametrize(
    "given",
    [
        "*",
        "*.a.test",
        "http://a.test",
        "a.test:4566",
        "a.test/x",
        "me@a.test",
        "b\u00fc.test",
        ".",
        "..a",
        ".::1",
        "a b",
    ],
)
def test_no_allowed_hosts(given: str) -> None:
    """A text that no browser sends as a name is a mistake."""
    (mistake,) = mistakes({}, allowed_hosts=given)
    assert mistake == (
        f"--allowed-hosts={given}: '{given}' is not a host name: use names with commas between, such as "
        "mockaws.test,.example.test"
    )


@pytest.mark.parametrize("host", ["", " "])
def test_an_empty_host_is_not_all_addresses(host: str) -> None:
    """A variable that is not set, as in --host "$UNSET", must not open the server to other machines."""
    assert "use 127.0.0.1" in mistakes({}, host=host)[0]
    assert settings.read({"MOCKAWS_HOST": ""}, {}).host == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1", 4566),
        ("http://localhost:4566/base", "127.0.0.1", 4566),
        ("http://[::1]:4567", "0.0.0.0", 4567),  # noqa: S104 - nothing listens
        ("http://mockaws", "mockaws", 80),
        ("https://127.0.0.1", "::", 443),
    ],
)
def test_the_server_is_no_other_endpoint(url: str, host: str, port: int) -> None:
    """It would pass each request on to itself, again and again."""
    assert "the server itself listens there" in mistakes({}, others=url, host=host, port=port)[0]
    assert settings.read({}, {"others": url, "host": host, "port": port + 1}).others == url


@pytest.mark.parametrize(
    "url",
    [
        "http://a b",
        "http://127.0.0.1:1/\r\nX: y",
        "http://a..b",
        "http://-\u00e9",
        "http://127.0.0.1:1\\@x",
        "http://[x]",
    ],
)
def test_a_url_that_cannot_be_one(url: str) -> None:
    """A URL is refused at the start if each request to it would fail, or go elsewhere than it seems."""
    assert "the URL of another endpoint" in mistakes({}, others=url)[0]
