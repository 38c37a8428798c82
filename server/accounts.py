"""Calls about people and tokens: invited, changed, listed, revoked."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from access import invitations, token_desk, tokens
from access.calls import ApiCall, Call, Parameter
from access.invitations import NewLink, SendLetter
from access.personlinks import PersonLinks
from access.replies import json_reply
from access.rights import parse_list, parse_rights
from records.errors import AppError, ConflictError
from server.letters import password_letter

_OWN = "choice: the vendor has pages for this, and no call"


class AccountEndpoints:
    """Answers the calls of people's accounts and tokens.

    Parameters
    ----------
    links
        Makes links to choose a password, and to sign in.
    send
        Sends letters; None where no mail server is set: then links are shown to who asks.
    public_url
        Where people reach the server, for links in letters; empty: where the caller reached it.
    """

    def __init__(self, links: PersonLinks, send: SendLetter | None, public_url: str) -> None:
        self._links = links
        self._send = send
        self._public_url = public_url.rstrip("/")

    async def give_up_token(self, call: Call) -> Response:
        """End the bearer's token."""
        await call.write(tokens.give_up_api_token, now=call.now)
        return json_reply({"success": True})

    async def create_token(self, call: Call) -> Response:
        """Make a token of the person who asks."""
        wanted = tokens.NewApiToken(
            name=call.text("name"),
            rights=parse_rights(call.text("rights")),
            read_studies=parse_list(call.opt_text("readStudies") or ""),
            modify_studies=parse_list(call.opt_text("modifyStudies") or ""),
            upload_folders=parse_list(call.opt_text("uploadFolders") or ""),
            expires_at=call.instant("expiresOn"),
        )
        text = await call.write(token_desk.create_token, wanted, now=call.now)
        return json_reply({"success": True, "token": text})

    async def list_tokens(self, call: Call) -> Response:
        """List tokens."""
        rows = await call.read(token_desk.list_tokens)
        return json_reply([_token_object(row) for row in rows])

    async def revoke_token(self, call: Call) -> Response:
        """End a token."""
        await call.write(token_desk.revoke_token, token_id=call.integer("id"), now=call.now)
        return json_reply({"success": True})

    async def invite(self, call: Call) -> Response:
        """Invite somebody."""
        link = await call.write(
            invitations.invite,
            self._links,
            email=call.text("email"),
            study_id=call.opt_integer("studyId"),
            now=call.now,
        )
        return json_reply(await self._deliver(call, link))

    async def reset(self, call: Call) -> Response:
        """Let somebody choose a new password."""
        link = await call.write(
            invitations.reset, self._links, email=call.text("email"), now=call.now
        )
        return json_reply(await self._deliver(call, link))

    async def login_link(self, call: Call) -> Response:
        """Link that signs somebody in."""
        secret = await call.write(
            invitations.login_link,
            self._links,
            email=call.text("username"),
            expires_at=call.instant("expiresOn"),
            now=call.now,
        )
        return json_reply({"success": True, "link": f"{self._base(call)}/Account/Enter/{secret}"})

    async def list_people(self, call: Call) -> Response:
        """List accounts."""
        rows = await call.read(invitations.list_people)
        return json_reply(
            [
                {
                    "id": row.user_id,
                    "email": row.email,
                    "name": row.name,
                    "isAdmin": row.is_admin,
                    "isActive": row.is_active,
                    "hasPassword": row.has_password,
                    "studyCount": row.study_count,
                    "createdOn": row.created_at.isoformat(),
                    "signedInOn": _instant(row.signed_in_at),
                }
                for row in rows
            ]
        )

    async def change_person(self, call: Call) -> Response:
        """Change an account."""
        await call.write(
            invitations.change_person,
            email=call.text("email"),
            is_admin=call.opt_boolean("isAdmin"),
            is_active=call.opt_boolean("isActive"),
            name=call.opt_text("name"),
        )
        return json_reply({"success": True})

    def _base(self, call: Call) -> str:
        return self._public_url or str(call.request.base_url).rstrip("/")

    async def _deliver(self, call: Call, link: NewLink) -> dict[str, object]:
        address = f"{self._base(call)}/Account/Password/{link.secret}"
        problem = None
        # Without a set address the caller's Host header would choose where the letter leads.
        if self._send is not None and self._public_url:
            try:
                await call.in_thread(self._send, password_letter(link, address))
            except AppError as error:
                problem = error.message
        mailed = self._send is not None and bool(self._public_url) and problem is None
        if not mailed and not link.may_be_shown:
            raise ConflictError(
                f"{link.email} has more than your studies, so the link is for a letter alone, and "
                f"none was sent{f' ({problem})' if problem else ''}; ask an administrator"
            )
        return {
            "success": True,
            "email": link.email,
            "mailed": mailed,
            "link": None if mailed else address,
            "expiresOn": link.expires_at.isoformat(),
            "problem": problem,
        }


