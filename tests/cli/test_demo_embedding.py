"""`ostinato demo embedding`, as a user sees it."""

from pathlib import Path

import pytest

NOVEL = Path(__file__).parents[2] / "examples" / "data" / "northanger_abbey.txt"


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("embedding") / "chapter.txt"
    path.write_text(NOVEL.read_text()[:20_000])
    return path


@pytest.fixture
def embedding(ostinato, text):
    def call(*options):
        return ostinato("demo", "embedding", text, "--epochs=1", *options)

    return call


def test_it_fits_eighty_columns_without_colour_codes(embedding):
    shown = embedding()
    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "\x1b" not in shown.out


def test_sizes_figures_and_neighbours_are_those_of_the_json(embedding):
    out, lesson = embedding("--words=was,the").out, embedding("--words=was, the", "--json").json
    rows = [line.split() for line in out.splitlines()]
    for model in lesson["models"]:
        (sizes,) = [row for row in rows if row[:1] == [model["input"]] and row[-1] == "s"]
        names = ("numbers_per_word", "input_parameters", "parameters")
        assert sizes[1:4] == [f"{model[name]:,}" for name in names]
    for score in [*lesson["baselines"], *(model["score"] for model in lesson["models"])]:
        assert [score["name"], f"{score['perplexity']:,.1f}", f"{score['accuracy']:.1%}"] in [
            row[:3] for row in rows
        ]
    for found in lesson["neighbours"]:
        (row,) = [row for row in rows if row[:2] == [found["word"], f"{found['count']:,}"]]
        assert row[2:] == [part for word, cosine in found["nearest"] for part in (word, f"{cosine:.2f}")]


def test_json_is_one_object_with_everything(embedding):
    lesson = embedding("--json", "--words=he", "--seed=2").json
    assert (lesson["seed"], lesson["epochs"], lesson["hidden"]) == (2, 1, 64)
    assert [model["input"] for model in lesson["models"]] == ["one-hot", "embedding"]
    assert [score["name"] for score in lesson["baselines"]] == ["1-gram", "2-gram", "5-gram"]
    assert [found["word"] for found in lesson["neighbours"]] == ["he"]
    assert lesson["train_words"] > lesson["held_out_words"] > 0


def test_progress_goes_to_stderr(embedding):
    lines = embedding().err.splitlines()
    assert [line for line in lines if line.endswith("input")] == ["one-hot input", "embedding input"]
    assert sum(line.startswith("step") for line in lines) == 2


def test_the_bundled_novel_is_the_default(ostinato, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples" / "data").mkdir(parents=True)
    (tmp_path / "examples" / "data" / NOVEL.name).write_bytes(text.read_bytes())
    assert ostinato("demo", "embedding", "--epochs=1").code == 0


def test_elsewhere_a_text_must_be_named(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refused("demo", "embedding") == (
        "error: there is no examples/data/northanger_abbey.txt here: "
        "name a text, as in ostinato demo embedding NOVEL.txt"
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["nowhere.txt"], "error: "),
        (["--words=zebra"], "error: --words has 'zebra', which is not one of the text's "),
        (["--epochs=0"], "error: --epochs is 0: it must be from 1 to 1,000"),
        (["--seed=one"], "error: Invalid value for '--seed': 'one' is not a whole number"),
    ],
    ids=["file", "word", "epochs", "seed"],
)
def test_what_will_not_do_is_the_users_to_mend(refused, text, options, complaint):
    assert refused("demo", "embedding", text, *options).startswith(complaint)
