"""QuPath over HTTP: its extension's requests below a slide's link, and calls that give links."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from access import slidelinks
from access.calls import ApiCall, Call, Door, Parameter
from access.params import Params
from access.replies import Voice, failure_reply, json_reply
from access.rights import Actor
from access.slidelinks import SlideLink, SlideLinks
from records.errors import AppError, NotFoundError
from records.filestore import FileStore
from scoring import qupath, qupath_expanding, qupath_project
from scoring.annotation_files import Intake
from scoring.lately import Lately
from scoring.qupath import SlideAccess
from scoring.qupath_project import ProjectClass, ProjectSlide
from tileserver import routes as tile_routes, sources
from tileserver.answers import SlideMetadata
from tileserver.geometry import Region
from tileserver.service import TileService

NAMES = (
    "SlideScoreMetadata",
    "Questions",
    "Answers",
    "TMAPositions",
    "AnnoAnswer",
    "CreateAnno2",
    "FinishAnno2Upload",
)
RAW_QUALITY = 90
BELIEVED_S = 30.0
"""How long a link may see a slide's pixels before its right is looked up again, as tiles do."""
LARGEST_TILE = 1024

_ENDINGS = tuple(f"/{name}.json" for name in NAMES)
_RAW = re.compile(r"raw/([0-9]{1,3})/([0-9]{1,9})_([0-9]{1,9})/([0-9]{1,5})_([0-9]{1,5})\.jpe?g")
_UNSAFE = re.compile(r"[^\w .-]+")
_LINE = "\n"


