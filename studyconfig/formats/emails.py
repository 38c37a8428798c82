"""``study.<name>.emails``: who takes part in a study, one person per line, and what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studyconfig import text

MAX_EMAIL_LENGTH = 254

_EMAIL = re.compile(r"[^\s@;,:<>()\[\]\"\\]+@[^\s@;,:<>()\[\]\"\\]+")
_RIGHTS = ("canscore", "canedit", "cangetresults")
_VIEW_ONLY = "viewonly"
_FORM = "email@example.com, or email@example.com;canscore,canedit,cangetresults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of a study; without any right they may look only.

    Parameters
    ----------
    email
        Address, lower case.
    """

    email: str
    can_score: bool = True
    can_edit: bool = False
    can_get_results: bool = False


@dataclass(frozen=True, slots=True)
class Members:
    """The people of a study, in the order of the file, each address once."""

    members: tuple[Member, ...] = ()


def parse(content: str, *, source: str = ".emails") -> Members:
    """Read the people of a study.

    Empty lines, and lines that begin with ``#``, are passed over.

    Parameters
    ----------
    content
        Text of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    ConfigSyntaxError
        A line is not an address, or names an unknown right; or an address comes twice with
        different rights.
    """
    found: dict[str, tuple[Member, int]] = {}
    mistakes = text.Mistakes()
    for line in text.lines(content, source=source):
        if line.is_blank or line.text.lstrip().startswith("#"):
            continue
        with mistakes.kept():
            member = _member(line)
            earlier, number = found.setdefault(member.email, (member, line.number))
            if earlier != member:
                raise line.error(f"{member.email} stands in line {number} with other rights")
    mistakes.check()
    return Members(tuple(member for member, _ in found.values()))


def write(value: Members) -> str:
    """Return the text of the file."""
    return "".join(f"{member.email};{_rights_text(member)}\n" for member in value.members)


def _member(line: text.Line) -> Member:
    email, *rest = line.fields(";", most=2)
    if not _EMAIL.fullmatch(email.text):
        raise line.error(
            f"{text.shown(email.text)} is no e-mail address; expected {_FORM}", email.column
        )
    line.check_length(email, MAX_EMAIL_LENGTH, "the e-mail address")
    # Source: seed, Users: "By default they get only CanScore right."
    rights = {"canscore"}
    if rest and rest[0].text.strip(";, "):
        rights = _rights(line, rest[0])
    return Member(
        email=email.text.lower(),
        can_score="canscore" in rights,
        can_edit="canedit" in rights,
        can_get_results="cangetresults" in rights,
    )


def _rights(line: text.Line, field: text.Field) -> set[str]:
    """Read a list of rights; it is complete, so CanScore is given only when named (choice)."""
    found = set()
    for word in re.finditer(r"[^,;\s]+", field.text):
        name = word.group().lower()
        if name not in {*_RIGHTS, _VIEW_ONLY}:
            known = (*_RIGHTS, _VIEW_ONLY)
            raise line.error(
                f"{text.shown(word.group())} is no right; there are {', '.join(known)}."
                f"{text.did_you_mean(name, known)}",
                field.column + word.start(),
            )
        found.add(name)
    if _VIEW_ONLY in found and len(found) > 1:
        raise line.error("viewonly cannot stand beside other rights", field.column)
    return found


def _rights_text(member: Member) -> str:
    held = (member.can_score, member.can_edit, member.can_get_results)
    names = [name for name, has in zip(_RIGHTS, held, strict=True) if has]
    return ",".join(names) or _VIEW_ONLY
