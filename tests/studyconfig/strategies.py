"""Texts that may stand in a field of a configuration file."""

from hypothesis import strategies as st

CHARACTERS = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufeff")


def field_texts(*, without: str = "", least: int = 1, most: int = 40):
    """Text as a field holds it: one line, no TAB, no spaces around it."""
    return (
        st.text(CHARACTERS, min_size=least, max_size=most)
        .map(lambda text: "".join(char for char in text if char not in without).strip())
        .filter(lambda text: len(text) >= least)
    )
