"""The limit on calls: a sliding window for each API key."""

from collections import defaultdict, deque


class SlidingWindow:
    """Admits at most `limit` calls in any `window` seconds. A call that was turned away does not count."""

    def __init__(self) -> None:
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, api_key: str, *, limit: int, window: float, now: float) -> bool:
        """`now` is a reading in seconds of a clock that never goes back. A limit of 0 admits everything."""
        admitted = self._admitted[api_key]
        while admitted and admitted[0] <= now - window:
            admitted.popleft()
        if limit and len(admitted) >= limit:
            return False
        admitted.append(now)
        return True

    def clear(self) -> None:
        self._admitted.clear()
