import threading

import numpy as np
import pytest

from ostinato import InputError
from ostinato._errors import ParameterError
from ostinato.data._audio_encoder import AudioEncoder
from ostinato.data._decoding import encode_all
from ostinato.data._input_encoder import InputEncoder


class Counting(InputEncoder):
    """n → the n steps n, 0 < n; a step is a pair. A negative n cannot be encoded."""

    kind = "vectors"
    element = (2,)

    def __init__(self, wait=None):
        self.calls = []
        self.wait = wait

    def encode(self, item):
        return np.concatenate(list(self.stream(item)))

    def stream(self, item):
        self.calls.append(item)
        if self.wait:
            self.wait(item)
        if item < 0:
            raise InputError(f"{item} is negative")
        for _ in range(item):
            yield np.full((1, 2), item, np.float32)

    def to_json(self):
        return {"kind": "counting"}

    @classmethod
    def from_json(cls, value):
        return cls()


def place(index):
    return f"row {index + 1}"


@pytest.fixture(params=["memory", "file"])
def directory(request, tmp_path):
    return tmp_path if request.param == "file" else None


@pytest.mark.parametrize("workers", [None, 1, 2, 5])
def test_inputs_keep_their_order(directory, workers):
    inputs = [3, 1, 4, 1, 5, 9, 2, 6]
    encoded, kept = encode_all(Counting(), inputs, place=place, workers=workers, directory=directory)
    assert kept.tolist() == list(range(8))
    assert encoded.lengths.tolist() == inputs
    assert encoded.values.dtype == np.float32
    for steps, item in zip(encoded, inputs, strict=True):
        np.testing.assert_array_equal(steps, np.full((item, 2), item))


def test_workers_work_at_the_same_time(directory):
    together = threading.Barrier(2, timeout=30)
    encode_all(Counting(lambda _: together.wait()), [1, 2, 3, 4], place=place, workers=2, directory=directory)


def test_the_first_to_finish_is_not_the_first_in_line(directory):
    second = threading.Event()
    encoder = Counting(lambda item: second.wait(30) if item == 7 else second.set())
    encoded, _ = encode_all(encoder, [7, 3], place=place, workers=2, directory=directory)
    assert encoded.lengths.tolist() == [7, 3]


def test_only_a_few_inputs_are_ahead_of_their_turn(tmp_path):
    release = threading.Event()
    started = []

    def wait(item):
        started.append(item)
        if item == 1:
            release.wait(30)

    timer = threading.Timer(0.2, lambda: (started.append("late"), release.set()))
    timer.start()
    encode_all(Counting(wait), list(range(1, 50)), place=place, workers=2, directory=tmp_path)
    assert started.index("late") <= 3


def test_all_bad_inputs_are_named_after_all_were_tried(directory):
    encoder = Counting()
    with pytest.raises(InputError) as caught:
        encode_all(encoder, [1, -2, 3, -4], place=place, directory=directory)
    assert str(caught.value) == (
        "2 of 4 inputs cannot be read: row 2: -2 is negative; row 4: -4 is negative; "
        'mend them, or leave them out with on_corrupt="skip"'
    )
    assert sorted(encoder.calls) == [-4, -2, 1, 3]


def test_where_there_is_no_choice_none_is_offered(directory):
    with pytest.raises(InputError, match=r"row 1: -2 is negative; mend them, or leave them out$"):
        encode_all(Counting(), [-2, 3], place=place, on_corrupt=None, directory=directory)


def test_of_many_bad_inputs_ten_are_named(directory):
    with pytest.raises(InputError, match=r"1,000 of 1,001 .*row 11: -1 is negative and 990 more; mend"):
        encode_all(Counting(), [1] + [-1] * 1000, place=place, directory=directory)


def test_bad_inputs_can_be_left_out(directory):
    with pytest.warns(UserWarning, match=r"^2 of 4 inputs .*row 1: -2 is negative; row 3: .*; left out$"):
        encoded, kept = encode_all(
            Counting(), [-2, 1, -4, 3], place=place, on_corrupt="skip", directory=directory
        )
    assert kept.tolist() == [1, 3]
    assert encoded.lengths.tolist() == [1, 3]


@pytest.mark.parametrize("on_corrupt", ["error", "skip"])
@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ([-1], r"^row 1: -1 is negative$"),
        ([-1, -2], r"^none of the 2 inputs can be read: row 1: .*; row 2: "),
    ],
    ids=["one", "two"],
)
def test_nothing_left_is_an_error(directory, on_corrupt, inputs, complaint):
    with pytest.raises(InputError, match=complaint):
        encode_all(Counting(), inputs, place=place, on_corrupt=on_corrupt, directory=directory)


