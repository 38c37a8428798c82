"""The report: ratings in, every statistic that suits their scale out, or why it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scoring.agreement import bland_altman, confusion, consensus, icc, kappa, krippendorff
from scoring.agreement.bland_altman import Line
from scoring.agreement.confusion import Confusion
from scoring.agreement.consensus import Verdict
from scoring.agreement.icc import Model
from scoring.agreement.kappa import Weights
from scoring.agreement.ratings import MISSING, Floats, Ratings, Scale
from scoring.agreement.resampling import Bootstrap, Estimate, Plan, Statistic, not_computed

MAX_LEVELS = 50
"""Different answers up to which tables of answers are made; also on paper nobody reads more."""

MAX_PAIRS = 435
"""Pairs of readers up to which each is told: those of 30 readers."""

MAX_PAIR_CELLS = 1_000_000_000
"""Pairs of readers times distinct subjects times draws: about a quarter of a minute's work."""

NO_READER = "nobody has answered yet"
ONE_READER = "only one reader has answered; agreement needs two"
NUMBERS = "the answers are numbers: kappa would count exact matches alone; see ICC and alpha"
MEDIAN = "the answers are numbers: their consensus is the median, which has no votes"
NO_UNIT = "the answers are not numbers: differences of them mean nothing"


class Measure(StrEnum):
    """What is measured, in words for people."""

    PERCENT_AGREEMENT = "Percent agreement"
    UNANIMOUS = "Unanimous subjects"
    TIED = "Subjects with a tie"
    FLEISS_KAPPA = "Fleiss' kappa"
    LIGHT_KAPPA = "Light's kappa"
    KRIPPENDORFF_ALPHA = "Krippendorff's alpha"
    ICC_1_1 = "ICC(1,1)"
    ICC_2_1 = "ICC(2,1)"
    ICC_3_1 = "ICC(3,1)"
    SPECIFIC_AGREEMENT = "Agreement by answer"
    COHEN_KAPPA = "Cohen's kappa"
    BIAS = "Bias"
    LOWER_LIMIT = "Lower limit of agreement"
    UPPER_LIMIT = "Upper limit of agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measured number.

    Parameters
    ----------
    variant
        Weights of a kappa, scale of an alpha; else empty.
    readers
        The two readers it is about; empty when all.
    answer
        The answer it is about, if one.
    """

    measure: Measure
    estimate: Estimate
    variant: str = ""
    readers: tuple[str, ...] = ()
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderCount:
    """How many subjects a reader answered, and how many not."""

    name: str
    answers: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreement:
    """How well readers agree about one question.

    Parameters
    ----------
    subjects
        How many subjects anybody answered.
    confusions
        Of all pairs together first, then of each pair; empty for numbers.
    """

    scale: Scale
    plan: Plan
    readers: tuple[ReaderCount, ...]
    categories: tuple[str, ...]
    subjects: int
    answers: int
    missing: int
    findings: tuple[Finding, ...]
    confusions: tuple[Confusion, ...]
    consensus: tuple[Verdict, ...]

    def find(self, measure: Measure, variant: str = "") -> list[Finding]:
        """Return the findings of a measure."""
        return [
            finding
            for finding in self.findings
            if finding.measure is measure and finding.variant == variant
        ]


def measure_agreement(ratings: Ratings, plan: Plan) -> Agreement:
    """Measure how well the readers agree, by everything that suits the scale."""
    present = ratings.codes != MISSING
    subjects = int(present.any(axis=1).sum())
    given = [int(count) for count in present.sum(axis=0)]
    all_readers, ratings = ratings.readers, ratings.of_answering_readers()
    tabled = _is_tabled(ratings)
    pooled = [confusion.pooled_confusion(ratings)] if tabled else []
    paired = (
        [confusion.confusion(ratings, first, second) for first, second in ratings.pairs()]
        if tabled and _pair_count(ratings) <= MAX_PAIRS
        else []
    )
    return Agreement(
        scale=ratings.scale,
        plan=plan,
        readers=tuple(
            ReaderCount(name=name, answers=count, missing=subjects - count)
            for name, count in zip(all_readers, given, strict=True)
        ),
        categories=() if ratings.scale is Scale.INTERVAL else ratings.categories,
        subjects=subjects,
        answers=sum(given),
        missing=subjects * len(all_readers) - sum(given),
        findings=tuple(_findings(ratings, plan)),
        confusions=(*pooled, *paired),
        consensus=tuple(consensus.verdicts(ratings)),
    )


def _is_tabled(ratings: Ratings) -> bool:
    return (
        ratings.scale is not Scale.INTERVAL
        and len(ratings.readers) > 1
        and 0 < len(ratings.categories) <= MAX_LEVELS
    )


def _pair_count(ratings: Ratings) -> int:
    return len(ratings.readers) * (len(ratings.readers) - 1) // 2


def _findings(ratings: Ratings, plan: Plan) -> Iterator[Finding]:
    if len(ratings.readers) < 2:
        reason = ONE_READER if ratings.readers else NO_READER
        yield from (Finding(measure=measure, estimate=not_computed(reason)) for measure in Measure)
        return
    worker = _Worker(ratings, plan)
    yield from worker.overall()
    yield from worker.kappas()
    yield from worker.alphas()
    yield from worker.correlations()
    yield from worker.answers()
    yield from worker.paired_kappas()
    yield from worker.paired_differences()


class _Worker:
    """Measures one table of ratings, each group of statistics in turn."""

    def __init__(self, ratings: Ratings, plan: Plan) -> None:
        self._ratings = ratings
        self._plan = plan
        self._patterns = ratings.patterns
        self._bootstrap = Bootstrap(self._patterns.counts, plan)
        self._kappa_refusal = self._why_no_kappa()
        self._pair_refusal = self._why_no_pairs()

    def overall(self) -> Iterator[Finding]:
        """Yield what needs no scale."""
        yield self._finding(Measure.PERCENT_AGREEMENT, kappa.percent_agreement(self._patterns))
        refusal = MEDIAN if self._ratings.scale is Scale.INTERVAL else self._too_many_levels()
        if refusal:
            yield _refused(Measure.UNANIMOUS, refusal)
            yield _refused(Measure.TIED, refusal)
            return
        yield self._finding(Measure.UNANIMOUS, consensus.unanimous_share(self._patterns))
        yield self._finding(Measure.TIED, consensus.tied_share(self._patterns))

    def kappas(self) -> Iterator[Finding]:
        """Yield the kappas of all readers together."""
        if self._kappa_refusal:
            yield _refused(Measure.FLEISS_KAPPA, self._kappa_refusal)
            yield _refused(Measure.LIGHT_KAPPA, self._kappa_refusal)
            return
        for weights in self._weights():
            statistic = kappa.fleiss_kappa(self._patterns, self._agreement(weights))
            yield self._finding(Measure.FLEISS_KAPPA, statistic, variant=weights)
        for weights in self._weights():
            if self._pair_refusal:
                yield _refused(Measure.LIGHT_KAPPA, self._pair_refusal, variant=weights)
                continue
            yield self._light_kappa(weights)

    def _light_kappa(self, weights: Weights) -> Finding:
        """Return the mean of Cohen's kappas of all pairs of readers.

        Source: Light, Measures of response agreement, Psychological Bulletin 76 (1971) 365-377.
        """
        agreement = self._agreement(weights)
        estimate = self._bootstrap.estimate_mean(
            (
                kappa.cohen_kappa(self._patterns, first, second, agreement)
                for first, second in self._ratings.pairs()
            ),
            subjects=self._patterns.count(self._patterns.answers >= 2),
            undefined="Cohen's kappa of some pair of readers cannot be computed; see the pairs",
        )
        return Finding(measure=Measure.LIGHT_KAPPA, estimate=estimate, variant=weights)

    def alphas(self) -> Iterator[Finding]:
        """Yield Krippendorff's alpha on the scale and on the next simpler one."""
        scales = {
            Scale.NOMINAL: (Scale.NOMINAL,),
            Scale.ORDINAL: (Scale.NOMINAL, Scale.ORDINAL),
            Scale.INTERVAL: (Scale.ORDINAL, Scale.INTERVAL),
        }[self._ratings.scale]
        for scale in scales:
            refusal = self._too_many_levels() if scale is not Scale.INTERVAL else None
            if refusal:
                yield _refused(Measure.KRIPPENDORFF_ALPHA, refusal, variant=scale)
                continue
            statistic = krippendorff.alpha(self._patterns, scale)
            yield self._finding(Measure.KRIPPENDORFF_ALPHA, statistic, variant=scale)

    def correlations(self) -> Iterator[Finding]:
        """Yield the intraclass correlations."""
        for measure, model in _MODELS.items():
            if self._ratings.scale is not Scale.INTERVAL:
                yield _refused(measure, NO_UNIT)
                continue
            yield self._finding(measure, icc.intraclass_correlation(self._patterns, model))

    def answers(self) -> Iterator[Finding]:
        """Yield how well readers agree about each answer."""
        if self._kappa_refusal:
            yield _refused(Measure.SPECIFIC_AGREEMENT, self._kappa_refusal)
            return
        for level, answer in enumerate(self._ratings.categories):
            statistic = kappa.specific_agreement(self._patterns, level)
            yield self._finding(Measure.SPECIFIC_AGREEMENT, statistic, answer=answer)

    def paired_kappas(self) -> Iterator[Finding]:
        """Yield Cohen's kappa of each two readers."""
        refusal = self._kappa_refusal or self._pair_refusal
        if refusal:
            yield _refused(Measure.COHEN_KAPPA, refusal)
            return
        for weights in self._weights():
            agreement = self._agreement(weights)
            for first, second in self._ratings.pairs():
                statistic = kappa.cohen_kappa(self._patterns, first, second, agreement)
                yield self._finding(
                    Measure.COHEN_KAPPA,
                    statistic,
                    variant=weights,
                    readers=(self._ratings.readers[first], self._ratings.readers[second]),
                )

    def paired_differences(self) -> Iterator[Finding]:
        """Yield bias and limits of agreement of each two readers."""
        refusal = NO_UNIT if self._ratings.scale is not Scale.INTERVAL else self._pair_refusal
        if refusal:
            yield from (_refused(measure, refusal) for measure in _LINES)
            return
        for first, second in self._ratings.pairs():
            for measure, line in _LINES.items():
                statistic = bland_altman.differences(self._patterns, first, second, line)
                yield self._finding(
                    measure,
                    statistic,
                    readers=(self._ratings.readers[first], self._ratings.readers[second]),
                )

    def _finding(
        self,
        measure: Measure,
        statistic: Statistic,
        *,
        variant: str = "",
        readers: tuple[str, ...] = (),
        answer: str | None = None,
    ) -> Finding:
        return Finding(
            measure=measure,
            estimate=self._bootstrap.estimate(statistic),
            variant=variant,
            readers=readers,
            answer=answer,
        )

    def _agreement(self, weights: Weights) -> Floats:
        return kappa.agreement_weights(self._patterns.levels, weights)

    def _weights(self) -> tuple[Weights, ...]:
        return tuple(Weights) if self._ratings.scale is Scale.ORDINAL else (Weights.NONE,)

    def _too_many_levels(self) -> str | None:
        count = len(self._ratings.categories)
        if count <= MAX_LEVELS:
            return None
        return f"there are {count:,} different answers, and at most {MAX_LEVELS} can be tabled"

    def _why_no_kappa(self) -> str | None:
        return NUMBERS if self._ratings.scale is Scale.INTERVAL else self._too_many_levels()

    def _why_no_pairs(self) -> str | None:
        count = _pair_count(self._ratings)
        cells = count * len(self._patterns.counts) * self._plan.draws
        if count <= MAX_PAIRS and cells > MAX_PAIR_CELLS:
            return (
                f"{count:,} pairs of readers times {len(self._patterns.counts):,} different "
                f"subjects times {self._plan.draws:,} draws are more than {MAX_PAIR_CELLS:,}; "
                "ask for fewer draws, or name the readers"
            )
        if count <= MAX_PAIRS:
            return None
        return f"{count:,} pairs of readers are more than {MAX_PAIRS} that can be told"


_MODELS = {
    Measure.ICC_1_1: Model.ONE_WAY_RANDOM,
    Measure.ICC_2_1: Model.TWO_WAY_RANDOM,
    Measure.ICC_3_1: Model.TWO_WAY_MIXED,
}
_LINES = {
    Measure.BIAS: Line.BIAS,
    Measure.LOWER_LIMIT: Line.LOWER_LIMIT,
    Measure.UPPER_LIMIT: Line.UPPER_LIMIT,
}


def _refused(measure: Measure, reason: str, *, variant: str = "") -> Finding:
    return Finding(measure=measure, estimate=not_computed(reason), variant=variant)
