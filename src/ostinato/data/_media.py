"""What audio and video files have in common: how they are opened and decoded, and what can be wrong with one.

FFmpeg does the work, through PyAV, which is imported when the first file is opened: it is an optional extra.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ostinato._errors import InputError

if TYPE_CHECKING:
    from av.container import InputContainer

Result = TypeVar("Result")

_EXAMPLES = {"audio": "a WAV, FLAC, MP3 or Ogg file", "video": "an MP4, AVI, MKV or WebM file"}


@contextmanager
def open_stream(path: Path, kind: Literal["audio", "video"]) -> Iterator[tuple["InputContainer", Any]]:
    """A file's container, and its first stream of that kind; a music file's cover is no video.

    Raises:
        InputError: the file cannot be read, is empty, is in no format FFmpeg knows, or has no such stream.
        ModuleNotFoundError: PyAV is not installed.
    """
    import av

    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise InputError(f"{path} is empty (0 bytes): replace it or leave it out")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    try:
        # Nothing but local files is opened, whatever a playlist or a name such as "concat:…" asks for.
        container = av.open(f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"})
    except av.FFmpegError as error:
        raise InputError(
            f"{path} is not {_a(kind)} file that FFmpeg can decode ({error.strerror}): "
            f"give {_EXAMPLES[kind]}, say"
        ) from error
    with container:
        streams = [stream for stream in getattr(container.streams, kind) if not _is_cover(stream)]
        if not streams:
            raise InputError(f"{path} has no {kind} in it: give a file with {_a(kind)} stream")
        yield container, streams[0]


def decoded(path: Path, container: "InputContainer", stream: Any) -> Iterator[Any]:
    """The frames of an opened stream, one at a time.

    What a decoder refuses is an error, not a gap. A file that ends early is noticed where its format says
    how much there should be: WAV, FLAC, MP4 and AVI do; MP3, Ogg and Matroska do not.

    Raises:
        InputError: the file is damaged; the message says after which second.
    """
    import av

    seconds = 0.0
    try:
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise _damaged(path, seconds, "data are missing")
            for frame in packet.decode():
                yield frame
                seconds = seconds if frame.time is None else frame.time
    except av.FFmpegError as error:
        raise _damaged(path, seconds, error.strerror) from error


def of_readable(function: Callable[[Path], Result], paths: Iterable[Path]) -> Iterator[Result]:
    """What a function gives for those of some files that can be decoded, in their order; at least one.

    Raises:
        InputError: what is wrong with the first, if none can be decoded.
    """
    failure, any_result = None, False
    for path in paths:
        try:
            result = function(path)
        except InputError as error:
            failure = failure or error
        else:
            any_result = True
            yield result
    if failure is not None and not any_result:
        raise failure


def _damaged(path: Path, seconds: float, complaint: str | None) -> InputError:
    return InputError(f"{path} is damaged after {seconds:.1f} s ({complaint}): replace it or leave it out")


def _a(kind: str) -> str:
    return "an audio" if kind == "audio" else f"a {kind}"


def _is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)
