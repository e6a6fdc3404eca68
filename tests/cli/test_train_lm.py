import json
import shlex
import shutil

import pytest

from ostinato import LanguageModel
from ostinato.cli._train_options import seconds
from ostinato.tasks import _language_model
from ostinato.tasks._language_corpus import Corpus

TINY = ["--embedding=4", "--hidden=8", "--epochs=1", "--window=16", "--batch=8", "--threads=1"]
FIGURES = {"loss", "perplexity", "bits_per_character", "accuracy"}


def test_the_model_directory_holds_what_the_design_lists(model):
    names = {path.name for path in model.iterdir()}
    assert names == {
        "config.json",
        "model.safetensors",
        "baseline.safetensors",
        "tokenizer.json",
        "metrics.json",
        "history.jsonl",
        "checkpoints",
    }


def test_config_holds_format_task_and_all_parameters(model):
    config = json.loads((model / "config.json").read_text())
    assert (config["format"], config["format_version"], config["task"]) == ("ostinato-model", 1, "lm")
    assert config["parameters"] == {
        **LanguageModel().get_params(),
        "embedding_size": 4,
        "hidden_size": 8,
        "epochs": 1,
        "window": 16,
        "batch_size": 8,
        "threads": 1,
    }


def test_metrics_hold_figures_cost_and_versions(model):
    metrics = json.loads((model / "metrics.json").read_text())
    assert metrics["train"].keys() == metrics["valid"].keys() == FIGURES
    assert metrics["baseline"].keys() == FIGURES | {"name", "counted_tokens"}
    assert metrics["seconds"] > 0
    assert metrics["tokens_per_second"] > 0
    assert metrics["versions"].keys() == {"ostinato", "python", "torch", "numpy"}
    assert (metrics["train_tokens"], metrics["valid_tokens"], metrics["ended"]) == (3600, 400, "finished")


def test_the_defaults_are_those_of_python(ostinato, monkeypatch):
    seen = {}

    def fit(self, X, **options):
        seen.update(self.get_params(), validation=options["validation"])
        raise KeyboardInterrupt

    monkeypatch.setattr(LanguageModel, "fit", fit)
    assert ostinato("train", "lm", "a.txt", "-o", "x").code == 130
    assert seen == {**LanguageModel().get_params(), "validation": 0.1}


def test_every_option_reaches_its_parameter(ostinato, monkeypatch):
    options = {
        "--tokens": ("tokens", "words"),
        "--vocabulary": ("vocabulary_size", 300),
        "--input": ("input", "one-hot"),
        "--embedding": ("embedding_size", 5),
        "--cell": ("cell", "rnn"),
        "--hidden": ("hidden_size", 6),
        "--layers": ("num_layers", 7),
        "--dropout": ("dropout", 0.5),
        "--epochs": ("epochs", 8),
        "--batch": ("batch_size", 9),
        "--window": ("window", 10),
        "--lr": ("learning_rate", 0.5),
        "--weight-decay": ("weight_decay", 0.25),
        "--clip": ("clip_norm", 2.0),
        "--patience": ("patience", 11),
        "--seed": ("seed", 12),
        "--threads": ("threads", 13),
        "--device": ("device", "cuda"),
    }
    seen = {}

    def fit(self, X, **_):
        seen.update(self.get_params())
        raise KeyboardInterrupt

    monkeypatch.setattr(LanguageModel, "fit", fit)
    given = [part for option, (_, value) in options.items() for part in (option, value)]
    ostinato("train", "lm", "a.txt", "-o", "x", *given)
    assert seen == dict(options.values())


def test_the_summary_is_a_table_of_80_columns_and_what_to_type_next(ostinato, text, tmp_path):
    code, out, err = ostinato("train", "lm", text, "-o", tmp_path / "a b", *TINY)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["loss", "perplexity", "bits/character", "accuracy"]
    assert [line[:18] for line in lines[1:4]] == [
        "baseline, held out",
        "model, held out   ",
        "model, training   ",
    ]
    assert max(map(len, lines[:-1])) <= 80
    assert lines[-1] == f"Saved in {tmp_path / 'a b'}. Next: ostinato generate '{tmp_path / 'a b'}'"
    assert err.startswith("step ")


def test_json_is_one_object_of_metrics(ostinato, text, tmp_path):
    ran = ostinato("train", "lm", text, "-o", tmp_path / "m", *TINY, "--json")
    assert ran.out.count("\n") == 1
    saved = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert ran.json == {"directory": str(tmp_path / "m"), **saved}


@pytest.mark.parametrize(
    "options",
    [
        "--tokens words",
        "--tokens words --vocabulary 50",
        "--tokens subwords --vocabulary 300",
        "--input one-hot",
        "--cell lstm --layers 2",
        "--cell rnn --dropout 0",
        "--valid 0.5",
        "--seed 9223372036854775807",
        "--batch 1 --window 3000",
        "--time-limit 1h30m",
    ],
)
def test_other_models(ostinato, text, tmp_path, options):
    assert ostinato("train", "lm", text, "-o", tmp_path / "m", *TINY, *options.split()).code == 0
    assert ostinato("evaluate", tmp_path / "m", text, "--json").json["model"]["loss"] > 0
    assert ostinato("generate", tmp_path / "m", "--length", 3, "--json").json["text"]


