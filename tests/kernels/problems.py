"""A problem: the numbers of one layer's forward and backward pass, and what the equations make of them.

T steps, B rows, I inputs, H hidden units, R outputs of a direction (H, or the LSTM's projection), D
directions. Whatever is padding is NaN, or a token that does not exist: nothing may read it.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from ostinato.kernels import Weights, reference

CELLS = ("rnn_tanh", "rnn_relu", "lstm", "lstm-projected", "gru")
GATES = {"rnn_tanh": "", "rnn_relu": "", "lstm": "ifgo", "gru": "rznq"}
"""The gates that are kept for the backward pass, in their order there."""
WEIGHTS = Weights._fields
STATES = ("h", "c")
DIRECTIONS = {"forward": (False,), "reverse": (True,), "both": (False, True)}
LENGTHS = ("dense", "ragged", "zeros", "all-zero", "sorted")
NO_TOKEN = 0x5A5A5A5A5A5A5A5A


@dataclass(frozen=True, eq=False)
class Problem:
    """All that a layer is given, forward and backward, in float32 and time first."""

    kind: str
    x: np.ndarray
    """(T, B, I); of tokens, their vectors."""
    states: tuple
    """For each direction `(h,)` or `(h, c)`: (B, R) and (B, H)."""
    weights: tuple
    """For each direction its `Weights`."""
    dy: np.ndarray
    """(T, B, D·R)."""
    dfinals: tuple
    """As `states`."""
    reverse: tuple = (False,)
    lengths: np.ndarray | None = None
    tokens: np.ndarray | None = None
    """(T, B), int64, or None if the input is vectors."""
    embedding: np.ndarray | None = None
    """(V, I), or None if the tokens are one-hot."""

    @cached_property
    def active(self):
        """(T, B), True where a step is real."""
        T, B, _ = self.x.shape
        return np.arange(T)[:, None] < np.broadcast_to(T if self.lengths is None else self.lengths, B)

    @property
    def slots(self):
        """How many steps are real."""
        return int(self.active.sum())

    @property
    def hidden(self):
        w_hh, w_hr = self.weights[0].w_hh, self.weights[0].w_hr
        return w_hh.shape[1] if w_hr is None else w_hr.shape[1]

    @property
    def outputs(self):
        return self.weights[0].w_hh.shape[1]

    def rows(self, which):
        """The same problem for some of the rows, in that order."""
        return replace(
            self,
            x=self.x[:, which],
            states=_each(lambda state: state[which], self.states),
            dy=self.dy[:, which],
            dfinals=_each(lambda state: state[which], self.dfinals),
            lengths=None if self.lengths is None else self.lengths[which],
            tokens=None if self.tokens is None else self.tokens[:, which],
        )

    def steps(self, which):
        """The same problem for a slice of the steps, of rows that have them all."""
        tokens = None if self.tokens is None else self.tokens[which]
        return replace(self, x=self.x[which], dy=self.dy[which], tokens=tokens, lengths=None)

    def vectors(self):
        """The same problem, with the tokens' vectors for input."""
        return replace(self, tokens=None, embedding=None)


@lru_cache(maxsize=8)
def draw(cell, T, B, inputs, H, *, lengths="dense", direction="forward", bias=True, tokens=None, seed=0):
    """A problem at random.

    Args:
        cell: One of `CELLS`; a single unit is not projected.
        T, B, inputs, H: Sizes; `inputs` is also the number of tokens there are.
        lengths: One of `LENGTHS`; "sorted" is longest first, none of length 0, as packed sequences are.
        direction: One of `DIRECTIONS`.
        bias: With biases or without.
        tokens: None, "one-hot" or "embedding"; embedded in 19 dimensions at most.
        seed: Another number, another problem.
    """
    rng = np.random.default_rng(seed)
    kind, _, projected = cell.partition("-")
    reverse = DIRECTIONS[direction]
    projected = projected and H > 1
    R = (H + 1) // 2 if projected else H
    ids = rng.integers(0, inputs, (T, B)) if tokens else None
    embedding = _normal(rng, inputs, min(inputs, 19)) if tokens == "embedding" else None
    x = _normal(rng, T, B, inputs) if ids is None else _vectors(ids, inputs, embedding)
    problem = Problem(
        kind,
        x,
        tuple(_state(rng, kind, B, H, R) for _ in reverse),
        tuple(_weights(rng, kind, x.shape[2], H, R, bias, projected) for _ in reverse),
        _normal(rng, T, B, len(reverse) * R),
        tuple(_state(rng, kind, B, H, R) for _ in reverse),
        reverse,
        _lengths(rng, lengths, T, B),
        ids,
        embedding,
    )
    padding = ~problem.active
    x[padding], problem.dy[padding] = np.nan, np.nan
    if ids is not None:
        ids[padding] = NO_TOKEN
    return problem


