"""QuPath: what its extension for Slide Score asks of one slide, for the person of a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from access import blinding, gate, people, tokens
from access.rights import Actor, Right
from access.slidelinks import SlideLinks
from access.tokens import NewApiToken
from records import question_types
from records.errors import InputError, NotFoundError, RightsError
from records.tables import AnnotationFile, Question, Slide, StudyMember, User
from scoring import annotation_files, answers, authors
from scoring.annotation_files import AnnotationTarget, Intake
from scoring.drawn_answers import COLOURS
from scoring.finding import AnswerFilter
from scoring.formats.questions_map import normal_colour
from scoring.formats.results_tsv import ResultRow

UPLOAD_LIFETIME = timedelta(days=1)

MAX_CORES = 10_000

MAX_PROJECT_SLIDES = 10_000
"""Slides of a project; each is looked up."""

_TMA = "TMAs:"
_METADATA = "SlideScoreMetadata.json"
_LINK = re.compile(r"/i/(?P<slide>[0-9]{1,9})/[A-Za-z0-9_=-]{1,255}/SlideScoreMetadata\.json")
_CORE = re.compile(r"([0-9]{1,6}),([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class SlideAccess:
    """A link to a slide, for one person.

    Parameters
    ----------
    token
        Part of ``/i/<slide>/<token>/SlideScoreMetadata.json``.
    """

    slide_id: int
    name: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LargeAnnotation:
    """What QuPath needs to send an annotation as a file."""

    upload_token: str
    api_token: str
    uuid: str


def find_links(
    session: Session,
    actor: Actor,
    *,
    study_id: int,
    email: str | None,
    links: SlideLinks,
    now: datetime,
) -> list[SlideAccess]:
    """Return a link to each slide of a study, in its order, for a person.

    Parameters
    ----------
    email
        Whose answers the links write, a member of the study; None for the person who asks.

    Raises
    ------
    RightsError
        The actor may not see the slides, or may not act for somebody else.
    NotFoundError
        There is no such study or member.
    InputError
        A token asks, and does not say for whom.
    """
    study = gate.readable_study(session, actor, study_id, right=Right.CAN_GET_PIXELS)
    user_id = _link_owner(session, actor, study_id, email)
    slides = session.execute(
        select(col(Slide.id), col(Slide.name))
        .where(col(Slide.study_id) == study_id, col(Slide.archived_at).is_(None))
        .order_by(col(Slide.position), col(Slide.id))
    ).all()
    hidden = blinding.find(session, actor, study)
    found = []
    for slide_id, name in slides:
        token, expires_at = links.issue(slide_id, user_id, now)
        found.append(SlideAccess(slide_id, hidden.slide_name(slide_id, name), token, expires_at))
    return found


def renew_project(
    session: Session, actor: Actor, *, text: str, links: SlideLinks, now: datetime
) -> tuple[str, int]:
    """Return the text of a ``project.qpproj`` with new links, and how many slides got one.

    Links of slides that the person may not see, or that are not ours, stay as they are.

    Raises
    ------
    RightsError
        A token asks: links are a person's.
    InputError
        There is no link in the text, or there are too many.
    """
    if actor.user_id is None:
        raise RightsError("links are a person's; sign in, or download a project for somebody")
    linked_ids = {int(found["slide"]) for found in _LINK.finditer(text)}
    if len(linked_ids) > MAX_PROJECT_SLIDES:
        raise InputError(
            f"project links {len(linked_ids)} slides; at most {MAX_PROJECT_SLIDES} are renewed"
        )
    renewed: dict[int, str] = {}
    for slide_id in linked_ids:
        try:
            gate.readable_slide(session, actor, slide_id, right=Right.CAN_GET_PIXELS)
        except (RightsError, NotFoundError):
            continue
        renewed[slide_id], _ = links.issue(slide_id, actor.user_id, now)
    if not _LINK.search(text):
        raise InputError("project has no link to a slide; expected the text of a project.qpproj")

    def linked(found: re.Match[str]) -> str:
        token = renewed.get(int(found["slide"]))
        return found[0] if token is None else f"/i/{found['slide']}/{token}/{_METADATA}"

    return _LINK.sub(linked, text), len(renewed)


def shown_name(session: Session, actor: Actor, *, slide_id: int) -> str | None:
    """Return what a slide is called for who may not hear its name, or None for who may.

    Raises
    ------
    RightsError
        The actor may not see the slide.
    """
    slide = gate.readable_slide(session, actor, slide_id)
    study = gate.readable_study(session, actor, slide.study_id)
    name = blinding.find(session, actor, study).slide_name(slide_id, slide.name)
    return None if name == slide.name else name


def question_lines(session: Session, actor: Actor, *, slide_id: int) -> list[str]:
    """Return a line ``name;TypeName;values`` for each question of a slide's study.

    Raises
    ------
    RightsError
        The actor may not see the slide.
    """
    study_id = gate.readable_slide(session, actor, slide_id).study_id
    return [
        ";".join(
            (_cell(name), question_types.by_id(type_id).name, values.splitlines()[0])
            if values
            else (_cell(name), question_types.by_id(type_id).name)
        )
        for name, type_id, values in _questions(session, study_id)
    ]


def answer_lines(
    session: Session, actor: Actor, *, slide_id: int, told: Callable[[str], str]
) -> Iterator[str]:
    r"""Yield a line ``question;email;value;#rrggbb`` for each current answer about a slide.

    Source: slidescore.md 5. A value that holds a semicolon would shift the client's fields, and no
    sign escapes one: in JSON it is written ``\u003b``, which means the same; elsewhere as a comma.

    Parameters
    ----------
    told
        Returns an answer as the client can read it.

    Raises
    ------
    RightsError
        The actor may see no answers of the study.
    """
    study_id = gate.readable_slide(session, actor, slide_id).study_id
    colours = question_colours(session, study_id)
    wanted = AnswerFilter(slide_id=slide_id)
    for found in answers.find_answers(session, actor, study_id=study_id, wanted=wanted):
        row = found.row
        value = told(row.value)
        value = value.replace(";", "\\u003b" if value.startswith("[") else ",")
        yield ";".join((_cell(row.question), row.email, value, colours.get(row.question, "")))


def save_answer(
    session: Session,
    actor: Actor,
    *,
    slide_id: int,
    question: str,
    answer: str,
    now: datetime,
) -> None:
    """Keep what QuPath sends as the person's answer, about the slide or about each of its cores.

    Source: slidescore.md 5, AnnoAnswer: ``TMAs:`` and then, for each core, a line ``row,column`` in
    the map's order and a line of JSON; the person's earlier answers are replaced.

    Raises
    ------
    RightsError
        The person may not score the study.
    InputError
        The answer, or a core, is none.
    """
    study_id = authors.slide_to_answer(session, actor, slide_id).study_id
    email = _email(actor)
    rows = [
        ResultRow(
            slide_id=slide_id,
            slide_name="",
            email=email,
            question=question,
            value=value,
            tma_row=place[0] if place else None,
            tma_column=place[1] if place else None,
            tma_sample="" if place else None,
            line=line,
        )
        for line, (place, value) in enumerate(parse_answer(answer), start=1)
    ]
    answers.save_results(session, actor, study_id=study_id, rows=rows, now=now)


def parse_answer(text: str) -> list[tuple[tuple[int, int] | None, str]]:
    """Return what is answered about the slide (None) or about each core (row, column from 0)."""
    if not text.startswith(_TMA):
        return [(None, text.strip())]
    lines = text.removeprefix(_TMA).strip().splitlines()
    if len(lines) > 2 * MAX_CORES:
        raise InputError(f"a microarray has at most {MAX_CORES:,} cores")
    found: list[tuple[tuple[int, int] | None, str]] = []
    for number in range(0, len(lines), 2):
        place = _CORE.fullmatch(lines[number].strip())
        if place is None or number + 1 == len(lines):
            raise InputError(
                f"line {number + 2} must be row,column of a core, and the next one its answer"
            )
        found.append(((int(place[1]), int(place[2])), lines[number + 1].strip()))
    return found


def create_large(
    session: Session,
    actor: Actor,
    *,
    slide_id: int,
    question: str,
    core_id: int | None,
    intake: Intake,
    now: datetime,
) -> LargeAnnotation:
    """Ask for an annotation file that will be the person's answer, with a token to send it by.

    The token has no rights: it opens this one upload and nothing else. That it is the person who
    answers is checked again when the file is there.

    Raises
    ------
    RightsError
        The person may not score the study.
    InputError
        The question takes no annotations.
    """
    study_id = authors.slide_to_answer(session, actor, slide_id).study_id
    secret = tokens.issue_api_token(
        session,
        actor,
        NewApiToken(
            name=f"QuPath upload for slide {slide_id}",
            rights=frozenset(),
            # No study is called so: the token reads and changes none.
            read_studies=("/",),
            modify_studies=("/",),
            expires_at=now + UPLOAD_LIFETIME,
        ),
    )
    sender = tokens.verify_api_token(session, secret, now)

    def request_ticket(
        session: Session, actor: Actor, *, annotation_file_id: int, now: datetime
    ) -> str:
        del actor  # Whoever answers, the upload is the token's.
        return intake.request_ticket(
            session, sender, annotation_file_id=annotation_file_id, now=now
        )

    awaited = annotation_files.create_anno2(
        session,
        actor,
        target=AnnotationTarget(
            study_id=study_id,
            email=_email(actor),
            slide_id=slide_id,
            core_id=core_id,
            question=question,
        ),
        intake=Intake(request_ticket=request_ticket, new_uuid=intake.new_uuid),
        now=now,
    )
    return LargeAnnotation(awaited.upload_token, secret, awaited.uuid)


def check_owner(session: Session, actor: Actor, *, slide_id: int, annotation_file_id: int) -> None:
    """Insist that an annotation file will be an answer of the link's person about its slide.

    Raises
    ------
    NotFoundError
        It will not.
    """
    file = session.get(AnnotationFile, annotation_file_id)
    if file is None or file.slide_id != slide_id or file.user_id != actor.user_id:
        raise NotFoundError("there is no such annotation of yours about this slide")


def study_facts(session: Session, actor: Actor, *, study_id: int) -> tuple[str, dict[str, str]]:
    """Return a study's name, and the colours of its drawn questions.

    Raises
    ------
    RightsError
        The actor may not see the study.
    NotFoundError
        There is no such study.
    """
    study = gate.readable_study(session, actor, study_id)
    return study.friendly_name or study.name, question_colours(session, study_id)


def question_colours(session: Session, study_id: int) -> dict[str, str]:
    """Return the colour, ``#rrggbb``, of each drawn question of a study."""
    found = {}
    for place, (name, type_id, values) in enumerate(_questions(session, study_id)):
        kind = question_types.by_id(type_id)
        if kind.is_annotation:
            own = question_types.colour(kind, values)
            found[name] = normal_colour(own or COLOURS[place % len(COLOURS)])
    return found


