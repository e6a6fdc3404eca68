"""A language model writes: each token drawn from what the network says of it, then read as the next input."""

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.data import StreamDecoder, Tokenizer
from ostinato.nn import LanguageNetwork
from ostinato.tasks._sampling import check_sampling, sample, seeded
from ostinato.training import State

_WINDOW = 4096  # tokens of a prompt read at a time


def write(
    network: LanguageNetwork,
    tokenizer: Tokenizer,
    prompt: str,
    *,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
) -> Iterator[str]:
    """The pieces of text that follow the prompt; the arguments are those of `LanguageModel.generate_pieces`.

    Everything is checked, and the prompt read, before this returns.
    """
    options = check_sampling(length=length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    generator = seeded(options["seed"])
    how = {name: options[name] for name in ("temperature", "top_k", "top_p")}
    logits, state = _read(network, tokenizer, prompt)

    def pieces(logits: Tensor, state: State) -> Iterator[str]:
        decoder = StreamDecoder(tokenizer)
        for remaining in range(options["length"], 0, -1):
            token = sample(logits, **how, generator=generator)
            yield decoder.push(token)
            if remaining > 1:
                logits, state = _step(network, tokenizer, np.array([token]), state)
        # What the decoder still holds is the beginning of a character without its end: not written.

    return (piece for piece in pieces(logits, state) if piece)


def next_token_probabilities(
    network: LanguageNetwork, tokenizer: Tokenizer, text: str
) -> NDArray[np.float32]:
    """The distribution (V,) of the token after a text; the token for the unseen has probability 0."""
    logits, _ = _read(network, tokenizer, text)
    probabilities: NDArray[np.float32] = logits.double().softmax(0).float().numpy()
    return probabilities


def _read(network: LanguageNetwork, tokenizer: Tokenizer, prompt: str) -> tuple[Tensor, State]:
    if not isinstance(prompt, str):
        raise InputError(f"the text to go on from is {type(prompt).__name__}: it must be a string")
    unseen = tokenizer.unseen(prompt)
    if unseen:
        more = f" … ({len(unseen)} in all)" if len(unseen) > 10 else ""
        shown = " ".join(map(repr, unseen[:10])) + more
        warnings.warn(f"the model has never seen {shown}: left out of what it reads", stacklevel=4)
    ids = tokenizer.encode(prompt)
    if tokenizer.unknown_id is not None:
        ids = ids[ids != tokenizer.unknown_id]
    if len(ids) == 0:
        ids = _line_start(tokenizer)
    state: State = ()
    for begin in range(0, len(ids), _WINDOW):
        logits, state = _step(network, tokenizer, ids[begin : begin + _WINDOW], state)
    return logits, state


def _line_start(tokenizer: Tokenizer) -> NDArray[np.int32]:
    """What to read before a text that starts from nothing: a line's end, or else something common."""
    # Words take the blank before them along, so among words a blank alone is rare.
    common = ["\n", "\r\n", " "] if tokenizer.kind == "characters" else ["\n", "\r\n"]
    for text in common:
        if not tokenizer.unseen(text):
            return tokenizer.encode(text)
    return np.array([1], dtype=np.int32)  # of words the most frequent; 0 is the unknown token


@torch.no_grad()
def _step(
    network: LanguageNetwork, tokenizer: Tokenizer, ids: NDArray[np.integer], state: State
) -> tuple[Tensor, State]:
    network.eval()
    device = network.decoder.weight.device
    y, state = network.read(torch.from_numpy(ids.astype(np.int64))[:, None].to(device), state)
    last: Tensor = network.decoder(y[-1, 0]).cpu()
    if not last.isfinite().all():
        raise InputError("the model's scores are not all finite: its weights are of no use, train it again")
    if tokenizer.unknown_id is not None:
        last[tokenizer.unknown_id] = -torch.inf  # nobody wants to read a placeholder
    return last, state
