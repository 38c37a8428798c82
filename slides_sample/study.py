"""The sample study: the text files that make the sample slides a study to score."""

from __future__ import annotations

from pathlib import Path

from records import filestore
from slides_sample import microarray, samples

STUDY_NAME = "sample"

# Source: seed, "Questions", with the TAB that the vendor's own tests write (slidescore.md 1 #3).
_SCORES = """\
Tissue quality\tClickFriendlyPollOnly\tGood;;Limited;;Not assessable
Tumour grade\tDropDown\tGrade 1;Grade 2;Grade 3
Ki-67 positive nuclei\tPercentage\t0;1;5;10;15;20;30;50;75;100
Mitoses per mm2\tInteger\t
Tumour area\tAnnoShapes\t#e6194b
Mitotic figures\tAnnoPoints\t#3cb44b
Comment\tFreeText\t
"""

# Source: seed, "Study Settings".
_CONFIG = """\
friendlyname: Sample study
folder: Getting started
organ: Breast
disease: Carcinoma
stainings: HE,Ki-67,ER
showthumbnails: true
showslidenames: true
"""


def write_sample_study(images_root: Path, admin_email: str) -> None:
    """Write the text files of the study ``sample`` into the images root.

    The slides lie in ``images_root / "sample"``, where ``make_sample_slides`` puts them; Reimport
    of ``sample`` then makes the study. Files that are there already are written anew.

    Parameters
    ----------
    images_root
        Folder that holds the ``study.*`` files.
    admin_email
        Who may see, edit and score the study.
    """
    texts = {
        "emails": f"{admin_email};canscore,canedit,cangetresults\n",
        "scores": _SCORES,
        "images": f"{samples.TMA_NAME};study.{STUDY_NAME}.map;0\n",
        "map": _tma_map(),
        "config": _CONFIG,
    }
    for extension, text in texts.items():
        with filestore.atomic_path(images_root / f"study.{STUDY_NAME}.{extension}") as part:
            part.write_text(text, encoding="utf-8", newline="\n")


def _tma_map() -> str:
    """Return the microarray's map: a patient per two cores, a column of controls, a lost core."""
    lines = [f"tmas: {samples.TMA_NAME}", "controls: ctrl", "ignore: empty", ""]
    for row in range(microarray.ROWS):
        cores = []
        for column in range(microarray.COLUMNS):
            patient = row * 3 + column // 2 + 1
            name = "ctrl" if column == microarray.COLUMNS - 1 else f"P{patient:02d}"
            cores.append("empty" if (row, column) == microarray.MISSING else name)
        lines.append("\t".join(cores))
    return "\n".join(lines) + "\n"