def _questions(session: Session, study_id: int) -> Sequence[tuple[str, int, str]]:
    rows = session.execute(
        select(col(Question.name), col(Question.type_id), col(Question.values_allowed))
        .where(col(Question.study_id) == study_id)
        .order_by(col(Question.position), col(Question.id))
    )
    return [(name, type_id, values) for name, type_id, values in rows]


def _link_owner(session: Session, actor: Actor, study_id: int, email: str | None) -> int:
    if email is None:
        if actor.user_id is None:
            raise InputError("email is missing; expected for whose answers the links are")
        return actor.user_id
    address = people.normalise_email(email)
    if address != actor.email:
        # Links let their bearer answer in somebody's name.
        gate.modifiable_study(session, actor, study_id, right=Right.CAN_UPLOAD_SCORES)
    user_id = session.scalar(
        select(col(User.id))
        .join(StudyMember, col(StudyMember.user_id) == col(User.id))
        .where(col(User.email) == address, col(StudyMember.study_id) == study_id)
    )
    if user_id is None:
        raise NotFoundError(f"{address} is no member of study {study_id}")
    return user_id


def _email(actor: Actor) -> str:
    if actor.email is None:
        raise InputError("a link is a person's; this actor is none")
    return actor.email


def _cell(text: str) -> str:
    """Return a name as one field of a line."""
    return text.replace(";", ",").replace("\n", " ")
