"""The command ``coverslip agreement``: a table of how well readers agree, and plots of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from access.rights import COMMAND_LINE
from records.database import Database
from scoring import agreement_data, agreement_routes, region_data, region_replies
from scoring.agreement import plots, report
from scoring.agreement.ratings import Ratings, Scale
from scoring.agreement.report import Agreement, Finding
from scoring.agreement.resampling import Estimate, Plan
from scoring.agreement_data import RatedQuestion
from scoring.region_data import DrawnQuestion
from scoring.regions.report import Rule
from server import datafolder, rasters, region_cli
from server.datafolder import Data

MOST_PAIR_PLOTS = 45
_MOST_PAIR_ROWS = 45

_PIPED_WIDTH = 120

_DEFAULT = Plan()
_RULE = Rule()


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def agreement(  # noqa: PLR0913 - the options of a command
        study: Annotated[str, typer.Argument(help="The study's name.")],
        data: Data,
        question: Annotated[
            str, typer.Option(envvar="COVERSLIP_QUESTION", help="The only question; else all.")
        ] = "",
        plots_: Annotated[
            Path | None,
            typer.Option("--plots", envvar="COVERSLIP_PLOTS", help="Folder for SVG and PNG plots."),
        ] = None,
        scale: Annotated[
            Scale | None,
            typer.Option(envvar="COVERSLIP_SCALE", help="What the answers are; else by type."),
        ] = None,
        reader: Annotated[
            list[str] | None, typer.Option(help="E-mail of a reader; the only ones. Repeat it.")
        ] = None,
        draws: Annotated[
            int, typer.Option(envvar="COVERSLIP_DRAWS", help="Bootstrap draws of subjects.")
        ] = _DEFAULT.draws,
        seed: Annotated[
            int, typer.Option(envvar="COVERSLIP_SEED", help="Same seed, same intervals.")
        ] = _DEFAULT.seed,
        reference: Annotated[
            str, typer.Option(help="E-mail of whom the others are held against, of drawings.")
        ] = "",
        distance: Annotated[
            float, typer.Option(help="µm up to which drawn points are the same.")
        ] = _RULE.distance_um,
        iou: Annotated[
            float, typer.Option(help="IoU from which on drawn objects are the same.")
        ] = _RULE.least_iou,
    ) -> None:
        """Tell how well the readers of a study agree, with bootstrap confidence intervals."""
        plan = agreement_routes.checked_plan(draws=draws, seed=seed)
        rule = region_replies.read_rule(
            reference=reference or None, distance_um=distance, least_iou=iou
        )
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = _PIPED_WIDTH
        with datafolder.opened(data) as database:
            found = _questions(database, study, question, scale, reader or [])
            drawn = _drawings(database, data, found, reader or [])
        for place, rated in enumerate(found, 1):
            _tell(console, rated, plan, plots_, place, drawn.get(rated.question), rule)


def _questions(
    database: Database, study: str, question: str, scale: Scale | None, readers: list[str]
) -> list[RatedQuestion]:
    with database.reading() as session:
        study_id = agreement_data.study_id_of(session, study)
        names = (
            [question]
            if question
            else agreement_data.question_names(session, COMMAND_LINE, study_id=study_id)
        )
        return [
            agreement_data.find_ratings(
                session,
                COMMAND_LINE,
                study_id=study_id,
                question=name,
                scale=scale,
                readers=readers,
            )
            for name in names
        ]


def _drawings(
    database: Database, data: Path, found: list[RatedQuestion], readers: list[str]
) -> dict[str, DrawnQuestion]:
    """Return what was drawn, of the questions whose answers can be compared."""
    return {
        rated.question: region_cli.read_drawings(
            database, data, study_id=rated.study_id, question=rated.question, readers=readers
        )
        for rated in found
        if region_data.is_comparable(rated.type_name)
    }


def _tell(
    console: Console,
    rated: RatedQuestion,
    plan: Plan,
    folder: Path | None,
    place: int,
    drawn: DrawnQuestion | None,
    rule: Rule,
) -> None:
    console.print(f"\n[bold]{escape(rated.question)}[/bold]  {rated.type_name}")
    if drawn is not None:
        region_cli.tell(console, drawn, rule, plan)
        return
    if rated.ratings is None:
        console.print(escape(rated.reason or ""))
        return
    found = report.measure_agreement(rated.ratings, plan)
    for line in _counts(found, rated.set_aside):
        console.print(escape(line))
    for table in (_overall_table(found), _pair_table(found)):
        if table.row_count:
            console.print(table)
    for reason in _reasons(found.findings):
        console.print(escape(reason))
    if folder is not None:
        stem = f"{place:02}-{_file_name(rated.question)}"
        written = write_plots(folder, stem, rated.question, rated.ratings, found)
        console.print(f"{len(written)} plots: {escape(str(folder / stem))}-…", soft_wrap=True)
        try:
            write_pngs(written)
        except rasters.NoFontError as error:
            console.print(f"They are SVG alone: {error}")


def write_plots(
    folder: Path, stem: str, question: str, ratings: Ratings, found: Agreement
) -> list[Path]:
    """Write the plots that can be drawn as SVG files, and return their paths.

    Parameters
    ----------
    stem
        What the files' names begin with.

    Returns
    -------
    list of Path
        Forest, pairs, confusion, and a Bland-Altman plot per pair of the first 45.
    """
    pictures = {
        "forest": plots.forest(found, question),
        "pairs": plots.pair_map(found, question),
    }
    if found.confusions:
        # Of two readers their own table; the pooled one is symmetric and tells less.
        table = found.confusions[-1 if len(found.confusions) == 2 else 0]
        pictures["confusion"] = plots.confusion_matrix(table, question)
    if ratings.scale is Scale.INTERVAL:
        answering = ratings.of_answering_readers()
        for first, second in list(answering.pairs())[:MOST_PAIR_PLOTS]:
            pictures[f"bland-altman-{first + 1}-{second + 1}"] = plots.bland_altman_plot(
                answering, first, second, question, level=found.plan.level
            )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in pictures.items():
        if picture is not None:
            path = folder / f"{stem}-{name}.svg"
            path.write_text(picture, encoding="utf-8")
            written.append(path)
    return written


def write_pngs(paths: list[Path]) -> None:
    """Write each of the SVG files as a PNG beside it.

    Raises
    ------
    NoFontError
        The machine has no font to write with.
    """
    for path in paths:
        path.with_suffix(".png").write_bytes(rasters.png(path.read_text(encoding="utf-8")))


def _counts(found: Agreement, set_aside: int) -> list[str]:
    names = plots.short_names([reader.name for reader in found.readers])
    ties = sum(bool(verdict.tied) for verdict in found.consensus)
    lines = [
        f"{len(found.readers)} readers, {found.subjects:,} subjects, {found.answers:,} answers, "
        f"{found.missing:,} missing; taken as {found.scale.value}"
    ]
    if found.missing:
        absent = [f"{names[one.name]} {one.missing:,}" for one in found.readers if one.missing]
        lines.append(f"Missing of: {', '.join(absent)}")
    if set_aside:
        lines.append(f"Set aside as missing, having no value on this scale: {set_aside:,}")
    if ties:
        lines.append(f"Consensus: {len(found.consensus) - ties:,} subjects, and {ties:,} tied")
    return lines


def _overall_table(found: Agreement) -> Table:
    """Return what concerns all readers, a line per statistic."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("All readers", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column(f"{found.plan.level:.0%} interval", justify="right", no_wrap=True)
    table.add_column("Subjects", justify="right", no_wrap=True)
    for finding in found.findings:
        estimate, interval = finding.estimate, finding.estimate.interval
        if finding.readers or estimate.value is None:
            continue
        label = ", ".join(filter(None, (_title(finding), finding.answer)))
        table.add_row(
            escape(label),
            _figure(estimate.value),
            f"{_figure(interval.low)} to {_figure(interval.high)}" if interval else "none *",
            f"{estimate.subjects:,}",
        )
    return table