def calls(endpoints: AccountEndpoints) -> list[ApiCall]:
    """Return the declared calls."""
    signed_in = "a person who is signed in"
    admin = "an administrator who is signed in"
    email = Parameter("email", str)
    return [
        ApiCall(
            "GiveUpToken",
            endpoints.give_up_token,
            "End the token that this call is made with",
            right="a token",
            source="slidescore.md 1 #7",
            writes=True,
        ),
        ApiCall(
            "CreateToken",
            endpoints.create_token,
            "Make an API token, shown once; nobody gives more rights than they have",
            parameters=(
                Parameter("name", str, note="what it is for"),
                Parameter("rights", str, note="all, or names such as CanGetPixels;CanGetConfig"),
                Parameter("readStudies", str, required=False, note="names, between semicolons"),
                Parameter("modifyStudies", str, required=False, note="names"),
                Parameter("uploadFolders", str, required=False, note="folders"),
                Parameter("expiresOn", datetime, note="within a year"),
            ),
            right=f"{signed_in}; others than administrators must name studies that they edit",
            source=_OWN,
            writes=True,
        ),
        ApiCall(
            "Tokens",
            endpoints.list_tokens,
            "One's own API tokens; for administrators everybody's",
            right=signed_in,
            source=_OWN,
        ),
        ApiCall(
            "RevokeToken",
            endpoints.revoke_token,
            "End an API token at once",
            parameters=(Parameter("id", int),),
            right=f"{signed_in}, and made it or is administrator",
            source=_OWN,
            writes=True,
        ),
        ApiCall(
            "InvitePerson",
            endpoints.invite,
            "Send somebody a link to choose their first password; without mail, return it",
            parameters=(email, Parameter("studyId", int, required=False, note="of an editor")),
            right="an administrator, or who edits the study that the person is a member of",
            source=_OWN,
            writes=True,
        ),
        ApiCall(
            "ResetPassword",
            endpoints.reset,
            "Send somebody a link to choose a new password; without mail, return it",
            parameters=(email,),
            right=admin,
            source=_OWN,
            writes=True,
        ),
        ApiCall(
            "GenerateLoginLink",
            endpoints.login_link,
            "Link that signs somebody in until it expires or they choose a password",
            parameters=(
                Parameter("username", str, note="e-mail address; not an administrator's"),
                Parameter("expiresOn", datetime, note="within a year"),
            ),
            right="CanHandleStudentAccounts",
            source="slidescore.md 3.10",
            writes=True,
        ),
        ApiCall(
            "People",
            endpoints.list_people,
            "Every account: rights, studies, when last signed in",
            right=admin,
            source=_OWN,
        ),
        ApiCall(
            "ChangePerson",
            endpoints.change_person,
            "Make somebody administrator, close their account, or name them",
            parameters=(
                email,
                Parameter("isAdmin", bool, required=False),
                Parameter("isActive", bool, required=False, note="false closes the account"),
                Parameter("name", str, required=False),
            ),
            right=admin,
            source=_OWN,
            writes=True,
        ),
    ]


def _token_object(row: token_desk.TokenFacts) -> dict[str, object]:
    return {
        "id": row.token_id,
        "name": row.name,
        "owner": row.owner,
        "rights": sorted(row.rights),
        "readStudies": list(row.read_studies),
        "modifyStudies": list(row.modify_studies),
        "uploadFolders": list(row.upload_folders),
        "createdOn": row.created_at.isoformat(),
        "expiresOn": _instant(row.expires_at),
        "revokedOn": _instant(row.revoked_at),
        "lastUsedOn": _instant(row.last_used_at),
    }


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
