"""Who hears what: decided by a hash of listener and scenario, so that a reload, or another process, decides alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations

from gateway.listening.scenarios import Item, Scenario, System


@dataclass(frozen=True)
class Trial:
    item: Item
    left: System
    right: System

    def side(self, name: str) -> System:
        return self.left if name == "left" else self.right


def draw(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()


def assignment(user: str, scenario: Scenario) -> list[Trial]:
    """The trials of one listener, in order. Pairs take turns; each pair has its sides swapped every other time.

    Whose turn is first, and which side, is as random as the order of the items: neither place nor side tells a system.
    """
    items = sorted(scenario.items, key=lambda item: draw(user, scenario.id, "item", item.id))[: scenario.trials]
    pairs = sorted(
        combinations(scenario.systems, 2), key=lambda pair: draw(user, scenario.id, "pair", pair[0].id, pair[1].id)
    )
    trials = []
    for place in range(len(items)):
        first, second = pairs[place % len(pairs)]
        # In each block of two rounds through the pairs, a pair has each side once.
        block, turn = divmod(place // len(pairs), 2)
        swapped = draw(user, scenario.id, "side", first.id, second.id, str(block))[0] % 2 != turn
        trials.append(Trial(items[place], *((second, first) if swapped else (first, second))))
    return trials