def test_a_held_out_file(ostinato, text, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(text.read_text()[:900])
    ran = ostinato("train", "lm", text, "-o", tmp_path / "m", *TINY, "--valid", other, "--json")
    assert (ran.json["train_tokens"], ran.json["valid_tokens"]) == (4000, 900)
    scored = ostinato("evaluate", tmp_path / "m", other, "--json").json
    assert scored["text"] == "all of it, held out from training"
    # Here nothing comes before its first character, there the training text did.
    assert scored["model"]["loss"] == pytest.approx(ran.json["valid"]["loss"], rel=0.01)
    own = ostinato("evaluate", tmp_path / "m", text, "--json").json
    assert own["text"] == "all of it, which the model was trained on"


def test_several_files_are_one_text(ostinato, text, tmp_path):
    whole = text.read_text()
    (tmp_path / "a").write_text(whole[:1000])
    (tmp_path / "b").write_text(whole[1000:])
    ostinato("train", "lm", tmp_path / "a", tmp_path / "b", "-o", tmp_path / "m", *TINY)
    assert ostinato("evaluate", tmp_path / "m", text, "--json").json["characters"] == 400


def test_overwrite_replaces_the_model(ostinato, model, text, tmp_path):
    shutil.copytree(model, tmp_path / "m")
    assert (
        ostinato("train", "lm", text, "-o", tmp_path / "m", *TINY, "--overwrite", "--cell", "rnn").code == 0
    )
    assert LanguageModel.load(tmp_path / "m").cell == "rnn"


def test_a_time_limit_says_how_to_train_on(ostinato, text, tmp_path):
    arguments = ["train", "lm", text, "-o", tmp_path / "m", *TINY, "--epochs", 900, "--time-limit", "0.01s"]
    lines = ostinato(*arguments, "--overwrite").out.splitlines()
    assert lines[-2] == f"Train on with: ostinato train lm --resume {' '.join(map(str, arguments[2:]))}"
    ran = ostinato(*arguments, "--resume", "--json")
    assert (ran.code, ran.json["ended"]) == (0, "time limit")


class TestInterrupted:
    """The command that is told works, wherever Ctrl-C came."""

    @pytest.fixture
    def interrupt(self, monkeypatch):
        """Lets Ctrl-C come where something is called."""

        def at(owner, name):
            def stop(*_, **__):
                monkeypatch.undo()
                raise KeyboardInterrupt

            monkeypatch.setattr(owner, name, stop)

        return at

    @pytest.fixture
    def told(self, ostinato):
        """Runs a command line that is interrupted, and gives the command it tells of."""

        def call(words, *arguments):
            code, _, err = ostinato(*arguments)
            assert code == 130
            before, _, command = err.splitlines()[-1].partition(": ostinato ")
            assert before == f"interrupted: {words} with"
            return shlex.split(command)

        return call

    def test_before_there_is_a_run(self, interrupt, told, ostinato, text, tmp_path):
        arguments = ["train", "lm", str(text), "-o", str(tmp_path / "a b"), *TINY]
        interrupt(Corpus, "of")
        assert told("start again", *arguments) == arguments
        assert ostinato(*arguments).code == 0

    def test_before_a_run_is_replaced(self, interrupt, told, ostinato, model, text, contents, tmp_path):
        shutil.copytree(model, tmp_path / "m")
        arguments = ["train", "lm", str(text), "-o", str(tmp_path / "m"), *TINY, "--seed=1", "--overwrite"]
        interrupt(Corpus, "of")
        assert told("start again", *arguments) == arguments
        assert contents(tmp_path / "m") == contents(model)
        assert ostinato(*arguments).code == 0

    def test_after_training(self, interrupt, told, ostinato, text, tmp_path):
        arguments = ["-o", str(tmp_path / "m"), *TINY, "--", str(text)]
        interrupt(_language_model, "final_metrics")
        command = told("the run is saved; go on", "train", "lm", "--overwrite", *arguments)
        assert command == ["train", "lm", "--resume", *arguments]
        assert ostinato(*command).code == 0

    def test_what_follows_two_dashes_is_a_file(self, interrupt, told, text, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        shutil.copy(text, "--overwrite")
        arguments = ["-o", "m", *TINY, "--", "--overwrite"]
        interrupt(_language_model, "final_metrics")
        command = told("the run is saved; go on", "train", "lm", *arguments)
        assert command == ["train", "lm", "--resume", *arguments]


@pytest.mark.parametrize(
    ("written", "expected"),
    [("90", 90), ("90s", 90), ("1.5", 1.5), ("10m", 600), ("1h30m", 5400), ("2h0m5s", 7205), ("1h", 3600)],
)
def test_time_limits(written, expected):
    assert seconds(written) == expected
