"""Many sessions: each is to the bit what it would be alone, however they come and go."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ostinato import InputError
from ostinato.data import Scaler, VectorEncoder
from ostinato.runtime._pieces import pieces_of
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.runtime._sequence_stepper import SequenceStepper
from ostinato.runtime._stream import Stream
from ostinato.runtime._streams import Streams

PARAMETERS = {
    "cell": "lstm",
    "hidden_size": 7,
    "num_layers": 2,
    "bidirectional": False,
    "pooling": "attention",
}
ENCODER = VectorEncoder(Scaler(np.zeros(2), np.ones(2), np.array([False, True])))


class Raw(SequenceStepper):
    """The logits themselves."""

    def answers(self, logits):
        return list(logits)

    def told(self, output):
        return {"logits": output.tolist()}


def stepper():
    network = SequenceNetwork(ENCODER, PARAMETERS, 3)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in network.shapes().items()}
    network.load(weights, "float32")
    return Raw(network, pieces_of(ENCODER))


STEPPER = stepper()
MODEL = "f" * 64


def many(n=0):
    return Streams(lambda: STEPPER, MODEL, n)


def alone():
    return Stream(STEPPER, MODEL)


numbers = st.floats(-3, 3, width=32) | st.just(float("nan"))
step = st.lists(numbers, min_size=2, max_size=2)
piece = step | st.lists(step, min_size=1, max_size=3)


class Sessions(RuleBasedStateMachine):
    """Streams beside a `Stream` for each session."""

    @initialize(n=st.integers(0, 3))
    def begin(self, n):
        self.streams = many(n)
        self.alone = {session: alone() for session in range(n)}

    @rule()
    def join(self):
        self.alone[self.streams.join()] = alone()

    @precondition(lambda self: self.alone)
    @rule(data=st.data())
    def leave(self, data):
        session = data.draw(st.sampled_from(sorted(self.alone)))
        self.streams.leave(session)
        del self.alone[session]

    @rule(data=st.data())
    def push(self, data):
        some = data.draw(st.permutations(sorted(self.alone)))
        some = some[: data.draw(st.integers(0, len(some)))]
        inputs = [data.draw(piece) for _ in some]
        self.check(some, inputs, self.streams.push(some, inputs))

    @rule(seed=st.integers(0, 99))
    def push_an_array(self, seed):
        inputs = np.random.default_rng(seed).normal(size=(len(self.alone), 2))
        some = np.array(sorted(self.alone), int)
        self.check(some.tolist(), inputs, self.streams.push(some, inputs))

    @precondition(lambda self: self.alone)
    @rule(data=st.data())
    def save_and_restore(self, data):
        one, other = (data.draw(st.sampled_from(sorted(self.alone))) for _ in range(2))
        saved = self.streams.save(one)
        assert saved == self.alone[one].save()
        self.streams.restore(other, saved)
        self.alone[other].restore(saved)

    @precondition(lambda self: self.alone)
    @rule(data=st.data())
    def reset(self, data):
        session = data.draw(st.sampled_from(sorted(self.alone)))
        self.streams.reset(session)
        self.alone[session].reset()

    def check(self, sessions, inputs, outputs):
        assert self.streams.sessions == tuple(self.alone)
        for session, x, output in zip(sessions, inputs, outputs, strict=True):
            np.testing.assert_array_equal(output, self.alone[session].push(x))


def test_sessions_come_and_go_and_each_is_as_if_alone():
    run_state_machine_as_test(
        Sessions, settings=settings(max_examples=30, stateful_step_count=15, deadline=None)
    )


def test_numbers_of_sessions_are_not_given_twice():
    streams = many(2)
    streams.leave(1)
    assert streams.join() == 2
    with pytest.raises(InputError, match="no session 1: join gives the number of a new one"):
        streams.push([1], [[0, 0]])


@pytest.mark.parametrize(
    ("sessions", "inputs", "message"),
    [
        ([0, 0], [[0, 0]] * 2, "session 0 is named twice"),
        ([0, 3], [[0, 0]] * 2, "no session 3"),
        ([0, "a"], [[0, 0]] * 2, "no session 'a'"),
        ([[0]], [[0, 0]], r"no session \[0\]"),
        ([0, 1], [[0, 0]], "1 inputs for 2 sessions"),
        ([0, 1], [[0, 0], [0, 0, 0]], r"\[0, 0, 0\] is not what this model reads: give a list of 2 numbers"),
        ([0, 1], np.zeros((2, 3)), "is not what this model reads"),
        ([0, 1], [[0, 0], [0, 1e39]], "infinity"),
        (0, [[0, 0]], "sessions is int: give a sequence of their numbers"),
        ([0], None, "inputs is NoneType: give a sequence, an input for each session"),
        ([0], np.float64(3), "inputs is float64: give a sequence"),
    ],
    ids=[
        *("twice", "unknown", "text", "list", "too-few", "too-wide", "wide-array", "too-large"),
        *("no-sessions", "no-inputs", "number"),
    ],
)
def test_a_push_that_is_refused_leaves_all_as_they_were(sessions, inputs, message):
    streams = many(2)
    streams.push([0, 1], [[1, 2], [3, 4]])
    before = [streams.save(0), streams.save(1)]
    with pytest.raises(InputError, match=message):
        streams.push(sessions, inputs)
    assert [streams.save(0), streams.save(1)] == before


@pytest.mark.parametrize("n", [-1, 1.0, "2", None, True])
def test_numbers_of_sessions_that_there_cannot_be(n):
    with pytest.raises(InputError, match="number of sessions to begin with"):
        many(n)
