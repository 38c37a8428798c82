"""Region agreement on the command line: a table of how well what readers drew agrees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from access.rights import COMMAND_LINE
from records.database import Database
from records.filestore import FileStore
from scoring import region_data
from scoring.agreement import plots
from scoring.agreement.resampling import Plan
from scoring.region_data import DrawnQuestion, MeasuredRegions
from scoring.regions.report import RegionFinding, Rule

_MOST_ROWS = 200


def read_drawings(
    database: Database, data: Path, *, study_id: int, question: str, readers: Sequence[str]
) -> DrawnQuestion:
    """Return what readers drew in answer to a question."""
    with database.reading() as session:
        return region_data.find_drawings(
            session,
            COMMAND_LINE,
            study_id=study_id,
            question=question,
            readers=readers,
            store=FileStore(data / "annotations"),
        )


def tell(console: Console, question: DrawnQuestion, rule: Rule, plan: Plan) -> None:
    """Measure how well what was drawn agrees, and print it."""
    found = region_data.measure(question, rule=rule, plan=plan)
    for line in _counts(found):
        console.print(escape(line))
    table = _table(found)
    if table.row_count:
        console.print(table)
    for reason in dict.fromkeys(
        finding.estimate.reason for finding in found.findings if finding.estimate.reason
    ):
        console.print(escape(f"* {reason}"))


def _counts(found: MeasuredRegions) -> list[str]:
    subjects = len(found.question.subjects)
    total = sum(found.answers.values())
    lines = [
        f"{len(found.answers)} readers, {subjects:,} subjects, {total:,} answers, "
        f"{subjects * len(found.answers) - total:,} missing; drawn"
    ]
    if found.rule.reference:
        lines.append(f"Against {found.rule.reference}")
    if found.skipped:
        lines.append(f"Shapes without an area, left out: {found.skipped:,}")
    if found.unscaled:
        lines.append(f"Subjects without a resolution, left out of distances: {found.unscaled:,}")
    return lines


def _table(found: MeasuredRegions) -> Table:
    names = plots.short_names(list(found.question.readers))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Readers", no_wrap=True)
    table.add_column("Measure", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column(f"{found.plan.level:.0%} interval", justify="right", no_wrap=True)
    table.add_column("Subjects", justify="right", no_wrap=True)
    for finding in found.findings[:_MOST_ROWS]:
        if finding.estimate.value is not None:
            table.add_row(*_cells(finding, names))
    return table


def _cells(finding: RegionFinding, names: dict[str, str]) -> list[str]:
    estimate, interval = finding.estimate, finding.estimate.interval
    who = " – ".join(names[reader] for reader in finding.readers) or "all"
    return [
        escape(who),
        ", ".join(filter(None, (finding.measure.value, finding.variant))),
        f"{estimate.value:.3f}",
        f"{interval.low:.3f} to {interval.high:.3f}" if interval else "none *",
        f"{estimate.subjects:,}",
    ]