def test_another_fault_is_not_the_inputs(directory):
    def fault(item):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        encode_all(Counting(fault), [1, 2, 3], place=place, on_corrupt="skip", directory=directory)


def test_another_choice_is_refused():
    with pytest.raises(ParameterError, match="on_corrupt is 'ignore'"):
        encode_all(Counting(), [1], place=place, on_corrupt="ignore")


def test_steps_in_a_file_are_mapped_and_read_only(tmp_path):
    encoded, _ = encode_all(Counting(), [2, 3], place=place, directory=tmp_path)
    assert isinstance(encoded.values, np.memmap)
    assert not encoded.values.flags.writeable
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inputs.bin", "inputs.json"]


def test_what_is_complete_is_used_again(tmp_path):
    with pytest.warns(UserWarning):
        first = encode_all(Counting(), [2, -1, 3], place=place, on_corrupt="skip", directory=tmp_path)
    encoder = Counting()
    again = encode_all(encoder, [2, -1, 3], place=place, on_corrupt="skip", directory=tmp_path)
    assert encoder.calls == []
    assert again[1].tolist() == first[1].tolist() == [0, 2]
    np.testing.assert_array_equal(again[0].values, first[0].values)
    assert again[0].offsets.tolist() == [0, 2, 5]


@pytest.mark.parametrize("spoil", ["inputs.bin", "inputs.json", "cut", "garbled", "encoder", "count"])
def test_what_is_not_complete_is_made_anew(tmp_path, spoil):
    encode_all(Counting(), [2, 3], place=place, directory=tmp_path)
    encoder, inputs = Counting(), [2, 3]
    if spoil.startswith("inputs"):
        (tmp_path / spoil).unlink()
    elif spoil == "cut":
        (tmp_path / "inputs.bin").write_bytes(b"1234")
    elif spoil == "garbled":
        (tmp_path / "inputs.json").write_bytes(b"[")
    elif spoil == "encoder":
        encoder.to_json = lambda: {"kind": "another"}
    else:
        inputs = [2, 3, 1]
    encoded, _ = encode_all(encoder, inputs, place=place, directory=tmp_path)
    assert sorted(encoder.calls) == sorted(inputs)
    assert encoded.lengths.tolist() == inputs


def test_an_error_leaves_nothing_to_be_used_again(tmp_path):
    with pytest.raises(InputError):
        encode_all(Counting(), [1, -1], place=place, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_keep_parts_apart(tmp_path):
    encode_all(Counting(), [1], place=place, directory=tmp_path, name="train")
    encode_all(Counting(), [2], place=place, directory=tmp_path, name="validation")
    encoded, _ = encode_all(Counting(), [1], place=place, directory=tmp_path, name="train")
    assert encoded.lengths.tolist() == [1]


def test_inputs_without_steps_are_kept(directory):
    class Empty(Counting):
        def stream(self, item):
            yield np.empty((0, 2), np.float32)

    encoded, kept = encode_all(Empty(), [1, 2], place=place, directory=directory)
    assert encoded.values.shape == (0, 2)
    assert encoded.lengths.tolist() == [0, 0]
    assert kept.tolist() == [0, 1]


def test_long_inputs_wait_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("ostinato.data._encoded_file._IN_MEMORY", 16)
    encoded, _ = encode_all(Counting(), [50, 60], place=place, workers=2, directory=tmp_path)
    assert encoded.lengths.tolist() == [50, 60]
    assert (encoded[1] == 60).all()


def test_sound_files_of_which_some_are_damaged(tmp_path, record, tone, directory):
    paths = [record(tmp_path / f"{i}.wav", tone(200 * i + 200, 0.1 * i + 0.1)) for i in range(4)]
    paths[2].write_bytes(b"no sound")
    encoder = AudioEncoder.learn(paths)
    with pytest.warns(UserWarning, match=r"1 of 4 inputs .*row 3: .*2\.wav is not an audio file"):
        encoded, kept = encode_all(encoder, paths, place=place, on_corrupt="skip", directory=directory)
    assert kept.tolist() == [0, 1, 3]
    for index, steps in zip(kept, encoded, strict=True):
        np.testing.assert_array_equal(steps, encoder.encode(paths[index]))
