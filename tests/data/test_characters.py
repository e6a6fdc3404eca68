import numpy as np
import pytest

from ostinato.data import CharacterTokenizer, learn_tokenizer


def test_ids_are_in_the_order_of_the_code_points_after_the_unknown():
    tokenizer = learn_tokenizer("characters", ["hello\n", "한"])
    assert [tokenizer.token(token) for token in range(len(tokenizer))] == [
        "\ufffd",
        "\\n",
        "e",
        "h",
        "l",
        "o",
        "한",
    ]
    assert tokenizer.encode("hole").tolist() == [3, 5, 4, 2]
    assert tokenizer.unknown_id == 0


def test_a_smaller_vocabulary_holds_the_most_frequent():
    tokenizer = learn_tokenizer("characters", ["ccc", "bb", "aa", "d"], 3)
    assert tokenizer == CharacterTokenizer(["a", "c"], "NFC")
    assert tokenizer.decode(tokenizer.encode("abcd")) == "a\ufffdc\ufffd"


@pytest.mark.parametrize("unseen", ["z", "\0", "\ud800", "\U0010ffff", "é"], ids=ascii)
def test_what_was_not_learned_is_unknown(unseen):
    tokenizer = learn_tokenizer("characters", ["ab"])
    assert tokenizer.encode(f"a{unseen}b{unseen}").tolist() == [1, 0, 2, 0]
    assert tokenizer.unseen(f"a{unseen}b{unseen}z") == list(dict.fromkeys([unseen, "z"]))


def test_the_replacement_character_of_a_text_has_an_id_of_its_own():
    tokenizer = learn_tokenizer("characters", ["a\ufffd"])
    assert tokenizer.encode("\ufffdz").tolist() == [2, 0]
    assert tokenizer.unseen("\ufffdz") == ["z"]


def test_every_character_there_is():
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    tokenizer = learn_tokenizer("characters", [text])
    np.testing.assert_array_equal(tokenizer.encode(text), np.arange(1, len(text) + 1))


@pytest.mark.parametrize(
    ("character", "shown"), [(" ", " "), ("\t", "\\t"), ("\u200d", "\\u200d"), ("é", "é")]
)
def test_a_character_is_shown_readably(character, shown):
    tokenizer = learn_tokenizer("characters", [character])
    assert tokenizer.token(1) == shown
