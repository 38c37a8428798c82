"""The people of a study: ``.emails``."""

import pytest
from hypothesis import given, strategies as st

from studyconfig.formats import emails
from studyconfig.formats.emails import Member, Members
from studyconfig.text import ConfigSyntaxError

ADDRESSES = st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z0-9-]{1,20}(\.[a-z]{2,5})?", fullmatch=True)
MEMBERS = st.builds(
    Member,
    email=ADDRESSES.filter(lambda address: not address.startswith("#")),
    can_score=st.booleans(),
    can_edit=st.booleans(),
    can_get_results=st.booleans(),
)


@given(st.lists(MEMBERS, unique_by=lambda member: member.email).map(tuple).map(Members))
def test_what_is_written_is_read_back(members):
    assert emails.parse(emails.write(members)) == members


def test_documented_example():
    # SOURCE: seed, Users (documentation of the vendor's API page).
    example = (
        "email@example.com\n"
        "email2@example.com;viewonly\n"
        "email3@example.com;canscore,canedit,cangetresults\n"
    )

    found = emails.parse(example)

    assert found.members == (
        Member(email="email@example.com"),
        Member(email="email2@example.com", can_score=False),
        Member(email="email3@example.com", can_edit=True, can_get_results=True),
    )


def test_file_may_start_with_an_empty_line():
    # SOURCE: SDK examples/slide_analysis_simple.py.
    found = emails.parse("\nA.B@Example.COM;CanScore, CANEDIT,cangetresults")

    assert found.members == (Member(email="a.b@example.com", can_edit=True, can_get_results=True),)


def test_listed_rights_are_all_there_are():
    assert emails.parse("a@b.c;canedit").members == (
        Member(email="a@b.c", can_score=False, can_edit=True),
    )


def test_empty_rights_are_the_default():
    assert emails.parse("a@b.c; \n").members == (Member(email="a@b.c"),)


def test_comments_and_repeated_lines_are_passed_over():
    assert emails.parse("# readers\r\na@b.c\r\n\r\nA@b.c;canscore").members == (
        Member(email="a@b.c"),
    )


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("a@b.c\nno address\n", (2, 1), "'no address' is no e-mail address"),
        ("a@b.c,canscore", (1, 1), "is no e-mail address"),
        ("Name <a@b.c>", (1, 1), "is no e-mail address"),
        ("a@@b.c", (1, 1), "is no e-mail address"),
        (";canscore", (1, 1), "'' is no e-mail address"),
        ("a@b.c; canscore,canedti", (1, 17), "Did you mean canedit?"),
        ("a@b.c;viewonly,canscore", (1, 7), "viewonly cannot stand beside other rights"),
        ("a@b.c\n\nA@B.C;viewonly", (3, 1), "a@b.c stands in line 1 with other rights"),
        ("a" * 300 + "@b.c", (1, 1), "at most 254"),
    ],
)
def test_mistakes_are_named_with_their_place(content, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        emails.parse(content, source="study.x.emails")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
    assert caught.value.message.startswith(f"study.x.emails, line {place[0]}, column {place[1]}: ")
