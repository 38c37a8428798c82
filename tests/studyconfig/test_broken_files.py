"""A corpus of broken configuration files: each mistake is told with its place and the right form.

The mistakes are those that people make (wrong delimiter, typing errors, other encodings, files of
another program) and those that people make on purpose (ways out of the folder, floods).
"""

import codecs

import pytest
from sqlmodel import func, select

from access.rights import COMMAND_LINE
from records.filestore import FileStore
from records.tables import AuditEvent, Study, User
from studyconfig import reimport, text
from tests import databases
from tests.studyconfig.conftest import NOW

SLIDE = "../elsewhere.svs"

# One entry for each broken file: its name, its content, and line, column and words of each mistake.
BROKEN = [
    # People.
    ("emails", "nobody\n", [(1, 1, "'nobody' is no e-mail address; expected email@example.com")]),
    ("emails", "a@b.c\n\n  nobody\nx@\n", [(3, 3, "'nobody'"), (4, 1, "'x@'")]),
    ("emails", "a@b.c,canedit\n", [(1, 1, "no e-mail address; expected email@example.com, or")]),
    ("emails", "a@b.c\tcanedit\n", [(1, 1, "no e-mail address")]),
    ("emails", "a@b.c d@e.f\n", [(1, 1, "no e-mail address")]),
    ("emails", "Ann <a@b.c>\n", [(1, 1, "no e-mail address")]),
    ("emails", "a@b.c;canscor\n", [(1, 7, "Did you mean canscore?")]),
    ("emails", "a@b.c;canscore,CanGetResult\n", [(1, 16, "Did you mean cangetresults?")]),
    ("emails", "a@b.c;owner\n", [(1, 7, "there are canscore, canedit, cangetresults, viewonly")]),
    ("emails", "a@b.c;viewonly,canedit\n", [(1, 7, "cannot stand beside")]),
    ("emails", "a@b.c\na@b.c;canedit\n", [(2, 1, "a@b.c stands in line 1 with other rights")]),
    ("emails", f"{'a' * 300}@b.c\n", [(1, 1, "at most 254 are possible")]),
    ("emails", "a@b.c;canedit;canscore;hidden\n", [(1, 24, "'hidden' is no right")]),
    # Questions.
    ("scores", "Grade\n", [(1, 1, "expected name<TAB>type<TAB>values")]),
    ("scores", "Grade,DropDown,1\n", [(1, 1, "expected name<TAB>type<TAB>values")]),
    ("scores", "Grade|DropDown\nWhy|FreeText\n", [(1, 1, "expected"), (2, 1, "expected")]),
    ("scores", "\tFreeText\n", [(1, 1, "expected name")]),
    ("scores", ";FreeText\n", [(1, 1, "expected name")]),
    ("scores", "Grade\tDropdwn\t1;2\n", [(1, 7, "Did you mean DropDown?")]),
    ("scores", "Grade;ClickFrendly;1\n", [(1, 7, "Did you mean ClickFriendly?")]),
    ("scores", "Grade\tXyzzy\n", [(1, 7, "There are FreeText")]),
    ("scores", "A\tReal\nB\tNope\nA\tReal\n", [(2, 3, "'Nope'"), (3, 1, "in line 1 already")]),
    ("scores", "A\tAnnoShapes\tred\n", [(1, 14, "begins its values with a colour such as")]),
    ("scores", "A\tAnnoPoints\t#12345\n", [(1, 14, "a colour such as #e6194b")]),
    ("scores", "A\tReal\t1\tmandatry\n", [(1, 10, "'mandatry' is no flag; expected mandatory;")]),
    ("scores", "A\tReal\t1\tmandatory mandatory\n", [(1, 20, "expected ; between flags")]),
    ("scores", 'A\tReal\t\tif "B" is "1"\n', [(1, 1, "which is no question above it")]),
    (
        "scores",
        'Grade\tReal\nB\tReal\t\tif "Grad" is "1"\n',
        [(2, 1, "Did you mean Grade?")],
    ),
    ("scores", 'A\tReal\t\tif A is "1"\n', [(1, 12, 'expected if "an earlier question" is')]),
    ("scores", "A\tReal\t1\t\tx\n", [(1, 11, "more than 4 fields")]),
    ("scores", f"{'q' * 500}\tReal\n", [(1, 1, "at most 400 are possible")]),
    ("scores", "".join(f"Q{n}\tReal\n" for n in range(1001)), [(1001, 1, "more than 1000")]),
    # Slides.
    ("images", ";;90\n", [(1, 1, "the path is missing; expected path;TMA map;rotation")]),
    ("images", "a.svs;;45\n", [(1, 8, "'45' is no rotation; expected 0, 90, 180 or 270")]),
    ("images", "a.svs;;-90\nb.svs;;90°\n", [(1, 8, "'-90'"), (2, 8, "'90°'")]),
    ("images", "a.svs;;90;Name;more\n", [(1, 16, "more than 4 fields")]),
    ("images", 'a.svs;;90;"Name\n', [(1, 11, 'begins with " must end with it')]),
    ("images", "a.svs;;90\na.svs;;180\n", [(2, 1, "stands in line 1 with other properties")]),
    ("images", "../../etc/passwd\n", [(1, 1, "")]),
    ("images", "/etc/passwd\n", [(1, 1, "")]),
    ("images", "..\\..\\secret.svs\n", [(1, 1, "")]),
    ("images", "a/../../../x.svs\nC:\\slides\\1.svs\n", [(1, 1, ""), (2, 1, "")]),
    ("images", f"{SLIDE};nowhere.map\n", [(1, 18, "there is no TMA map nowhere.map")]),
    ("images", f"{SLIDE};mpa1;90\n", [(1, 18, "Did you mean map1?")]),
    ("images", f"{SLIDE};../../x.map\n", [(1, 18, "")]),
    ("images", f"{'d/' * 600}a.svs\n", [(1, 1, "at most 1024 are possible")]),
    ("images", f"a.svs;;0;{'n' * 500}\n", [(1, 10, "at most 400 are possible")]),
    # Maps.
    ("map1", "", [(None, None, "the map has no cores; expected rows of sample ids")]),
    ("map1", "tmas: 1.svs\n", [(None, None, "no cores")]),
    ("map1", "tmas: 1.svs\n1\t2\n\n3\n", [(2, 1, "expected a header line, property: value")]),
    ("map1", "tmas: 1.svs\ncontrols\nignore\n\n1\n", [(2, 1, "header"), (3, 1, "header")]),
    ("map1", "tmas: a\ntmas: b\nforce: maybe\n\n1\n", [(2, 1, "line 1"), (3, 1, "true or false")]),
    ("map1", "force: perhaps\n\n1\t2\n", [(1, 1, "force is true or false, not 'perhaps'")]),
    ("map1", f"1\t{'s' * 500}\n2\t{'s' * 500}\n", [(1, 3, "at most 400"), (2, 3, "at most 400")]),
    ("map1", "\t" * 2000 + "\n" + "1\n" * 100, [(1, 1, "at most 100000 cores are read")]),
    # Settings.
    ("config", "showlabels\n", [(1, 1, "expected property: value, such as showslidenames")]),
    ("config", "showlabels = true\n", [(1, 1, "expected property: value")]),
    ("config", "showlabels: ture\n", [(1, 13, "not 'ture'. Did you mean true?")]),
    ("config", "showlabels: 2\nhideslidenames: maybe\n", [(1, 13, "'2'"), (2, 17, "'maybe'")]),
    ("config", "folder: a\nFolder: b\n", [(2, 1, "'folder' stands in line 1 already")]),
    ("config", ": x\n", [(1, 1, "expected property: value")]),
    # Bytes.
    ("scores", b"Gr\xf6\xdfe\tReal\n", [(1, 3, "(in Latin-1 it would be 'ö')"), (1, 4, "'ß'")]),
    ("emails", b"a@b.c\n\xff\n\xfe\n", [(2, 1, "0xFF is not UTF-8"), (3, 1, "0xFE")]),
    ("config", codecs.BOM_UTF8 + b"a: b\nc: \x80\n", [(2, 4, "0x80 is not UTF-8; save the file")]),
    ("scores", "A\tReal\n".encode("utf-16-le"), [(1, 2, "U+0000 does not belong into text")]),
    ("scores", codecs.BOM_UTF16_LE + b"A\0\t\0R", [(1, 3, "is not UTF-16")]),
    ("emails", codecs.BOM_UTF16_BE + b"\0a\xd8\0\0b", [(1, 2, "is not UTF-16")]),
    ("scores", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", [(1, 1, "0x89 is not UTF-8")]),
    ("scores", b"PK\x03\x04 an Excel file", [(1, 3, "U+0003"), (1, 4, "U+0004")]),
    ("map1", b"\xd0\xcf\x11\xe0", [(1, 1, "0xD0 is not UTF-8")]),
    ("config", "folder: a\x1b[31m\nartid: \x07\n", [(1, 10, "U+001B"), (2, 8, "U+0007")]),
    ("emails", "a@b.c\x85d@e.f\n", [(1, 6, "U+0085")]),
    ("scores", "A\tReal\n\ufeffB\tReal\n", [(2, 1, "U+FEFF does not belong")]),
    # Floods.
    ("emails", b"x" * (text.MAX_FILE_BYTES + 1), [(None, None, "at most 16777216 are read")]),
    ("config", b"\n" * (2 * text.MAX_LINES + 1), [(None, None, "more than 200000 lines")]),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with databases.sqlite(tmp_path_factory.mktemp("db")) as database:
        yield database


def count_rows(database):
    with database.reading() as session:
        return [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Study, User, AuditEvent)
        ]


def refused(database, root, name, content):
    """Return the log of an import that must be refused and change nothing."""
    root.mkdir(exist_ok=True)
    (root / "elsewhere.svs").write_bytes(b"")
    data = content if isinstance(content, bytes) else content.encode()
    (root / f"study.ex.{name}").write_bytes(data)
    if name == "images":
        (root / "study.ex.map1").write_text("\n1\t2\n")

    result = reimport.reimport(
        database,
        FileStore(root),
        COMMAND_LINE,
        study_name="ex",
        options=reimport.Options(ignore_image_errors=True),
        now=NOW,
    )

    assert (result.success, result.study_id) == (False, None)
    assert count_rows(database) == [0, 0, 0]
    return result.log


def test_the_corpus_is_no_smaller_than_promised():
    assert len(BROKEN) >= 60
    assert len({(name, content) for name, content, _ in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize(
    ("name", "content", "mistakes"),
    BROKEN,
    ids=[f"{number}-{name}" for number, (name, *_) in enumerate(BROKEN)],
)
def test_a_broken_file_is_told_with_every_place_and_changes_nothing(
    database, tmp_path, name, content, mistakes
):
    log = refused(database, tmp_path / "images", name, content).splitlines()[1:]

    assert len(log) >= len(mistakes)
    for line, (number, column, words) in zip(log, mistakes, strict=False):
        place = f"study.ex.{name}"
        if number is not None:
            place += f", line {number}, column {column}"
        assert line.startswith(f"{place}: ")
        assert words in line
    assert str(tmp_path) not in "\n".join(log)


def test_mistakes_of_all_files_are_told_at_once(database, tmp_path):
    root = tmp_path / "images"
    root.mkdir()
    (root / "study.ex.config").write_text("showlabels: 2\n")
    (root / "study.ex.emails").write_text("nobody\nnobody either\n")
    (root / "study.ex.map1").write_text("")

    log = refused(database, root, "scores", "A\tNope\nB\tNope\n")

    told = [line.split(":")[0] for line in log.splitlines()[1:]]
    assert told == [
        "study.ex.emails, line 1, column 1",
        "study.ex.emails, line 2, column 1",
        "study.ex.scores, line 1, column 3",
        "study.ex.scores, line 2, column 3",
        "study.ex.config, line 1, column 13",
        "study.ex.map1",
    ]


def test_a_file_of_mistakes_alone_is_told_up_to_a_bound(database, tmp_path):
    log = refused(database, tmp_path / "images", "emails", "nobody\n" * 5000).splitlines()

    assert len(log) == text.MAX_MISTAKES + 2
    assert log[-1] == (
        f"study.ex.emails, line {text.MAX_MISTAKES}: there are {text.MAX_MISTAKES} mistakes up to "
        "here; the rest was not read"
    )


@pytest.mark.parametrize("name", ["score", "email", "Config2", "image"])
def test_a_file_with_a_mistake_in_its_name_is_warned_about(database, tmp_path, name):
    (tmp_path / "ex").mkdir()
    (tmp_path / f"study.ex.{name}").write_text("")
    (tmp_path / "study.ex.other.scores").write_text("a file of the study ex.other")

    result = reimport.reimport(
        database,
        FileStore(tmp_path),
        COMMAND_LINE,
        study_name="ex",
        options=reimport.Options(dry_run=True),
        now=NOW,
    )

    assert (
        f"! study.ex.{name} is no configuration file and was not read. Did you mean" in result.log
    )
    assert "ex.other" not in result.log


def test_a_slide_that_is_not_there_is_compared_with_those_that_are(run, put_text, put_slide):
    put_slide("ex/case-12.tiff")
    put_text("ex/x.images", "case-21.tiff;;90\n")

    assert "there is no file case-21.tiff. Did you mean case-12.tiff?" in run().log
