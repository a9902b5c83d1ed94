"""A fake of the meter."""

from collections import Counter

from services.ports import Count


class RecordingMeter:
    """Keeps its counts in `counts`."""

    def __init__(self) -> None:
        self.counts = Counter[Count]()

    def count(self, event: Count) -> None:
        """Count one more."""
        self.counts[event] += 1
