"""When does somebody speak? silero-vad, a published model, run live without PyTorch.

Its LSTM runs on ostinato.runtime, its convolutions are matrix products of numpy's. Each frame of 32 ms has a
probability before the next one is there.

Run it with: python examples/silero_vad.py [WAV…]   (it needs the packages silero-vad, onnx and onnxruntime)
"""

import math
import sys
import time
import wave
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ostinato.runtime import LSTM

Floats = NDArray[np.float32]

SECONDS = 0.032  # of a frame
SPEECH = Path(__file__).parent / "data" / "speech"


class Convolution:
    """A convolution over time as one product: windows side by side, times the kernels.

    Args:
        weight: (O, C, K), PyTorch's: outputs, channels, steps of a kernel.
        bias: (O,).
        steps: T, how many the input has.
        stride: Steps from a window to the next.
        padding: Zeros before and after the input.

    Attributes:
        inputs: (T, C), to be written before each call.
    """

    def __init__(self, weight: Floats, bias: Floats, steps: int, stride: int, padding: int = 0) -> None:
        outputs, channels, width = weight.shape
        padded = np.zeros((steps + 2 * padding, channels), np.float32)
        self.inputs = padded[padding : padding + steps]
        windows = np.lib.stride_tricks.sliding_window_view(padded.reshape(-1), width * channels)
        self._windows = windows[:: stride * channels]
        # The last column is the bias's: one call of numpy less.
        self._columns = np.ones((len(self._windows), width * channels + 1), np.float32)
        kernels = weight.transpose(2, 1, 0).reshape(-1, outputs)
        self._kernels = np.concatenate([kernels, bias[np.newaxis]])

    def __call__(self, out: Floats) -> None:
        """Write the windows' products to `out`, (W, O)."""
        self._columns[:, :-1] = self._windows
        np.matmul(self._columns, self._kernels, out=out)


class Detector:
    """The probability that somebody speaks, frame by frame: all it knows of the past is in its state.

    Args:
        weights: By PyTorch's names. The window of the Fourier transform, of K samples, tells the rate: a
            frame is 2K samples, 256 at 8 kHz, 512 at 16 kHz.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        basis = weights["stft.forward_basis_buffer"]  # (K + 2, 1, K): cosines, then sines
        K = basis.shape[2]
        self.frame, self._context = 2 * K, K // 4
        zeros = np.zeros(len(basis), np.float32)
        self._fourier = Convolution(basis, zeros, steps=2 * K + 2 * self._context, stride=K // 2)
        self._spectrum = np.empty((4, len(basis)), np.float32)
        self._encoder = []
        for n, (steps, stride) in enumerate([(4, 1), (4, 2), (2, 2), (1, 1)]):
            weight, bias = (weights[f"encoder.{n}.reparam_conv.{name}"] for name in ("weight", "bias"))
            self._encoder.append(Convolution(weight, bias, steps, stride, padding=1))
        self._lstm = LSTM(weights, prefix="decoder.rnn.")
        self._x = np.empty((1, self._lstm.input_size), np.float32)
        self._y = np.empty((1, self._lstm.output_size), np.float32)
        self._state = self._lstm.initial_state(1)
        self._scores = weights["decoder.decoder.2.weight"][0, :, 0].copy()
        self._bias = float(weights["decoder.decoder.2.bias"][0])

    def reset(self) -> None:
        """Begin another recording."""
        for array in (self._fourier.inputs, *self._state):
            array.fill(0)

    def push(self, frame: Floats) -> float:
        """The probability of speech in the next frame, of samples between -1 and 1."""
        # The end of the frame before, the frame, and its end mirrored.
        samples, n = self._fourier.inputs[:, 0], self._context
        samples[:n] = samples[-2 * n : -n]
        samples[n:-n] = frame
        samples[-n:] = samples[-n - 2 : -2 * n - 2 : -1]

        self._fourier(self._spectrum)
        magnitudes(self._spectrum, out=self._encoder[0].inputs)
        outs = [*(layer.inputs for layer in self._encoder[1:]), self._x]
        for layer, out in zip(self._encoder, outs, strict=True):
            layer(out)
            np.maximum(out, 0, out=out)
        h, _ = self._lstm.step(self._x, self._state, out=(self._y, self._state))
        score = self._scores.dot(np.maximum(h[0], 0)) + self._bias
        return 1 / (1 + math.exp(-score))


def magnitudes(spectrum: Floats, out: Floats) -> None:
    """Of cosines, then sines. The spectrum is used up."""
    np.square(spectrum, out=spectrum)
    np.add(spectrum[:, : out.shape[1]], spectrum[:, out.shape[1] :], out=out)
    np.sqrt(out, out=out)


class Original:
    """The same from an ONNX file of the package's, on one thread."""

    def __init__(self, path: Path, rate: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # some files have weights that no node uses
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._context = rate // 250
        self.frame = 8 * self._context
        self._inputs = {"sr": np.array(rate)} if len(self._session.get_inputs()) == 3 else {}
        self.reset()

    def reset(self) -> None:
        """Begin another recording."""
        self._inputs["input"] = np.zeros((1, self._context + self.frame), np.float32)
        self._inputs["state"] = np.zeros((2, 1, 128), np.float32)

    def push(self, frame: Floats) -> float:
        """As the detector's."""
        samples, n = self._inputs["input"][0], self._context
        samples[:n] = samples[-n:]
        samples[n:] = frame
        probability, self._inputs["state"] = self._session.run(None, self._inputs)
        return float(probability[0, 0])


def published(file: str = "silero_vad.onnx") -> Path:
    """A file of the package, which is not imported: that would take PyTorch."""
    try:
        return Path(str(distribution("silero-vad").locate_file(f"silero_vad/data/{file}")))
    except PackageNotFoundError:
        sys.exit(
            "silero-vad is not installed; without what it needs: pip install --no-deps silero-vad==6.2.3"
        )


def published_weights(rate: int) -> dict[str, Floats]:
    """Those of the branch for a rate of 8,000 or 16,000, by PyTorch's names, which the ONNX file has kept.

    The package's silero_vad_16k.safetensors is another model, of the same sizes.
    """
    (choice,) = (node for node in onnx.load(published()).graph.node if node.op_type == "If")
    (branch,) = (
        a.g for a in choice.attribute if a.name == ("then_branch" if rate == 16_000 else "else_branch")
    )
    constants = (node for node in branch.node if node.op_type == "Constant")
    return {
        node.output[0].rpartition("__")[2]: onnx.numpy_helper.to_array(node.attribute[0].t)
        for node in constants
    }


def frames(samples: Floats, size: int) -> Iterator[Floats]:
    """The last one filled up with silence."""
    yield from np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)


