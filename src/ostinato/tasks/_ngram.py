"""The baseline every language model is measured against: an n-gram with modified Kneser-Ney smoothing.

    p_n(w | c) = (k(c w) − D(k)) / s(c)  +  λ(c) · p_{n-1}(w | c without its oldest token)

`k` counts occurrences at the highest order and distinct predecessors below it, `s(c)` is the sum of `k(c ·)`,
`D` the order's three discounts (for k = 1, 2, and 3 or more), and `λ(c)` hands on exactly the mass they took.
A token never seen after `c` has only the second term; after a context never seen, p_n is p_{n-1}. Under the
unigrams lies the uniform distribution: no token has probability zero.

Source: S. F. Chen & J. Goodman, "An empirical study of smoothing techniques for language modeling", Computer
Speech and Language 13 (1999), section 3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato._errors import InputError

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

# Rows, tokens and counts stay below this, so that `row * vocabulary_size + token` always fits in 64 bits.
LIMIT = 2**31
MAX_ORDER = 16  # longer contexts of real data never come back


class NGram:
    """An interpolated n-gram model over token ids.

    Attributes:
        vocabulary_size: V; tokens are 0 … V − 1.
        order: the longest n-gram; contexts have up to `order - 1` tokens.
    """

    def __init__(self, vocabulary_size: int, levels: list["_Level"]) -> None:
        self.vocabulary_size = vocabulary_size
        self.order = len(levels)
        self._levels = levels

    @classmethod
    def fit(cls, ids: NDArray[np.integer[Any]], vocabulary_size: int, order: int = 5) -> Self:
        """Count the n-grams of one token stream.

        Args:
            ids: (N,) training tokens, each in [0, vocabulary_size).
            vocabulary_size: V; tokens that never occur in `ids` share in the uniform distribution.
            order: the longest n-gram, 1 … 16; a stream shorter than it gets the order of its length.

        Raises:
            InputError: no tokens, a token outside the vocabulary, an order or vocabulary size out of range.
        """
        size = _in_range("vocabulary_size", vocabulary_size, LIMIT - 1)
        order = _in_range("order", order, MAX_ORDER)
        tokens = _tokens(ids, size)
        if not 0 < len(tokens) < LIMIT:
            raise InputError(f"an n-gram needs 1 to {LIMIT - 1} training tokens, not {len(tokens)}")
        order = min(order, len(tokens))
        levels: list[_Level] = []
        rows = np.zeros(len(tokens), np.int64)  # of each token, from the n-th on: which context of n tokens
        for n in range(order):
            highest = n == order - 1
            # Below the highest order a token must have n + 1 others before it: what is counted is the oldest.
            first = n if highest else n + 1
            contexts, rows = _extend(rows[first - n :], tokens[first - n : len(tokens) - n], size, n)
            grams, gram = np.unique(rows * size + tokens[first:], return_inverse=True)
            if not highest:
                pairs = np.sort(gram * size + tokens[: len(gram)])
                gram = pairs[_starts(pairs)] // size
            levels.append(_Level.interpolate(contexts, grams, np.bincount(gram), size, levels))
        return cls(size, levels)

    def log_probabilities(self, ids: ArrayLike, context: ArrayLike = ()) -> Floats:
        """The natural logarithm of each token's probability, given the tokens before it.

        Args:
            ids: (N,) tokens.
            context: (C,) tokens that precede `ids[0]`; the last `order - 1` count, and fewer are fine.

        Returns:
            (N,) nats, every one finite.

        Raises:
            InputError: a token outside the vocabulary.
        """
        tokens, before = _tokens(ids, self.vocabulary_size), _tokens(context, self.vocabulary_size)
        p = np.full(len(tokens), 1 / self.vocabulary_size)
        for level, at, rows in self._known_contexts(tokens, before):
            gram, found = _find(level.grams, rows * self.vocabulary_size + tokens[at])
            p[at] = np.where(found, level.p[gram], level.backoff[rows] * p[at])
        logs: Floats = np.log(p)
        return logs

    def evaluate(self, ids: ArrayLike, context: ArrayLike = ()) -> dict[str, float]:
        """How well the model predicts held-out tokens.

        Args:
            ids: (N,) tokens, at least one.
            context: (C,) tokens that precede `ids[0]`.

        Returns:
            `loss`, the mean of −log p in nats, and `accuracy`, the fraction of tokens that were the likeliest
            one of the full distribution (of equally likely ones, the smaller id).

        Raises:
            InputError: no tokens, or a token outside the vocabulary.
        """
        tokens, before = _tokens(ids, self.vocabulary_size), _tokens(context, self.vocabulary_size)
        if not len(tokens):
            raise InputError("there are no tokens to evaluate; give at least one")
        best = np.zeros(len(tokens), np.int64)
        for level, at, rows in self._known_contexts(tokens, before):
            best[at] = level.best[rows]
        loss = -float(self.log_probabilities(tokens, before).mean())
        return {"loss": loss, "accuracy": float((best == tokens).mean())}

    def distribution(self, context: ArrayLike = ()) -> Floats:
        """The probability of every token after `context`.

        Args:
            context: (C,) tokens; the last `order - 1` count, and fewer are fine.

        Returns:
            (V,) probabilities; they sum to 1.

        Raises:
            InputError: a token outside the vocabulary.
        """
        size = self.vocabulary_size
        p = np.full(size, 1 / size)
        for level, _, rows in self._known_contexts(np.zeros(1, np.int64), _tokens(context, size)):
            start, stop = np.searchsorted(level.grams, [rows[0] * size, (rows[0] + 1) * size])
            p *= level.backoff[rows[0]]
            p[level.grams[start:stop] - rows[0] * size] = level.p[start:stop]
        return p

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The counts as named arrays, for a safetensors file; `from_arrays` makes the same model of them."""
        arrays: dict[str, NDArray[Any]] = {"vocabulary_size": np.array([self.vocabulary_size], np.int64)}
        for n, level in enumerate(self._levels):
            if n:
                arrays[f"contexts_{n}"] = level.contexts
            arrays[f"grams_{n}"] = level.grams
            arrays[f"counts_{n}"] = level.counts.astype(np.int32)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a model from `to_arrays`; nothing about the arrays is taken on trust.

        Raises:
            InputError: an array is missing, superfluous, of the wrong type or shape, or contradicts another.
        """
        order, rest = divmod(len(arrays), 3)
        names = {f"{kind}_{n}" for kind in ("contexts", "grams", "counts") for n in range(order)}
        if rest or set(arrays) != names - {"contexts_0"} | {"vocabulary_size"}:
            raise InputError(
                f"not the arrays of an n-gram: {', '.join(sorted(arrays))}; save the model again"
            )
        _in_range("order", order, MAX_ORDER)
        size = _in_range("vocabulary_size", int(_stored(arrays, "vocabulary_size")[0]), LIMIT - 1)
        levels: list[_Level] = []
        for n in range(order):
            contexts = _stored(arrays, f"contexts_{n}") if n else np.zeros(1, np.int64)
            if n:
                _require_keys(f"contexts_{n}", contexts, len(levels[-1].contexts) * size)
            grams, counts = _stored(arrays, f"grams_{n}"), _stored(arrays, f"counts_{n}", np.int32)
            _require_keys(f"grams_{n}", grams, len(contexts) * size)
            if len(_starts(grams // size)) != len(contexts):
                raise InputError(f"array grams_{n} leaves a context without a token; save the model again")
            if len(counts) != len(grams) or counts.min() < 1:
                raise InputError(
                    f"array counts_{n} must hold a positive count for each n-gram; save the model again"
                )
            levels.append(_Level.interpolate(contexts, grams, counts.astype(np.int64), size, levels))
        return cls(size, levels)

    def _known_contexts(self, tokens: Ints, before: Ints) -> Iterator[tuple["_Level", Ints, Ints]]:
        """Level by level, from no context up: the places in `tokens` whose context it knows, and its row."""
        before = before[max(len(before) - self.order + 1, 0) :]
        stream = np.concatenate([before, tokens])
        at = np.arange(len(tokens))
        rows = np.zeros(len(tokens), np.int64)
        for n, level in enumerate(self._levels):
            if n:
                reach = at + len(before) >= n
                at, rows = at[reach], rows[reach]
                rows, found = _find(
                    level.contexts, rows * self.vocabulary_size + stream[at + len(before) - n]
                )
                at, rows = at[found], rows[found]
            if not len(at):
                return
            yield level, at, rows


@dataclass(frozen=True)
class _Level:
    """The n-grams with contexts of n tokens.

    A context is a key `row of the context one token shorter * V + its oldest token`, an n-gram a key
    `row of its context * V + token`; both are sorted. So contexts form a tree read backwards in time.
    """

    contexts: Ints  # (C,) keys
    grams: Ints  # (G,) keys
    counts: Ints  # (G,) the formula's k
    backoff: Floats  # (C,) λ
    p: Floats  # (G,) the n-gram's probability, shorter contexts included
    best: Ints  # (C,) the likeliest token after the context, seen there or not
    best_p: Floats  # (C,) its probability

    @classmethod
    def interpolate(
        cls, contexts: Ints, grams: Ints, counts: Ints, size: int, shorter: "list[_Level]"
    ) -> "_Level":
        """Compute a level's probabilities from its counts and the level below, the last of `shorter`."""
        rows, words = np.divmod(grams, size)
        starts = _starts(rows)
        total = np.add.reduceat(counts, starts)
        discount = _discounts(counts)[np.minimum(counts, 3) - 1]
        backoff = np.add.reduceat(discount, starts) / total
        if shorter:
            below, parents = shorter[-1], contexts // size
            gram, found = _find(below.grams, parents[rows] * size + words)
            if not found.all():
                raise InputError(
                    f"an n-gram of {len(shorter) + 1} tokens lacks its shorter form; save the model again"
                )
            p_below, best_below, best_p_below = below.p[gram], below.best[parents], below.best_p[parents]
        else:
            p_below = best_p_below = np.full(1, 1 / size)
            best_below = np.zeros(1, np.int64)
        p = (counts - discount) / total[rows] + backoff[rows] * p_below
        best, best_p = _likeliest(words, p, rows, best_below, backoff * best_p_below)
        return cls(contexts, grams, counts, backoff, p, best, best_p)


