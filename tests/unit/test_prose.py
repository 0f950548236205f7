"""The checker of the project's prose finds each kind of mistake, at its line, and leaves quotations and code alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.command import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import prose

PYTHON = "page.py"
MARKDOWN = "page.md"


def found(name: str, text: str) -> list[tuple[int, str]]:
    """Return the line and the rule of each finding."""
    return [(finding.line, finding.rule) for finding in prose.check(Path(name), text)]


@pytest.mark.parametrize(
    "words",
    [
        "A key that nobody uses.",  # prose: quoted
        "Somebody disabled it.",  # prose: quoted
        "It asks everyone.",  # prose: quoted
        "Any user, whoever it is.",  # prose: quoted
        "The answer tells whether it works.",  # prose: quoted
        "There is none of that name.",  # prose: quoted
        "It is made anew.",  # prose: quoted
        "The call is struck so often.",  # prose: quoted
        "The key goes a moment later.",  # prose: quoted
        "They are refused in words.",  # prose: quoted
    ],
)
@pytest.mark.parametrize(
    ("name", "template", "line"),
    [
        (MARKDOWN, "# Keys\n\n{}\n", 3),
        (MARKDOWN, "- an item\n- {}\n", 2),
        (MARKDOWN, "| a | {} |\n", 1),
        (PYTHON, '"""Keys.\n\n{}\n"""\n', 3),
        (PYTHON, "x = 1  # {}\n", 1),
        (PYTHON, "x = 1\nprint('Sorry. {}')\n", 2),
        ("page.yaml", "a:\n  description: >-\n    {}\n", 2),
        ("page.yaml", "a: 1\n# {}\n", 2),
        ("page.tf", 'variable "a" {{\n  description = "{}"\n}}\n', 2),
        ("Makefile", "a:  ## {}\n", 1),
    ],
)
def test_words(name: str, template: str, line: int, words: str) -> None:
    """Words without a clear subject or meaning are found in each kind of prose."""
    assert found(name, template.format(words)) == [(line, "word")]


@pytest.mark.parametrize("word", ["What", "Where", "Whose", "Who", "Whether", "How", "Which", "Why"])
@pytest.mark.parametrize(
    ("name", "template", "line"),
    [
        (MARKDOWN, "# {} a key does\n", 1),
        (MARKDOWN, "A fact. {} a key does is known.\n", 1),
        (MARKDOWN, "A fact.\n**{} a key** does is known.\n", 2),
        (PYTHON, '"""{} a key does."""\n', 1),
        (PYTHON, 'def do():\n    """{} a key does."""\n', 2),
        (PYTHON, 'def test_it():\n    """{} a key does."""\n', 2),
        (PYTHON, "# {} a key does.\n", 1),
        (PYTHON, 'parser.add_argument("--a", help="{} a key does")\n', 1),
        ("page.yaml", "summary: {} a key does\n", 1),
    ],
)
def test_openings(name: str, template: str, line: int, word: str) -> None:
    """No sentence, heading or summary begins with a question word."""
    assert found(name, template.format(word)) == [(line, "opening")]


def test_questions() -> None:
    """A real question is allowed in a heading and in text, and not as a summary."""
    assert found(MARKDOWN, "# Why Terraform?\n\nWho needs it?\n") == []
    assert found(PYTHON, 'def a():\n    """What is it?"""\n') == [(2, "opening")]


@pytest.mark.parametrize("word", ["Tell if", "Returns", "True if", "It", "There", "When", "Takes"])
def test_summaries(word: str) -> None:
    """A function's summary is an imperative or a noun phrase; a test's states a fact."""
    assert found(PYTHON, f'def do():\n    """{word} a key."""\n') == [(2, "summary")]
    assert found(PYTHON, f'def test_do():\n    """{word} a key."""\n') == []


@pytest.mark.parametrize("summary", ["Return a key.", "The keys of a store.", "Its state.", "Require a key."])
def test_good_summaries(summary: str) -> None:
    """Imperatives and noun phrases are fine."""
    assert found(PYTHON, f'def do():\n    """{summary}"""\n') == []


def test_length() -> None:
    """A sentence has at most forty words, over several lines too; a link's address and code are one word."""
    words = ["Word"] + ["word"] * (prose.LONGEST - 1)
    assert found(MARKDOWN, f"Short.\n{' '.join(words)}.\n") == []
    assert found(MARKDOWN, f"Short.\n{' '.join(words)}\nmore.\n") == [(2, "length")]
    assert found(MARKDOWN, f"{' '.join(words[:-1])} `a long piece of code`.\n") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (MARKDOWN, "```sh\n# What nobody knows\n```\n"),  # prose: quoted
        (MARKDOWN, "    What nobody knows\n"),  # prose: quoted
        (MARKDOWN, "> What nobody knows\n"),  # prose: quoted
        (MARKDOWN, "`What nobody` knows.\n"),  # prose: quoted
        (MARKDOWN, 'AWS says "what nobody\nknows".\n'),  # prose: quoted
        (PYTHON, '"""Keys.\n\n    What nobody knows\n"""\n'),  # prose: quoted
        (PYTHON, 'E = error("A", RECORDED, "What nobody knows")\n'),  # prose: quoted
        (PYTHON, "# What nobody knows.  prose: quoted\n"),
        ("page.yaml", "name: What nobody knows\n"),  # prose: quoted
        ("page.txt", "What nobody knows\n"),  # prose: quoted
    ],
)
def test_exemptions(name: str, text: str) -> None:
    """Code, quotations, AWS's own sentences and marked lines are left alone."""
    assert found(name, text) == []


def test_the_command(tmp_path: Path) -> None:
    """It prints file, line, rule and text of each finding, and ends with 1; without findings it ends with 0."""
    page = tmp_path / "page.md"
    page.write_text("A fact.\n\nNobody knows.\n")  # prose: quoted
    command = [sys.executable, str(prose.ROOT / "scripts/prose.py"), str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "1 findings\n")
    assert done.stdout.startswith(f"{page}:3: word: 'Nobody': ")  # prose: quoted

    page.write_text("A fact.\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
