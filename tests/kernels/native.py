"""A problem solved by the kernels, every array under guard; the answers are named as the reference's are."""

import numpy as np

from ostinato import kernels
from ostinato.kernels import Kept, Weights

from .guarded import Memory
from .problems import GATES, STATES, WEIGHTS, named

LAYOUTS = {
    "time-first": lambda T, B, n: ((T, B, n), lambda whole: whole),
    "batch-first": lambda T, B, n: ((B, T, n), lambda whole: whole.swapaxes(0, 1)),
    "gaps": lambda T, B, n: ((T, B + 1, n + 5), lambda whole: whole[:, 1:, 3:-2]),
    "backwards": lambda T, B, n: ((T, B, n), lambda whole: whole[::-1, ::-1]),
}
"""How a (T, B, n) sequence may lie: the shape of a larger array, and the view of it. Also "packed"."""


def solve(problem, *, layout="time-first", threads=1, training=True, unwanted=(), memory=Memory):
    """All that `expected` names but unwanted gradients; in inference, the outputs and final states."""
    call = _Call(problem, layout, threads, memory())
    answers, y, kept = call.forward(training=training)
    if training:
        answers |= call.read_kept(kept)
        answers |= call.backward(y, kept, unwanted)
    call.memory.check()
    return answers


def solve_by_steps(problem, *, in_place=False, memory=Memory):
    """Outputs and final states of one direction, from `Packed.step` called for every time step."""
    memory = memory()
    (weights,), (first,) = problem.weights, problem.states
    packed = kernels.Packed(problem.kind, Weights(*_given(memory, weights)))
    state = tuple(memory.blank(s.shape) for s in first)
    other = state if in_place else tuple(memory.blank(s.shape) for s in first)
    for s, value in zip(state, first, strict=True):
        s[...] = value
    y = []
    for x in problem.x:
        packed.step(memory.given(x), state, other)
        y.append(other[0].copy())
        state, other = other, state
    memory.check()
    return {"y": np.stack(y)} | named("{}_n[0]", STATES, state)


def step_a_stack(problem, precision, *, memory=Memory):
    """Two steps of a stack of the problem's one layer, the second in place."""
    memory = memory()
    stack = kernels.Stack(problem.kind, [Weights(*_given(memory, problem.weights[0]))], precision)
    state = tuple(memory.given(s[np.newaxis]) for s in problem.states[0])
    new = tuple(memory.blank(s.shape) for s in state)
    out = memory.blank(problem.states[0][0].shape), new
    x = memory.given(problem.x[0])
    stack.step(x, state, out)
    stack.step(x, new, out)
    memory.check()


