"""What people changed by hand since the files were last imported, and what an import makes of it.

Three states meet: what the last import made of a thing (the base), what it is now, and what the
files make of it. A property that is not as in the base was changed by hand. The base of a property
moves only when files set it, so a change by hand stays known as one until files replace it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from studyconfig import plan, snapshot
from studyconfig.plan import Changes, StudyContent
from studyconfig.snapshot import Properties, Snapshot

PRESENT = "present"
"""What a difference shows for a whole thing that is there."""

ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The last import of a study.

    Parameters
    ----------
    wished
        What the files said.
    made
        What the import made of it, or would have made had it not kept what was changed by hand.
    order
        Names of the questions, in their order afterwards.
    """

    wished: Snapshot = field(default_factory=dict)
    made: Snapshot = field(default_factory=dict)
    order: tuple[str, ...] = ()


class Cause(StrEnum):
    """Who changed a property since the last import."""

    FILE = "file"
    HAND = "hand"
    BOTH = "both"


class Fate(StrEnum):
    """What an import makes of a difference."""

    APPLIED = "applied"
    OVERWRITTEN = "overwritten"
    KEPT = "kept"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A property that the files change, or that was changed by hand.

    Parameters
    ----------
    kind, key
        What it is a property of, as in ``Changes.by_kind``; no key: of all.
    name
        The property; empty when the whole thing was added or removed.
    base, now, wanted
        What the last import made of it, what it is and what the files make of it; None: nothing.
    cause
        Who changed it.
    fate
        ``APPLIED`` when it is the file's change alone; otherwise what becomes of the change by
        hand: replaced by the file's, kept though the file says otherwise, or not in the files.
    """

    kind: str
    key: str
    name: str
    base: str | None
    now: str | None
    wanted: str | None
    cause: Cause
    fate: Fate


def compare(
    changes: Changes,
    current: StudyContent,
    wanted: StudyContent,
    base: Base | None,
    *,
    keep: bool = False,
    give_up: Collection[tuple[str, str]] = (),
) -> tuple[Difference, ...]:
    """Tell what the files change from what was changed by hand.

    Parameters
    ----------
    changes
        What ``plan.plan`` made of ``current`` and ``wanted``.
    base
        The last import; None: there was none, or it is not known. Then nothing is by hand.
    keep
        Whether changes by hand are kept; otherwise the files win.
    give_up
        Kinds and keys of things whose changes by hand are not kept all the same.
    """
    now, wished = snapshot.take(current), snapshot.take(wanted, is_wish=True)
    after = _after(changes)
    found: list[Difference] = []
    for kind, wants in after.items():
        made = {} if base is None else base.made.get(kind, {})
        known = {**wants, **now[kind], **made} if base is not None else wants
        for key in known:
            states = _States(
                kind=kind,
                key=key,
                base=made.get(key),
                now=now[kind].get(key),
                after=wants.get(key),
                wished=wished[kind].get(key, {}),
                last={} if base is None else base.wished.get(kind, {}).get(key, {}),
                is_tracked=base is not None,
            )
            found += states.differences(keep=keep and (kind, key) not in give_up)
    keeps_order = keep and ("questions", "") not in give_up
    order = _order_difference(changes, current, base, keep=keeps_order)
    return (*found, *([order] if order else []))


def next_base(
    changes: Changes, current: StudyContent, wanted: StudyContent, base: Base | None
) -> Base:
    """Return what the next import is to compare with.

    Parameters
    ----------
    changes
        What ``plan.plan`` made of ``current`` and ``wanted``, before anything is kept.
    """
    now, wished = snapshot.take(current), snapshot.take(wanted, is_wish=True)
    made: dict[str, dict[str, Properties]] = {}
    for kind, wants in _after(changes).items():
        before = {} if base is None else base.made.get(kind, {})
        made[kind] = dict(before)
        for key, after in wants.items():
            was = now[kind].get(key)
            if was is None:
                made[kind][key] = after
                continue
            named = wished[kind].get(key, {}).keys() | {
                name for name, value in after.items() if was.get(name) != value
            }
            made[kind][key] = {**before.get(key, was), **{name: after[name] for name in named}}
    return Base(wished=wished, made=made, order=changes.question_order)


def is_reordered(base: Base | None, current: StudyContent) -> bool:
    """Tell whether the questions were put into another order by hand."""
    if base is None:
        return False
    names = [question.name for question in current.questions]
    return plan.common_order(names, base.order) != plan.common_order(base.order, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _States:
    """One thing in its states; None where it is not there."""

    kind: str
    key: str
    base: Properties | None
    now: Properties | None
    after: Properties | None
    wished: Properties
    last: Properties
    is_tracked: bool

    def differences(self, *, keep: bool) -> Iterator[Difference]:
        """Yield what the files change, and what was changed by hand."""
        if self.now is None or (self.base is None and self.after is None):
            yield self._whole(keep=keep)
            return
        base, after = self.base or {}, self.after or {}
        for name in {**after, **self.now, **base}:
            now, value = self.now.get(name), after.get(name)
            is_by_hand = self.is_tracked and now != base.get(name)
            if value is not None and now != value:
                by_file = self.wished.get(name) != self.last.get(name)
                yield self._difference(name, now, value, is_by_hand, by_file, keep=keep)
            elif is_by_hand and self.base is not None and name not in self.wished:
                yield self._untouched(name, base.get(name), now)

    def _whole(self, *, keep: bool) -> Difference:
        """Return that the whole thing was added or removed, by the files or by hand."""
        if self.after is None:
            base = None if self.base is None else PRESENT
            return self._untouched("", base, None if self.now is None else PRESENT)
        is_by_hand = self.is_tracked and self.base is not None
        return self._difference("", None, PRESENT, is_by_hand, self.wished != self.last, keep=keep)

    def _difference(
        self,
        name: str,
        now: str | None,
        value: str,
        is_by_hand: bool,
        by_file: bool,
        *,
        keep: bool,
    ) -> Difference:
        base = (PRESENT if is_by_hand else None) if not name else (self.base or {}).get(name)
        by_hand = Cause.BOTH if by_file else Cause.HAND
        replaced = Fate.KEPT if keep else Fate.OVERWRITTEN
        return Difference(
            kind=self.kind,
            key=self.key,
            name=name,
            base=base,
            now=now,
            wanted=value,
            cause=by_hand if is_by_hand else Cause.FILE,
            fate=replaced if is_by_hand else Fate.APPLIED,
        )

    def _untouched(self, name: str, base: str | None, now: str | None) -> Difference:
        return Difference(
            kind=self.kind,
            key=self.key,
            name=name,
            base=base,
            now=now,
            wanted=None,
            cause=Cause.HAND,
            fate=Fate.UNTOUCHED,
        )


def _after(changes: Changes) -> dict[str, dict[str, Properties]]:
    """Return what the files make of each thing that they name."""
    return {
        kind: {change.key: snapshot.properties(change.after) for change in group}
        for kind, group in changes.by_kind().items()
    }


def _order_difference(
    changes: Changes, current: StudyContent, base: Base | None, *, keep: bool
) -> Difference | None:
    if not changes.reordered:
        return None
    is_by_hand = is_reordered(base, current)
    wanted = plan.common_order(
        changes.question_order, [question.name for question in current.questions]
    )
    by_file = base is not None and plan.common_order(base.order, wanted) != wanted
    return Difference(
        kind="questions",
        key="",
        name=ORDER,
        base=None if base is None else ", ".join(base.order),
        now=", ".join(question.name for question in current.questions),
        wanted=", ".join(wanted),
        cause=(Cause.BOTH if by_file else Cause.HAND) if is_by_hand else Cause.FILE,
        fate=(Fate.KEPT if keep else Fate.OVERWRITTEN) if is_by_hand else Fate.APPLIED,
    )
