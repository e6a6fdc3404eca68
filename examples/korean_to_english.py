"""From Korean to English: messages of programs, and what each word that is written attends to.

Run it with: python examples/korean_to_english.py   (some minutes on two cores)
"""

from pathlib import Path

from ostinato import Translator
from ostinato.data import Columns, read_examples

PAIRS = Path(__file__).parent / "data" / "pairs"
MESSAGES = ["'{0}' 파일을 찾을 수 없습니다.", "%1에 저장", "프로젝트 3개"]


def main() -> None:
    columns = Columns(("ko",), "en")
    train, valid = (
        read_examples(PAIRS / f"koen_{part}.tsv", columns, task="translate") for part in ("train", "valid")
    )
    # A part of what the defaults do, which take longer and become better.
    model = Translator(hidden_size=128, embedding_size=128, epochs=6, beam_size=2)
    model.fit(train, validation=valid.take(range(60)))
    held_out, baseline = model.metrics_["valid"], model.metrics_["baseline"]
    print(f"chrF {held_out['chrf']:.1f}, BLEU {held_out['bleu']:.1f}")
    print(f"chrF {baseline['chrf']:.1f}, BLEU {baseline['bleu']:.1f}: {baseline['name']}")

    for translation in model.translate(MESSAGES, attention=True):
        print(f"\n{translation.output}")
        for token, weights in zip(translation.target_tokens, translation.attention, strict=True):
            print(f"  {token:<12} ← {translation.source_tokens[weights.argmax()]}")


if __name__ == "__main__":
    main()
