from ostinato.data import WordTokenizer, learn_tokenizer


def test_ids_are_by_frequency_then_text():
    tokenizer = learn_tokenizer("words", ["b a c a b c c"])
    assert [tokenizer.token(token) for token in range(len(tokenizer))] == ["\ufffd", " c", " a", " b", "b"]


def test_a_smaller_vocabulary_holds_the_most_frequent():
    tokenizer = learn_tokenizer("words", [" b b a a c"], 3)
    assert tokenizer == WordTokenizer([" a", " b"], "NFC")
    assert tokenizer.decode(tokenizer.encode(" a c b")) == " a\ufffd b"
    assert tokenizer.unseen(" c a d c") == [" c", " d"]


def test_a_word_beside_a_lone_surrogate_has_no_id():
    tokenizer = learn_tokenizer("words", ["a\ud800"])
    assert len(tokenizer) == 2
    assert tokenizer.encode("a\ud800").tolist() == [1, 0]


def test_twenty_thousand_ids_by_default():
    assert len(learn_tokenizer("words", [" ".join(f"w{n}" for n in range(30_000))])) == 20_000
