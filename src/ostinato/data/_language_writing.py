"""A language model writes: each token drawn from what its network says of it, then read as the next input.

What the network is, and what it computes with, is unknown here.
"""

import warnings
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._decoder import StreamDecoder
from ostinato.data._finite import check_finite
from ostinato.data._sampling import check_sampling, sample, seeded
from ostinato.data._softmax import softmax
from ostinato.data._tokenizer import Tokenizer

_WINDOW = 4096  # tokens of a prompt read at a time


class Reader(Protocol):
    """A language model's network."""

    def __call__(self, ids: NDArray[np.int64], state: Any) -> tuple[NDArray[np.float32], Any]:
        """Read the tokens that come next.

        Args:
            ids: (T,), one or more.
            state: what the call before returned; () at the beginning.

        Returns:
            (V,) the logits of the token after the last one, in an array of the caller's own; and the state.
        """


def write(
    read: Reader,
    tokenizer: Tokenizer,
    prompt: str,
    *,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
) -> Iterator[str]:
    """The pieces of text that follow a prompt, each of whole characters.

    Everything is checked, and the prompt read, before this returns.

    Args:
        read: the network.
        tokenizer: its.
        prompt: "" begins a new line. What the model has never seen is left out, with a warning.
        length: tokens; subwords at the end that are only part of a character are not written.
        temperature: as of `sample_rows`.
        top_k: as of `sample_rows`.
        top_p: as of `sample_rows`.
        seed: of the random numbers; None: others each time.

    Raises:
        InputError: an option is out of its range, or the model's scores are not finite.
    """
    options = check_sampling(length=length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    generator = seeded(options["seed"])
    how = {name: options[name] for name in ("temperature", "top_k", "top_p")}
    logits, state = _read_text(read, tokenizer, prompt)

    def pieces(logits: NDArray[np.float32], state: Any) -> Iterator[str]:
        decoder = StreamDecoder(tokenizer)
        for remaining in range(options["length"], 0, -1):
            token = sample(logits, **how, generator=generator)
            yield decoder.push(token)
            if remaining > 1:
                logits, state = _read_ids(read, tokenizer, np.array([token]), state)
        # What the decoder still holds is the beginning of a character without its end: not written.

    return (piece for piece in pieces(logits, state) if piece)


def next_token_probabilities(read: Reader, tokenizer: Tokenizer, text: str) -> NDArray[np.float32]:
    """The distribution (V,) of the token after a text; the token for the unseen has probability 0."""
    logits, _ = _read_text(read, tokenizer, text)
    return softmax(logits).astype(np.float32)


def known_ids(tokenizer: Tokenizer, text: Any, *, stacklevel: int) -> NDArray[np.int64]:
    """(T,) the ids of a text, what the model has never seen left out with a warning.

    Raises:
        InputError: it is no text.
    """
    if not isinstance(text, str):
        raise InputError(f"the text to go on from is {type(text).__name__}: it must be a string")
    if unseen := tokenizer.unseen(text):
        more = f" … ({len(unseen)} in all)" if len(unseen) > 10 else ""
        shown = " ".join(map(repr, unseen[:10])) + more
        warnings.warn(f"the model has never seen {shown}: left out of what it reads", stacklevel=stacklevel)
    ids = tokenizer.encode(text).astype(np.int64)
    return ids if tokenizer.unknown_id is None else ids[ids != tokenizer.unknown_id]


def without_unknown(tokenizer: Tokenizer, logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (…, V) in which the token for the unseen, which nobody wants to read, cannot come.

    Raises:
        InputError: they are not finite.
    """
    check_finite(logits, "scores")
    if tokenizer.unknown_id is not None:
        logits[..., tokenizer.unknown_id] = -np.inf
    return logits


def _read_text(read: Reader, tokenizer: Tokenizer, text: str) -> tuple[NDArray[np.float32], Any]:
    ids = known_ids(tokenizer, text, stacklevel=5)
    if len(ids) == 0:
        ids = _line_start(tokenizer)
    state: Any = ()
    for begin in range(0, len(ids), _WINDOW):
        logits, state = _read_ids(read, tokenizer, ids[begin : begin + _WINDOW], state)
    return logits, state


def _read_ids(
    read: Reader, tokenizer: Tokenizer, ids: NDArray[np.int64], state: Any
) -> tuple[NDArray[np.float32], Any]:
    logits, state = read(ids, state)
    return without_unknown(tokenizer, logits), state


def _line_start(tokenizer: Tokenizer) -> NDArray[np.int64]:
    """What to read before a text that starts from nothing: a line's end, or else something common."""
    # Words take the blank before them along, so among words a blank alone is rare.
    common = ["\n", "\r\n", " "] if tokenizer.kind == "characters" else ["\n", "\r\n"]
    for text in common:
        if not tokenizer.unseen(text):
            return tokenizer.encode(text).astype(np.int64)
    return np.array([1], dtype=np.int64)  # of words the most frequent; 0 is the unknown token
