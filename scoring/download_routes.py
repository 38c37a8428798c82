"""The Api call that hands out results as a file for people."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from access.calls import ApiCall, Call, Parameter
from access.replies import Voice
from access.rights import Actor
from records.errors import InputError
from scoring import downloads, spool, spreadsheets
from scoring.downloads import Shape
from scoring.spreadsheets import Format

_E = TypeVar("_E", bound=StrEnum)


class DownloadEndpoints:
    """Answers the call about downloads."""

    async def results(self, call: Call) -> Response:
        """Send the results of a study as a file."""
        form = _choice(call, "format", Format, Format.TSV)
        name, file = await call.read(
            _written,
            study_id=call.integer("studyId"),
            form=form,
            shape=_choice(call, "shape", Shape, Shape.LONG),
        )
        return StreamingResponse(
            spool.blocks(file),
            media_type=form.media_type,
            headers={"Content-Disposition": _disposition(name, call.now, form)},
        )


def calls(endpoints: DownloadEndpoints) -> list[ApiCall]:
    """Return the call about downloads."""
    return [
        ApiCall(
            "DownloadResults",
            endpoints.results,
            "Results as a file; formulas are made harmless in csv and xlsx",
            parameters=(
                Parameter("studyId", int),
                Parameter("format", str, required=False, note="tsv, csv or xlsx; tsv"),
                Parameter(
                    "shape",
                    str,
                    required=False,
                    note="long: a row an answer; wide: a row a slide, core or case, a column a "
                    "question and reader; long",
                ),
            ),
            right="as for Scores",
            source="choice",
            voice=Voice.STATUS,
        ),
    ]


def _choice(call: Call, name: str, kind: type[_E], default: _E) -> _E:
    text = call.opt_text(name)
    if text is None:
        return default
    try:
        return kind(text.strip().lower())
    except ValueError:
        known = ", ".join(kind)
        raise InputError(f"the parameter {name} must be one of {known}, not {text!r}") from None


def _written(
    session: Session, actor: Actor, *, study_id: int, form: Format, shape: Shape
) -> tuple[str, spool.File]:
    table = downloads.make_table(session, actor, study_id=study_id, shape=shape, form=form)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(spool.open_file())
        spreadsheets.write(file, table.rows, form=form, columns=table.columns)
        file.seek(0)
        stack.pop_all()
        return table.study_name, file


def _disposition(study_name: str, now: datetime, form: Format) -> str:
    """Return the header that names the file: plain letters first, then the name as it is.

    Source: slidescore.md 3.8: clients find only ``filename=``, which must come first.
    """
    name = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|;]', "_", study_name)
    full = f"Study_{name}_{now:%Y-%m-%d}.{form}"
    plain = unicodedata.normalize("NFKD", full).encode("ascii", "ignore").decode()
    header = f'attachment; filename="{plain}"'
    return header if plain == full else f"{header}; filename*=UTF-8''{quote(full, safe='')}"
