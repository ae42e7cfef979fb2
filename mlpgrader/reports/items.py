"""How a class did on each test of a set: what teachers call item analysis.

The words are those of the field. The *share passed* of a test says how hard it was. Its
*discrimination* says whether it tells those who did well on the rest of the set from those who did
not: the correlation of its points with the points of all other tests, which is the point-biserial
correlation where a test is passed or failed. It lies between -1 and 1; from 0.2 on a test is
usually kept, and a negative one is failed by the better half of the class.

Source: R. L. Ebel, D. A. Frisbie, *Essentials of Educational Measurement*, 5th edition, 1991,
chapter 13.
"""

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FEW = 10  # students; below, a share or a correlation says more of chance than of the test
BINS = 10  # of the histogram of scores
WEAK = 0.1  # a discrimination below is worth a look
HARD = 0.3  # share passed
EVEN = (0.1, 0.9)  # shares passed between which a test could tell strong from weak work
STRONG = 0.5  # a correlation of failures from which two tests are said to fail together
LEAST_BOTH = 3  # students who fail two tests before the two are said to go together
MOST_PAIRS = 8

# of each student, the points of each test
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Summary:
    """The scores of a class, in points.

    Attributes:
        count: how many there are.
        mean: their mean.
        spread: their standard deviation; 0 for one score.
        quartiles: a quarter, half and three quarters of the class have at most so much.
        bins: how many have each tenth of the points, the full score in the last one.
    """

    count: int
    mean: float
    spread: float
    quartiles: tuple[float, float, float]
    bins: tuple[int, ...]


@dataclass(frozen=True)
class Item:
    """How a class did on one test.

    Attributes:
        name: the `grade_id` of the test.
        passed: how many have all its points.
        count: how many were tested.
        mean: the mean share of its points.
        discrimination: the correlation of its points with those of the other tests; None where
            there is none: all have the same, or the class is small.
    """

    name: str
    passed: int
    count: int
    mean: float
    discrimination: float | None

    @property
    def share(self) -> float:
        """The share of the class that has all its points."""
        return self.passed / self.count

    @property
    def advice(self) -> str:
        """What a teacher may want to look at; nothing where all is as it should be."""
        if self.count < FEW:
            return ""
        if self.passed == 0:
            return "nobody passes: is what it asks for said in the text?"
        if self._is_below(-self.noise):
            return "those who did well on the rest fail it more often: read it as they would"
        if self.share < HARD:
            return "few pass: was it taught, and does the visible example show it?"
        if EVEN[0] <= self.share <= EVEN[1] and self._is_below(WEAK):
            return "hardly tells strong from weak work: chance, or another skill than the rest"
        return ""

    @property
    def noise(self) -> float:
        """The discrimination that a test without any would have by chance: its standard error."""
        return 1 / math.sqrt(self.count - 1)

    def _is_below(self, bound: float) -> bool:
        return self.discrimination is not None and self.discrimination < bound


@dataclass(frozen=True)
class Pair:
    """Two tests that the same students fail.

    Attributes:
        tests: their names.
        both: how many fail both.
        either: how many fail at least one.
        correlation: of failing one and failing the other.
    """

    tests: tuple[str, str]
    both: int
    either: int
    correlation: float


def summary(scores: Sequence[float], max_score: float) -> Summary:
    """Sum up scores; there is at least one, and `max_score` is positive.

    Examples:
        >>> found = summary([0, 1, 2, 4], 4)
        >>> found.mean, found.quartiles, found.bins
        (1.75, (0.75, 1.5, 2.5), (1, 0, 1, 0, 0, 1, 0, 0, 0, 1))
    """
    bins = [0] * BINS
    for score in scores:
        tenth = math.floor(score / max_score * BINS)
        bins[min(max(tenth, 0), BINS - 1)] += 1
    # of one score, the library gives neither quartiles nor a spread
    both = [*scores, scores[0]] if len(scores) == 1 else scores
    low, middle, high = statistics.quantiles(both, method="inclusive")
    return Summary(
        count=len(scores),
        mean=statistics.fmean(scores),
        spread=statistics.stdev(both),
        quartiles=(low, middle, high),
        bins=tuple(bins),
    )


def items(scores: Scores, most: Mapping[str, float]) -> list[Item]:
    """How a class did on each test that is worth points.

    Args:
        scores: the points of each student and test; a test that is missing has none.
        most: what each test is worth.
    """
    return [_item(name, scores, most) for name in most if most[name] > 0]


def _item(name: str, scores: Scores, most: Mapping[str, float]) -> Item:
    own = [row.get(name, 0.0) for row in scores.values()]
    rest = [sum(row.values()) - row.get(name, 0.0) for row in scores.values()]
    return Item(
        name=name,
        passed=sum(points >= most[name] for points in own),
        count=len(own),
        mean=statistics.fmean(own) / most[name],
        discrimination=correlation(own, rest) if len(own) >= FEW else None,
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation of two rows of numbers; None where one does not vary.

    Examples:
        >>> correlation([0, 1, 2], [5, 7, 9]), correlation([1, 1, 1], [5, 7, 9])
        (1.0, None)
    """
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return statistics.correlation(one, other)


def failing_together(
    scores: Scores, most: Mapping[str, float], exercise: Mapping[str, str]
) -> list[Pair]:
    """The pairs of tests that mostly the same students fail, the strongest first.

    Tests of one exercise are left out: one mistake makes them fail together, and nobody wonders.

    Args:
        scores: the points of each student and test.
        most: what each test is worth.
        exercise: which exercise a test belongs to.
    """
    if len(scores) < FEW:
        return []
    failed = {
        name: [float(row.get(name, 0.0) < most[name]) for row in scores.values()]
        for name in most
        if most[name] > 0
    }
    apart = (
        (one, other)
        for one, other in itertools.combinations(failed, 2)
        if exercise.get(one, one) != exercise.get(other, other)
    )
    pairs = [pair for names in apart if (pair := _pair(*names, failed))]
    pairs.sort(key=lambda pair: (-pair.correlation, -pair.both))
    return pairs[:MOST_PAIRS]


def _pair(one: str, other: str, failed: Mapping[str, Sequence[float]]) -> Pair | None:
    """Two tests, if the same students fail them often enough to say so."""
    strength = correlation(failed[one], failed[other])
    if strength is None or strength < STRONG:
        return None
    either = int(sum(map(max, failed[one], failed[other])))
    both = int(sum(map(min, failed[one], failed[other])))
    return Pair((one, other), both, either, strength) if both >= LEAST_BOTH else None
