"""Changes without what would overwrite changes by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from studyconfig import plan
from studyconfig.formats.emails import Member
from studyconfig.formats.scores import QuestionLine
from studyconfig.handwork import ORDER, Difference, Fate
from studyconfig.plan import Change, Changes, StudyContent, StudySlide

T = TypeVar("T")
Kept = Mapping[tuple[str, str], Collection[str]]


def keep(
    changes: Changes, differences: Sequence[Difference], current: StudyContent
) -> tuple[Changes, tuple[Difference, ...]]:
    """Leave out of changes what would overwrite changes by hand.

    Settings, questions and maps are kept whole; of slides and people each property is kept for
    itself. What was removed by hand is not added again, but a question on which another one of the
    files depends is.

    Parameters
    ----------
    changes
        All that the files would change.
    differences
        What ``handwork.compare`` made of them, with ``keep``.
    current
        The study as it is.

    Returns
    -------
    tuple
        The changes to apply, and the differences with what becomes of them.
    """
    kept: dict[tuple[str, str], set[str]] = {}
    for difference in differences:
        if difference.fate is Fate.KEPT:
            kept.setdefault((difference.kind, difference.key), set()).add(difference.name)
    questions = _questions(changes.questions, kept)
    lines = {line.name: line for line in current.questions}
    lines |= {change.key: change.after for change in questions}
    present = [question.name for question in current.questions]
    order = [name for name in changes.question_order if name in lines]
    if ORDER in kept.get(("questions", ""), ()):
        order = list(plan.merged_order(present, order))
    order = list(plan.order_by_conditions(order, lines))
    left = replace(
        changes,
        settings=_whole(changes.settings, "settings", kept),
        members=tuple(_member(change, kept) for change in _there(changes.members, "people", kept)),
        questions=questions,
        # Maps are never left out: slides of the files may refer to them.
        maps=tuple(
            Change(key=change.key, before=change.before, after=change.before)
            if change.before is not None and ("TMA maps", change.key) in kept
            else change
            for change in changes.maps
        ),
        slides=tuple(_slide(change, kept) for change in _there(changes.slides, "slides", kept)),
        question_order=tuple(order),
        reordered=plan.common_order(order, present) != present,
    )
    added = {change.key for change in questions}
    return left, tuple(
        replace(entry, fate=Fate.OVERWRITTEN)
        if entry.kind == "questions"
        and entry.fate is Fate.KEPT
        and not entry.name
        and entry.key in added
        else entry
        for entry in differences
    )


def _whole(changes: Sequence[Change[T]], kind: str, kept: Kept) -> tuple[Change[T], ...]:
    """Keep things as they are, or absent as they are."""
    return tuple(
        Change(key=change.key, before=change.before, after=change.before)
        if change.before is not None and (kind, change.key) in kept
        else change
        for change in _there(changes, kind, kept)
    )


def _there(changes: Sequence[Change[T]], kind: str, kept: Kept) -> list[Change[T]]:
    """Leave out things that were removed by hand."""
    return [change for change in changes if "" not in kept.get((kind, change.key), ())]


def _questions(
    changes: Sequence[Change[QuestionLine]], kept: Kept
) -> tuple[Change[QuestionLine], ...]:
    there = _whole(changes, "questions", kept)
    absent = {change.key: change for change in changes} | {change.key: None for change in there}
    added: list[Change[QuestionLine]] = []
    for change in there:
        condition = change.after.condition
        needed = None if condition is None else absent.get(condition.question)
        while needed is not None:
            added.append(needed)
            absent[needed.key] = None
            condition = needed.after.condition
            needed = None if condition is None else absent.get(condition.question)
    return (*there, *added)


def _member(change: Change[Member], kept: Kept) -> Change[Member]:
    names = kept.get(("people", change.key), ())
    before = change.before
    if not names or before is None:
        return change
    after = change.after
    return replace(
        change,
        after=Member(
            email=after.email,
            can_score=(before if "can score" in names else after).can_score,
            can_edit=(before if "can edit" in names else after).can_edit,
            can_get_results=(before if "can get results" in names else after).can_get_results,
        ),
    )


def _slide(change: Change[StudySlide], kept: Kept) -> Change[StudySlide]:
    names = kept.get(("slides", change.key), ())
    before = change.before
    if not names or before is None:
        return change
    after = change.after
    return replace(
        change,
        after=replace(
            after,
            name=(before if "name" in names else after).name,
            rotation=(before if "rotation" in names else after).rotation,
            map_name=(before if "TMA map" in names else after).map_name,
        ),
    )