def is_qupath(path: str) -> bool:
    """Tell whether a path below ``/i/`` is one of QuPath's, and none of a tile's."""
    return path.endswith(_ENDINGS) or "/raw/" in path


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What answering QuPath needs of other rooms.

    Parameters
    ----------
    door
        Runs deeds.
    service
        Makes pictures.
    links
        Makes and checks links.
    images, annotations
        Where slides and annotation files lie.
    intake
        What asking for an annotation file needs.
    positions
        Where the cores of a slide lie, in QuPath's words; may block.
    finish
        Brings the upload of an annotation to its end: ``(actor, sender's token, upload token,
        upload id, check)``; ``check`` is called with the annotation file's id before.
    public_url
        Where people reach the server; empty: as the request says.
    """

    door: Door
    service: TileService
    links: SlideLinks
    images: FileStore
    annotations: FileStore
    intake: Intake
    positions: Callable[[Actor, int], Mapping[str, object]]
    finish: Callable[[Actor, str, str, str, Callable[[Session, Actor, int], None]], Awaitable[None]]
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    slide_id: int
    actor: Actor
    params: Params


class QupathEndpoints:
    """Answers QuPath: below ``/i/<slide>/<link>/``, where the link is the right, and its calls."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._sources: Lately[tuple[int, int], sources.SlideSource] = Lately(BELIEVED_S)
        self._answers: dict[str, Callable[[_Asked], Awaitable[Response]]] = {
            "SlideScoreMetadata": self._metadata,
            "Questions": self._questions,
            "Answers": self._answer_lines,
            "TMAPositions": self._positions,
            "AnnoAnswer": self._save,
            "CreateAnno2": self._create,
            "FinishAnno2Upload": self._finish,
        }

    async def linked(self, request: Request) -> Response:
        """Answer a request below a link."""
        what = request.path_params["what"]
        voice = Voice.SUCCESS if "Anno2" in what else Voice.STATUS
        try:
            slide_id = int(request.path_params["slide"])
            now = self._means.door.clock()
            link = self._means.links.verify(slide_id, request.path_params["link"], now)
            raw = _RAW.fullmatch(what)
            if raw is not None:
                return await self._raw(link, *map(int, raw.groups()))
            actor = await self._means.door.reading(slidelinks.link_actor, link)
            answer = self._answers.get(what.removesuffix(".json"))
            if answer is None:
                raise NotFoundError(f"a slide's link has no {what[:80]!r}")
            with self._means.door.bodies.counting() as count:
                params = await Params.read(request, count)
                return await answer(_Asked(slide_id=slide_id, actor=actor, params=params))
        except AppError as error:
            return failure_reply(error, voice)

    async def tokens(self, call: Call) -> Response:
        """Give a link for each slide of a study."""
        found = await self._links(call)
        base = self._base(call.request)
        return json_reply(
            {
                "success": True,
                "tokens": [
                    {
                        "imageId": one.slide_id,
                        "imageName": one.name,
                        "token": one.token,
                        "url": _url(base, one),
                        "expiresOn": one.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                    for one in found
                ],
            }
        )

    async def project(self, call: Call) -> Response:
        """Send a QuPath project of a study, as a zip."""
        found = await self._links(call)
        base = self._base(call.request)
        study_id = call.integer("studyId")
        name, colours = await call.read(qupath.study_facts, study_id=study_id)
        data = await call.in_thread(
            qupath_project.write,
            _UNSAFE.sub("_", name) or "study",
            [ProjectSlide(one.slide_id, one.name, _url(base, one)) for one in found],
            [ProjectClass(question, colour) for question, colour in colours.items()],
            call.now,
        )
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
        return Response(
            data,
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{plain}-qupath.zip"',
                "Cache-Control": "no-store",
            },
        )

    async def renew(self, call: Call) -> Response:
        """Send a project's text back with links that hold for another year."""
        text, count = await call.read(
            qupath.renew_project, text=call.text("project"), links=self._means.links, now=call.now
        )
        return json_reply({"success": True, "renewed": count, "project": text})

    async def _links(self, call: Call) -> list[SlideAccess]:
        return await call.read(
            qupath.find_links,
            study_id=call.integer("studyId"),
            email=call.opt_text("email"),
            links=self._means.links,
            now=call.now,
        )

    def _base(self, request: Request) -> str:
        return (self._means.public_url or str(request.base_url)).rstrip("/")

    async def _metadata(self, asked: _Asked) -> Response:
        source = await self._source(asked.actor, asked.slide_id)
        told = wire_metadata(await self._means.service.metadata(source))
        hidden = await self._means.door.reading(
            qupath.shown_name, asked.actor, slide_id=asked.slide_id
        )
        # Source: slidescore.md 5: Slidescape expects the file's ending too.
        told["FileName"] = hidden or source.path.name
        return json_reply(told)

    async def _raw(
        self, link: SlideLink, level: int, x: int, y: int, width: int, height: int
    ) -> Response:
        key = link.user_id, link.slide_id
        source = self._sources.get(key)
        if source is None:
            actor = await self._means.door.reading(slidelinks.link_actor, link)
            source = await self._source(actor, link.slide_id)
            self._sources.keep(key, source)
        picture = await self._means.service.raw_region(
            source, level, Region(x, y, width, height), RAW_QUALITY
        )
        headers = {"ETag": picture.etag, "Cache-Control": "private, no-cache"}
        return Response(picture.data, media_type="image/jpeg", headers=headers)

    async def _source(self, actor: Actor, slide_id: int) -> sources.SlideSource:
        return await self._means.door.reading(
            sources.find_source, actor, files=self._means.images, slide_id=slide_id
        )

    async def _questions(self, asked: _Asked) -> Response:
        lines = await self._means.door.reading(
            qupath.question_lines, asked.actor, slide_id=asked.slide_id
        )
        return _text(lines)

    async def _answer_lines(self, asked: _Asked) -> Response:
        def lines(session: Session) -> list[str]:
            told = qupath_expanding.Expander(session, self._means.annotations).told
            found = qupath.answer_lines(session, asked.actor, slide_id=asked.slide_id, told=told)
            return list(found)

        return _text(await self._means.door.reading(lines))

    async def _positions(self, asked: _Asked) -> Response:
        found = await self._means.door.in_thread(self._means.positions, asked.actor, asked.slide_id)
        return json_reply(dict(found))

    async def _save(self, asked: _Asked) -> Response:
        await self._means.door.in_database(
            qupath.save_answer,
            asked.actor,
            slide_id=asked.slide_id,
            question=asked.params.text("question"),
            answer=asked.params.text("answer"),
            now=self._means.door.clock(),
        )
        return json_reply({"success": True})

    async def _create(self, asked: _Asked) -> Response:
        large = await self._means.door.in_database(
            qupath.create_large,
            asked.actor,
            slide_id=asked.slide_id,
            question=asked.params.text("question"),
            core_id=asked.params.opt_integer("tmaCoreId"),
            intake=self._means.intake,
            now=self._means.door.clock(),
        )
        return json_reply(
            {
                "success": True,
                "uploadToken": large.upload_token,
                "apiToken": large.api_token,
                "annoUUID": large.uuid,
            }
        )

    async def _finish(self, asked: _Asked) -> Response:
        def check(session: Session, actor: Actor, annotation_file_id: int) -> None:
            qupath.check_owner(
                session, actor, slide_id=asked.slide_id, annotation_file_id=annotation_file_id
            )

        await self._means.finish(
            asked.actor,
            asked.params.text("apiToken"),
            asked.params.text("uploadToken"),
            # The client cuts it out of the upload's address.
            asked.params.text("uploadId").rpartition("/")[2],
            check,
        )
        return json_reply({"success": True})