def _likeliest(words: Ints, p: Floats, rows: Ints, unseen: Ints, unseen_p: Floats) -> tuple[Ints, Floats]:
    """Each context's likeliest token and its probability.

    It is one of the `words` seen there, or else the shorter context's likeliest one, `unseen`. Should that
    one have been seen there too, it has gained by it, and as a candidate of `unseen_p` it cannot win.
    """
    seen_p = np.maximum.reduceat(p, _starts(rows))
    candidates = np.flatnonzero(p == seen_p[rows])
    seen = words[candidates[_starts(rows[candidates])]]
    seen_wins = (seen_p > unseen_p) | ((seen_p == unseen_p) & (seen < unseen))
    return np.where(seen_wins, seen, unseen), np.maximum(seen_p, unseen_p)


def _discounts(counts: Ints) -> Floats:
    """(3,) the discounts of counts 1, 2, and 3 or more, from how many n-grams count 1, 2, 3 and 4."""
    n1, n2, n3, n4 = (float(n) for n in np.bincount(np.minimum(counts, 5), minlength=6)[1:5])
    if n1 and n2 and n3 and n4:
        y = n1 / (n1 + 2 * n2)
        discounts = np.array([1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
        if (discounts > 0).all():
            return discounts
    # Too few n-grams, or counts unlike those of a language: KenLM's fallback.
    return np.array([0.5, 1.0, 1.5])


def _extend(rows: Ints, oldest: Ints, size: int, n: int) -> tuple[Ints, Ints]:
    """Prepend the oldest token to each place's context: the distinct contexts, and each place's row."""
    if n == 0:
        return np.zeros(1, np.int64), rows
    contexts, extended = np.unique(rows * size + oldest, return_inverse=True)
    return contexts, extended


def _find(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where each wanted key is in the sorted, non-empty `keys` (or any valid place), and whether it is."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def _starts(rows: Ints) -> Ints:
    """Where each run of equal values begins in non-negative, ascending `rows`."""
    return np.flatnonzero(np.diff(rows, prepend=-1))


def _in_range(name: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise InputError(f"{name} is {value}; choose a whole number from 1 to {most}")
    return int(value)


def _tokens(values: ArrayLike, size: int) -> Ints:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise InputError(f"tokens must be integers in one row, not {array.dtype} of shape {array.shape}")
    if array.size and not 0 <= (low := array.min()) <= (high := array.max()) < size:
        raise InputError(
            f"token {low if low < 0 else high} is outside the vocabulary; it has 0 to {size - 1}"
        )
    return array.astype(np.int64)


def _stored(
    arrays: Mapping[str, NDArray[Any]], name: str, dtype: type[np.integer[Any]] = np.int64
) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype != dtype or array.ndim != 1 or not 0 < len(array) < LIMIT:
        raise InputError(f"array {name} is {array.dtype} of shape {array.shape}; save the model again")
    return array


def _require_keys(name: str, keys: Ints, stop: int) -> None:
    if keys[0] < 0 or keys[-1] >= stop or (keys[1:] <= keys[:-1]).any():
        raise InputError(
            f"array {name} must ascend from 0 or more and stay below {stop}; save the model again"
        )
