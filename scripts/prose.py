"""Report prose that breaks the project's measurable rules, one finding a line: `file:line: rule: text`.

Usage: `python scripts/prose.py [PATH ...]`; without paths it reads all files that Git tracks. The exit status is 1 if
it finds something. It reads docstrings, comments and strings of Python, Markdown, descriptions and comments of YAML and
Terraform, and comments of other files that use `#`.

Code, text in double quotes, block quotes and sentences of AWS (graded RECORDED or DOCUMENTED) are exempt. So is a line
with `prose: quoted` in a comment.
"""

from __future__ import annotations

import ast
import bisect
import io
import re
import subprocess
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 40  # words of a sentence; twenty are plenty, and lists of names need some more
EXEMPT = "prose: quoted"

# Each pattern is searched in all prose, in upper and lower case.
WORDS = {
    r"\b(?:no|some|every|any)body\b": "name the subject: caller, client, user, test, server or operation",
    r"\b(?:some|every|any)one\b": "name the subject: caller, client, user, test, server or operation",
    r"\bno one\b": "name the subject: caller, client, user, test, server or operation",
    r"\bwho(?:m?ever|soever)\b": "name the subject: caller, client, user, test, server or operation",
    r"\b(?:tell|tells|told|telling) whether\b": "write 'return True if', 'report' or 'show'",
    r"\bnone of that name\b": "write 'no such …'",
    r"\banew\b": "write 'again' or 'new'",
    r"\bso often\b": "write 'at most N times'",
    r"\ba moment later\b": "give a number and a unit",
    r"\bin words\b": "say with which message",
    r"\bis to come\b": "write 'is not supported'",
    r"\bhad better\b": "write 'should'",
    r"\bfor lack of\b": "write 'without'",
    r"\bcannot be told\b": "write 'cannot be seen' or 'cannot be configured'",
}
RELATIVE = re.compile(r"(?:What|Where|Whose|Who|Whom|Whether|How|Which|Why)\b")
# A docstring begins with an imperative verb or a noun phrase. These words begin neither.
NOT_A_SUMMARY = re.compile(
    r"(?:Tell|Tells|Say|Says|True|False|It|There|That|Such|So|When|While|If|As|By|From|In|Into|Of|On|To|With|Without|"
    r"Returns|Raises|Gives|Yields|Makes|Takes|Reads|Writes|Keeps|Has|Have|Is|Are|Does|Can|May|Must|Lets|Only|Never|"
    r"Also|Then|Because|Back|For)\b"
)
HELP = {"help", "description", "epilog"}
DESCRIBING = {"description", "summary", "title"}
COMMENTED = {".tf", ".tfvars", ".hcl", ".sh", ".toml", ".cfg", ".ini"}
COMMENTED_NAMES = {"Makefile", "Dockerfile", ".dockerignore", ".gitignore"}
# Comments for tools, not for readers.
DIRECTIVE = re.compile(r"(?:!|noqa|type:|ruff:|mypy:|pragma:|fmt:|isort:|yaml-language-server|syntax=|hadolint|-\*-)")


