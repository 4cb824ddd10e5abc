"""The utterances of one stream: each is read, given its emotion and its delivery, and spoken."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .ahead import TURNS, background
from .parts import PartSizes
from .synthesiser import Task

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, AsyncIterator

    from .feeling import Feeling
    from .pack import Speaker
    from .performance import Performance
    from .sentence import Sentence
    from .synthesiser import Speech, Stages, Synthesiser
    from .values import Options

# Utterances before the one to begin with that are looked at for their mood.
MOOD_REACH = 3


class Utterances:
    """``sentences``: numbered. ``start``: code point from whose word on is spoken."""

    def __init__(
        self,
        sentences: AsyncGenerator[tuple[int, Sentence], None],
        synthesiser: Synthesiser,
        speaker: Speaker,
        options: Options,
        feeling: Feeling,
        performance: Performance,
        start: int,
    ) -> None:
        self._sentences, self._synthesiser, self._speaker, self._options = sentences, synthesiser, speaker, options
        self._feeling, self._performance, self._start = feeling, performance, start
        self._sizes = PartSizes()
        self._begun = False

    async def read(self, stages: Stages) -> tuple[int, Sentence] | None:
        """The next one, the first time that from ``start`` on; None where the text is over."""
        if self._begun:
            with stages("text"):
                return await anext(self._sentences, None)
        self._begun = True
        with stages("text"):
            before, found = await _from(self._sentences, self._start)
        with stages("emotion"):
            for passed in before:
                self._performance.of(await self._feeling.of(passed))
        return found

    async def perform(self, sentence: Sentence, stages: Stages) -> tuple[Sentence, Speech]:
        """The sentence with its emotion and delivery, and its sound."""
        with stages("emotion"):
            sentence = await self._feeling.of(sentence)
        sentence = self._performance.of(sentence)
        word = _first_word(sentence, self._start)
        task = Task(sentence, self._speaker, self._options, stages, self._sizes, word)
        return sentence, await self._synthesiser.speak(task)


class Lineup:
    """The utterances to come, in their order: made when they are asked for, or before that, where models run beside
    Python. ``stages``: of the first one."""

    def __init__(self, utterances: Utterances, stages: Stages) -> None:
        self._utterances = utterances
        self._coming = deque([Upcoming(utterances, stages)])

    @property
    def next(self) -> Upcoming:
        return self._coming[0]

    def advance(self) -> None:
        """`next` is taken care of by whoever asked for it; from now on it is the one behind it."""
        if len(self._coming) == 1:
            self._append()
        self._coming.popleft()
        self._coming[0].lead()

    def begin_reading(self) -> None:
        """Read the next one beside whoever calls this."""
        self.next.begin_reading()

    def begin(self, count: int) -> None:
        """Make the next ``count`` beside whoever calls this."""
        while len(self._coming) < count:
            self._append()
        for place in range(count):
            self._coming[place].begin()

    def close(self) -> None:
        """Ends what was begun and is not wanted any more."""
        for upcoming in self._coming:
            upcoming.close()

    def _append(self) -> None:
        last = self._coming[-1]
        self._coming.append(Upcoming(self._utterances, last.stages.following(), last))


class Upcoming:
    """An utterance: read and performed when that is first asked for, or from `begin_reading` and `begin` on.

    Its turn comes behind that of the one ``before``: texts are read, and moods change, from beginning to end.
    """

    def __init__(self, utterances: Utterances, stages: Stages, before: Upcoming | None = None) -> None:
        self.stages = stages
        self._utterances, self._before = utterances, before
        self._found: tuple[int, Sentence] | None = None
        self._asked = False
        self._reading: asyncio.Task[tuple[int, Sentence] | None] | None = None
        self._performing: asyncio.Task[tuple[Sentence, Speech] | None] | None = None

    def lead(self) -> None:
        """None is before it any more that has not been performed."""
        self._before = None

    def begin_reading(self) -> None:
        """Read it beside whoever calls this, and who may hand over a chunk first."""
        if not self._asked:
            self._asked = True
            self._reading = background(self._read_soon())

    def begin(self) -> None:
        """Go on with it likewise, and perform it when it has been read."""
        self.begin_reading()
        if self._performing is None:
            self._performing = background(self._perform_soon())

    async def read(self) -> tuple[int, Sentence] | None:
        """Number and sentence; None where the text is over."""
        if self._reading is not None:
            return await self._reading
        if not self._asked:
            self._asked = True
            self._found = await self._read()
        return self._found

    async def performed(self) -> tuple[Sentence, Speech] | None:
        """The sentence as it is spoken, and its sound; None where the text is over."""
        return await (self._perform() if self._performing is None else self._performing)

    def close(self) -> None:
        """Ends what was begun and is not wanted any more."""
        for task in (self._reading, self._performing):
            if task is not None:
                task.cancel()
        if self._performing is not None and self._performing.done():
            _close_speech(self._performing)

    async def _read_soon(self) -> tuple[int, Sentence] | None:
        await self.stages.breathe(TURNS)
        return await self._read()

    async def _read(self) -> tuple[int, Sentence] | None:
        if self._before is not None and await self._before.read() is None:
            return None
        return await self._utterances.read(self.stages)

    async def _perform_soon(self) -> tuple[Sentence, Speech] | None:
        await self.stages.breathe(TURNS)
        return await self._perform()

    async def _perform(self) -> tuple[Sentence, Speech] | None:
        found = await self.read()
        if found is None:
            return None
        if self._before is not None:
            await self._before.performed()
        return await self._utterances.perform(found[1], self.stages)


def _close_speech(done: asyncio.Task[tuple[Sentence, Speech] | None]) -> None:
    if not done.cancelled() and done.exception() is None and (performed := done.result()):
        performed[1].close()


async def _from(
    sentences: AsyncIterator[tuple[int, Sentence]], start: int
) -> tuple[list[Sentence], tuple[int, Sentence] | None]:
    """The first utterance with something to say from ``start`` on, and those before it whose mood may linger."""
    before: deque[Sentence] = deque(maxlen=MOOD_REACH)
    async for number, sentence in sentences:
        if start <= sentence.start or any(word.stop > start for word in sentence.words):
            return list(before), (number, sentence)
        before.append(sentence)
    return [], None


def _first_word(sentence: Sentence, start: int) -> int:
    """Number of the word to begin with."""
    return next((place for place, word in enumerate(sentence.words) if word.stop > start), 0)
