"""What an import does, or why it does not, in lines that a person reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from records.errors import InputError
from studyconfig import text
from studyconfig.handwork import Cause, Difference, Fate
from studyconfig.plan import Change, Changes, Deed, SlideFile, StudyContent, StudySlide
from studyconfig.wanted import Wanted

MAX_LISTED = 200
"""How many things of one kind are named one by one; the counts are always whole."""


def counts(changes: Changes) -> dict[str, dict[str, int]]:
    """Return how many things of each kind are added, updated and unchanged."""
    return {
        kind: {deed.value: sum(change.deed is deed for change in group) for deed in Deed}
        for kind, group in changes.by_kind().items()
    }


def refusal(mistakes: Sequence[InputError], unreadable: Sequence[str]) -> str:
    """Say why nothing was imported, and where to correct it."""
    lines = ["Nothing was imported.", *(mistake.message for mistake in mistakes)]
    if unreadable:
        lines += _listed([f"slide {line}" for line in unreadable])
        lines.append("ignoreImageErrors=true imports without the slides that cannot be read.")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """All that is to be told of an import.

    Parameters
    ----------
    is_new
        Whether the study was made.
    is_first_known
        Whether no import before it is known, so that nothing is known to be by hand.
    before
        The study before.
    """

    study_name: str
    is_new: bool
    is_dry_run: bool
    is_first_known: bool
    before: StudyContent
    changes: Changes
    differences: Sequence[Difference]
    wish: Wanted


def handwork_counts(differences: Sequence[Difference]) -> dict[str, int]:
    """Return how many changes by hand were overwritten, kept and not touched."""
    return {
        fate.value: sum(entry.fate is fate for entry in differences)
        for fate in Fate
        if fate is not Fate.APPLIED
    }


def summary(told: Import) -> str:
    """Say what was done: counts, then ``+`` added, ``~`` updated, ``=`` stays, ``!`` to look at."""
    changes, wish = told.changes, told.wish
    what = "made" if told.is_new else "nothing to change" if changes.is_empty else "updated"
    lines = [f"Study {told.study_name}: {what}."]
    if told.is_dry_run:
        lines.insert(0, "Dry run: nothing was changed. This is what the import would do.")
    if wish.files:
        lines.append(f"Read {', '.join(wish.files)}.")
    for kind, numbers in counts(changes).items():
        group = changes.by_kind()[kind]
        told_counts = ", ".join(f"{number} {deed}" for deed, number in numbers.items())
        lines.append(f"{kind[0].upper()}{kind[1:]}: {told_counts}")
        lines += _listed([_line(change) for change in group if change.deed is not Deed.KEEP])
    if changes.reordered:
        lines.append("~ the questions are in the order of the file now")
    named = {change.key for change in changes.slides}
    unnamed = [slide.path for slide in told.before.slides if slide.path not in named]
    lines += _listed([f"= slide {path} stays, though no file names it" for path in unnamed])
    lines += _handwork(told)
    lines += _listed([f"! slide {line}; passed over" for line in wish.unreadable])
    lines += _listed([f"! {line}" for line in (*wish.warnings, *changes.warnings)])
    return "\n".join(lines)


def _handwork(told: Import) -> list[str]:
    """Say what was changed by hand since the last import, and what became of it."""
    if told.is_first_known and not told.is_new:
        return ["= no import before this one is known: what was changed by hand cannot be told"]
    by_hand = [entry for entry in told.differences if entry.fate is not Fate.APPLIED]
    if not by_hand:
        return []
    numbers = handwork_counts(by_hand)
    head = ", ".join(f"{number} {fate}" for fate, number in numbers.items())
    # What was lost stands first.
    order = [Fate.OVERWRITTEN, Fate.KEPT, Fate.UNTOUCHED]
    by_hand.sort(key=lambda entry: order.index(entry.fate))
    return [f"Changed by hand: {head}", *_listed([_handwork_line(entry) for entry in by_hand])]


def _handwork_line(entry: Difference) -> str:
    sign = "!" if entry.fate is Fate.OVERWRITTEN else "="
    thing = entry.key or "all"
    both = ", and the file changed, too" if entry.cause is Cause.BOTH else ""
    if entry.name:
        now, files_say = _quoted(entry.now), _quoted(entry.wanted)
        ends = {
            Fate.OVERWRITTEN: f"overwritten with {files_say}",
            Fate.KEPT: f"kept; the files say {files_say}",
            Fate.UNTOUCHED: f"stays; the last import made it {_quoted(entry.base)}",
        }
        return f"{sign} {entry.kind}, {thing}: {entry.name} {now} by hand{both}: {ends[entry.fate]}"
    ends = {
        Fate.OVERWRITTEN: f"was removed by hand{both}: added again",
        Fate.KEPT: f"was removed by hand{both}: stays removed, though the files name it",
        Fate.UNTOUCHED: "was removed by hand" if entry.now is None else "was added by hand: stays",
    }
    return f"{sign} {entry.kind}, {thing}: {ends[entry.fate]}"


def _quoted(value: str | None) -> str:
    return "nothing" if not value else text.shown(value)


def _line(change: Change[object]) -> str:
    before, after = change.before, change.after
    if before is not None:
        return f"~ {change.key}: {', '.join(_differences(before, after))}"
    if isinstance(after, StudySlide) and after.file is not None:
        return f"+ {change.key} as {after.name}: {_file_text(after.file)}"
    return f"+ {change.key}: {after}" if isinstance(after, str) else f"+ {change.key}"


def _differences(before: object, after: object) -> Iterator[str]:
    """Say which properties are replaced."""
    if not dataclasses.is_dataclass(after):
        yield f"{_text(before)} -> {_text(after)}"
        return
    for field in dataclasses.fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        if isinstance(new, SlideFile):
            yield f"the file is new: {_file_text(new)}"
        elif field.name == "rows":
            yield "cores"
        else:
            yield f"{field.name.replace('_', ' ')} {_text(old)} -> {_text(new)}"


def _text(value: object) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(getattr(value, "name", value))


def _file_text(file: SlideFile) -> str:
    mpp = "no resolution" if file.mpp_x is None else f"{file.mpp_x:.4g} µm per pixel"
    return f"{file.width} x {file.height} pixels, {mpp}, read by {file.reader}"


def _listed(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MAX_LISTED
    return [*lines[:MAX_LISTED], *([f"… and {more} more"] if more > 0 else [])]
