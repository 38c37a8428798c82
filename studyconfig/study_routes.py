"""The Api calls about a study as a whole: made, changed, put away, deleted; its people; letters.

The vendor names most of these calls but publishes no parameters (slidescore.md 3.1): ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.invitations import SendLetter
from access.replies import json_reply
from records.errors import ConflictError
from studyconfig import lifecycle, people
from studyconfig.declared import STUDY_ID, change, done
from studyconfig.people import START_LINK, Mailing, Unsent

_OWNED = "CanDeleteOwnedStudies; made with the same token or by the same person"

_EMAIL = Parameter("email", str)
_SETTINGS = (
    Parameter("friendlyName", str, required=False),
    Parameter("folder", str, required=False),
    Parameter("config", str, required=False, note="lines as in a .config file"),
)


class WholeStudyEndpoints:
    """Answers the calls about a study as a whole.

    Parameters
    ----------
    send
        Sends letters; None where no mail server is set.
    public_url
        Where people reach the server, without a slash at the end; empty: not known.
    """

    def __init__(self, send: SendLetter | None, public_url: str) -> None:
        self._send = send
        self._public_url = public_url

    async def create_study(self, call: Call) -> Response:
        """Make an empty study."""
        study_id = await call.write(
            lifecycle.create_study,
            name=call.text("studyName"),
            settings=lifecycle.parse_settings(
                call.opt_text("config"),
                friendlyname=call.opt_text("friendlyName"),
                folder=call.opt_text("folder"),
            ),
            now=call.now,
        )
        return done(id=study_id)

    async def update_study(self, call: Call) -> Response:
        """Change settings and description of a study."""
        await call.write(
            lifecycle.update_study,
            study_id=call.integer("studyId"),
            settings=lifecycle.parse_settings(
                call.opt_text("config"),
                friendlyname=call.opt_text("friendlyName"),
                folder=call.opt_text("folder"),
            ),
            html=call.opt_text("description"),
        )
        return done()

    async def delete_study(self, call: Call) -> Response:
        """Take a study from everybody's sight."""
        await call.write(lifecycle.delete_study, study_id=call.integer("studyId"), now=call.now)
        return done()

    async def undelete_study(self, call: Call) -> Response:
        """Bring a deleted study back."""
        await call.write(lifecycle.undelete_study, study_id=call.integer("studyId"))
        return done()

    async def set_is_archived(self, call: Call) -> Response:
        """Mark a study or slide as put away."""
        await call.write(
            lifecycle.set_archived,
            study_id=call.integer("studyId"),
            slide_id=call.opt_integer("imageId"),
            is_archived=call.boolean("isArchived"),
            now=call.now,
        )
        return done()

    async def add_user(self, call: Call) -> Response:
        """Take somebody into a study."""
        user_id = await call.write(
            people.add_person,
            study_id=call.integer("studyId"),
            email=call.text("email"),
            rights=call.opt_text("rights"),
        )
        return done(id=user_id)

    async def remove_user(self, call: Call) -> Response:
        """Take somebody out of a study."""
        await call.write(
            people.remove_person, study_id=call.integer("studyId"), email=call.text("email")
        )
        return done()

    async def send_email(self, call: Call) -> Response:
        """Send a letter to people of a study."""
        study_id = call.integer("studyId")
        mailing = await call.read(
            people.compose_mailing,
            study_id=study_id,
            to=call.text("to"),
            subject=call.text("subject"),
            body=call.text("body"),
            root=self._public_url,
        )
        if self._send is None:
            raise ConflictError("no mail server is set; COVERSLIP_SMTP_URL names one")
        await call.write(people.note_mailing, study_id=study_id, mailing=mailing)
        unsent = await call.in_thread(people.send_mailing, mailing, self._send)
        if unsent:
            await call.write(people.note_unsent, study_id=study_id, unsent=unsent)
            return _unsent_reply(mailing, unsent)
        # Source: seed, SendEmail: "Empty JSON object if successful."
        return json_reply({})


def _unsent_reply(mailing: Mailing, unsent: Sequence[Unsent]) -> Response:
    """Tell who did not get a letter, and why."""
    total = len(mailing.addresses)
    words = [f"{total - len(unsent)} of {total} letters were sent"]
    words += [f"{letter.email}: {letter.reason}" for letter in unsent]
    told = "\n".join(words)
    return json_reply(
        {
            "success": False,
            "log": told,
            "error": told,
            "unsent": [{"email": letter.email, "reason": letter.reason} for letter in unsent],
        }
    )


def calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [*_study_calls(endpoints), *_people_calls(endpoints)]


def _study_calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    return [
        change(
            "CreateStudy",
            endpoints.create_study,
            "Make an empty study; a person who makes it becomes its editor",
            Parameter("studyName", str, note="fixed for ever"),
            *_SETTINGS,
            right="CanCreateStudies; the name in reach",
        ),
        change(
            "UpdateStudy",
            endpoints.update_study,
            "Change settings and description of a study; what is not told stays",
            STUDY_ID,
            *_SETTINGS,
            Parameter("description", str, required=False, note="limited HTML"),
        ),
        change(
            "DeleteStudy",
            endpoints.delete_study,
            "Take a study from everybody's sight; nothing of it is lost",
            STUDY_ID,
            right=_OWNED,
        ),
        change(
            "UndeleteStudy",
            endpoints.undelete_study,
            "Bring a deleted study back, as it was",
            STUDY_ID,
            right=_OWNED,
        ),
        change(
            "SetIsArchived",
            endpoints.set_is_archived,
            "Mark a study, or a slide of it, as put away; it can be read and scored all the same",
            STUDY_ID,
            Parameter("imageId", int, required=False, note="absent: the study"),
            Parameter("isArchived", bool),
        ),
    ]


def _people_calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    return [
        change(
            "AddUser",
            endpoints.add_user,
            "Take somebody into a study, or give a member other rights",
            STUDY_ID,
            _EMAIL,
            Parameter(
                "rights",
                str,
                required=False,
                note="as in .emails: canscore,canedit,cangetresults or viewonly; canscore",
            ),
        ),
        change(
            "RemoveUser",
            endpoints.remove_user,
            "Take somebody out of a study; their answers stay",
            STUDY_ID,
            _EMAIL,
        ),
        change(
            "SendEmail",
            endpoints.send_email,
            "Send a letter in plain text to people of a study, to each apart",
            STUDY_ID,
            Parameter("to", str, note="addresses of the study's people, separated by ;"),
            Parameter("subject", str),
            Parameter("body", str, note=f"{START_LINK} becomes a link"),
            right="CanGetConfig; study readable",
            source="seed, SendEmail",
        ),
    ]
