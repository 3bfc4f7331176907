"""Randomness that is addressed, not drawn: the same (key, index) gives the same number in every process."""

from collections.abc import Sequence
from functools import lru_cache

_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """A 64-bit hash of an integer: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def key_of(seed: int, *parts: int) -> int:
    """A key for a stream of numbers of its own: the seed and what the stream is for."""
    key = mix(seed & _MASK)
    for part in parts:
        key = mix(key ^ (part & _MASK))
    return key


def bits(key: int, index: int) -> int:
    """64 random bits: those at `index` (of either sign) of the stream `key`."""
    return mix(key + index * 0x9E3779B97F4A7C15)


def uniform(key: int, index: int) -> float:
    """The number at `index` of the stream `key`, in [0, 1]."""
    return bits(key, index) / 2**64


@lru_cache(maxsize=65_536)
def _lattice(key: int, index: int) -> float:
    return 2.0 * uniform(key, index) - 1.0


def value_noise(key: int, period: int, position: int) -> float:
    """Smooth noise in [-1, 1]: hashed values every `period` steps, joined by a smoothstep."""
    index, rest = divmod(position, period)
    left = _lattice(key, index)
    if rest == 0:
        return left
    x = rest / period
    return left + (_lattice(key, index + 1) - left) * x * x * (3.0 - 2.0 * x)


def fractal_noise(keys: Sequence[int], position: int, octave: int = 0) -> float:
    """Octaves of value noise, each four times slower and twice larger than the one before.

    The amplitude grows with the square root of the period, as a random walk's moves do, so the sum looks like one on
    every time scale up to the slowest octave, and stays bounded beyond it. `octave` is that of the first key.
    """
    total, period, amplitude = 0.0, 4**octave, 2.0**octave
    for key in keys:
        total += amplitude * value_noise(key, period, position)
        period *= 4
        amplitude *= 2.0
    return total
