"""From a language a surname: a generator learns how the names of nine languages are made, and makes new ones.

Run it with: python examples/names.py
"""

from pathlib import Path

from ostinato import Generator
from ostinato.data import Columns, read_examples

NAMES = Path(__file__).parent / "data" / "surnames.tsv"
LANGUAGES = ["Czech", "Dutch", "Finnish", "Italian", "Swedish"]


def main() -> None:
    examples = read_examples(NAMES, Columns(input=("language",), target=("name",)), task="generate")
    # A few seconds' worth; with the defaults the names become better.
    model = Generator(hidden_size=128, embedding_size=32, dropout=0.2, epochs=6, learning_rate=0.01)
    model.fit(examples)

    held_out, baseline = model.metrics_["valid"], model.metrics_["baseline"]
    print(f"bits per character  {held_out['bits_per_character']:.2f}")
    print(f"the baseline's      {baseline['bits_per_character']:.2f} ({baseline['name']})")
    for language in LANGUAGES:
        names = model.sample([language] * 5, temperature=0.8, seed=1)
        print(f"{language:<20}{', '.join(names)}")


if __name__ == "__main__":
    main()
