"""Values that are made once: a bounded cache in which simultaneous askers share one making."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SharedCache(Generic[K, V]):
    """Keeps the values used last, up to a total weight.

    Parameters
    ----------
    weigh
        Returns the weight of a value, such as its bytes.
    capacity
        Greatest weight that is kept in total.
    """

    def __init__(self, weigh: Callable[[V], int], *, capacity: int) -> None:
        self._weigh = weigh
        self._capacity = capacity
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._making: dict[K, Future[V]] = {}
        self._weight = 0

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key; one caller makes it while others who ask wait for it.

        What ``make`` raises, every waiting caller gets; it is not remembered.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            future = self._making.get(key)
            is_maker = future is None
            if future is None:
                future = self._making[key] = Future()
        if not is_maker:
            return future.result()
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            future.set_exception(error)
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, value)
        future.set_result(value)
        return value

    def _keep(self, key: K, value: V) -> None:
        self._kept[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._capacity and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= self._weigh(oldest)
