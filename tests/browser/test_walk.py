"""The pages in a real browser: signing in, the study list, the viewer, and who may not look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest
import requests
from PIL import Image

from scripts import build_web, picture_pages
from slides_sample import gradient, samples
from tests.browser.conftest import ADMIN, READER, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(700)]

Walk = dict[str, Any]

SLIDE_MPP = 0.25
STAGE_WIDTH = 1440 - 44 - 332


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def scale_in_um_per_px(scale: dict[str, Any]) -> float:
    number, unit = scale["text"].split()
    return float(number) * {"nm": 0.001, "µm": 1, "mm": 1000}[unit] / scale["width"]


def test_a_page_without_a_session_leads_to_sign_in_and_back(walk: Walk, site: Site) -> None:
    account = walk["account"]

    assert account["sentToLogin"] == f"{site.url}/Account/Login?returnUrl={quote('/?q=sample', '')}"
    assert account["wentTo"] == f"{site.url}/?q=sample"


def test_a_wrong_password_is_told_and_the_address_kept(walk: Walk) -> None:
    account = walk["account"]

    assert account["refusal"].endswith("do not belong together.")
    assert account["keptEmail"] == ADMIN
    assert account["shownPassword"] == "text"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(walk: Walk) -> None:
    cookie = walk["account"]["sessionCookie"]

    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"


def test_the_list_shows_the_study_with_its_slides_and_filters_it(walk: Walk) -> None:
    account = walk["account"]

    assert account["labels"] == ["Sample study"]
    assert account["slideCount"] == "4 slides"
    assert account["noHit"] == "Nothing named zzz."
    assert account["afterClear"] == 1


def test_a_study_opens_at_its_first_slide_which_the_list_then_offers(
    walk: Walk, slides: dict[str, int]
) -> None:
    opened = query(walk["account"]["opened"])

    assert opened["studyId"] == str(slides["study"])
    assert int(opened["imageId"]) in slides.values()
    assert walk["account"]["continue"].startswith("Slide ")


def test_signing_out_ends_the_session(walk: Walk) -> None:
    assert "/Account/Login" in walk["account"]["afterSignOut"]


def test_the_viewer_says_what_is_shown(walk: Walk) -> None:
    opening = walk["viewer"]["opening"]

    assert opening["title"] == "S26-0001-HE · Coverslip"
    assert opening["region"] == "Slide S26-0001-HE"
    assert opening["count"].endswith(" / 4")
    assert opening["objectives"] == ["Fit", "1.25×", "2.5×", "5×", "10×", "20×", "40×"]
    for fact in ("6\u2009000 × 4\u2009500 px", "1.50 × 1.13 mm", "0.25 µm/px", "40×"):
        assert fact in opening["facts"]


def test_tissue_has_three_fifths_of_the_window(walk: Walk) -> None:
    assert walk["viewer"]["opening"]["tissueShare"] >= 0.6


def test_keys_go_to_objectives(walk: Walk) -> None:
    keys = walk["viewer"]["keys"]

    assert keys["twenty"] == "20.0×"
    assert keys["pressed"] == "20×"
    assert keys["plus"] == "40.0×"
    assert keys["minus"] == "10.0×"
    assert keys["native"] == "40.0×"
    assert keys["home"] == keys["fit"]


def test_the_scale_bar_measures_what_the_magnification_says(walk: Walk) -> None:
    keys = walk["viewer"]["keys"]
    fit = float(keys["fit"].rstrip("×"))

    assert keys["scaleAtTwenty"] == {"width": 100, "text": "50 µm"}
    assert scale_in_um_per_px(walk["viewer"]["opening"]["scale"]) == pytest.approx(
        10 / fit, rel=0.01
    )


def test_held_keys_pan_along_one_axis(walk: Walk) -> None:
    keys = walk["viewer"]["keys"]

    # 900 CSS pixels a second at native size, held for 0.3 s or, on a slow machine, longer.
    assert 100 < keys["pannedRight"] < 3000
    assert abs(keys["pannedDown"]) < 1


def test_rotation_is_shown_and_taken_back(walk: Walk) -> None:
    keys = walk["viewer"]["keys"]

    assert keys["turned"] == "90°"
    assert keys["turnedBack"] == "0°"


def test_the_exact_field_takes_a_comma_and_refuses_words(walk: Walk) -> None:
    assert walk["viewer"]["exact"] == {"typed": "12.5×", "isWrong": "true"}


def test_slides_change_by_key_history_and_strip_without_a_reload(walk: Walk) -> None:
    slides = walk["viewer"]["slides"]

    assert slides["second"]["id"] != slides["first"]["id"]
    assert slides["second"]["name"] != slides["first"]["name"]
    assert slides["back"] == slides["first"]
    assert slides["byHistory"] == slides["second"]["name"]
    assert slides["byStrip"] == slides["first"]["name"]
    assert slides["isSameDocument"]


def test_no_frame_is_empty_while_slides_change(walk: Walk) -> None:
    slides = walk["viewer"]["slides"]

    assert slides["seenFrames"] > 10
    assert slides["emptyFrames"] == 0


def test_a_copied_link_opens_the_same_view(walk: Walk) -> None:
    link = walk["viewer"]["link"]

    assert link["here"][3] == 90
    assert link["there"] == pytest.approx(link["here"], abs=0.6)


def test_the_sheet_of_keys_and_the_slide_alone_come_and_go(walk: Walk) -> None:
    sheet = walk["viewer"]["sheet"]

    assert sheet["lines"] > 15
    assert sheet["only"] == [1440, 900]


def test_a_click_in_the_navigator_looks_there(walk: Walk) -> None:
    seen = walk["viewer"]["navigator"]
    width, height = samples.SECTION_SIZE
    scale = min(seen["box"]["width"] / width, seen["box"]["height"] / height)

    x, y = seen["view"][:2]

    assert x == pytest.approx(width / 2 + 12 / scale, abs=1 / scale)
    assert y == pytest.approx(height / 2 - 8 / scale, abs=1 / scale)


def test_every_pixel_on_the_screen_is_the_slides_own(walk: Walk) -> None:
    seen = walk["viewer"]["pixels"]
    centre_x, centre_y, *_ = seen["view"]
    width, height = int(seen["width"]), int(seen["height"])
    with Image.open(seen["file"]) as picture:
        shown = np.asarray(picture.convert("RGB"), dtype=float)[:height, :width]

    left, top = centre_x - width / 2, centre_y - seen["height"] / 2
    wanted = gradient.expected_region((left, top, width, height), 1, samples.GRADIENT_SIZE)

    assert abs(shown - wanted).mean() < 2
    assert np.percentile(abs(shown - wanted), 99) <= gradient.TOLERANCE + 2


def test_nothing_in_the_viewer_moves_by_itself(walk: Walk) -> None:
    assert walk["viewer"]["layoutShift"] < 0.02


def test_a_stranger_sees_no_study_and_no_trace_of_its_slides(walk: Walk) -> None:
    stranger = walk["guards"]["stranger"]

    assert stranger["empty"] == "No study is shown to you yet."
    assert READER in stranger["sentence"]
    assert "S26-0001" not in stranger["body"]


def test_a_session_that_is_over_keeps_the_slide_and_leads_back_to_it(walk: Walk) -> None:
    over = walk["guards"]["over"]

    assert over["notice"].startswith("Your session is over.")
    assert over["isSlideKept"]
    assert over["state"] != "sharp"
    assert query(over["backAt"])["view"]


def test_a_link_to_a_file_shows_it_without_an_account(walk: Walk) -> None:
    linked = walk["guards"]["link"]

    assert linked["name"] == samples.HE_NAME
    assert "0.25 µm/px" in linked["facts"]
    assert not linked["hasWayBack"]
    assert linked["faults"] == []


def test_a_slide_that_is_not_there_is_said_to_be_so(walk: Walk) -> None:
    assert "no such slide" in walk["guards"]["missing"]["sentence"]


def test_no_error_no_violation_and_no_request_elsewhere(walk: Walk) -> None:
    assert walk["account"]["faults"] == []
    assert walk["viewer"]["faults"] == []


def test_no_page_waits_for_more_than_200_kb_of_script(walk: Walk) -> None:
    sizes = picture_pages.entry_sizes(build_web.DIST)

    assert {"home", "study", "edit", "viewer"} <= sizes.keys()
    assert max(sizes.values()) < 200_000, sizes


def test_pages_fit_desktops_and_tablets_in_both_themes(walk: Walk) -> None:
    assert walk["pictures"]["overflows"] == []


def test_no_page_breaks_a_rule_of_accessibility(walk: Walk) -> None:
    assert walk["pictures"]["rules"] == []


def test_pictures_of_every_page_are_kept_for_people_to_look_at(walk: Walk) -> None:
    folder = Path(walk["viewer"]["pixels"]["file"]).parent

    # Ten pages in both themes, five of the viewer, at four sizes.
    pictures = [path for path in folder.glob("*.png") if path.name != "pixels.png"]
    assert len(pictures) == 4 * (10 * 2 + 5)


def test_a_token_is_shown_once_and_revoked_after_a_question(walk: Walk, site: Site) -> None:
    token = walk["site"]["token"]

    assert token["secret"].startswith("cs_")
    assert token["before"] == 200
    assert not token["isShownAgain"]
    assert token["focused"] == "Keep it"
    bearer = {"Authorization": f"Bearer {token['secret']}"}
    assert requests.get(f"{site.url}/Api/Studies", headers=bearer, timeout=30).status_code == 401


def test_an_invited_person_chooses_a_password_and_sees_no_administration(walk: Walk) -> None:
    invited, newcomer = walk["site"]["invited"], walk["site"]["newcomer"]

    assert "No password yet" in invited["row"]
    assert "newcomer@example.org" in newcomer["lead"]
    assert newcomer["refusal"] == "Only administrators see this page"
    assert newcomer["faults"] == []


def test_the_audit_trail_shows_who_invited_whom(walk: Walk) -> None:
    [row] = walk["site"]["trail"]

    assert ADMIN in row
    assert "invited newcomer@example.org" in row
    # As the server recorded it, behind a disclosure.
    assert '"deed": "user.invite"' in row
    assert walk["site"]["faults"] == []


def test_a_project_of_qupath_comes_back_with_new_links_alone(walk: Walk, site: Site) -> None:
    renewed = walk["site"]["renewed"]
    [image] = json.loads(renewed["saved"])["images"]
    uri = image["serverBuilder"]["uri"]

    assert renewed["said"].startswith("1 link was renewed.")
    assert "LastYearsLink" in renewed["project"]
    assert "LastYearsLink" not in uri
    assert requests.get(uri, timeout=30).json()["Level0Width"] > 0
    assert json.loads(renewed["saved"])["version"] == "0.5.1"