def routes(endpoints: QupathEndpoints) -> list[Route]:
    """Return the route of everything below a link."""
    path = "/i/{slide:int}/{link}/{what:path}"
    return [Route(path, endpoints.linked, methods=["GET", "POST"], name="qupath")]


def calls(endpoints: QupathEndpoints) -> list[ApiCall]:
    """Return the calls that give links."""
    parameters = (
        Parameter("studyId", int),
        Parameter("email", str, required=False, note="whose answers they write; else who asks"),
    )
    right = "CanGetPixels, study readable; for others CanUploadScores, study modifiable"
    return [
        ApiCall(
            "GetQupathTokensForStudy",
            endpoints.tokens,
            "A link for QuPath to each slide of a study",
            parameters=parameters,
            right=right,
            source="slidescore.md 3.1 (name alone; parameters are ours), 5",
        ),
        ApiCall(
            "DownloadQupathProject",
            endpoints.project,
            "A QuPath project of a study's slides and drawn questions, as a zip",
            parameters=parameters,
            right=right,
            source="slidescore.md 9.2; choice",
        ),
        ApiCall(
            "RenewQupathProject",
            endpoints.renew,
            "The text of a QuPath project with links that hold for another year",
            parameters=(Parameter("project", str, note="the text of project.qpproj"),),
            right="signed in; each slide's study readable",
            source="slidescore.md 5 (RenewProject); choice",
            # A project is long, and what comes back opens slides: nothing for an address line.
            writes=True,
        ),
    ]


def wire_metadata(metadata: SlideMetadata) -> dict[str, object]:
    """Return metadata as QuPath and Slidescape read it.

    Source: slidescore.md 5; QuPath, PixelCalibration.Builder.pixelSizeMicrons: a size of 0 is
    refused, and NaN is what stands for "not known"; Gson reads it from a text.
    """
    plain = tile_routes.wire_metadata(metadata)
    told = {_pascal(name): value for name, value in plain.items()}
    for name in ("Level0TileWidth", "Level0TileHeight"):
        # Slides without tiles have strips as wide as they are.
        told[name] = min(int(str(told[name])), LARGEST_TILE)
    return told | {
        "MppX": "NaN" if metadata.mpp_x is None else metadata.mpp_x,
        "MppY": "NaN" if metadata.mpp_y is None else metadata.mpp_y,
        "ObjectivePower": told["ObjectivePower"] or 0.0,
    }


def _pascal(name: str) -> str:
    return "OSDTileSize" if name == "osdTileSize" else name[:1].upper() + name[1:]


def _text(lines: list[str]) -> Response:
    return PlainTextResponse(_LINE.join(lines), headers={"Cache-Control": "no-store"})


def _url(base: str, one: SlideAccess) -> str:
    return f"{base}/i/{one.slide_id}/{one.token}/SlideScoreMetadata.json"