@dataclass(frozen=True)
class Finding:
    """A place that breaks a rule."""

    path: Path
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        """Return the finding as a compiler would print it."""
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Prose:
    """A paragraph, heading, comment or string, with the number of each of its lines."""

    kind: str  # summary, heading, text, string
    lines: Sequence[tuple[int, str]]

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Yield each sentence with the number of the line on which it begins."""
        starts, text = [], ""
        for _, line in self.lines:
            starts.append(len(text))
            text += _blanked(line) + " "
        text = _unquoted(text)
        begin = 0
        for end in [*(match.end() for match in re.finditer(r"(?<=[.!?])[*_)]*\s+(?=[\"'`*_(\[A-Z])", text)), len(text)]:
            if re.search(r"\b(?:e\.g|i\.e|etc|vs|cf|No)\.\s*$", text[:end]) and end != len(text):
                continue
            if sentence := text[begin:end].strip():
                at = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
                yield self.lines[bisect.bisect_right(starts, at) - 1][0], sentence
            begin = end


def _blanked(line: str) -> str:
    """Return a line with a placeholder of the same length for code and addresses."""
    line = re.sub(r"(`+)(?:(?!\1).)+\1", lambda found: "x" * len(found[0]), line)
    line = re.sub(r"\]\([^)\s]*\)", lambda found: "]" + " " * (len(found[0]) - 1), line)
    return re.sub(r"https?://\S+", lambda found: "x" * len(found[0]), line)


def _unquoted(text: str) -> str:
    """Return a text with a placeholder of the same length for all that stands in double quotes."""
    return re.sub(r"[\"“][^\"“”]{1,400}[\"”]", lambda found: "q" * len(found[0]), text)


def judge(path: Path, prose: Prose) -> Iterator[Finding]:
    """Yield the findings of one piece of prose."""
    for index, (line, sentence) in enumerate(prose.sentences()):
        bare = re.sub(r"^[\W_]+", "", sentence)
        for pattern, instead in WORDS.items():
            if found := re.search(pattern, sentence, re.IGNORECASE):
                yield Finding(path, line, "word", f"'{found[0]}': {instead}")
        question = sentence.rstrip("*_)> ").endswith("?") and prose.kind != "summary"
        if RELATIVE.match(bare) and not question and prose.kind != "string":
            yield Finding(path, line, "opening", f"'{_start(bare)}' begins with a question word")
        elif prose.kind == "summary" and not index and NOT_A_SUMMARY.match(bare):
            yield Finding(path, line, "summary", f"'{_start(bare)}' is neither an imperative nor a noun phrase")
        words = sum(1 for word in sentence.split() if re.search(r"\w", word))
        if words > LONGEST and prose.kind != "string":
            yield Finding(path, line, "length", f"'{_start(bare)}' has {words} words, more than {LONGEST}")


def _start(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:6]) + (" …" if len(words) > 6 else "")  # noqa: PLR2004


# --- Python ------------------------------------------------------------------------------------------------------


def python(path: Path, text: str) -> Iterator[Prose]:
    """Yield the docstrings, comments and strings of a Python file."""
    tree = ast.parse(text)
    left_out: set[ast.AST] = set()
    helps: set[ast.AST] = set()
    for node in ast.walk(tree):
        if docstring := _docstring_of(node):
            left_out.add(docstring)
            name = path.stem if isinstance(node, ast.Module) else getattr(node, "name", "")
            states_a_fact = name.startswith(("test_", "Test"))
            yield from _docstring(docstring, "text" if states_a_fact else "summary")
        if isinstance(node, ast.Call) and any(
            isinstance(each, ast.Name) and each.id in {"RECORDED", "DOCUMENTED"} for each in node.args
        ):
            left_out.update(ast.walk(node))
        if isinstance(node, ast.keyword) and node.arg in HELP:
            helps.update(ast.walk(node.value))
    for node in ast.walk(tree):
        if node in left_out or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if " " in node.value.strip():
            yield Prose("text" if node in helps else "string", [(node.lineno, node.value.replace('"', "'"))])
    yield from _python_comments(text)


def _docstring_of(node: ast.AST) -> ast.Constant | None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            return first.value
    return None


def _docstring(node: ast.Constant, kind: str) -> Iterator[Prose]:
    lines = list(enumerate(str(node.value).splitlines(), node.lineno))
    plain = [(number, line if number == node.lineno else line[node.col_offset :]) for number, line in lines]
    for index, block in enumerate(_paragraphs(plain)):
        yield Prose("text" if index else kind, block)


def _python_comments(text: str) -> Iterator[Prose]:
    comments: list[tuple[int, str, bool]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            alone = not token.line[: token.start[1]].strip()
            comments.append((token.start[0], token.string.lstrip("#").strip(), alone))
    yield from _joined(comments)


def _joined(comments: Iterable[tuple[int, str, bool]]) -> Iterator[Prose]:
    """Yield comments; those on lines of their own that follow each other are one."""
    block: list[tuple[int, str]] = []
    for number, words, alone in comments:
        words = "" if DIRECTIVE.match(words) else re.sub(r"^[-=#\s]+|[-=#\s]+$", "", words)  # noqa: PLW2901
        if block and (not alone or number != block[-1][0] + 1 or not words):
            yield Prose("text", block)
            block = []
        if words and not alone:
            yield Prose("text", [(number, words)])
        elif words:
            block.append((number, words))
    if block:
        yield Prose("text", block)


# --- other languages ---------------------------------------------------------------------------------------------


def _paragraphs(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Yield paragraphs and list items, without code blocks."""
    block: list[tuple[int, str]] = []
    listed = False
    for number, line in lines:
        item = re.match(r"\s*(?:[-*+]|\d+\.)\s+", line)
        code = line.startswith("    ") and not block and not item and not listed
        if block and (not line.strip() or item):
            yield block
            block = []
        if item:
            listed = True
        elif line.strip() and not line.startswith(" "):
            listed = False
        if line.strip() and not code:
            block.append((number, line[item.end() :] if item else line.strip()))
    if block:
        yield block


