"""The Api calls about a study as a whole: made, changed, put away, deleted; its people; letters.

The vendor names most of these calls but publishes no parameters (slidescore.md 3.1): ours.
"""

from __future__ import annotations

from starlette.responses import Response

from access.calls import ApiCall, Call, Parameter
from access.invitations import Letter, SendLetter
from access.replies import json_reply
from records.errors import ConflictError
from studyconfig import lifecycle, people
from studyconfig.people import START_LINK

_OURS = "slidescore.md 3.1 (name alone; parameters are ours)"
_MODIFY = "study modifiable"
_OWNED = "CanDeleteOwnedStudies; made with the same token or by the same person"
_DONE = {"success": True}

_STUDY_ID = Parameter("studyId", int)
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
        return json_reply({**_DONE, "id": study_id})

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
        return json_reply(_DONE)

    async def delete_study(self, call: Call) -> Response:
        """Take a study from everybody's sight."""
        await call.write(lifecycle.delete_study, study_id=call.integer("studyId"), now=call.now)
        return json_reply(_DONE)

    async def undelete_study(self, call: Call) -> Response:
        """Bring a deleted study back."""
        await call.write(lifecycle.undelete_study, study_id=call.integer("studyId"))
        return json_reply(_DONE)

    async def set_is_archived(self, call: Call) -> Response:
        """Mark a study or slide as put away."""
        await call.write(
            lifecycle.set_archived,
            study_id=call.integer("studyId"),
            slide_id=call.opt_integer("imageId"),
            is_archived=call.boolean("isArchived"),
            now=call.now,
        )
        return json_reply(_DONE)

    async def add_user(self, call: Call) -> Response:
        """Take somebody into a study."""
        user_id = await call.write(
            people.add_person,
            study_id=call.integer("studyId"),
            email=call.text("email"),
            rights=call.opt_text("rights"),
        )
        return json_reply({**_DONE, "id": user_id})

    async def remove_user(self, call: Call) -> Response:
        """Take somebody out of a study."""
        await call.write(
            people.remove_person, study_id=call.integer("studyId"), email=call.text("email")
        )
        return json_reply(_DONE)

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
        for address in mailing.addresses:
            letter = Letter(to=address, subject=mailing.subject, text=mailing.body)
            await call.in_thread(self._send, letter)
        # Source: seed, SendEmail: "Empty JSON object if successful."
        return json_reply({})


def calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    """Return the calls of this module."""
    return [*_study_calls(endpoints), *_people_calls(endpoints)]


def _study_calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "CreateStudy",
            endpoints.create_study,
            "Make an empty study; a person who makes it becomes its editor",
            parameters=(Parameter("studyName", str, note="fixed for ever"), *_SETTINGS),
            right="CanCreateStudies; the name in reach",
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "UpdateStudy",
            endpoints.update_study,
            "Change settings and description of a study; what is not told stays",
            parameters=(
                _STUDY_ID,
                *_SETTINGS,
                Parameter("description", str, required=False, note="limited HTML"),
            ),
            right=_MODIFY,
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "DeleteStudy",
            endpoints.delete_study,
            "Take a study from everybody's sight; nothing of it is lost",
            parameters=(_STUDY_ID,),
            right=_OWNED,
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "UndeleteStudy",
            endpoints.undelete_study,
            "Bring a deleted study back, as it was",
            parameters=(_STUDY_ID,),
            right=_OWNED,
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "SetIsArchived",
            endpoints.set_is_archived,
            "Mark a study, or a slide of it, as put away; it can be read and scored all the same",
            parameters=(
                _STUDY_ID,
                Parameter("imageId", int, required=False, note="absent: the study"),
                Parameter("isArchived", bool),
            ),
            right=_MODIFY,
            source=_OURS,
            writes=True,
        ),
    ]


def _people_calls(endpoints: WholeStudyEndpoints) -> list[ApiCall]:
    return [
        ApiCall(
            "AddUser",
            endpoints.add_user,
            "Take somebody into a study, or give a member other rights",
            parameters=(
                _STUDY_ID,
                _EMAIL,
                Parameter(
                    "rights",
                    str,
                    required=False,
                    note="as in .emails: canscore,canedit,cangetresults or viewonly; canscore",
                ),
            ),
            right=_MODIFY,
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "RemoveUser",
            endpoints.remove_user,
            "Take somebody out of a study; their answers stay",
            parameters=(_STUDY_ID, _EMAIL),
            right=_MODIFY,
            source=_OURS,
            writes=True,
        ),
        ApiCall(
            "SendEmail",
            endpoints.send_email,
            "Send a letter in plain text to people of a study, to each apart",
            parameters=(
                _STUDY_ID,
                Parameter("to", str, note="addresses of the study's people, separated by ;"),
                Parameter("subject", str),
                Parameter("body", str, note=f"{START_LINK} becomes a link"),
            ),
            right="CanGetConfig; study readable",
            source="seed, SendEmail",
            writes=True,
        ),
    ]
