"""The settings of a study: ``.config``."""

import pytest
from hypothesis import given, strategies as st

from studyconfig.formats import config
from studyconfig.formats.config import Kind, Setting, Settings
from studyconfig.text import ConfigSyntaxError
from tests.studyconfig.strategies import field_texts

VALUES = {
    Kind.BOOLEAN: st.booleans(),
    Kind.TEXT: field_texts(least=0),
    Kind.LIST: st.lists(field_texts(without=",;"), max_size=3).map(tuple),
}
KNOWN = st.sampled_from(sorted(config.SETTINGS)).flatmap(
    lambda name: st.builds(Setting, st.just(name), VALUES[config.SETTINGS[name]])
)
UNKNOWN = st.builds(
    Setting,
    field_texts(without=":").map(str.lower).filter(lambda name: not name.startswith("#")),
    VALUES[Kind.TEXT],
).filter(lambda setting: setting.name not in config.SETTINGS and setting.name.strip())


@given(st.lists(KNOWN | UNKNOWN, unique_by=lambda entry: entry.name).map(tuple).map(Settings))
def test_what_is_written_is_read_back(settings):
    assert config.parse(config.write(settings)) == settings


def test_all_documented_properties_are_known_and_one_of_ours():
    # SOURCE: seed, Study Settings: "Recognized properties".
    documented = (
        "allowchangingscores allowresultscomparisonforeveryone allowsharingslidesanonymously "
        "artid disallownavigation disallowrewritingscores disease folder friendlyname "
        "hideslidenames organ scoretmacoresatonce showduplicates showlabels "
        "showotherpeoplesscores showslidenames showthumbnails showtmasampleids stainings"
    )

    assert set(config.SETTINGS) == {*documented.split(), "recordsessions"}


def test_values_have_the_kind_of_their_name():
    found = config.parse(
        "# about the study\nFriendlyName: Breast: round 2\nstainings: HE, Ki-67;ER\n"
        "showlabels: Yes\nhideslidenames:0\norgan:\n"
    )

    assert found.entries == (
        Setting("friendlyname", "Breast: round 2"),
        Setting("stainings", ("HE", "Ki-67", "ER")),
        Setting("showlabels", True),
        Setting("hideslidenames", False),
        Setting("organ", ()),
    )
    assert found.warnings == ()


def test_unknown_names_are_kept_and_warned_about():
    found = config.parse("showlabel: true\nzzz: 1")

    assert found.entries == (Setting("showlabel", "true"), Setting("zzz", "1"))
    assert found.warnings == (
        "showlabel is not a known setting; it is kept, but does nothing. Did you mean showlabels?",
        "zzz is not a known setting; it is kept, but does nothing.",
    )


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("showlabels true", (1, 1), "expected property: value"),
        ("\n  : true", (2, 3), "expected property: value"),
        ("showlabels: maybe", (1, 13), "showlabels is true or false, not 'maybe'"),
        ("showlabels:", (1, 12), "showlabels is true or false, not ''"),
        ("organ: a\nOrgan: b", (2, 1), "'organ' stands in line 1 already"),
    ],
)
def test_mistakes_are_named_with_their_place(content, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        config.parse(content, source="study.x.config")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
