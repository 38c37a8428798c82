"""What an import does, or why it does not, in lines that a person reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from records.errors import InputError
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


def summary(
    study_name: str, before: StudyContent, changes: Changes, wish: Wanted, *, is_new: bool
) -> str:
    """Say what was done: counts, then ``+`` added, ``~`` updated, ``=`` stays, ``!`` to look at."""
    what = "made" if is_new else "nothing to change" if changes.is_empty else "updated"
    lines = [f"Study {study_name}: {what}."]
    if wish.files:
        lines.append(f"Read {', '.join(wish.files)}.")
    for kind, numbers in counts(changes).items():
        group = changes.by_kind()[kind]
        told = ", ".join(f"{number} {deed}" for deed, number in numbers.items())
        lines.append(f"{kind[0].upper()}{kind[1:]}: {told}")
        lines += _listed([_line(change) for change in group if change.deed is not Deed.KEEP])
    if changes.reordered:
        lines.append("~ the questions are in the order of the file now")
    named = {change.key for change in changes.slides}
    unnamed = [slide.path for slide in before.slides if slide.path not in named]
    lines += _listed([f"= slide {path} stays, though no file names it" for path in unnamed])
    lines += _listed([f"! slide {line}; passed over" for line in wish.unreadable])
    lines += _listed([f"! {line}" for line in (*wish.warnings, *changes.warnings)])
    return "\n".join(lines)


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