def _pair_table(found: Agreement) -> Table:
    """Return a line per pair of readers, a column per statistic."""
    names = plots.short_names([reader.name for reader in found.readers])
    pairs: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for finding in found.findings:
        if finding.readers:
            pairs.setdefault(finding.readers, {})[_title(finding)] = finding.estimate
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Two readers")
    titles = list(next(iter(pairs.values()), {}))
    for title in titles:
        table.add_column(title.removesuffix(" of agreement"), justify="right")
    table.add_column("Subjects", justify="right", no_wrap=True)
    for readers, estimates in list(pairs.items())[:_MOST_PAIR_ROWS]:
        table.add_row(
            escape(" – ".join(names[reader] for reader in readers)),
            *(_with_interval(estimates[title]) for title in titles),
            f"{estimates[titles[0]].subjects:,}",
        )
    if len(pairs) > _MOST_PAIR_ROWS:
        table.add_row(f"and {len(pairs) - _MOST_PAIR_ROWS:,} more: see GET /Api/Agreement")
    return table


def _with_interval(estimate: Estimate) -> str:
    if estimate.value is None:
        return "none *"
    if estimate.interval is None:
        return f"{_short(estimate.value)} *"
    low, high = _short(estimate.interval.low), _short(estimate.interval.high)
    return f"{_short(estimate.value)} ({low}, {high})"


def _title(finding: Finding) -> str:
    return ", ".join(filter(None, (finding.measure.value, finding.variant)))


def _figure(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:,.1f}"


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 100 else f"{value:,.1f}"


def _reasons(findings: tuple[Finding, ...]) -> list[str]:
    """Return each reason why a number or an interval is not there, once, and of what."""
    about: dict[str, list[str]] = {}
    for finding in findings:
        reason = finding.estimate.reason
        if reason is not None:
            names = about.setdefault(reason, [])
            title = _title(finding)
            if title not in names:
                names.append(title)
    if len(about) == 1 and len(next(iter(about.values()))) == len(report.Measure):
        return [f"Nothing was computed: {next(iter(about))}"]
    return [f"* {', '.join(names)}: {reason}" for reason, names in about.items()]


def _file_name(question: str) -> str:
    """Return a question's name as a file's: letters and figures of any script, and dashes."""
    return re.sub(r"[^\w]+", "-", question).strip("-")[:80] or "question"
