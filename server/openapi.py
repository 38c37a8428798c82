"""The API's description, written from the declared calls: OpenAPI JSON and a page to read."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from access.calls import ApiCall, CaseInsensitiveRoute, Parameter
from access.replies import json_reply

_SCHEMAS: dict[type, dict[str, str]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
}

_STYLE = """
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;
color:light-dark(#171717,#ededed);background:light-dark(#fff,#1c1c1c);color-scheme:light dark}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;
padding:.4rem .6rem;border-bottom:1px solid light-dark(#dedede,#353535)}
code{font:13px ui-monospace,monospace}small{color:light-dark(#4d4d4d,#bdbdbd)}
"""


def describe(calls: Sequence[ApiCall], *, version: str, root_path: str) -> dict[str, object]:
    """Return the OpenAPI 3.1 description of the calls."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Coverslip",
            "version": version,
            "description": "Parameters are read from the query or a form body, in any case.",
        },
        "servers": [{"url": root_path or "/"}],
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "paths": {f"/Api/{call.name}": _path(call) for call in sorted(calls, key=lambda c: c.name)},
    }


def routes(calls: Sequence[ApiCall], *, version: str, root_path: str) -> list[BaseRoute]:
    """Return the routes of the description: ``/swagger`` and ``/swagger/v1/swagger.json``."""
    description = describe(calls, version=version, root_path=root_path)
    page = _page(calls, version)

    async def show_json(request: Request) -> Response:
        return json_reply(description)

    async def show_page(request: Request) -> Response:
        return HTMLResponse(
            page,
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    return [
        CaseInsensitiveRoute("/swagger/v1/swagger.json", show_json, methods=["GET"]),
        CaseInsensitiveRoute("/swagger", show_page, methods=["GET"]),
        CaseInsensitiveRoute("/swagger/index.html", show_page, methods=["GET"]),
    ]


def _path(call: ApiCall) -> dict[str, object]:
    parameters = [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.note,
            "schema": _SCHEMAS[parameter.type],
        }
        for parameter in call.parameters
    ]
    operation: dict[str, object] = {
        "summary": call.summary,
        "description": f"Needs: {call.right}.",
        "parameters": parameters,
        "responses": {
            "200": {"description": f"The answer. Failures: {call.voice.value}."},
            "401": {"description": "The token is bad, or without the right."},
        },
    }
    if call.public:
        operation["security"] = []
    post = operation | {"operationId": call.name}
    if call.writes:
        return {"post": post}
    return {"get": operation | {"operationId": f"get{call.name}"}, "post": post}


def _page(calls: Sequence[ApiCall], version: str) -> str:
    rows = "\n".join(_row(call) for call in sorted(calls, key=lambda call: call.name))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Coverslip API</title>
<style>{_STYLE}</style></head><body>
<h1>Coverslip API {html.escape(version)}</h1>
<p>Every call is at <code>/Api/&lt;name&gt;</code> with
<code>Authorization: Bearer &lt;token&gt;</code>; parameters come from the query or a form body, in
any case. For programs: <a href="swagger/v1/swagger.json">swagger.json</a>.</p>
<table><thead><tr><th>Call</th><th>Parameters</th><th>Needs</th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def _row(call: ApiCall) -> str:
    verb = "POST" if call.writes else "GET"
    parameters = "<br>".join(_shown(parameter) for parameter in call.parameters) or "none"
    return (
        f"<tr><td><code>{verb} {html.escape(call.name)}</code><br>"
        f"<small>{html.escape(call.summary)}</small></td>"
        f"<td>{parameters}</td><td>{html.escape(call.right)}</td></tr>"
    )


def _shown(parameter: Parameter) -> str:
    mark = "" if parameter.required else ", optional"
    note = f" – {html.escape(parameter.note)}" if parameter.note else ""
    return (
        f"<code>{html.escape(parameter.name)}</code> "
        f"<small>{_SCHEMAS[parameter.type].get('format', _SCHEMAS[parameter.type]['type'])}"
        f"{mark}{note}</small>"
    )
