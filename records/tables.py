"""The tables: every row that Coverslip keeps.

Rows that another surface may name later (study, case, visit, slide, user …) carry a ULID
beside the integer id. Wire surfaces own no tables; they translate into use-cases over these.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.columns import LargeInteger, UtcDateTime, new_ulid, utc_now
from records.people_tables import (
    ULID_LENGTH,
    ApiToken as ApiToken,
    AuditEvent as AuditEvent,
    LoginSession as LoginSession,
    SignInFailure as SignInFailure,
    User as User,
)


class Study(SQLModel, table=True):
    """A set of slides, the questions asked about them and the people who answer."""

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    name: str = Field(max_length=200, unique=True, description="also the name of its folder")
    friendly_name: str = ""
    folder: str = Field(default="", description="where the study list shows it")
    description: str = ""
    settings: str = Field(default="{}", description="JSON object: .config name -> value as text")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="since when nobody sees it; may come back"
    )
    created_by_token_id: int | None = Field(default=None, foreign_key="api_token.id")
    created_by_user_id: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True, description="when an answer last changed"
    )


class StudyMember(SQLModel, table=True):
    """What one person may do in one study; being a member at all means being able to view it."""

    __tablename__ = "study_member"
    __table_args__ = (UniqueConstraint("study_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    study_id: int = Field(foreign_key="study.id")
    user_id: int = Field(foreign_key="user_account.id", index=True)
    can_score: bool = False
    can_edit: bool = False
    can_get_results: bool = False


class StudyImport(SQLModel, table=True):
    """The last Reimport of a study: what later changes by hand are known by."""

    __tablename__ = "study_import"

    id: int | None = Field(default=None, primary_key=True)
    study_id: int = Field(foreign_key="study.id", unique=True)
    actor: str = Field(max_length=80, description="who asked for it: token:3, user:7, cli")
    imported_at: datetime = Field(sa_type=UtcDateTime)
    base: str = Field(description="JSON: what the files said, and what was made of it")


class Case(SQLModel, table=True):
    """Slides that belong together, usually one patient's."""

    __tablename__ = "study_case"
    __table_args__ = (UniqueConstraint("study_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id")
    name: str = Field(max_length=400)
    description: str = ""


class Visit(SQLModel, table=True):
    """One occasion on which material was taken from a case; trials order slides by it."""

    __table_args__ = (UniqueConstraint("case_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    case_id: int = Field(foreign_key="study_case.id")
    name: str = Field(max_length=200)
    visited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TmaMap(SQLModel, table=True):
    """The layout of a tissue microarray: which sample each core holds."""

    __tablename__ = "tma_map"
    __table_args__ = (UniqueConstraint("study_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id")
    name: str = Field(max_length=400)
    header: str = Field(default="{}", description="JSON object: header property -> value as text")
    row_count: int = 0
    column_count: int = 0


class Core(SQLModel, table=True):
    """One place of a TMA map. Rows and columns count from 0, from the upper left, unrotated."""

    __table_args__ = (UniqueConstraint("tma_map_id", "row", "column"),)

    id: int | None = Field(default=None, primary_key=True)
    tma_map_id: int = Field(foreign_key="tma_map.id")
    row: int
    column: int
    sample: str = Field(default="", max_length=400, description="sample id; empty: no core here")
    is_control: bool = False
    is_ignored: bool = False


class Slide(SQLModel, table=True):
    """One slide of one study. Widths and heights are level-0 pixels, mpp is µm per pixel."""

    __table_args__ = (UniqueConstraint("study_id", "path"),)

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id")
    case_id: int | None = Field(default=None, foreign_key="study_case.id", index=True)
    visit_id: int | None = Field(default=None, foreign_key="visit.id")
    tma_map_id: int | None = Field(default=None, foreign_key="tma_map.id")
    name: str = Field(max_length=400)
    path: str = Field(max_length=1024, description="relative to the images root, with /")
    description: str = Field(default="", description="limited HTML")
    position: int = 0
    rotation: int = Field(default=0, description="degrees clockwise: 0, 90, 180 or 270")
    file_size: int = Field(default=0, sa_type=LargeInteger, description="bytes")
    file_mtime_ns: int = Field(default=0, sa_type=LargeInteger)
    sha256: str | None = Field(default=None, max_length=64)
    reader: str = ""
    width: int = 0
    height: int = 0
    level_count: int = 0
    mpp_x: float | None = Field(default=None, description="as the file says")
    mpp_y: float | None = Field(default=None, description="as the file says")
    mpp_override: float | None = Field(default=None, description="as a person set it")
    objective_power: float | None = None
    is_out_of_focus: bool | None = None
    core_um: float | None = Field(
        default=None, description="diameter of a TMA core, in µm, as a person set it"
    )
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CoreLayout(SQLModel, table=True):
    """Where the cores of a slide lie, as they were found once."""

    __tablename__ = "core_layout"

    id: int | None = Field(default=None, primary_key=True)
    slide_id: int = Field(foreign_key="slide.id", ondelete="CASCADE", unique=True)
    made_from: str = Field(max_length=64, description="SHA-256 of file, map, rotation and size")
    is_sure: bool
    diameter: float = Field(description="of a core, in level-0 pixels")
    places: str = Field(description="JSON, row by row of the map: x, y, seen, missing")


class Question(SQLModel, table=True):
    """One line of a study's scoring sheet; the wire calls it a score."""

    __table_args__ = (UniqueConstraint("study_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id")
    position: int = 0
    name: str = Field(max_length=400)
    type_id: int = Field(description="0..19, spec section 8")
    values_allowed: str = Field(default="", description="the third field of the .scores line")
    flags: str = Field(default="{}", description="JSON: mandatory, per_case, condition")


class Answer(SQLModel, table=True):
    """One answer, exactly as it was sent; rows are only added.

    A newer one for the same subject, question and user becomes the current one and leaves the
    older as history.
    """

    __table_args__ = (
        Index(
            "uq_answer_current",
            "question_id",
            "user_id",
            "subject",
            unique=True,
            sqlite_where=text("is_current = 1"),
            postgresql_where=text("is_current"),
        ),
        Index("ix_answer_study_current", "study_id", "is_current", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    study_id: int = Field(foreign_key="study.id")
    question_id: int = Field(foreign_key="question.id")
    user_id: int = Field(foreign_key="user_account.id")
    slide_id: int | None = Field(default=None, foreign_key="slide.id", index=True)
    case_id: int | None = Field(
        default=None, foreign_key="study_case.id", description="only for answers about a case"
    )
    core_id: int | None = Field(default=None, foreign_key="core.id")
    subject: str = Field(
        max_length=64, description="slide:7, slide:7/core:3 or case:2: what is unique while current"
    )
    value: str
    annotation_file_id: int | None = Field(default=None, foreign_key="annotation_file.id")
    is_current: bool = True
    door: str = Field(max_length=40, description="by which call it came: results, asap, anno2 …")
    actor: str = Field(max_length=80, description="who sent it: token:3, user:7, cli")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ViewSession(SQLModel, table=True):
    """One look of a person at one slide: where in it they were, and when."""

    __tablename__ = "view_session"

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id", ondelete="CASCADE", index=True)
    slide_id: int = Field(foreign_key="slide.id", ondelete="CASCADE", index=True)
    user_id: int = Field(foreign_key="user_account.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    batch_count: int = 0
    event_count: int = 0
    last_ms: int = Field(default=0, description="of the last event, since the session began")


class ViewEvents(SQLModel, table=True):
    """Some events of a session, as they arrived together."""

    __tablename__ = "view_events"
    __table_args__ = (UniqueConstraint("session_id", "batch"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="view_session.id", ondelete="CASCADE")
    batch: int = Field(description="counted from 0")
    events: str = Field(description="lines: ms, x, y, width, height, cursor x, cursor y")


class AnnotationFile(SQLModel, table=True):
    """An annotation too large for an answer's text, kept as a file (anno2)."""

    __tablename__ = "annotation_file"

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    uuid: str = Field(max_length=36, unique=True, description="annoUUID on the wire")
    study_id: int | None = Field(default=None, foreign_key="study.id")
    slide_id: int | None = Field(default=None, foreign_key="slide.id")
    case_id: int | None = Field(default=None, foreign_key="study_case.id")
    core_id: int | None = Field(default=None, foreign_key="core.id")
    question_id: int | None = Field(default=None, foreign_key="question.id")
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    kind: str = Field(default="", description="points, mask, polygons, heatmap or binary-heatmap")
    item_count: int = 0
    byte_count: int = Field(default=0, sa_type=LargeInteger)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Upload(SQLModel, table=True):
    """A file on its way in: asked for, arriving, then moved into place."""

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    ticket_hash: str = Field(max_length=64, unique=True, description="SHA-256 of the upload token")
    actor: str = Field(max_length=80)
    api_token_id: int | None = Field(default=None, foreign_key="api_token.id")
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    purpose: str = Field(default="file", max_length=20, description="file, anno2 or attachment")
    folder: str = Field(default="", max_length=1024, description="under the images root")
    filename: str = Field(max_length=255)
    annotation_file_id: int | None = Field(default=None, foreign_key="annotation_file.id")
    attachment_id: int | None = Field(default=None, foreign_key="attachment.id")
    part: str | None = Field(default=None, max_length=64, unique=True, description="tus file id")
    byte_count: int | None = Field(default=None, sa_type=LargeInteger)
    sha256: str | None = Field(default=None, max_length=64, description="of the arrived file, hex")
    state: str = Field(
        default="waiting",
        max_length=20,
        index=True,
        description="waiting, checking, ready, unreadable, stored or failed",
    )
    problem: str = Field(default="", description="why it failed, or cannot be read")
    facts: str = Field(default="[]", description="JSON list: what each slide in it was found to be")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attachment(SQLModel, table=True):
    """A file that a description links to; it is no slide and lies apart from the images."""

    id: int | None = Field(default=None, primary_key=True)
    ulid: str = Field(default_factory=new_ulid, max_length=ULID_LENGTH, unique=True)
    study_id: int = Field(foreign_key="study.id", index=True)
    secret: str = Field(max_length=40, description="the unguessable part of its link")
    filename: str = Field(max_length=255)
    api_token_id: int = Field(foreign_key="api_token.id", description="may upload it, once")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
