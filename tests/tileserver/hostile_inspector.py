"""The process that opens slides, with a reader that does what hostile files might make one do."""

import os
import sys
import tempfile
import time
from pathlib import Path

from tileserver import inspector, readers
from tileserver.readers.base import SlideError

poisoned_by = []


def misbehaving(path: Path):
    """Do what the file's name and content say, or refuse it; then other readers are asked."""
    obey_name(path.stem)
    what = path.read_bytes()[:40].strip()
    if what == b"abort":
        os.abort()
    if what == b"loop":
        while True:
            pass
    if what == b"wait":
        time.sleep(3600)
    if what == b"hoard":
        hoard = []
        while True:
            hoard.append(bytearray(2**24))
    if what == b"babble":
        while True:
            os.write(1, b"x" * 65536)
    if what == b"exit":
        os._exit(7)
    raise SlideError(f"{path.name} is well-behaved, but no slide")


def obey_name(name):
    """Leave something behind in the process, or strike a good slide with what was left."""
    if name.startswith("poison"):
        poisoned_by.append(name)
    elif name == "litter":
        (Path(tempfile.gettempdir()) / name).touch()
    elif name == "slide" and poisoned_by == ["poison-memory"]:
        raise MemoryError
    elif name == "slide" and poisoned_by == ["poison-abort"]:
        os.abort()


readers.READERS = {"hostile": ("hostile files", misbehaving), **readers.READERS}

if __name__ == "__main__":
    sys.exit(inspector.main())
