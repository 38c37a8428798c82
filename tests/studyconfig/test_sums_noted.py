"""Slides that came by an upload carry its SHA-256: the hook is called when slides come."""

from __future__ import annotations


def test_import_that_is_applied_lets_sums_be_noted_and_a_dry_run_does_not(site, study_files):
    site.ok("Reimport", studyName="ex", dryRun="true")
    assert site.summed == []

    study_id = site.ok("Reimport", studyName="ex")["id"]

    assert site.summed == [study_id]


def test_import_that_fails_notes_nothing(site, study_files, put_text):
    put_text("study.ex.scores", "Grade\tNoSuchType\n")

    site.refused("Reimport", studyName="ex")

    assert site.summed == []


def test_added_slide_lets_its_own_sum_be_noted(site, study_files, put_slide):
    study_id = site.ok("Reimport", studyName="ex")["id"]
    put_slide("ex/9.tiff")

    slide_id = site.ok("AddSlide", studyId=study_id, path="ex/9.tiff")["id"]

    assert site.summed == [study_id, (study_id, slide_id)]
