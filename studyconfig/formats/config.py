"""``study.<name>.config``: the settings of a study, one ``property: value`` per line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from studyconfig import text

Value: TypeAlias = bool | str | tuple[str, ...]


class Kind(Enum):
    """What the value of a setting is."""

    BOOLEAN = "true or false"
    TEXT = "a text on one line"
    LIST = "values, separated by commas"


# Source: seed, Study Settings: the nineteen recognized properties; `recordsessions` is ours. Kinds
# are our reading of them.
SETTINGS: Mapping[str, Kind] = MappingProxyType(
    {
        "allowchangingscores": Kind.BOOLEAN,
        "allowresultscomparisonforeveryone": Kind.BOOLEAN,
        "allowsharingslidesanonymously": Kind.BOOLEAN,
        "artid": Kind.TEXT,
        "disallownavigation": Kind.BOOLEAN,
        "disallowrewritingscores": Kind.BOOLEAN,
        "disease": Kind.LIST,
        "folder": Kind.TEXT,
        "friendlyname": Kind.TEXT,
        "hideslidenames": Kind.BOOLEAN,
        "organ": Kind.LIST,
        "recordsessions": Kind.BOOLEAN,
        "scoretmacoresatonce": Kind.BOOLEAN,
        "showduplicates": Kind.BOOLEAN,
        "showlabels": Kind.BOOLEAN,
        "showotherpeoplesscores": Kind.BOOLEAN,
        "showslidenames": Kind.BOOLEAN,
        "showthumbnails": Kind.BOOLEAN,
        "showtmasampleids": Kind.BOOLEAN,
        "stainings": Kind.LIST,
    }
)

_TRUE = ("true", "yes", "1", "on")
_FALSE = ("false", "no", "0", "off")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its name in lower case, and its value, of the kind that the name says."""

    name: str
    value: Value

    @property
    def text(self) -> str:
        """Return the value as the file writes it."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return self.value if isinstance(self.value, str) else ", ".join(self.value)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a study that a file names, in its order; the others keep their values."""

    entries: tuple[Setting, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return a sentence for each setting that is kept but not known."""
        return tuple(
            f"{entry.name} is not a known setting; it is kept, but does nothing."
            f"{text.did_you_mean(entry.name, SETTINGS)}"
            for entry in self.entries
            if entry.name not in SETTINGS
        )


def parse(content: str, *, source: str = ".config") -> Settings:
    """Read the settings of a study.

    Empty lines, and lines that begin with ``#``, are passed over. Names that are not known are
    kept as text; ``Settings.warnings`` names them.

    Parameters
    ----------
    content
        Text of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    ConfigSyntaxError
        A line is not ``property: value``, a property comes twice, or a value is not of its kind.
    """
    found: dict[str, tuple[Setting, int]] = {}
    mistakes = text.Mistakes()
    for line in text.lines(content, source=source):
        if line.is_blank or line.text.lstrip().startswith("#"):
            continue
        with mistakes.kept():
            setting = _setting(line)
            earlier, number = found.setdefault(setting.name, (setting, line.number))
            if earlier is not setting:
                raise line.error(f"{text.shown(setting.name)} stands in line {number} already")
    mistakes.check()
    return Settings(tuple(setting for setting, _ in found.values()))


def write(value: Settings) -> str:
    """Return the text of the file."""
    return "".join(f"{entry.name}: {entry.text}".rstrip() + "\n" for entry in value.entries)


def _setting(line: text.Line) -> Setting:
    name, *rest = line.fields(":", most=2)
    if not rest or not re.fullmatch(r"[^\s#][^\t]*", name.text):
        raise line.error("expected property: value, such as showslidenames: true", name.column)
    key = name.text.lower()
    return Setting(key, _value(line, key, rest[0]))


def _value(line: text.Line, name: str, field: text.Field) -> Value:
    kind = SETTINGS.get(name, Kind.TEXT)
    if kind is Kind.LIST:
        # The administration page separates by semicolons (slidescore.md 9.3), the file by commas.
        return tuple(part.strip() for part in re.split("[,;]", field.text) if part.strip())
    if kind is Kind.TEXT:
        return field.text
    word = field.text.lower()
    if word not in (*_TRUE, *_FALSE):
        raise line.error(
            f"{name} is true or false, not {text.shown(field.text)}."
            f"{text.did_you_mean(word, ('true', 'false'))}",
            field.column,
        )
    return word in _TRUE
