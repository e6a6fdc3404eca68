import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.tasks import _language_corpus, _texts
from ostinato.tasks._language_corpus import Corpus, Split

SEA = "The sea was calm; die See war ruhig, 바다는 잔잔했다.\n“Was it?” – she asked, twice. 🌊🌊\n"
TEXT = SEA * 6 + "Zzz… the END, qualmy.\n"
KINDS = pytest.mark.parametrize("kind", ["characters", "words", "subwords"])


def corpus_of(X, validation=0.25, kind="characters", size=None, directory=None) -> tuple[Split, Corpus]:
    split = Split.of(X, validation)
    return split, Corpus.of(split, kind, size, directory)


@pytest.fixture
def file(tmp_path) -> Path:
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    return tmp_path / "text"


@pytest.fixture
def work(tmp_path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


# The split


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, np.float32(0.5), np.float64(0.25)], ids=repr)
def test_a_share_of_the_texts_end_is_held_out(share):
    split = Split.of(TEXT, share)
    train, held_out = "".join(split.train_chunks()), "".join(split.held_out_chunks())
    assert train + held_out == TEXT
    assert split.characters == len(train) == int(len(TEXT) * (1 - share))


def test_a_text_of_its_own_is_held_out_whole(file):
    split = Split.of(SEA, file)
    assert "".join(split.train_chunks()) == SEA
    assert "".join(split.held_out_chunks()) == TEXT
    assert split.characters == len(SEA)


def test_the_facts_tell_splits_apart_and_are_json(file):
    splits = [
        Split.of(X, validation).facts
        for X, validation in [(TEXT, 0.1), (TEXT, 0.2), (SEA, 0.1), (TEXT, SEA), (TEXT, TEXT), (SEA, TEXT)]
    ]
    assert len({json.dumps(facts) for facts in splits}) == len(splits)
    assert Split.of(file, 0.1).facts == Split.of(TEXT, 0.1).facts


@pytest.mark.parametrize("validation", [0.25, SEA], ids=["share", "text"])
def test_the_files_of_a_text_are_told_where_there_are_several(file, tmp_path, validation):
    other = tmp_path / "other"
    other.write_text(SEA, encoding="utf-8")
    shas = [Split.of(text, 0.1).facts["sha256"] for text in (TEXT, SEA)]
    assert Split.of([file, other], validation).facts["files"] == shas
    for X in (TEXT, [TEXT, SEA], file, [file]):
        assert "files" not in Split.of(X, validation).facts


