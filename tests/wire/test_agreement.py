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
