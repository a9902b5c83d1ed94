"""A fake of the meter."""

from collections import Counter

from services.ports import Count


class RecordingMeter:
    """Keeps its counts in `counts`."""

    def __init__(self) -> None:
        self.counts = Counter[Count]()

    def count(self, event: Count, times: int = 1) -> None:
        """Count so many more."""
        self.counts[event] += times
