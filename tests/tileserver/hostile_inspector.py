"""The process that opens slides, with a reader that does what hostile files might make one do."""

import os
import sys
import time
from pathlib import Path

from tileserver import inspector, readers
from tileserver.readers.base import SlideError


def misbehaving(path: Path):
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


readers.READERS = {"hostile": ("hostile files", misbehaving), **readers.READERS}

if __name__ == "__main__":
    sys.exit(inspector.main())
