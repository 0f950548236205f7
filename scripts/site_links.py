"""A hook of mkdocs: links from docs/ to other files of the repository become links to GitHub.

So the same link works on GitHub, where it is relative, and in the site, which has the files of docs/ only. A link to a
missing file is a warning, and `mkdocs build --strict` fails.
"""

from __future__ import annotations

import logging
import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"(?<=\]\()(\.\.?/[^)#\s]*)")
_LOG = logging.getLogger("mkdocs.hooks.site_links")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Return the page with absolute links to files outside of docs/."""
    folder = posixpath.dirname(f"docs/{page.file.src_uri}")
    return absolute(markdown, folder, str(config.repo_url).rstrip("/"))


def absolute(markdown: str, folder: str, repository: str) -> str:
    """Return a page of *folder* with absolute links to files outside of docs/. Log a warning for each missing file."""

    def link(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[0]))
        if path.startswith("docs/"):
            return found[0]
        target = ROOT / path
        if path.startswith("..") or not target.exists():
            _LOG.warning("%s/ links to %s, which does not exist", folder, path)
        return f"{repository}/{'tree' if target.is_dir() else 'blob'}/main/{path}"

    return _LINK.sub(link, markdown)
