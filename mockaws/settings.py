"""The settings of a user: flags, else MOCKAWS_* variables, else defaults; an unknown one is an error."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass, fields
from importlib.util import find_spec
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockaws.gateway import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "MOCKAWS_"
LOG_FORMATS = ("text", "json")
OTHERS_MOTO = "moto"
# moto's server needs the second, which its extra installs.
_OF_MOTO = ("moto", "flask_cors")
_MAX_PORT = 65535
_ANY_ADDRESS = frozenset({"0.0.0.0", ""})  # noqa: S104 - compared, not bound; "" is what "::" has for a name
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class SettingsError(Exception):
    """One or more settings are wrong; `mistakes` names each with a correct value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a server, each also a flag and a variable: `port` is `--port` and `MOCKAWS_PORT`.

    `id_seed` is `--seed` and `MOCKAWS_SEED`.
    """

    host: str = "127.0.0.1"
    port: int = 4566
    fixture: str | None = None
    account: str | None = None
    id_seed: str | None = None
    quiet: bool = False
    allow_remote_control: bool = False
    allowed_hosts: tuple[str, ...] = ()
    log_format: str = "text"
    calls: str | None = None
    others: str | None = None
    init_dir: tuple[str, ...] = ()


NAMES = {field.name: field.name.removeprefix("id_") for field in fields(Settings)}
"""Each field, and its name in flags, variables and keywords."""


def read(environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Return the settings of a command; a flag that is None was not given.

    Raises SettingsError with all mistakes at once.
    """
    return _read(environment, flags, lambda name, value: f"--{name.replace('_', '-')}={value}")


def from_keywords(environment: Mapping[str, str], **keywords: Any) -> Settings:
    """Return the settings of a program, and from variables those of which the keyword is None.

    Raises SettingsError with all mistakes at once.
    """
    return _read(environment, keywords, _keyword)


def of_program(**keywords: Any) -> Settings:
    """Return the settings of a program, which reads no variables. Raises SettingsError with all mistakes at once."""
    return _read({}, keywords, _keyword)


def _keyword(name: str, value: Any) -> str:
    return f"{name}={value!r}"


def _read(environment: Mapping[str, str], given: Mapping[str, Any], shown: Callable[[str, Any], str]) -> Settings:
    """Return the settings *given*, else those of the environment; *shown* says how a user wrote a given one."""
    mistakes = _unknown(environment)
    values: dict[str, Any] = {}
    for field, name in NAMES.items():
        variable = PREFIX + name.upper()
        if given.get(name) is not None:
            value, source = given[name], shown(name, given[name])
        elif environment.get(variable):
            value, source = environment[variable], f"{variable}={environment[variable]}"
        else:
            continue
        try:
            values[field] = _CHECKS.get(field, str)(value)
        except ValueError as error:
            mistakes.append(f"{source}: {error}")
    if mistakes:
        raise SettingsError(mistakes)
    chosen = Settings(**values)
    if _leads_back(chosen):
        raise SettingsError([f"others={chosen.others}: the server itself listens there: use another endpoint, or port"])
    return chosen


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {PREFIX + name.upper(): name.upper() for name in NAMES.values()}
    mistakes = []
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable.removeprefix(PREFIX), known.values(), 1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else f"there are {', '.join(known)}"
            mistakes.append(f"{variable}: no such setting; {hint}")
    return mistakes


def _port(given: Any) -> int:
    text = str(given)
    if not re.fullmatch("0*[0-9]{1,5}", text, re.ASCII) or int(text[-5:]) > _MAX_PORT:
        raise ValueError(f"a port is a number from 0 to {_MAX_PORT}; 0 takes a free one")
    return int(text[-5:])


def _account(given: Any) -> str:
    text = given if isinstance(given, str) else ""
    if not re.fullmatch(r"[0-9]{12}", text):
        example = "111122223333" if text else "'111122223333', in quotes"
        raise ValueError(f"an AWS account is 12 digits, such as {example}")
    return text


def _truth(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    text = str(given).lower()
    if text not in _TRUTH:
        raise ValueError("use 1 or 0, true or false, yes or no, on or off")
    return _TRUTH[text]


def _hosts(given: Any) -> tuple[str, ...]:
    """Return the names in a list with commas, each in the form of `sites.host_name`, or with a leading dot."""
    names = given.split(",") if isinstance(given, str) else given
    return tuple(_host(name.strip()) for name in names if name.strip())


def _host(given: str) -> str:
    dot, name = ("." if given.startswith(".") else ""), given.removeprefix(".")
    bare = f"[{name}]" if isinstance(sites.address_of(name), IPv6Address) else name
    found = sites.host_name(bare)
    is_address = sites.address_of(found) is not None
    if not found or (dot and is_address) or (":" in name and not is_address):
        raise ValueError(
            f"'{given}' is not a host name: use names with commas between, such as mockaws.test,.example.test"
        )
    return dot + found


def _folders(given: Any) -> tuple[str, ...]:
    """Return the folders in a list, written as PATH is."""
    return tuple(folder for folder in _text(given).split(os.pathsep) if folder)


def _text(given: Any) -> str:
    """Return *given* as text. Raises ValueError if an argument of a command has bytes that are not UTF-8."""
    text = str(given)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it has bytes that are not UTF-8: use text in UTF-8") from None
    return text


def _listening_host(given: Any) -> str:
    text = _text(given)
    if not text.strip():
        raise ValueError("it is empty, which would be all addresses of this machine: use 127.0.0.1, or 0.0.0.0 for all")
    return text


def _log_format(given: str) -> str:
    if given not in LOG_FORMATS:
        raise ValueError(f"the formats are {' and '.join(LOG_FORMATS)}")
    return given


def _others(given: Any) -> str:
    text = _text(given)
    if text == OTHERS_MOTO:
        if not all(find_spec(package) for package in _OF_MOTO):
            raise ValueError("moto is not installed: pip install 'mockaws[aws]'")
        return text
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and parts.port != 0 and _is_url_with_host(text, parts.hostname)
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment:
        raise ValueError(f"use {OTHERS_MOTO}, or the URL of another endpoint, such as http://127.0.0.1:4567")
    return text


def _is_url_with_host(url: str, host: str | None) -> bool:
    """Return True if *url* has only characters of URLs, and *host* is a valid name or address."""
    if not host or not re.fullmatch(r"[!#-\[\]^_`a-z{|}~]+", url):
        return False
    return bool(sites.host_name(f"[{host}]" if ":" in host else host))


def _leads_back(chosen: Settings) -> bool:
    """Return True if the setting of other services leads to the server itself."""
    if chosen.others in {None, OTHERS_MOTO} or not chosen.port:
        return False
    parts = urlsplit(chosen.others or "")
    host, here = parts.hostname or "", sites.host_name(chosen.host)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    is_same = host == here or (sites.is_this_machine(host) and (here in _ANY_ADDRESS or sites.is_this_machine(here)))
    return port == chosen.port and is_same


_CHECKS: dict[str, Any] = {
    "port": _port,
    "host": _listening_host,
    "account": _account,
    "id_seed": _text,
    "quiet": _truth,
    "allow_remote_control": _truth,
    "allowed_hosts": _hosts,
    "log_format": _log_format,
    "others": _others,
    "init_dir": _folders,
}
