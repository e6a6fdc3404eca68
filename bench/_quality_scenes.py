"""Videos spliced of three clips: which scene is each frame from."""

from typing import Any

import numpy as np

from _quality import folder, mean, ostinato, seconds, table
from _spliced_scenes import CLIPS, LONGEST, SCENES, SHORTEST, TEST, TRAIN, write_videos

TITLE = "Tagger: the scene of each video frame, unseen frames in unseen splices"
VIDEOS = {"train": 30, "test": 10}
ABOUT = f"""\
The clips {", ".join(CLIPS)} (`examples/data/video`), cut up and spliced at random into
{VIDEOS["train"]} videos for training and {VIDEOS["test"]} to test: {SCENES} scenes each,
of {SHORTEST} to {LONGEST} frames where a clip has as many; each darker or brighter, mirrored or not, with
noise. Training videos show the clips' first {TRAIN.end:.0%} only, test videos the last {1 - TEST.begin:.0%}.
The clips are of different places: how far a single frame is enough, the baseline shows, which sees no more.

`ostinato train tag train/videos.jsonl --input path --target segments -o DIR --seed SEED`, then
`evaluate DIR test/videos.jsonl`; the videos are made by `bench/_spliced_scenes.py`.

"""


def section(seeds: list[int]) -> str:
    """Frames, beside a linear model of each."""
    runs = [_run(seed) for seed in seeds]
    return ABOUT + table(
        ["", "frames right", "macro F1", "training"],
        [runs[0]["baseline_name"], *_figures(runs, "baseline"), ""],
        ["gru", *_figures(runs, "model"), seconds(runs)],
    )


def _run(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    with folder() as place:
        train = write_videos(place / "train", TRAIN, VIDEOS["train"], random)
        test = write_videos(place / "test", TEST, VIDEOS["test"], random)
        model = place / "model"
        columns = ["--input", "path", "--target", "segments"]
        trained = ostinato("train", "tag", train, "-o", model, *columns, "--seed", seed)
        return {**ostinato("evaluate", model, test), "seconds": trained["seconds"]}


def _figures(runs: list[dict[str, Any]], who: str) -> list[str]:
    return [mean([run[who][figure] for run in runs]) for figure in ("accuracy", "macro_f1")]
