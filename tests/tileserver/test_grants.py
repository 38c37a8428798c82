"""Who may see which slide: asked once in a while, for each holder, and forgotten when told."""

from pathlib import Path

import pytest

from records.errors import RightsError
from tileserver import grants as grants_module
from tileserver.grants import Grants
from tileserver.sources import SlideSource


class Asked:
    """Grants over a look-up that counts, and a clock that is set."""

    def __init__(self):
        self.calls = []
        self.seconds = 0.0
        self.grants = Grants(self.look_up, clock=lambda: self.seconds)

    def look_up(self, slide_id, holder):
        self.calls.append((slide_id, holder))
        if holder == "nobody":
            raise RightsError("no")
        return SlideSource(path=Path(f"/{slide_id}.svs"), name=f"{slide_id} for {holder}")


@pytest.fixture
def asked():
    return Asked()


def test_each_holder_is_asked_about_once_and_told_their_own(asked):
    names = [asked.grants.find(1, holder).name for holder in ("ada", "bob", "ada")]

    assert names == ["1 for ada", "1 for bob", "1 for ada"]
    assert asked.calls == [(1, "ada"), (1, "bob")]


def test_a_refusal_is_not_remembered(asked):
    for _ in range(2):
        with pytest.raises(RightsError):
            asked.grants.find(1, "nobody")

    assert asked.calls == [(1, "nobody")] * 2
    assert asked.grants.known(1, "nobody") is None


def test_a_changed_slide_is_forgotten_for_every_holder_and_no_other_is(asked):
    for slide_id, holder in ((1, "ada"), (1, "bob"), (2, "ada")):
        asked.grants.find(slide_id, holder)

    asked.grants.forget(1)
    asked.grants.forget(7)

    known = [asked.grants.known(*key) is not None for key in ((1, "ada"), (1, "bob"), (2, "ada"))]
    assert known == [False, False, True]


def test_what_was_looked_up_elsewhere_is_believed_as_long(asked):
    asked.grants.note(1, "ada", SlideSource(path=Path("/1.svs"), name="noted"))

    assert asked.grants.find(1, "ada").name == "noted"
    asked.seconds = 30.0
    assert asked.grants.find(1, "ada").name == "1 for ada"


def test_no_more_is_remembered_than_there_is_room_for(asked, monkeypatch):
    monkeypatch.setattr(grants_module, "MAX_KNOWN", 4)

    for slide_id in range(10):
        asked.grants.find(slide_id, "ada")
        asked.grants.find(slide_id, "ada")

    assert len(asked.calls) == 10
    assert sum(asked.grants.known(slide_id, "ada") is not None for slide_id in range(10)) <= 4
    assert asked.grants.known(9, "ada") is not None
