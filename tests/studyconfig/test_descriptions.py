"""Only little HTML is kept of a description."""

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from studyconfig import descriptions


@pytest.mark.parametrize(
    "html",
    [
        "<p>Nice <b>slide</b>, 5&nbsp;µm<br></p>",
        "<ul><li>one</li></ul>",
        '<span style="color:red">x</span>',
        "",
        "1 &lt; 2",
    ],
)
def test_formatting_is_kept(html):
    assert descriptions.clean(html) == html


def test_links_to_annotations_that_the_official_client_writes_are_kept():
    # SOURCE: SDK examples/anno_to_description.py.
    html = (
        '<a style="display: inline-block;" class="jsSquireAnnoLink jsSquireLink" '
        'data-target-image="7" data-target-x="0" rel="noopener" '
        'href="https://h/Image/Details?imageId=7&amp;studyId=2&amp;annos=%5B%5D">Tumour</a><br>'
    )

    found = descriptions.clean(html)

    for part in (
        "display:inline-block",
        "jsSquireAnnoLink",
        "jsSquireLink",
        'data-target-image="7"',
        'href="https://h/Image/Details?imageId=7&amp;studyId=2&amp;annos=%5B%5D"',
    ):
        assert part in found


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<b onclick="alert(1)">x</b>',
        '<iframe src="https://evil"></iframe>',
        '<div style="position:fixed;background:url(https://evil)">x</div>',
        "<svg onload=alert(1)>",
        '<form action="https://evil"><input name=p></form>',
        "<style>body{display:none}</style>",
        '<div class="modal">x</div>',
        "<scr\0ipt>alert(1)</script>",
        "<!-- <script>alert(1)</script> -->",
    ],
)
def test_what_could_act_or_fetch_or_cover_is_dropped(html):
    found = descriptions.clean(html)

    for bad in (
        *("<script", "onerror", "onclick", "onload", "javascript:", "data:text"),
        *("<iframe", "<svg", "<form", "<input", "<style", "url(", "position", "modal", "<img"),
        "<!--",
    ):
        assert bad not in found


@given(st.text(st.sampled_from("<>&\"'/= abciscrptonl:;\0"), max_size=80))
def test_cleaning_twice_is_cleaning_once(html):
    once = descriptions.clean(html)

    assert descriptions.clean(once) == once


def test_a_huge_description_is_refused():
    with pytest.raises(InputError, match="at most"):
        descriptions.clean("x" * (descriptions.MAX_LENGTH + 1))


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(InputError, match="no Unicode text"):
        descriptions.clean("a\ud800")
