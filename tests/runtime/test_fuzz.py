"""Ten thousand damaged model directories and states: `InputError` is all that comes of any.

Checksums are made anew for most of them, so that what they protect is looked at.
"""

import hashlib
import json
import random
import struct
import warnings

import numpy as np
import pytest

from ostinato import InputError, runtime

from .mutants import dumped, mutated_bytes, mutated_json
from .saved import (
    language_model,
    number_generator,
    regressor,
    series_classifier,
    series_tagger,
    text_generator,
    text_tagger,
)

DIRECTORIES, STATES = 400, 900  # for each model
# By name: what makes it, what its streams are begun with, and what is pushed.
MODELS = {
    "lm": (language_model, {}, "the"),
    "subwords": (lambda: language_model(tokens="subwords", cell="lstm"), {}, "the"),
    "classify": (lambda: series_classifier(pooling="attention"), {}, [0.5, None]),
    "regress": (lambda: regressor(cell="lstm"), {}, [0.5, 1.0]),
    "tag": (lambda: text_tagger(crf=True), {}, "ab"),
    "tag-series": (series_tagger, {}, [0.5, 1.0]),
    "generate": (text_generator, {"given": "en"}, "go"),
    "generate-numbers": (lambda: number_generator(cell="rnn"), {"given": [0.5, 1.0]}, 1.0),
}


@pytest.fixture(scope="module", params=MODELS)
def original(request, tmp_path_factory):
    """The directory of a model, what its streams are begun with, and what is pushed."""
    make, options, piece = MODELS[request.param]
    directory = tmp_path_factory.mktemp("fuzz") / request.param
    make().save(directory)
    return directory, options, piece


@pytest.fixture(autouse=True)
def unbothered():
    """Numbers that make no sense may overflow: that is told by nobody."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def survives(action):
    """Whether it works; only `InputError` may come of it, in one line."""
    try:
        action()
    except InputError as error:
        assert "\n" not in str(error)
        return False
    return True


def mutant(config, contents, chance):
    """A directory's files, one of them changed."""
    config, contents = dict(config), dict(contents)
    name = chance.choice(["config.json", *contents, "model.safetensors"])
    if name == "config.json":
        config = mutated_json(config, chance)
    elif name.endswith(".json") and chance.random() < 0.8:
        contents[name] = dumped(mutated_json(json.loads(contents[name]), chance))
    elif name == "model.safetensors" and chance.random() < 0.5:
        contents[name] = with_other_header(contents[name], chance)
    else:
        contents[name] = mutated_bytes(contents[name], chance)
    if isinstance(config, dict) and chance.random() < 0.9:
        config["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    data = dumped(config)
    if chance.random() < 0.1:
        data = mutated_bytes(data, chance)
    return {"config.json": data, **contents}


def with_other_header(content, chance):
    (size,) = struct.unpack_from("<Q", content)
    header = dumped(mutated_json(json.loads(content[8 : 8 + size]), chance))
    length = len(header) if chance.random() < 0.9 else chance.choice([0, 1, 1 << 40, (1 << 64) - 1])
    return struct.pack("<Q", length) + header + content[8 + size :]


def test_damaged_directories(original, tmp_path):
    directory, options, piece = original
    config = json.loads((directory / "config.json").read_bytes())
    names = [name for name in config["files"] if name not in ("metrics.json", "history.jsonl")]
    contents = {n: (directory / n).read_bytes() for n in names if not n.startswith("baseline")}
    chance, loaded = random.Random(0), 0

    def use():
        runtime.load(tmp_path).stream(**options).push(piece)

    there = {}
    for _ in range(DIRECTORIES):
        files = mutant(config, contents, chance)
        for name in files:
            if files[name] is not there.get(name):
                (tmp_path / name).write_bytes(files[name])
        there = files
        loaded += survives(use)
    # Others are refused; but some changes are of what nobody needs, or of one number for another.
    assert DIRECTORIES // 100 < loaded < DIRECTORIES // 2


def test_damaged_states(original):
    directory, options, piece = original
    model = runtime.load(directory)
    stream = model.stream(**options)
    stream.push(piece)
    content = stream.save()[:-32]
    head, (size,) = content[:12], struct.unpack_from("<I", content, 12)
    header, payload = content[16 : 16 + size], content[16 + size :]
    chance, restored = random.Random(0), 0

    def use():
        stream.restore(data)
        stream.push(piece)

    for _ in range(STATES):
        kind = chance.randrange(4)
        if kind == 0:
            changed = dumped(mutated_json(json.loads(header), chance))
            mutated = head + struct.pack("<I", len(changed)) + changed + payload
        elif kind == 1:
            mutated = mutated_bytes(content, chance)
        else:
            mutated = content[: 16 + size] + mutated_bytes(payload, chance)
        data = mutated + hashlib.sha256(mutated).digest() if chance.random() < 0.95 else mutated
        restored += survives(use)
    assert STATES // 10 < restored < STATES * 9 // 10
