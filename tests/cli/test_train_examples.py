"""The commands that train on examples: their options, what they print, and how they are interrupted."""

import inspect
import json
import shlex

import pytest
from typer.main import get_command

import ostinato as package
from ostinato.cli._main import app
from ostinato.cli._parameters import defaults_of
from ostinato.tasks import _estimator

TASKS = {
    "lm": ("LanguageModel", "_language_model"),
    "classify": ("Classifier", "_classifier"),
    "regress": ("Regressor", "_regressor"),
    "tag": ("Tagger", "_tagger"),
    "generate": ("Generator", "_generator"),
    "translate": ("Translator", "_translator"),
    "forecast": ("Forecaster", "_forecaster"),
}
# Not options of the same name: --balanced; and a tagger's only kind of tokens.
WITHOUT_OPTION = {"classify": {"class_weight"}, "tag": {"class_weight", "tokens"}}
COLUMNS = {
    "classify": ["--input=이름", "--target=갈래"],
    "regress": ["--input=이름", "--target=길이"],
    "tag": ["--input=words", "--target=tags"],
    "generate": ["--given=갈래", "--target=이름"],
    "translate": ["--source=ko", "--target=en"],
}
TABLE = {
    "classify": "이름.csv",
    "regress": "이름.csv",
    "tag": "words.tsv",
    "generate": "이름.csv",
    "translate": "쌍.tsv",
}
SMALL = ["--hidden=8", "--epochs=1", "--threads=1"]


@pytest.fixture
def fitted(monkeypatch, ostinato):
    """Runs a command whose estimator does not learn, and gives its parameters and the arguments of fit."""

    def call(task, *arguments):
        seen = {}

        def fit(self, X, **options):
            seen.update(parameters=self.get_params(), options=options, X=X)
            raise KeyboardInterrupt

        monkeypatch.setattr(getattr(package, TASKS[task][0]), "fit", fit)
        assert ostinato("train", task, *arguments).code == 130
        return seen

    return call


@pytest.mark.parametrize("task", TASKS)
def test_defaults_that_help_shows_are_those_of_python(task):
    estimator, module = TASKS[task]
    assert defaults_of(module) == getattr(package, estimator)().get_params()


@pytest.mark.parametrize("task", TASKS)
def test_every_parameter_has_an_option(task):
    command = get_command(app).commands["train"].commands[task]
    options = {parameter.name for parameter in command.params}
    parameters = inspect.signature(getattr(package, TASKS[task][0])).parameters.keys()
    assert parameters - options == WITHOUT_OPTION.get(task, set())


@pytest.mark.parametrize("task", COLUMNS)
def test_without_options_the_defaults_are_used(fitted, tables, tmp_path, task):
    seen = fitted(task, tables / TABLE[task], "-o", tmp_path / "m", *COLUMNS[task])
    assert seen["parameters"] == getattr(package, TASKS[task][0])().get_params()
    assert (seen["options"]["validation"], seen["X"].place(0)) == (0.1, f"{tables / TABLE[task]}, row 1")


OPTIONS = {
    "--cell": ("cell", "rnn"),
    "--hidden": ("hidden_size", 6),
    "--layers": ("num_layers", 7),
    "--dropout": ("dropout", 0.5),
    "--epochs": ("epochs", 8),
    "--batch": ("batch_size", 9),
    "--lr": ("learning_rate", 0.5),
    "--weight-decay": ("weight_decay", 0.25),
    "--clip": ("clip_norm", 2.0),
    "--patience": ("patience", 11),
    "--seed": ("seed", 12),
    "--threads": ("threads", 13),
    "--device": ("device", "cuda"),
    "--vocabulary": ("vocabulary_size", 300),
    "--embedding": ("embedding_size", 5),
    "--embedding-dropout": ("embedding_dropout", 0.4),
}
ENCODING = {"--encoding": ("input", "one-hot")}
OF_INPUTS = {
    **ENCODING,
    "--sample-rate": ("sample_rate", 8000),
    "--num-mels": ("num_mels", 20),
    "--frame-size": ("frame_size", 16),
    "--frames": ("frames", "pixels"),
    "--on-corrupt": ("on_corrupt", "skip"),
    "--workers": ("workers", 2),
    "--causal": ("bidirectional", False),
}
TOKENS = {"--tokens": ("tokens", "words")}
POOLED = {"--pooling": ("pooling", "last"), "--cased": ("lowercase", False)}
BALANCED = {"--balanced": ("class_weight", "balanced")}
FLAGS = {
    "--causal",
    "--balanced",
    "--crf",
    "--cased",
    "--two-vocabularies",
    "--no-attention",
    "--no-memory",
    "--no-copying",
}


