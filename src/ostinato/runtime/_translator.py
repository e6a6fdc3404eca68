"""A saved translator, without torch."""

from typing import Any, Self

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Check, Truth, Whole
from ostinato.data import (
    BASELINE,
    LARGEST_BASELINE,
    Examples,
    ModelDirectory,
    saved_weights,
    telling,
)
from ostinato.data.translating import (
    MARKS,
    SEARCH,
    NearestNeighbour,
    Search,
    Sources,
    Targets,
    Writer,
    check_search,
    read_targets,
    remembers,
)
from ostinato.runtime._encoder_decoder import EncoderDecoder
from ostinato.runtime._layers import Precision
from ostinato.runtime._model import Model, fingerprint_of
from ostinato.runtime._sequence_model import network_parameters
from ostinato.runtime._stepper import Stepper

# What of training's parameters is needed, and what they are where they are not saved.
_PARAMETERS: dict[str, tuple[Check, Any]] = {
    "cell": (NETWORK["cell"], "gru"),
    "hidden_size": (NETWORK["hidden_size"], 160),
    "num_layers": (NETWORK["num_layers"], 2),
    "embedding_size": (Whole(1, 1 << 15), 160),
    "attention": (Truth(), True),
    "memory": (Truth(optional=True), None),
    "beam_size": (SEARCH["beam_size"], 5),
    "length_penalty": (SEARCH["length_penalty"], 2.0),
}


class Translator(Model):
    """What is this in another language, or in other letters? Answers as `ostinato.Translator` does.

    Whole sentences are read before anything is written: there are no streams.

    Attributes:
        sources: how sources are read.
        targets: how targets are written.
        neighbours: the translations that are remembered.
        network: which reads and writes.
        parameters: those that its form and the search depend on.
    """

    task = "translate"

    sources: Sources
    targets: Targets
    neighbours: NearestNeighbour
    network: EncoderDecoder
    parameters: dict[str, Any]

    @classmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The translator of an opened directory.

        Raises:
            InputError: it is damaged.
        """
        model = cls()
        model.fingerprint = fingerprint_of(saved)
        model.parameters = network_parameters(saved, cls.task, _PARAMETERS)
        inputs, targets = saved.json("inputs.json"), saved.json("targets.json")
        with telling(saved.path / "inputs.json"):
            model.sources = Sources.from_json(inputs)
        with telling(saved.path / "targets.json"):
            model.targets = read_targets(targets, model.sources)
        marks = MARKS if remembers(model.parameters, model.sources) else 0
        sizes = model.sources.own_ids, model.targets.sentences.size
        model.network = EncoderDecoder(*sizes, marks, model.parameters)
        model.network.load(saved_weights(saved, model.network.shapes()), precision)
        arrays = saved.tensors(BASELINE, limit=LARGEST_BASELINE)
        with telling(saved.path / BASELINE):
            kinds = model.sources.kind, model.targets.sentences.kind
            model.neighbours = NearestNeighbour.from_arrays(arrays, kinds)
        return model

    def predict(self, X: Any) -> list[Any]:
        """The translation of each: texts, or lists of tokens."""
        return self.translate(X)

    def translate(
        self,
        X: Any,
        *,
        beam_size: int | None = None,
        length_penalty: float | None = None,
        length: int | None = None,
        attention: bool = False,
    ) -> list[Any]:
        """Translate each of X, as `ostinato.Translator.translate` does.

        Args:
            X: sentences: texts, or lists of tokens.
            beam_size: hypotheses that are followed for each sentence; None: as in training.
            length_penalty: how much longer translations are favoured; None: as in training.
            length: tokens of a translation at most; None: twice as many as is usual for its source.
            attention: whether to tell how each came about.

        Returns:
            Texts or lists of tokens; with `attention` a `Translation` of each.

        Raises:
            InputError: an option is out of its range, or X are not like the sources of training.
        """
        options = check_search(self.parameters, beam_size, length_penalty, length)
        search = Search(self.network, self.sources, self.targets, **options)
        writer = Writer(search, self.neighbours if remembers(self.parameters, self.sources) else None)
        return writer.translations(Examples.of(X), attention=attention)

    def stepper(self, **options: Any) -> Stepper:
        """There is none.

        Raises:
            InputError: always; the message says why.
        """
        raise InputError(
            "a translator reads whole sentences before it writes, so it has no stream: use translate"
        )
