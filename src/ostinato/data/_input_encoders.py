"""All kinds of input encoders by name."""

from typing import Any

from ostinato._errors import InputError
from ostinato.data._audio_encoder import AudioEncoder
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._token_encoder import TextEncoder, TokenEncoder
from ostinato.data._vector_encoder import VectorEncoder
from ostinato.data._video_encoder import VideoEncoder

ENCODERS: dict[str, type[InputEncoder]] = {
    encoder.kind: encoder
    for encoder in (TextEncoder, TokenEncoder, VectorEncoder, AudioEncoder, VideoEncoder)
}


def learn_input_encoder(
    kind: str,
    inputs: Any,
    *,
    tokens: str = "characters",
    vocabulary_size: int | None = None,
    lowercase: bool = False,
    sample_rate: int | None = None,
    num_mels: int = 40,
    frame_size: int = 32,
    windows: bool = False,
) -> InputEncoder:
    """The encoder of training inputs.

    Args:
        kind: of the inputs, as in `Examples`.
        inputs: those of training.
        tokens: "characters", "words" or "subwords", for texts.
        vocabulary_size: for texts and tokens; None: all characters or tokens, 20,000 words, 4,096 subwords.
        lowercase: whether capitals are read as small letters, in texts.
        sample_rate: Hz that audio is resampled to; None: the recordings' own.
        num_mels: bands of an audio frame.
        frame_size: height and width that video frames are brought to, pixels.
        windows: whether numeric sequences are to be read in windows.

    Raises:
        InputError: nothing can be learned from them.
    """
    if kind == "text":
        return TextEncoder.learn(inputs, tokens, vocabulary_size, lowercase)
    if kind == "tokens":
        return TokenEncoder.learn(inputs, vocabulary_size)
    if kind == "audio":
        return AudioEncoder.learn(inputs, rate=sample_rate, num_mels=num_mels)
    if kind == "video":
        return VideoEncoder.learn(inputs, size=frame_size)
    return VectorEncoder.learn(inputs, windows=windows)


def input_encoder_from_json(value: Any) -> InputEncoder:
    """The encoder whose `to_json` gave `value`; safe for a stranger's JSON.

    Raises:
        InputError: `value` describes no encoder.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in ENCODERS:
        raise InputError(f"an input encoder's `kind` must be one of {', '.join(ENCODERS)}; save it anew")
    return ENCODERS[kind].from_json(value)
