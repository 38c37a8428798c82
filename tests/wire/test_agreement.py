"""Agreement through a running server: what readers sent comes back measured."""

from __future__ import annotations

import pytest
import requests

from tests.wire.served import Server, WiredStudy


def test_agreement_of_uploaded_answers(server: Server, study: WiredStudy):
    rows = "\n".join(
        f"{study.slide_id}\tx\tagree-{name}@example.org\tRemark\t{value}"
        for name, value in (("a", "Ductal"), ("b", "ductal"), ("c", "Lobular"))
    )
    sent = server.call("UploadResults", verb="POST", studyId=study.id, results=f"\n{rows}").json()
    assert sent["success"] is True
    readers = ";".join(f"agree-{name}@example.org" for name in "abc")
    asked = {"studyId": study.id, "question": "Remark", "readers": readers}

    told = server.call("Agreement", **asked).json()
    table = requests.get(
        f"{server.url}/Api/Agreement",
        params=asked,
        headers={
            "Authorization": f"Bearer {server.token}",
            "Accept": "text/tab-separated-values",
        },
        timeout=30,
    ).text

    by_name = {one["name"]: one for one in told["statistics"]}
    assert by_name["percentAgreement"]["value"] == pytest.approx(1 / 3)
    assert "fewer than three subjects" in by_name["percentAgreement"]["reason"]
    assert told["consensus"][0]["answer"] == "Ductal"
    assert table.splitlines()[1].split("\t")[0] == "Percent agreement"


def test_agreement_of_drawings(server: Server, study: WiredStudy):
    names = ("draw-a@example.org", "draw-b@example.org")
    rows = "\n".join(
        f'{study.slide_id}\tx\t{email}\tTumour\t[{{"type":"rect","corner":{{"x":{shift},"y":0}},'
        f'"size":{{"x":100,"y":50}}}}]'
        for email, shift in zip(names, (0, 20), strict=True)
    )
    sent = server.call("UploadResults", verb="POST", studyId=study.id, results=f"\n{rows}").json()
    assert sent["success"] is True
    asked = {"studyId": study.id, "question": "Tumour", "readers": ";".join(names)}

    told = server.call("Agreement", **asked, reference=names[0], iou=0.6).json()
    refused = server.call("Agreement", **asked, iou=2).json()
    table = requests.get(
        f"{server.url}/Api/Agreement",
        params=asked,
        headers={
            "Authorization": f"Bearer {server.token}",
            "Accept": "text/tab-separated-values",
        },
        timeout=30,
    ).text

    by_name = {one["name"]: one for one in told["statistics"] if one["readers"] is None}
    assert by_name["dice"]["value"] == pytest.approx(0.8)
    assert by_name["iou"]["value"] == pytest.approx(80 / 120)
    assert by_name["objectF1"]["value"] == 1
    assert by_name["objectF1"]["variant"] == "IoU from 0.6"
    assert told["reference"] == names[0]
    assert told["compared"][0]["subject"] == study.slide_name
    assert told["compared"][0]["objects"]["matched"] == 1
    assert "iou must be" in refused["error"]
    assert table.splitlines()[1].split("\t")[0] == "Dice"
