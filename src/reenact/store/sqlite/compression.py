"""Compression of what is stored: Zstandard, a third of zlib's time for fewer bytes."""

from __future__ import annotations

import sys
import threading
import zlib
from typing import Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_FASTEST = 1
_ZLIB = b"\x78"
"""The first byte of what the first version of the store wrote."""
_WHOLE: Final = zstd.ZstdCompressor.FLUSH_FRAME


class _Compressors(threading.local):
    """One per thread: making one takes as long as compressing with it."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.one = zstd.ZstdCompressor(level=_FASTEST)


_compressors = _Compressors()


def compressed(content: bytes) -> bytes:
    """Return `content` compressed."""
    try:
        return _compressors.one.compress(content, _WHOLE)
    except BaseException:
        _compressors.renew()  # it may hold half a frame, which the next would begin with
        raise


def decompressed(content: bytes) -> bytes:
    """Return what `compressed` was given, also in an earlier version."""
    if content[:1] == _ZLIB:
        return zlib.decompress(content)
    return zstd.decompress(content)
