"""Text files as a stream of chunks: read exactly, checked, never a whole file in memory."""

import codecs
import hashlib
import shlex
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ostinato._errors import InputError

# UTF-32's little-endian mark begins with UTF-16's, so it is looked for first.
_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20
_LOOK_BACK = 64  # longest stretch of combining marks that a chunk's end steps over


def read_text(paths: Sequence[Path], chunk_characters: int = 1 << 20) -> Iterator[str]:
    r"""The text of UTF-8 files, one after the other, in chunks.

    The text is exact: newlines are not translated and nothing is normalised; only a byte order mark at the
    start of a file is dropped. A chunk ends after a newline where it can, else after other white space, else
    anywhere, but never between `\r` and `\n`, seldom before a combining mark. Each file begins a new chunk.

    All paths are looked at when this is called; their content is checked as it is read.

    Args:
        paths: the files, in order.
        chunk_characters: the most characters in a chunk (one more if it would part `\r` from `\n`).

    Raises:
        InputError: no path, or a file that is missing, a folder, unreadable, empty, binary or not UTF-8.
    """
    if chunk_characters < 1:
        raise InputError(f"chunk_characters is {chunk_characters}; it must be 1 or more")
    if not paths:
        raise InputError("no text file was named; name one or more .txt files")
    files = [Path(path) for path in paths]
    for path in files:
        _check_file(path)
    return (chunk for path in files for chunk in _chunks(path, chunk_characters))


def take(chunks: Iterable[str], count: int) -> Iterator[str]:
    """The first `count` characters of the text; reads no further."""
    rest = iter(chunks)
    while count > 0 and (chunk := next(rest, None)) is not None:
        yield chunk[:count]
        count -= len(chunk)


def drop(chunks: Iterable[str], count: int) -> Iterator[str]:
    """The text after its first `count` characters."""
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[max(count, 0) :]
        count -= len(chunk)


def fingerprint(chunks: Iterable[str]) -> str:
    """The SHA-256 of the text's UTF-8, in hexadecimal; the same however the text is cut into chunks."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the name") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({_reason(error)}); check the name") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a folder; name the files in it, e.g. {path / '*.txt'}")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{path} is not an ordinary file; save its text to one, for it is read more than once"
        )
    if status.st_size == 0:
        raise _empty(path)


def _empty(path: Path) -> InputError:
    return InputError(f"{path} is empty; name a file with text in it")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _chunks(path: Path, limit: int) -> Iterator[str]:
    text = ""
    for more in _decoded(path, limit):
        text += more
        while len(text) > limit:
            end = _end_of_chunk(text, limit)
            yield text[:end]
            text = text[end:]
    if text:
        yield text


def _decoded(path: Path, block_bytes: int) -> Iterator[str]:
    """The file's text in blocks as they come, checked."""
    try:
        with path.open("rb") as file:
            offset = _after_mark(path, file)
            pending = b""  # the first bytes of a character whose last bytes have not been read
            while block := file.read(min(block_bytes, _BLOCK)):
                text, used = _decode(path, pending + block, offset, final=False)
                pending = (pending + block)[used:]
                offset += used
                yield text
            _decode(path, pending, offset, final=True)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({_reason(error)}); check the file and its permissions"
        ) from error


def _after_mark(path: Path, file: BinaryIO) -> int:
    """Stand behind UTF-8's byte order mark if there is one, and say how many bytes that is."""
    start = file.read(4)
    for mark, encoding in _FOREIGN_MARKS:
        if start.startswith(mark):
            raise InputError(f"{path} is {encoding.upper()}, not UTF-8; {_conversion(path, encoding)}")
    if start == codecs.BOM_UTF8:
        raise _empty(path)
    length = len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0
    file.seek(length)
    return length


def _decode(path: Path, block: bytes, offset: int, *, final: bool) -> tuple[str, int]:
    """The text of a block `offset` bytes into the file, and how many of its bytes that text is."""
    nul = block.find(0)
    if nul >= 0:
        raise InputError(
            f"{path}: byte {offset + nul} is NUL (0x00), so this is not a text file; name text files"
        )
    try:
        return codecs.utf_8_decode(block, "strict", final)
    except UnicodeDecodeError as error:
        at, byte = offset + error.start, block[error.start]
        raise InputError(
            f"{path}: byte {at} (0x{byte:02X}) is not UTF-8; {_conversion(path, 'ENCODING')}"
        ) from None


def _conversion(path: Path, encoding: str) -> str:
    return f"convert it: iconv -f {encoding} -t utf-8 {shlex.quote(str(path))} > NEW.txt"


def _end_of_chunk(text: str, limit: int) -> int:
    """Where to cut a text of more than `limit` characters."""
    newline = text.rfind("\n", 0, limit)
    if newline >= 0:
        return newline + 1
    head = text[:limit]
    end = limit if head[-1].isspace() else limit - len(head.rsplit(None, 1)[-1])
    for place in range(end or limit, max((end or limit) - _LOOK_BACK, 0), -1):
        if not (text[place - 1 : place + 1] == "\r\n" or _joins(text[place])):
            return place
    return limit + 1 if text[limit - 1 : limit + 1] == "\r\n" else limit


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it: a combining mark, a joiner, a Jamo vowel or final."""
    return (
        unicodedata.category(character).startswith("M")
        or character == "\u200d"
        or "\u1160" <= character <= "\u11ff"
    )
