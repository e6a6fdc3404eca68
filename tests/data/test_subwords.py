import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato.data import SubwordTokenizer, learn_tokenizer

NOVEL = Path(__file__).parents[2] / "examples/data/northanger_abbey.txt"


def test_the_first_ids_are_the_bytes():
    tokenizer = learn_tokenizer("subwords", ["ab"])
    assert [tokenizer.token_bytes(token) for token in range(256)] == [bytes([byte]) for byte in range(256)]
    assert tokenizer.unknown_id is None


def test_frequent_neighbours_are_merged():
    tokenizer = learn_tokenizer("subwords", ["ab ab ab"])
    assert tokenizer == SubwordTokenizer(["a b", "Ġ ab"], "NFC")
    assert [tokenizer.token(token) for token in tokenizer.encode("abb ab")] == ["ab", "b", " ab"]


def test_what_occurs_once_is_not_merged():
    assert len(learn_tokenizer("subwords", ["a single sentence"], 4096)) < 256 + 17


def test_a_merge_does_not_go_over_a_word_s_end():
    tokenizer = learn_tokenizer("subwords", ["in the. in the.\n" * 10])
    assert [tokenizer.token(token) for token in tokenizer.encode("in the.\n")] == ["in", " the", ".", "\\n"]


def test_a_token_made_by_two_merges_has_one_id():
    tokenizer = SubwordTokenizer(["a b", "b c", "ab c", "a bc"])
    assert len(tokenizer) == 256 + 3
    assert tokenizer.encode("abc").tolist() == [258]
    assert tokenizer.encode("bc").tolist() == [257]


def test_part_of_a_character_is_shown_by_its_bytes():
    tokenizer = learn_tokenizer("subwords", ["\n"])
    assert tokenizer.token(0xED) == "\\xed"
    assert tokenizer.token(0x0A) == "\\n"
    assert tokenizer.decode([0xED, 0x95, 0x9C, 0xED]) == "한\ufffd"


def test_a_lone_surrogate_is_the_replacement_character():
    tokenizer = learn_tokenizer("subwords", ["a\ud800"])
    assert tokenizer.decode(tokenizer.encode("\ud83d\ude00b")) == "\ufffd\ufffdb"
    assert tokenizer.unseen("\ud800") == []


def test_no_token_is_longer_than_it_may_be():
    tokenizer = learn_tokenizer("subwords", ["한" * 10_000], 4096)
    assert (
        max(len(tokenizer.token_bytes(token)) for token in range(len(tokenizer))) == 3 * 32
    )  # 3 * 64 is over 128


LEARN = """
import json, sys
from pathlib import Path
from ostinato.data import learn_tokenizer, read_text
chunks = list(read_text([Path(sys.argv[1])], 1 << 14))[:8]
# Words that occur equally often make ties, which the order of a hash table must not decide.
chunks += [" ".join(f"{a}{b}{c}" for a in "abcdefgh" for b in "xyz한국" for c in "uvw") + "\\n"] * 3
print(json.dumps(learn_tokenizer("subwords", chunks, 1200).to_json()))
"""


@pytest.mark.skipif(not NOVEL.exists(), reason="the examples are not part of an installed package")
def test_learning_is_the_same_in_every_process():
    learned = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("2", "7")):
        settings = {"PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "true"}
        command = [sys.executable, "-c", LEARN, str(NOVEL)]
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, check=True, text=True)
        learned.add(done.stdout)
    assert len(learned) == 1
    assert len(json.loads(learned.pop())["entries"]) > 900
