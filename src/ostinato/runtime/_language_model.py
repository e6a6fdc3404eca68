"""A saved language model, without torch."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._parameters import NETWORK, Check, Choice, Whole
from ostinato.data import (
    ModelDirectory,
    Tokenizer,
    next_token_probabilities,
    saved_weights,
    softmax,
    telling,
    tokenizer_from_json,
    without_unknown,
    write,
)
from ostinato.runtime._language_network import LanguageNetwork
from ostinato.runtime._layers import Precision
from ostinato.runtime._model import Model, fingerprint_of, refuse
from ostinato.runtime._pieces import batched, known_piece
from ostinato.runtime._sequence_model import network_parameters
from ostinato.runtime._stepper import State, Stepper
from ostinato.runtime._told import likeliest_tokens

FORM: dict[str, tuple[Check, Any]] = {
    "cell": (NETWORK["cell"], "gru"),
    "hidden_size": (NETWORK["hidden_size"], 384),
    "num_layers": (NETWORK["num_layers"], 1),
    "input": (Choice(["embedding", "one-hot"]), "embedding"),
    "embedding_size": (Whole(1, 1 << 15), 64),
}


class LanguageModel(Model):
    """What comes next in a text? Answers and writes as `ostinato.LanguageModel` does.

    A stream's `push` takes a piece of text, or the id of a token, and gives (V,) float32: the probability of
    each token to be the next one. `tokenizer.token(i)` is token i.

    Attributes:
        tokenizer: text ↔ token ids.
        network: in numpy.
    """

    task = "lm"

    tokenizer: Tokenizer
    network: LanguageNetwork

    @classmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The model of an opened directory."""
        model = cls()
        parameters = network_parameters(saved, cls.task, FORM)
        value = saved.json("tokenizer.json")
        with telling(saved.path / "tokenizer.json"):
            model.tokenizer = tokenizer_from_json(value)
        model.network = LanguageNetwork(len(model.tokenizer), parameters)
        model.network.load(saved_weights(saved, model.network.shapes()), precision)
        model.fingerprint = fingerprint_of(saved)
        return model

    def predict_proba(self, X: Iterable[str] | str) -> NDArray[np.float32]:
        """The distribution of the token that comes next after each text: (len(X), V), rows sum to 1.

        A single string counts as one text.
        """
        rows = []
        for text in [X] if isinstance(X, str) else X:
            rows.append(next_token_probabilities(self.network.next_logits, self.tokenizer, text))  # noqa: PERF401 (a warning's place)
        return np.stack(rows) if rows else np.zeros((0, len(self.tokenizer)), np.float32)

    def predict(self, X: Iterable[str] | str) -> list[str]:
        """The likeliest next token after each text, as text."""
        return [self.tokenizer.decode([int(row.argmax())]) for row in self.predict_proba(X)]

    def generate(self, prompt: str = "", **options: Any) -> str:
        """The prompt and what the model writes after it; the options are those of `generate_pieces`."""
        return prompt + "".join(self.generate_pieces(prompt, **options))

    def generate_pieces(
        self,
        prompt: str = "",
        *,
        length: int = 500,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Write on after a prompt, piece by piece; each piece is made of whole characters.

        Arguments and errors are those of `ostinato.LanguageModel.generate_pieces`, and so is the text of a
        seed.
        """
        return write(
            self.network.next_logits,
            self.tokenizer,
            prompt,
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
        )

    def stepper(self, **options: Any) -> Stepper:
        """How its streams step; they have no options."""
        refuse(self.task, options)
        return _LanguageStepper(self.network, self.tokenizer)


class _LanguageStepper(Stepper):
    def __init__(self, network: LanguageNetwork, tokenizer: Tokenizer) -> None:
        self._network, self._tokenizer = network, tokenizer

    def begin(self, sessions: int) -> State:
        return self._network.begin(sessions)

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Any], State]:
        x, lengths = batched([self._ids(piece) for piece in inputs])
        if len(x) == 1 and lengths is None:
            logits, state = self._network.step(x[0], state)
        else:
            logits, state = self._network.onwards(x, lengths, state)
        return list(softmax(without_unknown(self._tokenizer, logits)).astype(np.float32)), state

    def reads(self) -> str:
        return "a piece of text, a string that is not empty, or the id of a token"

    def told(self, output: Any) -> dict[str, Any]:
        return {"next": likeliest_tokens(self._tokenizer, output)}

    def _ids(self, piece: Any) -> NDArray[np.int64]:
        if isinstance(piece, (int, np.integer)) and not isinstance(piece, bool):
            self._tokenizer.token_bytes(int(piece))  # says which ids there are
            return np.array([piece], np.int64)
        return known_piece(self._tokenizer, piece, self.reads(), stacklevel=6)
