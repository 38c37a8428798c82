"""Cases through the Api: made, filled with slides, taken away."""

from sqlmodel import select

from records.tables import Answer, AuditEvent, Case, Slide, User, Visit


def slides_of(site, study):
    return {
        slide["name"]: (slide["caseID"], slide["caseName"])
        for slide in site.ok("Images", studyId=study)
    }


def test_a_case_is_added_and_slides_are_put_into_it(site, study):
    case = site.ok("AddCase", studyId=study, caseName=" Patient 7 ")["id"]

    site.ok("SetImageCase", studyId=study, imageId=1, caseId=case)

    assert site.ok("Cases", studyId=study) == [{"id": case, "name": "Patient 7"}]
    assert slides_of(site, study) == {"First": (case, "Patient 7"), "2": (None, None)}
    made, put = site.rows(AuditEvent)[-2:]
    assert (made.deed, put.deed) == ("case.add", "slide.case")
    assert put.detail == '{"after": "Patient 7", "before": null}'


def test_a_slide_leaves_its_case_without_a_new_one(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]
    visit = site.change(Visit(case_id=case, name="Baseline"))
    site.ok("SetImageCase", studyId=study, imageId=1, caseId=case)
    slide = site.rows(Slide)[0]
    slide.visit_id = visit
    site.change(slide)

    site.ok("SetImageCase", studyId=study, imageId=1, caseId="")

    assert slides_of(site, study)["First"] == (None, None)
    assert site.rows(Slide)[0].visit_id is None


def test_two_cases_of_a_study_have_not_the_same_name(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]

    assert f"its id is {case}" in site.refused("AddCase", studyId=study, caseName="a")
    assert "1 to 400 characters" in site.refused("AddCase", studyId=study, caseName="  ")


def test_a_case_of_another_study_is_not_there(site, study, put_slide):
    put_slide("other/1.tiff")
    other = site.ok("Reimport", studyName="other")["id"]
    case = site.ok("AddCase", studyId=other, caseName="a")["id"]

    for name, parameters in (
        ("SetImageCase", {"imageId": 1, "caseId": case}),
        ("RemoveCase", {"caseId": case}),
        ("SetImageCase", {"imageId": 1, "caseId": 999}),
    ):
        assert "there is no case" in site.refused(name, studyId=study, **parameters)


def test_a_case_goes_and_its_slides_stay(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]
    visit = site.change(Visit(case_id=case, name="Baseline"))
    site.ok("SetImageCase", studyId=study, imageId=1, caseId=case)
    slide = site.rows(Slide)[0]
    slide.visit_id = visit
    site.change(slide)

    site.ok("RemoveCase", studyId=study, caseId=case)

    assert site.ok("Cases", studyId=study) == []
    assert len(slides_of(site, study)) == 2
    assert site.rows(Visit) == []


def test_a_case_with_answers_stays(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]
    with site.database.reading() as session:
        user_id = session.exec(select(User.id)).first()
    site.change(
        Answer(
            study_id=study,
            question_id=3,
            user_id=user_id,
            case_id=case,
            subject=f"case:{case}",
            value="x",
            door="results",
            actor="cli",
        )
    )

    assert "has 1 answers" in site.refused("RemoveCase", studyId=study, caseId=case)
    assert len(site.rows(Case)) == 1


def test_cases_need_a_token_that_may_modify_the_study(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]
    token = site.token(modify_studies=("other",))

    for name, parameters in (
        ("AddCase", {"caseName": "b"}),
        ("SetImageCase", {"imageId": 1, "caseId": case}),
        ("RemoveCase", {"caseId": case}),
    ):
        assert site.call(name, token=token, studyId=study, **parameters).status_code == 401
    assert len(site.rows(Case)) == 1
    assert slides_of(site, study)["First"] == (None, None)


def test_a_case_is_described_in_limited_html(site, study):
    case = site.ok("AddCase", studyId=study, caseName="a")["id"]

    site.ok("SetCaseDescription", caseId=case, description="<b>H</b><script>x()</script>")

    assert site.ok("GetCaseDescription", caseId=case)["description"] == "<b>H</b>"
    last = site.rows(AuditEvent)[-1]
    assert (last.deed, last.subject) == ("case.describe", f"case:{case}")
    assert "at most" in site.refused("SetCaseDescription", caseId=case, description="x" * 2**21)