@pytest.mark.parametrize(
    ("task", "own"),
    [
        (
            "classify",
            {**OF_INPUTS, **TOKENS, **POOLED, **BALANCED, "--label-smoothing": ("label_smoothing", 0.2)},
        ),
        ("regress", {**OF_INPUTS, **TOKENS, **POOLED}),
        (
            "tag",
            {
                **OF_INPUTS,
                **BALANCED,
                "--crf": ("crf", True),
                "--background": ("background", "x"),
                "--window": ("window", 50),
            },
        ),
        ("generate", {**ENCODING, **TOKENS, "--condition": ("condition_size", 3)}),
        (
            "translate",
            {
                "--source-tokens": ("source_tokens", "words"),
                "--target-tokens": ("target_tokens", "subwords"),
                "--two-vocabularies": ("shared_vocabulary", False),
                "--no-attention": ("attention", False),
                "--no-memory": ("memory", False),
                "--no-copying": ("copying", False),
                "--label-smoothing": ("label_smoothing", 0.2),
                "--beam": ("beam_size", 2),
                "--length-penalty": ("length_penalty", 0.5),
            },
        ),
    ],
    ids=COLUMNS,
)
def test_every_option_reaches_its_parameter(fitted, tables, tmp_path, task, own):
    options = {**OPTIONS, **own}
    given = [
        part for name, (_, value) in options.items() for part in ([name] if name in FLAGS else [name, value])
    ]
    seen = fitted(task, tables / TABLE[task], "-o", tmp_path / "m", *COLUMNS[task], *given)
    defaults = {"tokens": "characters"} if task == "tag" else {}
    assert seen["parameters"] == {**defaults, **dict(options.values())}


@pytest.mark.parametrize("task", COLUMNS)
def test_the_summary_fits_80_columns_and_says_what_to_type_next(ostinato, tables, tmp_path, task):
    directory = tmp_path / "a b"
    code, out, _ = ostinato("train", task, tables / TABLE[task], "-o", directory, *SMALL, *COLUMNS[task])
    lines = out.splitlines()
    assert code == 0
    assert [line[:18] for line in lines[1:4]] == [
        "baseline, held out",
        "model, held out   ",
        "model, training   ",
    ]
    assert max(map(len, lines[:-1])) <= 80
    verb = "generate '{}' --given VALUE" if task == "generate" else "predict '{}' INPUT"
    assert lines[-1] == f"Saved in {directory}. Next: ostinato {verb.format(directory)}"


def test_json_is_one_object_of_metrics(ostinato, tables, tmp_path):
    arguments = [tables / "이름.csv", "-o", tmp_path / "m", *COLUMNS["classify"], *SMALL, "--json"]
    ran = ostinato("train", "classify", *arguments)
    saved = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert ran.json == {"directory": str(tmp_path / "m"), **saved}


def test_nothing_held_out(ostinato, tables, tmp_path):
    arguments = [tables / "이름.csv", "-o", tmp_path / "m", *COLUMNS["classify"], *SMALL]
    lines = ostinato("train", "classify", *arguments, "--valid", 0).out.splitlines()
    assert [line[:18] for line in lines[1:3]] == ["baseline, training", "model, training   "]


def test_a_held_out_table_is_read_with_the_same_columns(ostinato, tables, tmp_path):
    other = tmp_path / "other.tsv"
    other.write_text("갈래\t이름\n음식\t국수\n도시\t강릉\n")
    arguments = [tables / "이름.csv", "-o", tmp_path / "m", *COLUMNS["classify"], *SMALL, "--json"]
    ran = ostinato("train", "classify", *arguments, "--valid", other)
    assert (ran.json["train_sequences"], ran.json["valid_sequences"]) == (60, 2)


def test_a_folder_for_each_class(ostinato, tmp_path):
    for kind in ("긴 글", "short"):
        (tmp_path / "글" / kind).mkdir(parents=True)
        for n in range(4):
            (tmp_path / "글" / kind / f"{n}.txt").write_text(f"{kind}\n{n}\n")
    ran = ostinato(
        "train", "classify", tmp_path / "글", "-o", tmp_path / "m", *SMALL, "--valid", 0.25, "--json"
    )
    assert ran.json["valid_sequences"] == 2
    [answer] = ostinato("predict", tmp_path / "m", tmp_path / "글" / "short" / "0.txt", "--json").json[
        "predictions"
    ]
    assert answer["class"] in ("긴 글", "short")
    assert ostinato("evaluate", tmp_path / "m", tmp_path / "글", "--json").json["sequences"] == 2
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.txt").write_text("more\n한 줄\n")
    [line] = ostinato("predict", tmp_path / "m", tmp_path / "new").out.splitlines()
    assert line.endswith(f"%  {tmp_path / 'new' / 'a.txt'}")


class TestInterrupted:
    """The command that is told works, wherever Ctrl-C came."""

    @pytest.fixture
    def told(self, ostinato, monkeypatch):
        def call(where, *arguments):
            def stop(*_, **__):
                monkeypatch.undo()
                raise KeyboardInterrupt

            monkeypatch.setattr(*where, stop)
            code, _, err = ostinato(*arguments)
            assert code == 130
            before, _, command = err.splitlines()[-1].partition(": ostinato ")
            return before, shlex.split(command)

        return call

    @pytest.fixture
    def arguments(self, tables, tmp_path):
        table = str(tables / "이름.csv")
        return ["train", "classify", "-o", str(tmp_path / "a b"), *SMALL, *COLUMNS["classify"], "--", table]

    def test_while_the_table_is_read(self, told, ostinato, arguments):
        before, command = told(("ostinato.data.read_examples",), *arguments)
        assert (before, command) == ("interrupted: start again with", arguments)
        assert ostinato(*command).code == 0

    def test_after_training(self, told, ostinato, arguments):
        before, command = told((_estimator, "save_sequence_files"), *arguments)
        assert before == "interrupted: the run is saved; go on with"
        assert command == [*arguments[:2], "--resume", *arguments[2:]]
        assert ostinato(*command).code == 0
