"""Korean without its spaces, and a tagger that puts them back: a label at each syllable.

Run it with: python examples/korean_spacing.py
"""

from pathlib import Path

from ostinato import Tagger

TEXT = Path(__file__).parent / "data" / "constitution_ko.txt"


def without_spaces(line: str) -> tuple[str, str]:
    """The syllables of a line, and for each of them "1" if a space follows."""
    words = line.split()
    return "".join(words), "".join("0" * (len(word) - 1) + "1" for word in words)


def with_spaces(syllables: str, labels: str) -> str:
    """The line that these labels give."""
    return "".join(s + " " * (label == "1") for s, label in zip(syllables, labels, strict=True)).strip()


def main() -> None:
    lines = [line for line in TEXT.read_text(encoding="utf-8").splitlines() if line.strip()]
    X, y = zip(*map(without_spaces, lines), strict=True)
    model = Tagger(hidden_size=64, epochs=12, learning_rate=0.01, batch_size=8)
    model.fit(X, y, validation=0.2)

    figures = model.evaluate(X, y)
    space = figures["classes"][1]
    print(f"{figures['data']}: {figures['sequences']} lines")
    print(f"accuracy     {figures['model']['accuracy']:.3f}")
    print(f"baseline     {figures['baseline']['accuracy']:.3f}  ({figures['baseline_name']})")
    print(f"F1 of spaces {space['f1']:.3f}  of {space['examples']} spaces")
    syllables = "모든국민은법앞에평등하다."
    print(syllables, "→", with_spaces(syllables, "".join(model.predict([syllables])[0])))


if __name__ == "__main__":
    main()
