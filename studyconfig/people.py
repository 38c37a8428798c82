"""The people of a study, one at a time: taken in with rights, taken out, and written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from access import gate, people
from access.invitations import Letter, RefusedLetterError, SendLetter
from access.rights import Actor, Right
from records import audit
from records.errors import AppError, InputError, NotFoundError
from records.tables import StudyMember, User
from studyconfig import content, text
from studyconfig.formats import emails
from studyconfig.formats.emails import Member, Members

START_LINK = "<LINK:Start Scoring>"
"""Source: seed, SendEmail: replaced by a link to start scoring the study."""

MAX_SUBJECT_LENGTH = 400
MAX_BODY_LENGTH = 100_000


def add_person(
    session: Session, actor: Actor, *, study_id: int, email: str, rights: str | None
) -> int:
    """Take somebody into a study, or give a member other rights.

    Parameters
    ----------
    rights
        As a ``.emails`` file lists them; None: a new member may score, another one keeps theirs.

    Returns
    -------
    int
        The person's id.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study.
    InputError
        It is no address, or a right is none.
    """
    gate.modifiable_study(session, actor, study_id)
    found = emails.parse(f"{email};{rights or ''}", source="email and rights").members
    if len(found) != 1:
        raise InputError("email must be one address, such as reader@example.com")
    wanted = found[0]
    user = people.find_or_add_user(session, wanted.email)
    row = _membership(session, study_id, content.key(user))
    before = None if row is None else _rights_text(row, wanted.email)
    if row is None or rights is not None:
        row = row or StudyMember(study_id=study_id, user_id=content.key(user))
        row.can_score = wanted.can_score
        row.can_edit = wanted.can_edit
        row.can_get_results = wanted.can_get_results
        session.add(row)
    audit.record(
        session,
        actor=actor.label,
        deed="study.add-user",
        subject=f"study:{study_id}",
        detail={"email": wanted.email, "before": before, "after": _rights_text(row, wanted.email)},
    )
    return content.key(user)


def remove_person(session: Session, actor: Actor, *, study_id: int, email: str) -> None:
    """Take somebody out of a study; their answers stay.

    Raises
    ------
    RightsError
        The actor may not modify the study.
    NotFoundError
        There is no such study, or nobody of that address in it.
    """
    gate.modifiable_study(session, actor, study_id)
    address = email.strip().lower()
    user = session.exec(select(User).where(User.email == address)).first()
    row = None if user is None else _membership(session, study_id, content.key(user))
    if row is None:
        raise NotFoundError(f"{address} is nobody of this study")
    session.delete(row)
    audit.record(
        session,
        actor=actor.label,
        deed="study.remove-user",
        subject=f"study:{study_id}",
        detail={"email": address, "before": _rights_text(row, address)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A letter to people of a study.

    Parameters
    ----------
    addresses
        Each gets a letter of their own: nobody learns who else takes part.
    """

    addresses: tuple[str, ...]
    subject: str
    body: str


def compose_mailing(
    session: Session, actor: Actor, *, study_id: int, to: str, subject: str, body: str, root: str
) -> Mailing:
    """Return the letter of a SendEmail call, with its link in place.

    Source: seed, SendEmail: it needs the right to get configuration files, and everybody in ``to``
    must be configured as user of the study.

    Parameters
    ----------
    to
        Addresses, separated by semicolons.
    root
        Address of the server, without a slash at its end.

    Raises
    ------
    RightsError
        The actor may not get the study's configuration.
    NotFoundError
        There is no such study.
    InputError
        An address is nobody of the study, the subject is not one line, or the text too long.
    """
    study = gate.readable_study(session, actor, study_id, right=Right.CAN_GET_CONFIG)
    addresses = tuple(dict.fromkeys(part.strip().lower() for part in to.split(";") if part.strip()))
    members = {
        user.email
        for user, _ in session.exec(
            select(User, StudyMember).join(StudyMember).where(StudyMember.study_id == study_id)
        )
    }
    strangers = [address for address in addresses if address not in members]
    if strangers or not addresses:
        raise InputError(
            f"{', '.join(strangers)}: nobody of study {study.name}; add them first"
            if strangers
            else "to must hold addresses of people of the study, separated by semicolons"
        )
    subject = subject.strip()
    if not subject or len(subject) > MAX_SUBJECT_LENGTH or text.NOT_TEXT.search(subject):
        raise InputError(f"subject must be a text of 1 to {MAX_SUBJECT_LENGTH} characters")
    if any(break_ in subject for break_ in "\r\n"):
        raise InputError("subject stands on one line")
    if len(body) > MAX_BODY_LENGTH:
        raise InputError(f"body has {len(body)} characters; at most {MAX_BODY_LENGTH} are sent")
    if START_LINK in body and not root:
        raise InputError(
            f"{START_LINK} needs the server's public address; set COVERSLIP_PUBLIC_URL"
        )
    link = f"{root}/Image/Details?studyId={study_id}"
    return Mailing(addresses=addresses, subject=subject, body=body.replace(START_LINK, link))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A letter that was not sent: to whom, and why."""

    email: str
    reason: str


def send_mailing(mailing: Mailing, send: SendLetter) -> tuple[Unsent, ...]:
    """Send a letter to each of its addresses; return those that did not get it.

    A letter that is refused keeps no other from being sent. When the mail server takes none any
    more, those that are left are not tried: each would wait until it is given up.
    """
    unsent: list[Unsent] = []
    gone = ""
    for address in mailing.addresses:
        if gone:
            unsent.append(Unsent(email=address, reason=f"not tried, for {gone}"))
            continue
        try:
            send(Letter(to=address, subject=mailing.subject, text=mailing.body))
        except RefusedLetterError as error:
            unsent.append(Unsent(email=address, reason=error.message))
        except AppError as error:
            gone = error.message
            unsent.append(Unsent(email=address, reason=gone))
    return tuple(unsent)


def note_unsent(session: Session, actor: Actor, *, study_id: int, unsent: Sequence[Unsent]) -> None:
    """Write down which letters of a mailing were not sent."""
    audit.record(
        session,
        actor=actor.label,
        deed="study.email-unsent",
        subject=f"study:{study_id}",
        detail={letter.email: letter.reason for letter in unsent},
    )


def note_mailing(session: Session, actor: Actor, *, study_id: int, mailing: Mailing) -> None:
    """Write down, before it is sent, that a letter goes to people of a study; not what it says."""
    audit.record(
        session,
        actor=actor.label,
        deed="study.send-email",
        subject=f"study:{study_id}",
        detail={"to": list(mailing.addresses), "subject": mailing.subject},
    )


def _membership(session: Session, study_id: int, user_id: int) -> StudyMember | None:
    return session.exec(
        select(StudyMember).where(StudyMember.study_id == study_id, StudyMember.user_id == user_id)
    ).first()


def _rights_text(row: StudyMember, email: str) -> str:
    member = Member(
        email=email,
        can_score=row.can_score,
        can_edit=row.can_edit,
        can_get_results=row.can_get_results,
    )
    return emails.write(Members((member,))).strip().partition(";")[2]