@pytest.mark.parametrize("share", [0, 0.0, 1, 1.0, -0.1, 2, float("nan"), float("inf")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(
        InputError, match=r"^validation is .*: it must be a share above 0 and below 1, or a text$"
    ):
        Split.of(TEXT, share)


@pytest.mark.parametrize("validation", [None, True, b"x", []], ids=["None", "truth", "bytes", "nothing"])
def test_held_out_is_a_share_or_a_text(validation):
    with pytest.raises(InputError):
        Split.of(TEXT, validation)


def test_a_text_of_one_character_is_too_short():
    with pytest.raises(
        InputError, match=r"^the text has 1 character, too few to hold some of them out: give more"
    ):
        Split.of("x", 0.1)


# The vocabulary and the ids


@KINDS
def test_the_vocabulary_is_of_the_training_part_only(kind):
    _, corpus = corpus_of("aaa bbb " * 50 + "\n" + "ccc ddd " * 16, 0.25, kind)
    _, again = corpus_of("aaa bbb " * 50 + "\n" + "eee fff " * 16, 0.25, kind)
    assert corpus.tokenizer == again.tokenizer
    if kind != "subwords":
        assert set(corpus.ids[corpus.cut :].tolist()) >= {corpus.tokenizer.unknown_id}


@KINDS
@pytest.mark.parametrize("validation", [0.25, SEA], ids=["share", "text"])
def test_the_ids_are_those_of_both_parts_one_after_the_other(kind, validation):
    split, corpus = corpus_of(TEXT, validation, kind)
    train, held_out = ("".join(chunks) for chunks in (split.train_chunks(), split.held_out_chunks()))
    assert corpus.ids[: corpus.cut].tolist() == corpus.tokenizer.encode(train).tolist()
    assert corpus.ids[corpus.cut :].tolist() == corpus.tokenizer.encode(held_out).tolist()
    assert corpus.tokenizer.decode(corpus.ids[: corpus.cut]) == train
    assert (corpus.train.characters, corpus.held_out.characters) == (len(train), len(held_out))
    assert corpus.train.tokens + corpus.held_out.tokens == len(corpus.ids)


@KINDS
def test_files_and_memory_give_the_same_ids(kind, file, work):
    _, in_memory = corpus_of(TEXT, 0.25, kind)
    _, on_disk = corpus_of(file, 0.25, kind, None, work)
    assert isinstance(on_disk.ids, np.memmap)
    assert on_disk.tokenizer == in_memory.tokenizer
    assert (on_disk.train, on_disk.held_out) == (in_memory.train, in_memory.held_out)
    assert on_disk.ids.tolist() == in_memory.ids.tolist()


@KINDS
def test_a_string_longer_than_a_chunk_gives_the_ids_of_its_file(kind, file, monkeypatch):
    expected = corpus_of(file, SEA, kind)[1]
    monkeypatch.setattr(_texts, "_CHUNK", 100)
    assert len(list(Split.of(TEXT, SEA).train_chunks())) > 2
    found = corpus_of(TEXT, SEA, kind)[1]
    assert found.tokenizer == expected.tokenizer
    assert found.ids.tolist() == expected.ids.tolist()


@pytest.mark.parametrize(("kind", "size"), [("characters", 10), ("words", 5), ("subwords", 260)])
def test_a_vocabulary_is_as_small_as_asked(kind, size):
    assert len(corpus_of(TEXT, 0.25, kind, size)[1].tokenizer) <= size


@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
@pytest.mark.parametrize(
    ("X", "validation", "kind", "complaint"),
    [
        ("xy", 0.1, "characters", "the training part has 1 token, which is too few: give more text"),
        ("abcdef", 0.1, "characters", "the held-out part has 1 token, which is too few: give more text"),
        ("abcdef", "x", "characters", "the held-out part has 1 token, which is too few: give more text"),
        ("word" * 8, 0.5, "words", "the training part has 1 token, which is too few: give more text"),
    ],
    ids=["training", "held out", "a text of its own", "words"],
)
def test_a_part_of_less_than_two_tokens_is_refused(work, X, validation, kind, complaint, on_disk):
    with pytest.raises(InputError) as caught:
        corpus_of(X, validation, kind, None, work if on_disk else None)
    assert str(caught.value) == complaint


# Files that an earlier process left


def test_completed_files_are_used_again(file, work, monkeypatch):
    first = corpus_of(file, 0.25, "words", None, work)[1]
    monkeypatch.setattr(_language_corpus, "learn_tokenizer", None)
    monkeypatch.setattr(_language_corpus, "write_tokens", None)
    again = corpus_of(file, 0.25, "words", None, work)[1]
    assert again.tokenizer == first.tokenizer
    assert (again.train, again.held_out) == (first.train, first.held_out)
    assert again.ids.tolist() == first.ids.tolist()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokens.bin", None),
        ("tokens.bin", b""),
        ("tokens.bin", b"123"),
        ("tokens.bin", b"1234"),
        ("tokens.json", None),
        ("tokens.json", b"{"),
        ("tokens.json", b"[]"),
        ("tokens.json", b'{"tokenizer": {"kind": "words", "form": null, "entries": ["a"]}}'),
        ("tokens.json", b'{"tokenizer": {}, "lengths": [[3, 3], [1, 1]]}'),
    ],
)
def test_files_that_are_not_whole_are_made_anew(file, work, name, content):
    expected = corpus_of(file, 0.25, "words", None, work)[1]
    ids = expected.ids.tolist()
    (work / name).unlink()
    if content is not None:
        (work / name).write_bytes(content)
    found = corpus_of(file, 0.25, "words", None, work)[1]
    assert found.tokenizer == expected.tokenizer
    assert (found.cut, found.ids.tolist()) == (expected.cut, ids)


@pytest.mark.parametrize("value", [b"\xff\xff", b"\x01\x00"], ids=["no id", "another id"])
def test_changed_ids_are_made_anew(file, work, value):
    expected = corpus_of(file, 0.25, "words", None, work)[1].ids.tolist()
    with (work / "tokens.bin").open("r+b") as tokens:
        tokens.write(value * 5)
    assert corpus_of(file, 0.25, "words", None, work)[1].ids.tolist() == expected


@pytest.mark.parametrize(
    "lengths", [None, [], [[3, 3]], [[3], [4]], ["ab", "cd"], [[-1, 1], [9999, 1]], [[1, 1]] * 2]
)
def test_lengths_that_are_not_the_files_are_measured_anew(file, work, lengths):
    expected = corpus_of(file, 0.25, "words", None, work)[1]
    done = json.loads((work / "tokens.json").read_text())
    (work / "tokens.json").write_text(json.dumps({**done, "lengths": lengths}))
    found = corpus_of(file, 0.25, "words", None, work)[1]
    assert (found.train, found.held_out) == (expected.train, expected.held_out)


@KINDS
@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
def test_a_decomposed_held_out_text_is_as_long_as_the_composed_one(kind, on_disk, work):
    composed, decomposed = (unicodedata.normalize(form, SEA * 2) for form in ("NFC", "NFD"))
    _, expected = corpus_of(composed, composed, kind)
    _, found = corpus_of(composed, decomposed, kind, None, work if on_disk else None)
    assert len(decomposed) > len(composed) == found.held_out.characters
    assert (found.train, found.held_out) == (expected.train, expected.held_out)


def test_a_finished_run_forgets_its_token_files_only(file, work):
    _, corpus = corpus_of(file, 0.25, "words", None, work)
    (work / "history.jsonl").touch()
    corpus.forget(work)
    assert [path.name for path in work.iterdir()] == ["history.jsonl"]
    corpus.forget(work)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        Split.of(tmp_path / "nowhere.txt", 0.1)
