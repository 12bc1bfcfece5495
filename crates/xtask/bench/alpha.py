"""Intervals of Krippendorff's ordinal alpha by drawing recordings again: the usual way, or as fast as numpy goes.

    alpha.py package|numpy RATINGS.csv RESAMPLES OUT.json

`package` calls the package once for each resample. `numpy` counts how often each recording is drawn, and multiplies
these counts with each recording's coincidences at once; nothing faster was found without compiling.
"""

import csv
import json
import sys
import time

import numpy

LEVELS = numpy.arange(1, 6)
AT_ONCE = 1000


def skills(path):
    """Of each skill a table of recordings by coders, with gaps."""
    recordings, coders, found = {}, {}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            place = recordings.setdefault(row["recording"], len(recordings)), coders.setdefault(row["coder"], len(coders))
            found.setdefault(row["skill"], {})[place] = float(row["score"] or "nan")
    for skill, scores in found.items():
        table = numpy.full((len(recordings), len(coders)), numpy.nan)
        for place, score in scores.items():
            table[place] = score
        yield skill, table


def by_package(table, resamples, random):
    import krippendorff

    n = len(table)
    return [
        krippendorff.alpha(reliability_data=table[random.integers(0, n, n)].T, level_of_measurement="ordinal")
        for _ in range(resamples)
    ]


def by_numpy(table, resamples, random):
    often = (table[:, :, None] == LEVELS).sum(axis=1).astype(float)
    scores = often.sum(axis=1)
    often, scores = often[scores > 1], scores[scores > 1]
    pairs = often[:, :, None] * often[:, None, :] - often[:, :, None] * numpy.eye(len(LEVELS))
    pairs = (pairs / (scores - 1)[:, None, None]).reshape(len(often), -1)
    n = len(often)
    found = []
    for start in range(0, resamples, AT_ONCE):
        here = min(AT_ONCE, resamples - start)
        drawn = random.integers(0, n, size=(here, n), dtype=numpy.int32)
        drawn += (numpy.arange(here, dtype=numpy.int32) * n)[:, None]
        counts = numpy.bincount(drawn.ravel(), minlength=here * n).reshape(here, n).astype(float)
        found.append(of(counts @ pairs))
    return numpy.concatenate(found)


def of(coincidences):
    coincidences = coincidences.reshape(-1, len(LEVELS), len(LEVELS))
    margins = coincidences.sum(axis=2)
    upto = margins.cumsum(axis=1)
    low, high = numpy.triu_indices(len(LEVELS), 1)
    apart = (upto[:, high] - upto[:, low] + (margins[:, low] - margins[:, high]) / 2) ** 2
    observed = (coincidences[:, low, high] * apart).sum(axis=1)
    expected = (margins[:, low] * margins[:, high] * apart).sum(axis=1)
    return 1 - (margins.sum(axis=1) - 1) * observed / expected


way, path, resamples, out = sys.argv[1:]
tables = list(skills(path))
random = numpy.random.default_rng(1)
began = time.perf_counter()
draw = {"package": by_package, "numpy": by_numpy}[way]
intervals = {
    skill: [float(end) for end in numpy.percentile(draw(table, int(resamples), random), [2.5, 97.5])]
    for skill, table in tables
}
with open(out, "w") as file:
    json.dump({"intervals": intervals, "seconds": time.perf_counter() - began}, file)
