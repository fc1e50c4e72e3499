"""Acoustic means adapted to the rehearsal's voices: the engine's own, moved by what `adapt_ears` of the bench learned.

The engine's model comes from people; robot voices differ from them in the same way each time. The data file holds how
far each mean moved, in small steps. It fits one model alone, so that model's digest is kept with it.
"""

import hashlib
import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import get_model_path

SHIFTS = Path(__file__).parent / "data" / "voices.npz"
_MAGIC = struct.pack("<I", 0x11223344)
_HEADER_END = b"endhdr\n"

Means = NDArray[np.float64]  # phones x streams x densities x dimensions


@cache
def adapted_means() -> bytes | None:
    """Give the file of adapted means, or None when it was made for another model."""
    base, digest = read_parameters("means")
    if not SHIFTS.exists():
        return None
    with np.load(SHIFTS) as shifts:
        if str(shifts["base"]) != digest:
            return None
        return write_parameters(base + shifts["steps"].astype(np.float64) * shifts["step_size"])


def read_parameters(name: str) -> tuple[Means, str]:
    """Read a file of Gaussian parameters in Sphinx's S3 format, all streams of one width; give its digest too."""
    raw = Path(get_model_path(f"en-us/en-us/{name}")).read_bytes()
    at = raw.index(_HEADER_END) + len(_HEADER_END) + len(_MAGIC)
    phones, streams, densities = struct.unpack_from("<3i", raw, at)
    at += 12
    widths = struct.unpack_from(f"<{streams}i", raw, at)
    at += 4 * streams
    (count,) = struct.unpack_from("<i", raw, at)
    values = np.frombuffer(raw, dtype="<f4", count=count, offset=at + 4).astype(np.float64)
    return values.reshape(phones, streams, densities, widths[0]), hashlib.sha256(raw).hexdigest()


def write_parameters(means: Means) -> bytes:
    """Write a file of Gaussian parameters in Sphinx's S3 format."""
    phones, streams, densities, width = means.shape
    header = b"s3\nversion 1.0\n" + _HEADER_END + _MAGIC + struct.pack("<3i", phones, streams, densities)
    return (
        header
        + struct.pack(f"<{streams}i", *[width] * streams)
        + struct.pack("<i", means.size)
        + (means.astype("<f4").tobytes())
    )
