"""The Api call that tells how well readers agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.replies import json_reply
from access.rights import parse_list
from records.errors import InputError
from scoring import agreement_data, region_data, region_replies
from scoring.agreement import report
from scoring.agreement.confusion import Confusion
from scoring.agreement.consensus import Verdict
from scoring.agreement.ratings import Scale
from scoring.agreement.report import Agreement, Finding, Measure
from scoring.agreement.resampling import Plan
from scoring.agreement_data import RatedQuestion
from scoring.region_replies import RegionReplies

LEAST_DRAWS, MOST_DRAWS = 200, 10_000

_TABLE = "text/tab-separated-values"
_COLUMNS = (
    "Statistic",
    "Variant",
    "Reader 1",
    "Reader 2",
    "Answer",
    "Subjects",
    "Value",
    "Low",
    "High",
    "Reason",
)


class AgreementEndpoints:
    """Answers the call about agreement.

    Parameters
    ----------
    regions
        Compares what is drawn; None: drawn questions are told to be not measured.
    """

    def __init__(self, regions: RegionReplies | None = None) -> None:
        self._regions = regions

    async def agreement(self, call: Call) -> Response:
        """Send every statistic that suits a question, as JSON or as a table."""
        plan = _plan(call)
        question = await call.read(
            agreement_data.find_ratings,
            study_id=call.integer("studyId"),
            question=call.text("question"),
            scale=_scale(call.opt_text("scale")),
            readers=parse_list(call.opt_text("readers") or ""),
        )
        is_table = _asks_for_table(call.request.headers.get("accept", ""))
        if self._regions is not None and region_data.is_comparable(question.type_name):
            drawn = await self._regions.measured(call, plan)
            if is_table:
                return Response(_table(region_replies.rows(drawn)), media_type=_TABLE)
            return json_reply(region_replies.wire_regions(drawn))
        found = (
            await call.in_thread(report.measure_agreement, question.ratings, plan)
            if question.ratings is not None
            else None
        )
        if is_table:
            return Response(agreement_table(question, found), media_type=_TABLE)
        return json_reply(_wire_agreement(question, found, plan))


def calls(endpoints: AgreementEndpoints) -> list[ApiCall]:
    """Return the calls about agreement."""
    return [
        ApiCall(
            "Agreement",
            endpoints.agreement,
            "How well readers agree about a question: JSON, or a table when Accept names it",
            parameters=(
                Parameter("studyId", int),
                Parameter("question", str, note="its name"),
                Parameter(
                    "scale", str, required=False, note="nominal, ordinal or interval; else by type"
                ),
                Parameter(
                    "readers", str, required=False, note="e-mails of the only ones, separated by ;"
                ),
                Parameter(
                    "draws",
                    int,
                    required=False,
                    note=f"of the bootstrap, {LEAST_DRAWS} to {MOST_DRAWS}; 2000",
                ),
                Parameter("seed", int, required=False, note="of the bootstrap"),
                *region_replies.PARAMETERS,
            ),
            right="as for Scores; or study readable, where everyone may compare results",
            source="choice; docs/agreement.md",
        ),
    ]


def agreement_table(question: RatedQuestion, found: Agreement | None) -> str:
    """Return a line per statistic, separated by tabs, under a header."""
    if found is None:
        return _table([["", "", "", "", "", "0", "", "", "", question.reason or ""]])
    return _table([_cells(finding) for finding in found.findings])


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (_COLUMNS, *rows))


def _plan(call: Call) -> Plan:
    default = Plan()
    draws, seed = call.opt_integer("draws"), call.opt_integer("seed")
    return checked_plan(
        draws=default.draws if draws is None else draws,
        seed=default.seed if seed is None else seed,
    )


def checked_plan(*, draws: int, seed: int) -> Plan:
    """Return a plan, or refuse what would take too long or say too little.

    Raises
    ------
    InputError
        A number is out of its range.
    """
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise InputError(f"draws must be from {LEAST_DRAWS} to {MOST_DRAWS}, not {draws}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed must be a whole number from 0 to 2^63 - 1, not {seed}")
    return Plan(draws=draws, seed=seed)


def _scale(text: str | None) -> Scale | None:
    if text is None:
        return None
    try:
        return Scale(text.strip().lower())
    except ValueError:
        raise InputError(f"scale must be nominal, ordinal or interval, not {text!r}") from None


def _asks_for_table(accept: str) -> bool:
    """Tell whether a client asks for the table; JSON is for whoever names it, or nothing."""
    parts = [part.strip().lower() for part in accept.split(",")]
    wanted = {
        part.split(";")[0].strip() for part in parts if not re.search(r";\s*q=0(\.0*)?$", part)
    }
    return _TABLE in wanted and "application/json" not in wanted


def _cells(finding: Finding) -> list[str]:
    estimate = finding.estimate
    interval = estimate.interval
    return [
        finding.measure.value,
        finding.variant,
        *(finding.readers or ("", "")),
        finding.answer or "",
        str(estimate.subjects),
        _figure(estimate.value),
        _figure(interval.low if interval else None),
        _figure(interval.high if interval else None),
        estimate.reason or "",
    ]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _wire_agreement(
    question: RatedQuestion, found: Agreement | None, plan: Plan
) -> dict[str, object]:
    fields: dict[str, object] = {
        "studyId": question.study_id,
        "study": question.study_name,
        "question": question.question,
        "typeName": question.type_name,
        "scale": found.scale.value if found else None,
        "reason": question.reason,
        "level": plan.level,
        "draws": plan.draws,
        "seed": plan.seed,
    }
    if found is None:
        return fields
    return fields | {
        "readers": [
            {"email": reader.name, "answers": reader.answers, "missing": reader.missing}
            for reader in found.readers
        ],
        "subjects": found.subjects,
        "answers": found.answers,
        "missing": found.missing,
        "setAside": question.set_aside,
        "categories": list(found.categories),
        "statistics": [_wire_finding(finding) for finding in found.findings],
        "confusion": [_wire_confusion(table) for table in found.confusions],
        "consensus": [_wire_verdict(verdict) for verdict in found.consensus],
    }


def _wire_finding(finding: Finding) -> dict[str, object]:
    estimate = finding.estimate
    interval = estimate.interval
    return {
        "name": _wire_name(finding.measure),
        "label": finding.measure.value,
        "variant": finding.variant or None,
        "readers": list(finding.readers) or None,
        "answer": finding.answer,
        "subjects": estimate.subjects,
        "value": estimate.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "reason": estimate.reason,
    }


def _wire_name(measure: Measure) -> str:
    """Return ``FLEISS_KAPPA`` as ``fleissKappa``."""
    first, *rest = measure.name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def _wire_confusion(table: Confusion) -> dict[str, object]:
    return {"readers": list(table.readers) or None, "counts": table.counts.tolist()}


def _wire_verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "subject": verdict.subject,
        "answer": verdict.answer,
        "tied": list(verdict.tied),
        "votes": verdict.votes,
        "answers": verdict.answers,
        "least": verdict.spread[0] if verdict.spread else None,
        "most": verdict.spread[1] if verdict.spread else None,
    }
