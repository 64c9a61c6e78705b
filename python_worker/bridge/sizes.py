"""How much a frame holds, before any object is made of it.

A byte of MessagePack can become 70 bytes of memory (an empty list), and msgpack's own limits are for each list, not for
all of them. So a large websocket message is walked from header to header first: texts and images are one step each,
whatever their size, and what people send takes some 25 steps.
"""

from __future__ import annotations

MOST_VALUES = 10_000
"""Values of a websocket message that are counted one by one; one with more is judged by its bytes."""


class TruncatedError(ValueError):
    """The data ends within a value."""


class ManyValuesError(ValueError):
    """The value holds more than were to be counted."""


def _heads() -> list[tuple[int, int, int]]:
    """Return for each first byte of a value: bytes that follow, values inside, and how many bytes hold a count.

    If there is a count, the first two are the bytes in addition to those it counts, and the values inside for each unit
    of it (0: it counts bytes).
    """
    heads = [(0, 0, 0)] * 256
    for size in range(32):
        heads[0xA0 + size] = (size, 0, 0)
    for size in range(16):
        heads[0x80 + size] = (0, 2 * size, 0)
        heads[0x90 + size] = (0, size, 0)
    # Texts and bytes, extensions (with a byte for their type), lists, maps.
    for first, widths, beside, inside in (
        (0xC4, (1, 2, 4), 0, 0),
        (0xD9, (1, 2, 4), 0, 0),
        (0xC7, (1, 2, 4), 1, 0),
        (0xDC, (2, 4), 0, 1),
        (0xDE, (2, 4), 0, 2),
    ):
        for offset, width in enumerate(widths):
            heads[first + offset] = (beside, inside, width)
    # Floats, whole numbers without and with a sign, extensions of a fixed size.
    for first, sizes in ((0xCA, (4, 8)), (0xCC, (1, 2, 4, 8)), (0xD0, (1, 2, 4, 8)), (0xD4, (2, 3, 5, 9, 17))):
        for offset, size in enumerate(sizes):
            heads[first + offset] = (size, 0, 0)
    return heads


_HEADS = _heads()


def measure(data: bytes, start: int, most: int = MOST_VALUES) -> tuple[int, int]:
    """Return where the value that begins at `start` ends, and how many values it is with all that it holds.

    Raises:
        TruncatedError: the data ends before it.
        ManyValuesError: it holds more than `most` values; what follows was not looked at.
    """
    at = start
    left, seen = 1, 0
    heads = _HEADS
    try:
        while left:
            if seen >= most:
                raise ManyValuesError(f"more than {most} values")
            seen += 1
            beside, inside, width = heads[data[at]]
            at += 1
            left -= 1
            if width:
                count = int.from_bytes(data[at : at + width], "big")
                at += width + beside
                if inside:
                    left += inside * count
                else:
                    at += count
            else:
                at += beside
                left += inside
    except IndexError:
        raise TruncatedError("the data ends within a value") from None
    if at > len(data):
        raise TruncatedError("the data ends within a value")
    return at, seen
