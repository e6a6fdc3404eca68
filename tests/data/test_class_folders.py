import pytest

from ostinato._errors import InputError, ParameterError
from ostinato.data import Columns, read_examples


@pytest.fixture
def make(tmp_path):
    def made(**files: str):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return made


def test_texts_of_each_class_in_order(make):
    path = make(
        **{"b/2.txt": "two", "b/1.TXT": "one", "a/3.txt": "three", "README.md": "", "b/.hid": "", ".x/1": ""}
    )
    examples = read_examples(path, task="classify")
    assert (examples.kind, examples.inputs) == ("text", ["three", "one", "two"])
    assert examples.targets == ["a", "b", "b"]
    assert examples.origin == {"format": "folders", "kind": "text"}
    assert examples.place(1) == str(path / "b/1.TXT")


@pytest.mark.parametrize(("suffix", "kind"), [("wav", "audio"), ("FLAC", "audio"), ("mp4", "video")])
def test_recordings_are_paths(make, suffix, kind):
    path = make(**{f"a/1.{suffix}": "", f"b/1.{suffix}": ""})
    examples = read_examples(path, task="classify")
    assert (examples.kind, examples.inputs) == (kind, [path / f"a/1.{suffix}", path / f"b/1.{suffix}"])


def test_sound_may_be_in_files_that_are_named_like_videos(make):
    path = make(**{"a/1.wav": "", "b/1.mp4": ""})
    examples = read_examples(path, Columns(kind="audio"), task="classify")
    assert (examples.kind, examples.origin["kind"]) == ("audio", "audio")
    with pytest.raises(InputError, match="mixes 1 audio, 1 video files; give files of one kind, or name it"):
        read_examples(path, task="classify")
    with pytest.raises(ParameterError, match=r"kind is 'text' and .* has 1 audio, 1 video files"):
        read_examples(path, Columns(kind="text"), task="classify")


def test_without_targets_the_files_may_lie_in_the_folder_itself(make):
    examples = read_examples(make(**{"1.txt": "one"}), task="classify", targets=False)
    assert (examples.inputs, examples.targets) == (["one"], None)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"1.wav": ""}, "has no folders in it"),
        ({"a/.hidden": "", "b/1.txt": "x"}, "a is empty"),
        ({"a/1.txt": "x", "b/1.wav": "", "b/2.wav": ""}, "mixes 1 text, 2 audio files"),
        ({"a/1.txt": "x", "a/2.md": "x", "a/b/1.txt": "x"}, "a/2.md; a/b: no .txt, audio or video file"),
        ({"a/1.txt": "", "b/1.txt": "x"}, "1.txt is empty"),
    ],
    ids=["no classes", "empty class", "mixed", "others", "empty text"],
)
def test_one_line_says_what_is_wrong(make, files, complaint):
    with pytest.raises(InputError, match=complaint):
        read_examples(make(**files), task="classify")


def test_only_classes_are_in_folders(make):
    with pytest.raises(InputError, match="to tag, name a table"):
        read_examples(make(**{"a/1.txt": "x"}), task="tag")
