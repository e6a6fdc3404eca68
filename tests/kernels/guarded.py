"""Arrays among canaries: a write there is seen, and a read there gives NaN. Or fenced in: both are fatal."""

import ctypes
import math
import mmap

import numpy as np

GUARD = 40
"""Words on either side: more than two of the widest vectors."""
CANARIES = {np.dtype(np.float32): np.uint32(0x7FC5A5A5), np.dtype(np.int64): np.uint64(0x5A5A5A5AA5A5A5A5)}
"""By what the array holds: a NaN, or a number no index has."""
PROT_NONE = 0
"""Of sys/mman.h: pages that may not be touched."""


class Memory:
    """Lends arrays that begin wherever they may, and tells what was written outside of the outputs."""

    def __init__(self):
        self._lent = []

    def given(self, values, shape=None, arrange=lambda whole: whole):
        """An input: read-only, with these values.

        Args:
            values: What the array holds.
            shape: That of a larger array it is part of; without, that of `values`.
            arrange: Which part: a view of such an array, shaped like `values`.
        """
        view = self._lend(values, values.dtype, shape or values.shape, arrange, writable=False)
        view.flags.writeable = False
        return view

    def blank(self, shape, arrange=lambda whole: whole):
        """An output: float32, full of NaN."""
        return self._lend(np.nan, np.dtype(np.float32), shape, arrange, writable=True)

    def check(self):
        """Nothing has changed but outputs."""
        for words, before, writable in self._lent:
            changed = np.flatnonzero(~writable & (words != before))
            assert not changed.size, f"{changed.size} words in or around one of {words.size} were written"

    def _lend(self, values, dtype, shape, arrange, *, writable):
        words, mine = self._words(math.prod(shape), CANARIES[dtype])
        mask = np.zeros(words.shape, bool)
        arrange(mask[mine].reshape(shape))[...] = writable
        view = arrange(words[mine].view(dtype).reshape(shape))
        view[...] = values
        self._lent.append((words, words.copy(), mask))
        return view

    def _words(self, count, canary):
        """Canaries, and which of them make room for so many numbers."""
        begin = GUARD + 2 * (len(self._lent) % 8) + 1  # odd: never where a vector would like to begin
        return np.full(begin + count + GUARD, canary), slice(begin, begin + count)


class Fenced(Memory):
    """Lends arrays behind which there is no memory."""

    def _words(self, count, canary):
        size = -(-max(1, count) * canary.itemsize // mmap.PAGESIZE) * mmap.PAGESIZE
        pages = mmap.mmap(-1, size + mmap.PAGESIZE)
        words = np.frombuffer(pages, canary.dtype, size // canary.itemsize)
        words[...] = canary
        fence = ctypes.c_void_p(words.ctypes.data + size)
        assert ctypes.CDLL(None).mprotect(fence, mmap.PAGESIZE, PROT_NONE) == 0
        return words, slice(len(words) - count, None)
