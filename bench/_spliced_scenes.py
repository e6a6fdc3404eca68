"""Videos spliced of the bundled clips, with a table that says which clip is seen when."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from _quality import DATA, write_table

CLIPS = ("box", "cup", "tree")
FRAME_RATE = 10  # frames per second
SHORTEST, LONGEST = 5, 40  # frames of a scene
SCENES = 8  # of a video

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Part:
    """From where to where scenes are cut from the clips, in shares of their length."""

    begin: float
    end: float

    def of(self, frames: Frames) -> Frames:
        """These frames of a clip (T, height, width, 3)."""
        first, last = (round(share * len(frames)) for share in (self.begin, self.end))
        return frames[first:last]


TRAIN, TEST = Part(0.0, 0.6), Part(0.7, 1.0)


def write_videos(folder: Path, part: Part, count: int, random: np.random.Generator) -> Path:
    """Write so many videos and the table that lists them, which is returned."""
    folder.mkdir()
    clips = {name: part.of(read_clip(name)) for name in CLIPS}
    rows = []
    for number in range(count):
        scenes = [(name, scene(clips[name], random)) for name in order(SCENES, random)]
        path = f"{number:02}.mp4"
        write_video(folder / path, np.concatenate([frames for _, frames in scenes]))
        rows.append({"path": path, "segments": segments([(name, len(frames)) for name, frames in scenes])})
    return write_table(folder / "videos.jsonl", rows)


def order(count: int, random: np.random.Generator) -> list[str]:
    """Names of clips, none of them twice in a row."""
    names: list[str] = []
    for _ in range(count):
        names.append(str(random.choice([name for name in CLIPS if names[-1:] != [name]])))
    return names


def scene(clip: Frames, random: np.random.Generator) -> Frames:
    """Frames of a clip in a row, darker or brighter, mirrored or not, and with a camera's noise."""
    length = int(random.integers(SHORTEST, min(LONGEST, len(clip)) + 1))
    first = int(random.integers(0, len(clip) - length + 1))
    pixels = clip[first : first + length, :, :: random.choice([1, -1])] * random.uniform(0.7, 1.3)
    pixels += random.normal(0, random.uniform(0, 10), pixels.shape)
    return pixels.clip(0, 255).astype(np.uint8)


def segments(scenes: Sequence[tuple[str, int]]) -> list[tuple[float, float, str]]:
    """When each of these clips is seen, in seconds, by its length in frames."""
    cuts = np.cumsum([0, *(length for _, length in scenes)]) / FRAME_RATE
    return [
        (start, end, name) for (start, end), (name, _) in zip(pairwise(cuts.tolist()), scenes, strict=True)
    ]


def read_clip(name: str) -> Frames:
    """All frames of a clip, (T, height, width, 3)."""
    with av.open(str(DATA / "video" / f"{name}.mp4")) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def write_video(path: Path, frames: Frames) -> None:
    """Write frames (T, height, width, 3) as an H.264 video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for step, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = step, Fraction(1, FRAME_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
