"""Facts about the audio of the protocol: PCM16, 24 kHz, mono, little endian."""

SAMPLE_RATE_HZ = 24_000
BYTES_PER_MS = SAMPLE_RATE_HZ * 2 // 1000


def duration_ms(pcm: bytes | bytearray) -> int:
    """Tell how long the audio lasts, in whole milliseconds."""
    return len(pcm) // BYTES_PER_MS
