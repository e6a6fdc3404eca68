import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data import Segment, check_within, labels_of, parse_segments, segments_of

properties = settings(max_examples=200, deadline=None)


@properties
@given(
    labels=st.lists(st.sampled_from(["", "a", "b"]), max_size=30),
    step=st.floats(1e-3, 10),
    moment=st.sampled_from([0.0, 0.5]),
)
def test_labels_come_back_from_their_segments(labels, step, moment):
    times = (np.arange(len(labels)) + moment) * step
    assert labels_of(segments_of(labels, step, background=""), times) == labels
    assert labels_of(segments_of(labels, step), times, background="none") == labels


def test_segments_are_the_runs_without_the_background():
    labels = ["a", "a", "", "b", "a"]
    assert segments_of(labels, 0.5, background="") == [(0.0, 1.0, "a"), (1.5, 2.0, "b"), (2.0, 2.5, "a")]


def test_a_segment_holds_its_start_and_not_its_end():
    segments = parse_segments([[1, 2, "b"], [0.5, 1, "a"]], "clip")
    assert labels_of(segments, [0.4, 0.5, 0.9, 1.0, 1.9, 2.0], "none") == ["none", "a", "a", "b", "b", "none"]


def test_no_segments_are_all_background():
    assert labels_of([], [0.0, 1.0], "x") == ["x", "x"]


def test_labels_may_be_whole_numbers():
    assert parse_segments([[0, 1, 3]], "clip") == [Segment(0.0, 1.0, "3")]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("0-1 a", "is no list of segments"),
        ([[0, 1]], "is no segment"),
        ([[0, 1, None]], "is no segment"),
        ([[0, 1, ["a"]]], "is no segment"),
        ([["0", 1, "a"]], "from '0' to 1"),
        ([[1, 1, "a"]], "start before end"),
        ([[2, 1, "a"]], "start before end"),
        ([[-1, 1, "a"]], "from -1 to 1"),
        ([[0, float("inf"), "a"]], "from 0 to inf"),
        ([[float("nan"), 1, "a"]], "from nan to 1"),
        ([[0, 10**400, "a"]], "start before end"),
        ([[True, 2, "a"]], "from True to 2"),
        ([[0, 2, "a"], [1, 3, "b"]], r"\[0.0, 2.0, 'a'\] and \[1.0, 3.0, 'b'\] overlap"),
    ],
)
def test_what_are_no_segments(value, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        parse_segments(value, "clips.csv, row 3")
    assert str(caught.value).startswith("clips.csv, row 3: ")


def test_neighbours_may_overlap_by_a_rounding_error():
    assert len(parse_segments([[0, 0.1 + 0.2, "a"], [0.3, 1, "b"]], "clip")) == 2


def test_a_segment_may_end_a_step_after_the_recording_and_no_more():
    segments = [Segment(0.0, 1.04, "a")]
    check_within(segments, 1.0, 0.04, "clip")
    with pytest.raises(
        InputError, match=r"clip: the segment .* ends after the recording, which has 0.990 seconds"
    ):
        check_within(segments, 0.99, 0.04, "clip")
