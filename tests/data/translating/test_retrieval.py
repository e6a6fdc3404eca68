"""The nearest neighbour: the target of the most similar training source."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data.translating import _retrieval
from ostinato.data.translating._retrieval import NearestNeighbour

SOURCES = ["open the file", "close the file", "a green swirl"]
TARGETS = ["Datei öffnen", "Datei schließen", "ein grüner Wirbel"]
KINDS = ("text", "text")


def fitted():
    return NearestNeighbour.fit(SOURCES, TARGETS)


class TestPredicting:
    def test_what_was_seen_is_known(self):
        assert fitted().predict(SOURCES) == TARGETS

    def test_what_is_similar_is_taken_for_it(self):
        assert fitted().predict(["closing files", "SWIRLS"]) == TARGETS[1:]

    def test_what_is_like_nothing_is_given_something(self):
        assert fitted().predict(["ШШШ", "?"]) == TARGETS[:1] * 2

    def test_lists_are_compared_token_by_token(self):
        model = NearestNeighbour.fit([["ab", "c"], ["a", "bc"]], [["1"], ["2"]])
        assert model.predict([["a", "x"], ["x", "c"]]) == [["2"], ["1"]]

    def test_several_the_most_similar_first(self):
        rows, similar = fitted().nearest(["open a file"], 2)
        assert rows.tolist() == [[0, 1]]
        assert similar[0, 0] > similar[0, 1] > 0

    def test_of_fewer_all(self):
        assert sorted(fitted().nearest(["x"], 9)[0][0].tolist()) == [0, 1, 2]
        assert fitted().nearest(SOURCES, 9, themselves=True)[0].shape == (3, 2)

    def test_in_parts_as_at_once(self, monkeypatch):
        expected = fitted().predict(SOURCES[::-1])
        monkeypatch.setattr(_retrieval, "_AT_A_TIME", 1)
        assert fitted().predict(SOURCES[::-1]) == expected

    def test_of_very_many_the_first_are_kept(self, monkeypatch):
        monkeypatch.setattr(_retrieval, "_LARGEST", 50)
        assert fitted().sources == SOURCES[:2]
        monkeypatch.setattr(_retrieval, "_LARGEST", 1)
        assert fitted().sources == SOURCES[:1]


class TestArrays:
    @pytest.mark.parametrize(
        ("sources", "targets", "kinds"),
        [
            (SOURCES, TARGETS, KINDS),
            (SOURCES, [["a"], ["b", "c"], []], ("text", "tokens")),
            ([["\n"], ["\u2028", '"'], ["\ud800"]], TARGETS, ("tokens", "text")),
        ],
        ids=["texts", "tokens", "odd characters"],
    )
    def test_there_and_back(self, sources, targets, kinds):
        again = NearestNeighbour.from_arrays(NearestNeighbour(sources, targets).to_arrays(), kinds)
        assert (again.sources, again.targets) == (sources, targets)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("targets", b""),
            ("targets", b'"a"\n"b"\n'),
            ("targets", b'"a"\n"b"\n3\n'),
            ("targets", b'"a"\n"b"\n["c"]\n'),
            ("sources", b'"a"\n"b"\n{"c": 1}\n'),
            ("sources", b'"a"\n"b"\n""\n'),
            ("sources", b'"a"\n"b"\n"c'),
            ("sources", b"[" * 100_000),
            ("sources", b"\xff\xff\n\xff"),
        ],
        ids=["none", "few", "number", "list", "object", "empty", "cut", "deep", "no utf-8"],
    )
    def test_a_strangers(self, name, content):
        arrays = {**fitted().to_arrays(), name: np.frombuffer(content, np.uint8)}
        with pytest.raises(InputError, match="save the model again"):
            NearestNeighbour.from_arrays(arrays, KINDS)

    @pytest.mark.parametrize("names", [[], ["sources"], ["sources", "targets", "more"]], ids=len)
    def test_other_names(self, names):
        with pytest.raises(InputError, match="save the model again"):
            NearestNeighbour.from_arrays(dict.fromkeys(names, np.zeros(1, np.uint8)), KINDS)

    def test_other_types(self):
        arrays = {**fitted().to_arrays(), "sources": np.full((2, 2), np.nan)}
        with pytest.raises(InputError, match="float64, no bytes: save the model again"):
            NearestNeighbour.from_arrays(arrays, KINDS)

    def test_in_another_order(self):
        arrays = dict(reversed(fitted().to_arrays().items()))
        assert NearestNeighbour.from_arrays(arrays, KINDS).sources == SOURCES