class _Call:
    """A problem laid out in memory: what both passes are given."""

    def __init__(self, problem, layout, threads, memory):
        self.problem, self.layout, self.memory = problem, layout, memory
        self.directions = range(len(problem.reverse))
        self.states = tuple(_given(memory, state) for state in problem.states)
        self.weights = tuple(Weights(*_given(memory, weights)) for weights in problem.weights)
        self.x = self._sequence(problem.x) if problem.tokens is None else self._tokens()
        self.options = {"reverse": problem.reverse, "threads": threads}
        if problem.embedding is not None:
            self.options["embedding"] = memory.given(problem.embedding)
        if layout == "packed":
            self.options["batch_sizes"] = memory.given(problem.active.sum(axis=1))
        elif problem.lengths is not None:
            self.options["lengths"] = memory.given(problem.lengths)

    def forward(self, *, training):
        """The answers; and y and what is kept, as they lie there."""
        problem = self.problem
        y = self._blank_sequence(problem.dy.shape[2])
        finals = tuple(_blank(self.memory, state) for state in problem.states)
        kept = tuple(self._blank_kept() for _ in self.directions) if training else None
        kernels.forward(
            problem.kind, self.x, self.states, self.weights, y=y, finals=finals, kept=kept, **self.options
        )
        answers = {"y": self._padded(y)}
        for d in self.directions:
            answers |= named(f"{{}}_n[{d}]", STATES, finals[d])
        return answers, y, kept

    def backward(self, y, kept, unwanted):
        problem, memory = self.problem, self.memory
        outputs = {"dx": None, "dembedding": None}
        if problem.tokens is None and "dx" not in unwanted:
            outputs["dx"] = self._blank_sequence(problem.x.shape[2])
        if problem.embedding is not None and "dembedding" not in unwanted:
            outputs["dembedding"] = memory.blank(problem.embedding.shape)
        dweights = tuple(self._blank_dweights(d, unwanted) for d in self.directions)
        dstates = tuple(_blank(memory, state) for state in problem.states)
        kernels.backward(
            problem.kind,
            self.x,
            self.states,
            self.weights,
            y=self._sequence(self._padded(y)),
            kept=tuple(Kept(*_given(memory, arrays)) for arrays in kept),
            dy=self._sequence(problem.dy),
            dfinals=tuple(_given(memory, dfinal) for dfinal in problem.dfinals),
            dstates=dstates,
            dweights=dweights,
            **outputs,
            **self.options,
        )
        answers = {name: output for name, output in outputs.items() if output is not None}
        if "dx" in answers:
            answers["dx"] = self._padded(answers["dx"])
        for d in self.directions:
            answers |= named(f"d{{}}_0[{d}]", STATES, dstates[d])
            answers |= named(f"d{{}}[{d}]", WEIGHTS, dweights[d])
        return answers

    def read_kept(self, kept):
        """The kept arrays as (T, B, H), gate by gate. Slots beyond the real ones were left alone."""
        answers = {}
        steps, rows = self._slots()
        for d, (gates, *others) in enumerate(kept):
            arrays = dict(zip("cm", others, strict=True))
            if gates is not None:
                names = GATES[self.problem.kind]
                arrays |= dict(zip(names, np.split(gates, len(names), axis=1), strict=True))
            for name, array in arrays.items():
                if array is not None:
                    answers[f"{name}[{d}]"] = self._zeros(array.shape[1])
                    answers[f"{name}[{d}]"][steps, rows] = array[: len(steps)]
                    assert np.isnan(array[len(steps) :]).all()
        return answers

    def _slots(self):
        """The step and the row of every slot: step by step, the longest rows first."""
        longest_first = np.argsort(-self.problem.active.sum(axis=0), kind="stable")
        steps, ranks = np.nonzero(self.problem.active[:, longest_first])
        return steps, longest_first[ranks]

    def _sequence(self, values):
        if self.layout == "packed":
            return self.memory.given(values[self.problem.active])
        return self.memory.given(values, *LAYOUTS[self.layout](*values.shape))

    def _tokens(self):
        tokens = self.problem.tokens
        if self.layout == "packed":
            return self.memory.given(tokens[self.problem.active])
        shape, arrange = LAYOUTS[self.layout](*tokens.shape, 6)
        return self.memory.given(tokens, shape, lambda whole: arrange(whole)[..., 0])

    def _blank_sequence(self, size):
        T, B, _ = self.problem.x.shape
        if self.layout == "packed":
            return self.memory.blank((self.problem.slots, size))
        return self.memory.blank(*LAYOUTS[self.layout](T, B, size))

    def _blank_kept(self):
        T, B, _ = self.problem.x.shape
        slots = self.problem.slots if self.layout == "packed" else T * B
        projected = self.problem.weights[0].w_hr is not None
        shapes = kernels.kept_sizes(self.problem.kind, slots, self.problem.hidden, projected)
        return Kept(*(None if shape is None else self.memory.blank(shape) for shape in shapes))

    def _blank_dweights(self, d, unwanted):
        weights = self.problem.weights[d]
        wanted = (
            None if f"d{name}[{d}]" in unwanted else w for name, w in zip(WEIGHTS, weights, strict=True)
        )
        return Weights(*_blank(self.memory, wanted))

    def _padded(self, sequence):
        """A sequence as (T, B, n), whatever its layout."""
        if self.layout != "packed":
            return sequence
        padded = self._zeros(sequence.shape[1])
        padded[self.problem.active] = sequence
        return padded

    def _zeros(self, size):
        return np.zeros((*self.problem.active.shape, size), np.float32)


def _given(memory, arrays):
    return tuple(None if array is None else memory.given(array) for array in arrays)


def _blank(memory, arrays):
    return tuple(None if array is None else memory.blank(array.shape) for array in arrays)
