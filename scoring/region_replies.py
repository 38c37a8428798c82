"""Region replies: how well drawings agree, as the call Agreement tells it."""

from __future__ import annotations

import anyio
import anyio.to_thread

from access.calls import Call, Parameter
from access.rights import parse_list
from records.errors import InputError
from records.filestore import FileStore
from scoring import region_data
from scoring.agreement.resampling import Plan
from scoring.region_data import MeasuredRegions
from scoring.regions.matching import Matched
from scoring.regions.report import Compared, RegionFinding, RegionMeasure, Rule

PARAMETERS = (
    Parameter(
        "reference", str, required=False, note="e-mail of whom the others are held against (drawn)"
    ),
    Parameter(
        "distance", float, required=False, note="µm up to which points are the same; 10 (drawn)"
    ),
    Parameter("iou", float, required=False, note="from which on objects are the same; 0.5 (drawn)"),
)
MOST_COMPARED = 10_000

_FARTHEST_UM = 1e5


class RegionReplies:
    """Answers about drawn questions; one at a time, for each may take a core for minutes.

    Parameters
    ----------
    store
        Where annotation files lie.
    """

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._limiter = anyio.CapacityLimiter(1)

    async def measured(self, call: Call, plan: Plan) -> MeasuredRegions:
        """Return how well what was drawn agrees."""
        rule = read_rule(
            reference=call.opt_text("reference"),
            distance_um=call.opt_number("distance"),
            least_iou=call.opt_number("iou"),
        )
        question = await call.read(
            region_data.find_drawings,
            study_id=call.integer("studyId"),
            question=call.text("question"),
            readers=parse_list(call.opt_text("readers") or ""),
            store=self._store,
        )
        return await anyio.to_thread.run_sync(
            lambda: region_data.measure(question, rule=rule, plan=plan), limiter=self._limiter
        )


def read_rule(*, reference: str | None, distance_um: float | None, least_iou: float | None) -> Rule:
    """Return when two things are the same; what is not told is as usual.

    Raises
    ------
    InputError
        A number is out of its range.
    """
    usual = Rule()
    distance = usual.distance_um if distance_um is None else distance_um
    iou = usual.least_iou if least_iou is None else least_iou
    if not 0 < distance <= _FARTHEST_UM:
        raise InputError(f"distance must be above 0, at most {_FARTHEST_UM:g} µm, not {distance}")
    if not 0 < iou <= 1:
        raise InputError(f"iou must be above 0 and at most 1, not {iou}")
    return Rule(
        distance_um=distance,
        least_iou=iou,
        reference=reference.strip().lower() if reference else None,
    )


def rows(found: MeasuredRegions) -> list[list[str]]:
    """Return the cells of the call's table, a row for each number."""
    return [
        [
            finding.measure.value,
            finding.variant,
            *(finding.readers or ("", "")),
            "",
            str(finding.estimate.subjects),
            _figure(finding.estimate.value),
            _figure(finding.estimate.interval.low if finding.estimate.interval else None),
            _figure(finding.estimate.interval.high if finding.estimate.interval else None),
            finding.estimate.reason or "",
        ]
        for finding in found.findings
    ]


def wire_regions(found: MeasuredRegions) -> dict[str, object]:
    """Return what was measured, in the names of the call Agreement."""
    question = found.question
    subjects = len(question.subjects)
    return {
        "studyId": question.study_id,
        "study": question.study_name,
        "question": question.question,
        "typeName": question.type_name,
        "scale": "drawn",
        "reason": None,
        "level": found.plan.level,
        "draws": found.plan.draws,
        "seed": found.plan.seed,
        "reference": found.rule.reference,
        "distance": found.rule.distance_um,
        "iou": found.rule.least_iou,
        "readers": [
            {"email": reader, "answers": count, "missing": subjects - count}
            for reader, count in found.answers.items()
        ],
        "subjects": subjects,
        "answers": sum(found.answers.values()),
        "missing": subjects * len(found.answers) - sum(found.answers.values()),
        "setAside": found.skipped,
        "unscaled": found.unscaled,
        "statistics": [_wire_finding(finding) for finding in found.findings],
        "compared": [
            _wire_compared(one, question.subjects[one.subject].name)
            for one in found.compared[:MOST_COMPARED]
        ],
    }


def _wire_finding(finding: RegionFinding) -> dict[str, object]:
    estimate, interval = finding.estimate, finding.estimate.interval
    return {
        "name": _wire_name(finding.measure),
        "label": finding.measure.value,
        "variant": finding.variant or None,
        "readers": list(finding.readers) or None,
        "answer": None,
        "subjects": estimate.subjects,
        "value": estimate.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "reason": estimate.reason,
    }


def _wire_compared(one: Compared, subject: str) -> dict[str, object]:
    return {
        "subject": subject,
        "readers": [one.first, one.second],
        "dice": _number(one.dice),
        "iou": _number(one.iou),
        "hausdorff": _number(one.hausdorff_um),
        "hausdorff95": _number(one.hausdorff_95_um),
        "objects": _wire_matched(one.objects) if one.points is None else None,
        "points": _wire_matched(one.points),
    }


def _wire_matched(found: Matched | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"matched": found.matched, "first": found.first, "second": found.second, "f1": found.f1}


def _number(value: float) -> float | None:
    # Not a number is not equal to itself.
    return value if value == value else None


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _wire_name(measure: RegionMeasure) -> str:
    first, *rest = measure.name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
