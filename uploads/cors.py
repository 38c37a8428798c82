"""Cross-origin rules for tus clients that run in a browser, on pages of the origins allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, HEAD, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Tus-Resumable, Upload-Length, Upload-Offset, "
        "Upload-Metadata, Upload-Checksum, Upload-Defer-Length, Upload-Concat, "
        "X-HTTP-Method-Override, X-Request-ID, X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}
_ANSWER = {
    "Access-Control-Expose-Headers": (
        "Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, "
        "Tus-Checksum-Algorithm, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Expires, "
        "Upload-Defer-Length, Upload-Concat"
    ),
}


def cors_headers(
    headers: Mapping[str, str], *, origins: Collection[str], is_options: bool
) -> dict[str, str]:
    """Return the headers to add to an answer, so that a browser lets the asking page see it.

    Cookies are never allowed along: pages of other origins have a token of their own.

    Parameters
    ----------
    headers
        The request's, by name in lower case.
    origins
        Those allowed, such as ``https://portal.example.org``.
    is_options
        Whether the request may be a browser's question beforehand.
    """
    if not origins:
        return {}
    origin = headers.get("origin", "")
    if origin not in origins:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        **_ANSWER,
        **(_PREFLIGHT if is_options else {}),
    }