def markdown(text: str) -> Iterator[Prose]:
    """Yield the headings, paragraphs, list items and table cells of a Markdown file."""
    fence = ""
    rest: list[tuple[int, str]] = []
    in_comment = False
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"\s*(?:[-*]\s+)?(```+|~~~+)", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            rest.append((number, ""))
        elif fence or line.lstrip().startswith((">", "<!--")) or in_comment:
            in_comment = not fence and "-->" not in line and (in_comment or "<!--" in line)
            rest.append((number, ""))
        elif line.startswith("#"):
            rest.append((number, ""))
            yield Prose("heading", [(number, line.lstrip("#").strip())])
        elif line.lstrip().startswith("|"):
            rest.append((number, ""))
            for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")):
                yield Prose("text", [(number, cell.strip())])
        else:
            rest.append((number, line))
    for block in _paragraphs(rest):
        yield Prose("text", block)


def described(text: str) -> Iterator[Prose]:
    """Yield the comments and the descriptions of a YAML or JSON file."""
    yield from commented(text)
    try:
        documents = list(yaml.compose_all(text, yaml.CSafeLoader))
    except yaml.YAMLError:
        return  # templates and files that tests break on purpose
    nodes = [document for document in documents if document]
    seen = set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                nodes.append(value)
                if key.value in DESCRIBING and isinstance(value, yaml.ScalarNode):
                    yield Prose("text", [(value.start_mark.line + 1, value.value.replace("\n", " "))])
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


def commented(text: str) -> Iterator[Prose]:
    """Yield the comments that begin with `#`, and the descriptions of Terraform."""
    comments = []
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*#+ ?(.*)$", line):
            comments.append((number, found[1].strip(), True))
        elif found := re.search(r"\s##? (?=[^'\"]*$)(.*)$", line):
            comments.append((number, found[1].strip(), False))
        if found := re.match(r'\s*description\s*=\s*"(.*)"\s*$', line):
            yield Prose("text", [(number, found[1])])
    yield from _joined(comments)


# --- files -------------------------------------------------------------------------------------------------------


def check(path: Path, text: str) -> list[Finding]:
    """Return the findings of one file, in the order of its lines."""
    if path.suffix == ".py":
        pieces = python(path, text)
    elif path.suffix == ".md":
        pieces = markdown(text)
    elif path.suffix in {".yaml", ".yml"} or path.name.endswith("schema.json"):
        pieces = described(text)
    elif path.suffix in COMMENTED or path.name in COMMENTED_NAMES:
        pieces = commented(text)
    else:
        return []
    lines = text.splitlines()
    found = {finding for piece in pieces for finding in judge(path, piece) if EXEMPT not in lines[finding.line - 1]}
    return sorted(found, key=lambda each: (each.line, each.rule, each.text))


def files(paths: Sequence[str]) -> Iterator[Path]:
    """Yield the files of the paths; all tracked ones without a path."""
    if not paths:
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        yield from (ROOT / name for name in tracked.stdout.split("\0") if name and (ROOT / name).is_file())
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            yield from (each for each in inside if not any(part.startswith(".") for part in each.parts[1:]))
        else:
            yield path


def main(paths: Sequence[str]) -> int:
    """Print all findings; the exit status is 1 if there are some."""
    findings = []
    for path in files(paths):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        findings += check(shown, text)
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
