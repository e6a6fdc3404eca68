"""A folder with a folder for each class: texts, recordings or videos."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from ostinato._errors import InputError, ParameterError
from ostinato.data._examples import MEDIA, Examples, named
from ostinato.data._suffixes import AUDIO_SUFFIXES, VIDEO_SUFFIXES
from ostinato.data._text import read_text


def read_class_folders(path: Path, *, kind: str = "auto", targets: bool = True) -> Examples:
    """The files of each class, in the order of the folders' names and then of their own.

    Files beside the class folders and hidden files are not looked at.

    Args:
        path: the folder of class folders.
        kind: "text", "audio" or "video"; "auto": what the files' names say. Sound may be kept in files that
            are named like videos, and videos have a sound track: "audio" and "video" take either.
        targets: whether the folders' names are read as targets. If not, `path` may also hold the files.

    Returns:
        Of kind "text", the texts of .txt files, or of kind "audio" or "video" the files' paths.

    Raises:
        InputError: there are no class folders, one is empty or holds another folder, or the files are not all
            texts, all audio or all video. ParameterError: they are not of this `kind`.
    """
    folders = [entry for entry in _visible(path) if entry.is_dir()]
    if not folders and targets:
        raise InputError(f"{path} has no folders in it; give one with a folder of files for each class")
    files = [file for folder in folders or [path] for file in _files(folder)]
    found = _kinds(path, files)
    kind = _kind(path, found) if kind == "auto" else _chosen(kind, path, found)
    inputs = ["".join(read_text([file])) for file in files] if kind == "text" else files
    labels = [file.parent.name for file in files] if targets else None
    return Examples(inputs, kind, labels, {"format": "folders", "kind": kind}, partial(_place, files))


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from None


def _files(folder: Path) -> list[Path]:
    files = _visible(folder)
    if not files:
        raise InputError(f"{folder} is empty; put files into it or remove it")
    return files


def _kinds(path: Path, files: Sequence[Path]) -> dict[str, list[Path]]:
    """The files of each kind; there is none of another."""
    kinds: dict[str, list[Path]] = {}
    for file in files:
        kinds.setdefault(_kind_of(file), []).append(file)
    if odd := kinds.get(""):
        names = named(str(file.relative_to(path)) for file in odd)
        raise InputError(f"{path}: {names}: no .txt, audio or video file; remove or convert what is none")
    return kinds


def _kind(path: Path, found: Mapping[str, Sequence[Path]]) -> str:
    """The kind of all the files."""
    if len(found) > 1:
        mended = ", or name it" if set(found) == set(MEDIA) else ""
        raise InputError(f"{path} mixes {_counts(found)} files; give files of one kind{mended}")
    return next(iter(found))


def _chosen(kind: str, path: Path, found: Mapping[str, Sequence[Path]]) -> str:
    """The kind that was asked for, if the files may be of it."""
    if not set(found) <= (set(MEDIA) if kind in MEDIA else {kind}):
        raise ParameterError("kind", f"is {kind!r} and {path} has {_counts(found)} files")
    return kind


def _counts(found: Mapping[str, Sequence[Path]]) -> str:
    return ", ".join(f"{len(files):,} {kind}" for kind, files in found.items())


def _kind_of(file: Path) -> str:
    """A file's kind, "" if it is of none."""
    suffix = file.suffix.lower()
    if file.is_dir():
        return ""
    if suffix == ".txt":
        return "text"
    return "audio" if suffix in AUDIO_SUFFIXES else "video" if suffix in VIDEO_SUFFIXES else ""


def _place(files: Sequence[Path], index: int) -> str:
    return str(files[index])
