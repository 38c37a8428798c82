"""API tokens as people handle them in the browser: made, listed and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from access import tokens
from access.rights import Actor, Right, parse_list, parse_rights
from records import audit
from records.errors import InputError, NotFoundError, RightsError
from records.tables import ApiToken, Study, StudyMember, User

_EDITORS_RIGHTS = frozenset({Right.CAN_GET_PIXELS, Right.CAN_GET_CONFIG, Right.CAN_UPLOAD_SCORES})
_RESULT_RIGHTS = frozenset({Right.CAN_GET_SCORES, Right.CAN_GET_ANY_SCORES})

LONGEST_LIFETIME = timedelta(days=366)
"""A choice: tokens of people last a year at most; the command line makes others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What is known of a token; its text is known to nobody but its bearer."""

    token_id: int
    name: str
    owner: str | None
    rights: frozenset[Right]
    read_studies: tuple[str, ...]
    modify_studies: tuple[str, ...]
    upload_folders: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def create_token(
    session: Session, actor: Actor, wanted: tokens.NewApiToken, *, now: datetime
) -> str:
    """Make a token for the person who asks, and return its text.

    An administrator may give any right. Others may give what they have themselves, for studies
    that they edit, which must be named: a token does not follow later changes of membership.

    Raises
    ------
    RightsError
        It would be able to do more than the person who makes it.
    InputError
        It has no name, or an end that is past or too far.
    """
    _require_person(actor)
    latest = now + LONGEST_LIFETIME
    if wanted.expires_at is None or not now < wanted.expires_at <= latest:
        raise InputError(f"a token ends within a year: give a date up to {latest:%Y-%m-%d}")
    if len(wanted.name) > 200:
        raise InputError("a token's name has at most 200 characters")
    if not actor.is_admin:
        _check_reach(session, actor, wanted)
    return tokens.issue_api_token(session, actor, wanted)


def list_tokens(session: Session, actor: Actor) -> list[TokenFacts]:
    """Return the person's own tokens, newest first; for an administrator everybody's.

    Raises
    ------
    RightsError
        The caller is a token.
    """
    _require_person(actor)
    query = select(ApiToken, User.email).outerjoin(
        User, col(User.id) == col(ApiToken.created_by_user_id)
    )
    if not actor.is_admin:
        query = query.where(ApiToken.created_by_user_id == actor.user_id)
    rows = session.exec(query.order_by(col(ApiToken.id).desc())).all()
    return [_facts(token, email) for token, email in rows]


def revoke_token(session: Session, actor: Actor, *, token_id: int, now: datetime) -> None:
    """End a token; one that is ended stays so.

    Raises
    ------
    NotFoundError
        There is no such token, or it is somebody else's.
    """
    _require_person(actor)
    token = session.get(ApiToken, token_id)
    if token is None or not (actor.is_admin or token.created_by_user_id == actor.user_id):
        raise NotFoundError(f"there is no token {token_id} of yours")
    if token.revoked_at is None:
        token.revoked_at = now
        session.add(token)
        audit.record(session, actor=actor.label, deed="token.revoke", subject=f"token:{token_id}")


def _require_person(actor: Actor) -> None:
    if actor.user_id is None or actor.token_id is not None:
        raise RightsError("tokens are made and listed by people who are signed in, not by tokens")


def _check_reach(session: Session, actor: Actor, wanted: tokens.NewApiToken) -> None:
    named = {name.lower() for name in (*wanted.read_studies, *wanted.modify_studies)}
    if not wanted.read_studies or not wanted.modify_studies:
        raise RightsError("name the studies that the token may read and modify; you edit those")
    query = (
        select(Study.name, StudyMember.can_score, StudyMember.can_get_results)
        .join(StudyMember, col(StudyMember.study_id) == col(Study.id))
        .where(StudyMember.user_id == actor.user_id, col(StudyMember.can_edit))
    )
    edited = {name.lower(): (score, results) for name, score, results in session.exec(query)}
    missing = sorted(named - edited.keys())
    if missing:
        raise RightsError(f"you do not edit a study named {missing[0]}")
    allowed = set(_EDITORS_RIGHTS)
    if not all(edited[name][0] for name in named):
        allowed.discard(Right.CAN_UPLOAD_SCORES)
    if all(edited[name][1] for name in named):
        allowed |= _RESULT_RIGHTS
    too_much = sorted(wanted.rights - allowed)
    if too_much:
        raise RightsError(f"you cannot give the right {too_much[0]}; ask an administrator")


def _facts(token: ApiToken, owner: str | None) -> TokenFacts:
    return TokenFacts(
        token_id=token.id or 0,
        name=token.name,
        owner=owner,
        rights=parse_rights(token.rights),
        read_studies=parse_list(token.read_studies),
        modify_studies=parse_list(token.modify_studies),
        upload_folders=parse_list(token.upload_folders),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
