"""The Question editor's share link into the text of a ``.scores`` file, and back.

Source: seed, Questions: "click the Share button and copy the value of the f URL parameter to the
questions file". The value is the file's text, percent-encoded (slidescore.md 8).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit

_LINK = re.compile(r"https?://\S+|\?\S+|&?f=\S*", re.IGNORECASE)
# A separator that is encoded, where none stands plainly.
_ENCODED = re.compile(r"[^\t;\s]*(?:%09|%3B)[^\t;\s]*", re.IGNORECASE)


def is_shared(content: str) -> bool:
    """Tell whether a text is a share link or the value of its ``f``, rather than lines of a file.

    A file has a TAB or a semicolon in each line; a value of ``f`` has them only percent-encoded.
    """
    content = content.strip()
    return bool(_ENCODED.fullmatch(content)) or (
        bool(_LINK.fullmatch(content)) and "\t" not in content and ";" not in content
    )


def decode(shared: str) -> str:
    """Return the text of a ``.scores`` file that a share link stands for.

    Parameters
    ----------
    shared
        The link, its query, or the value of ``f``, percent-encoded; ``+`` is a space. A text that
        is not encoded, as a browser may show it, comes back as it is.
    """
    shared = shared.strip()
    if not is_shared(shared):
        return shared
    if _LINK.fullmatch(shared):
        query = urlsplit(shared).query if "://" in shared else shared.lstrip("?&")
        found = [value for name, value in parse_qsl(query, separator="&") if name.lower() == "f"]
        return found[0] if found else ""
    return unquote_plus(shared)


def encode(content: str) -> str:
    """Return the value of ``f`` for the text of a ``.scores`` file."""
    return quote(content, safe="")
