"""What a language model is trained on: the next token, window after window."""

from torch.nn.functional import cross_entropy

from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_corpus import Corpus
from ostinato.tasks._language_scoring import language_figures, score_tokens
from ostinato.training import Figures, State, StepLoss, TokenStreams

_MONITORED = 250_000  # held-out tokens looked at during training; the final figures are on all of them


class NextToken:
    """The `ostinato.training.Objective` of a language model.

    Raises:
        InputError: the training part is shorter than a window.
    """

    def __init__(
        self,
        network: LanguageNetwork,
        corpus: Corpus,
        batch_size: int,
        window: int,
        seed: int,
    ) -> None:
        self.module = network
        self.streams = TokenStreams(corpus.ids[: corpus.cut], batch_size=batch_size, window=window, seed=seed)
        self.monitored = corpus.ids[: corpus.cut + _MONITORED]
        self.cut = corpus.cut
        self.characters_per_token = corpus.held_out.characters / corpus.held_out.tokens

    @property
    def steps_per_epoch(self) -> int:
        """Windows in an epoch."""
        return self.streams.steps_per_epoch

    def loss(self, epoch: int, index: int, state: State) -> StepLoss:
        """Cross-entropy of a window's targets, in nats per token."""
        inputs, targets = self.streams(epoch, index)
        device = self.module.decoder.weight.device
        logits, state = self.module(inputs.to(device), state)
        loss = cross_entropy(logits.flatten(0, 1), targets.to(device).flatten())
        return StepLoss(loss, targets.numel(), state)

    def evaluate(self) -> Figures:
        """Figures on the held-out tokens, or the first 250,000 of them."""
        scores = score_tokens(self.module, self.monitored, self.cut)
        return language_figures(scores, round(scores["tokens"] * self.characters_per_token))
