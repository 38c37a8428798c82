"""Rows: what the lines of an upload say, checked against the study they are for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from access import people
from access.blinding import OPEN, Blinding
from records.errors import InputError
from records.tables import AnnotationFile, Study
from scoring import answer_types
from scoring.directory import Directory, QuestionEntry, SlideEntry, Subject
from scoring.formats import annoshapes
from scoring.formats.results_tsv import ResultRow
from scoring.problems import Problems, shown
from scoring.shapes import FileLink

MAX_NOTES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """A row whose every part was found in the study."""

    line: int
    question_id: int
    email: str
    subject: Subject
    value: str
    annotation_file_id: int | None


class RowReader:
    """Checks rows, and gathers what is wrong with them and what is worth noting.

    Parameters
    ----------
    session
        Where annotation files that answers refer to are looked up.
    study
        What the rows are for.
    directory
        Of the same study.
    problems
        Where problems are gathered; the source of the rows may add its own.
    hidden
        What the sender is not told, also not by notes on names that differ.
    """

    def __init__(
        self,
        session: Session,
        study: Study,
        directory: Directory,
        problems: Problems | None = None,
        hidden: Blinding = OPEN,
    ) -> None:
        self._session = session
        self._study = study
        self._directory = directory
        self._hidden = hidden
        self._emails: dict[str, str] = {}
        self.problems = Problems() if problems is None else problems
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        """Keep a message for the log, up to a bound."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(message)
        elif len(self.notes) == MAX_NOTES:
            self.notes.append("and more of the kind")

    def read(self, row: ResultRow) -> CheckedRow | None:
        """Return what a row says, or None after noting all its problems."""
        email = self._email(row)
        question = self._question(row)
        subject = self._subject(row)
        if email is None or question is None or subject is None:
            return None
        complaint = answer_types.complaint(question.sheet, row.value)
        if complaint is not None:
            self.problems.add(row.line, f"Answer to {shown(question.name)}: {complaint}")
            return None
        try:
            file_id = self._annotation_file(row, question)
        except InputError as error:
            self.problems.add(row.line, error.reason)
            return None
        return CheckedRow(
            line=row.line,
            question_id=question.id,
            email=email,
            subject=subject,
            value=row.value,
            annotation_file_id=file_id,
        )

    def _email(self, row: ResultRow) -> str | None:
        if row.email not in self._emails:
            try:
                self._emails[row.email] = people.normalise_email(row.email)
            except InputError as error:
                self.problems.add(row.line, f"By: {error.reason}")
                return None
        return self._emails[row.email]

    def _question(self, row: ResultRow) -> QuestionEntry | None:
        found = self._directory.questions.get(row.question)
        if found is None:
            known = ", ".join(list(self._directory.questions)[:20]) or "none at all"
            self.problems.add(
                row.line,
                f"Question {shown(row.question)} is not in study {self._study.name}; "
                f"its questions are: {known}",
            )
        return found

    def _subject(self, row: ResultRow) -> Subject | None:
        if row.slide_id is None:
            return self._case(row)
        slide = self._directory.slides.get(row.slide_id)
        if slide is None:
            self.problems.add(
                row.line,
                f"ImageID {row.slide_id} is no slide of study {self._study.name}",
            )
            return None
        self._note_differences(row, slide)
        if row.tma_row is None or row.tma_column is None:
            return Subject(slide_id=slide.id)
        return self._core(row, slide, row.tma_row, row.tma_column)

    def _case(self, row: ResultRow) -> Subject | None:
        case_id = self._directory.case_ids.get(row.case_name or "")
        if case_id is None:
            self.problems.add(
                row.line,
                f"CaseName {shown(row.case_name or '')} is no case of study {self._study.name}",
            )
            return None
        return Subject(case_id=case_id)

    def _core(
        self, row: ResultRow, slide: SlideEntry, tma_row: int, tma_column: int
    ) -> Subject | None:
        if slide.tma_map_id is None:
            self.problems.add(
                row.line, f"TMA Row {tma_row}: slide {slide.id} is no TMA, it has no map"
            )
            return None
        core = self._directory.core(slide.tma_map_id, tma_row, tma_column)
        if core is None:
            self.problems.add(
                row.line,
                f"TMA Row {tma_row}, TMA Col {tma_column}: the map of slide {slide.id} has no such "
                "core; rows and columns count from 0",
            )
            return None
        if row.tma_sample and row.tma_sample != core.sample and not self._hidden.samples:
            self.note(
                f"line {row.line}: the core holds sample {shown(core.sample)}, "
                f"not {shown(row.tma_sample)}; the place was believed"
            )
        return Subject(slide_id=slide.id, core_id=core.id)

    def _note_differences(self, row: ResultRow, slide: SlideEntry) -> None:
        if row.slide_name and row.slide_name != slide.name and not self._hidden.slide_names:
            self.note(
                f"line {row.line}: slide {slide.id} is named {shown(slide.name)}, "
                f"not {shown(row.slide_name)}; the id was believed"
            )
        case = self._directory.case_names.get(slide.case_id or 0)
        if row.case_name is not None and row.case_name != case:
            self.note(
                f"line {row.line}: slide {slide.id} belongs to "
                f"{f'case {shown(case)}' if case else 'no case'}, "
                f"not to {shown(row.case_name)}; the id was believed"
            )

    def _annotation_file(self, row: ResultRow, question: QuestionEntry) -> int | None:
        """Return the annotation file that an answer refers to, as a downloaded one does."""
        if not question.sheet.type.is_annotation or '"anno2"' not in row.value:
            return None
        drawn = annoshapes.parse(row.value)
        links = [entry for entry in drawn if isinstance(entry, FileLink)]
        if not links:
            return None
        found = self._session.exec(
            select(AnnotationFile).where(AnnotationFile.uuid == links[0].uuid.lower())
        ).first()
        is_reachable = found is not None and found.study_id in {None, self._study.id}
        if found is None or not is_reachable or found.arrived_at is None or len(drawn) > 1:
            raise InputError(
                f"Answer {shown(row.value)} refers to an annotation file that is not there"
            )
        return found.id
