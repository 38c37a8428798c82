"""Writes docs/api.md from the declared calls and the notes in docs/api-notes.md."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from access.calls import ApiCall, Parameter
from server.app import create_app
from server.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"


def declared_calls() -> Sequence[ApiCall]:
    """Return every call that a server answers."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data=Path(folder))).calls


def api_text(calls: Sequence[ApiCall], notes: str) -> str:
    """Return the text of docs/api.md."""
    rows = "\n".join(_row(call) for call in sorted(calls, key=lambda call: call.name.lower()))
    return f"""{notes.rstrip()}

## Every call

Written by `make docs` from the declared calls; `/swagger/v1/swagger.json` says the same.
"Fails" is the voice: *200* is `{{success: false, log, error}}`, *status* an HTTP status with
`{{error}}`, *string* a JSON string. A missing right is 401 in each. Optional parameters are in
brackets.

| call | parameters | needs | fails | source |
|---|---|---|---|---|
{rows}
"""


def _row(call: ApiCall) -> str:
    verb = "POST" if call.writes else "GET, POST"
    voice = {"SUCCESS": "200", "STATUS": "status", "QUOTED": "string"}[call.voice.name]
    parameters = ", ".join(_shown(parameter) for parameter in call.parameters) or "–"
    cells = [
        f"`{call.name}` ({verb})<br>{call.summary}",
        parameters,
        call.right,
        voice,
        call.source,
    ]
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<TAB>", "&lt;TAB&gt;")


def _shown(parameter: Parameter) -> str:
    name = f"`{parameter.name}`" if parameter.required else f"[`{parameter.name}`]"
    return f"{name} ({parameter.note})" if parameter.note else name


def main() -> None:
    """Write the file."""
    notes = (DOCS / "api-notes.md").read_text(encoding="utf-8")
    (DOCS / "api.md").write_text(api_text(declared_calls(), notes), encoding="utf-8")


if __name__ == "__main__":
    main()
