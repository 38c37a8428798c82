"""Descriptions: HTML from outside into the little HTML that is kept and shown."""

from __future__ import annotations

import nh3

from records.errors import InputError

MAX_LENGTH = 1024 * 1024
"""Characters; links that carry annotations (slidescore.md 9.4) are long."""

# Source: slidescore.md 3.4 and 9.4, and the SDK's examples: what the vendor's editor writes.
_LINK_CLASSES = {
    "jsSquireLink",
    "jsSquireAnnoLink",
    "jsSquireAttachment",
    "glyphicon",
    "glyphicon-paperclip",
}

_CLEANER = nh3.Cleaner(
    tags={
        *("a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i"),
        *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "u", "ul"),
        *("table", "tbody", "td", "th", "thead", "tr"),
    },
    attributes={
        "a": {"href", "title", "style"},
        "div": {"style"},
        "p": {"style"},
        "span": {"style"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
    allowed_classes={"a": _LINK_CLASSES, "span": _LINK_CLASSES},
    generic_attribute_prefixes={"data-target-"},
    filter_style_properties={
        *("background-color", "color", "display", "font-style", "font-weight"),
        *("text-align", "text-decoration"),
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def clean(html: str) -> str:
    """Return a description with only the formatting that is allowed.

    Paragraphs, headings, lists, tables, links (http, https, mailto and relative), bold and the like
    stay; scripts, pictures, forms and frames go. What is removed leaves its text.

    Source: seed, SetSlideDescription: "severely limits HTML tags and attributes". The list is ours.

    Raises
    ------
    InputError
        It is too long, or no Unicode text.
    """
    if len(html) > MAX_LENGTH:
        raise InputError(
            f"the description has {len(html)} characters; at most {MAX_LENGTH} are kept"
        )
    try:
        return _CLEANER.clean(html.replace("\0", ""))
    except UnicodeEncodeError:
        # JSON may hold half of a surrogate pair.
        raise InputError("the description is no Unicode text") from None