def probabilities(detector: Detector | Original, samples: Floats) -> list[float]:
    """Of each frame of a recording."""
    detector.reset()
    return [detector.push(frame) for frame in frames(samples, detector.frame)]


def segments(probabilities: list[float]) -> Iterator[tuple[float, float]]:
    """From when to when somebody speaks, in seconds.

    It begins where a probability is above 0.5, and is over when four are below 0.35.
    """
    start = last = None
    for k, probability in enumerate([*probabilities, 0, 0, 0, 0]):
        if probability > (0.5 if start is None else 0.35):
            start, last = k if start is None else start, k
        elif start is not None and last is not None and k - last == 4:
            yield start * SECONDS, (last + 1) * SECONDS
            start = None


def read(path: Path) -> tuple[Floats, int]:
    """The samples of a WAV file of 8 or 16 bits, its channels mixed, and their rate, 8,000 or 16,000."""
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, count = file.getparams()[:4]
            data = file.readframes(count)
    except (OSError, EOFError, wave.Error) as error:
        sys.exit(f"cannot read {path} as WAV: {error}")
    if width > 2 or not count:
        sys.exit(f"{path} has {count} samples of {8 * width} bits: give a recording of 8 or 16 bits")
    whole = np.frombuffer(data, np.uint8) / 128.0 - 1 if width == 1 else np.frombuffer(data, "<i2") / 32768.0
    samples = whole.reshape(-1, channels).mean(axis=1).astype(np.float32)
    return (samples, rate) if rate in (8_000, 16_000) else (resampled(samples, rate), 16_000)


def resampled(samples: Floats, rate: int) -> Floats:
    """At 16 kHz: the spectrum of the whole is cut off, or filled up with zeros."""
    count = -(-len(samples) * 16_000 // rate)
    whole = np.fft.irfft(np.fft.rfft(samples), count) * (count / len(samples))
    return whole.astype(np.float32)


def spelled(word: str) -> tuple[Floats, int]:
    """The bundled speaker says the letters of a word, with pauses of 0.4 s."""
    letters = [read(SPEECH / f"{letter}.wav") for letter in word]
    rate = letters[0][1]
    pause = np.zeros(2 * rate // 5, np.float32)
    return np.concatenate([pause, *(part for letter, _ in letters for part in (letter, pause))]), rate


def show(name: str, found: list[float]) -> None:
    """A line of time, and when somebody speaks."""
    print(f"{name}\n{''.join(' ▁▂▃▄▅▆▇█'[round(8 * p)] for p in found)}")
    spoken = [f"{begin:.2f}–{end:.2f} s" for begin, end in segments(found)]
    print(f"speech: {', '.join(spoken) or 'none'}\n")


def seconds(detector: Detector | Original, samples: Floats) -> float:
    """What a frame takes: the median."""
    times = []
    for frame in frames(samples, detector.frame):
        start = time.perf_counter()
        detector.push(frame)
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    recordings = {name: read(Path(name)) for name in sys.argv[1:]} or {"O S T I N A T O": spelled("OSTINATO")}
    for name, (samples, rate) in recordings.items():
        ours, original = Detector(published_weights(rate)), Original(published(), rate)
        found = probabilities(ours, samples)
        show(name, found)
        difference = max(map(abs, np.subtract(found, probabilities(original, samples))))
        print(f"a frame of 32 ms takes  {1e6 * seconds(ours, samples):.0f} µs")
        print(f"in onnxruntime          {1e6 * seconds(original, samples):.0f} µs")
        print(f"largest difference      {difference:.1e}")


if __name__ == "__main__":
    main()