@lru_cache(maxsize=8)
def expected(problem):
    """The reference's outputs, final states, gates and gradients by name, in float64.

    Names end in the direction they belong to, as in "dw_hh[1]".
    """
    directions = range(len(problem.reverse))
    traces, gradients = zip(*(_reference(problem, d) for d in directions), strict=True)
    answers = {"y": np.concatenate([trace.y for trace in traces], axis=2)}
    for d in directions:
        answers |= {f"{name}[{d}]": gate for name, gate in _kept(problem, traces[d]).items()}
        answers |= named(f"{{}}_n[{d}]", STATES, traces[d].state)
        answers |= named(f"d{{}}_0[{d}]", STATES, gradients[d].state)
        answers |= named(f"d{{}}[{d}]", WEIGHTS, gradients[d].weights)
    dx = sum(gradient.x for gradient in gradients)
    if problem.tokens is None:
        answers["dx"] = dx
    elif problem.embedding is not None:
        answers["dembedding"] = np.zeros(problem.embedding.shape)
        np.add.at(answers["dembedding"], problem.tokens[problem.active], dx[problem.active])
    return answers


def named(pattern, names, arrays):
    """The arrays that are there, by name."""
    found = zip(names, arrays, strict=False)
    return {pattern.format(name): array for name, array in found if array is not None}


def relative_error(ours, exact):
    """The largest difference over the largest value of the array; of an array of zeros, the largest value."""
    scale = np.abs(exact).max(initial=0.0)
    return np.abs(ours - exact).max(initial=0.0) / (scale or 1.0)


def assert_close(ours, exact, tolerance=1e-5):
    """Every array named in `exact` is in `ours`, and nothing else, each within the relative error."""
    assert ours.keys() == exact.keys()
    errors = {name: relative_error(ours[name], exact[name]) for name in exact}
    wrong = {name: float(error) for name, error in errors.items() if not error <= tolerance}
    assert not wrong, f"relative errors {wrong}"


def assert_same_bits(ours, theirs):
    """The same names, and the same bits under each."""
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(_bits(ours[name]), _bits(theirs[name]), err_msg=name)


def without_gradients(answers):
    """What the forward pass gave."""
    return {name: answer for name, answer in answers.items() if not name.startswith("d")}


def _reference(problem, d):
    weights = Weights(*(None if w is None else w.astype(np.float64) for w in problem.weights[d]))
    options = {"lengths": problem.lengths, "reverse": problem.reverse[d]}
    trace = reference.forward(problem.kind, problem.x, problem.states[d], weights, **options)
    dy = np.split(problem.dy, len(problem.reverse), axis=2)[d]
    return trace, reference.backward(trace, weights, dy, problem.dfinals[d])


def _kept(problem, trace):
    kept = {name: trace.gates[name] for name in GATES[problem.kind]}
    if problem.kind == "lstm":
        kept["c"] = trace.gates["c"]
    if problem.weights[0].w_hr is not None:
        kept["m"] = trace.gates["h"]
    return kept


def _bits(values):
    return np.ascontiguousarray(values).view(np.uint32)


def _each(change, states):
    return tuple(tuple(change(s) for s in state) for state in states)


def _normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def _state(rng, kind, B, H, R):
    return tuple(_normal(rng, B, size) for size in ((R, H) if kind == "lstm" else (R,)))


def _weights(rng, kind, inputs, H, R, bias, projected):
    """Such that no unit saturates: there a float32 gradient has few digits left, whoever computes it."""
    G = max(1, len(GATES[kind].removesuffix("q")))
    shapes = {"w_ih": (G * H, inputs), "w_hh": (G * H, R)}
    if bias:
        shapes |= {"b_ih": (G * H,), "b_hh": (G * H,)}
    if projected:
        shapes |= {"w_hr": (R, H)}
    bound = 0.8 * (inputs + H) ** -0.5
    return Weights(**{name: rng.uniform(-bound, bound, s).astype(np.float32) for name, s in shapes.items()})


def _vectors(ids, count, embedding):
    return (np.eye(count, dtype=np.float32) if embedding is None else embedding)[ids]


def _lengths(rng, pattern, T, B):
    if pattern == "dense":
        return None
    if pattern == "all-zero":
        return np.zeros(B, np.int64)
    lengths = rng.integers(1, T + 1, B)
    if pattern == "zeros":
        lengths[::2] = 0
    if pattern == "sorted":
        lengths = np.sort(lengths)[::-1].copy()
        lengths[0] = T
    return lengths
