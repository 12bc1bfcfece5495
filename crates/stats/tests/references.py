"""Answers of the usual Python packages for the data sets on standard input, one JSON object a line.

Versions: requirements.txt beside this file.
"""

import json
import sys
import warnings

import krippendorff
import numpy
import pandas
import pingouin
from sklearn.metrics import cohen_kappa_score

warnings.simplefilter("ignore")
pingouin.options["round.column.CI95"] = None


def number(value):
    """A number, or null for what is not one."""
    return float(value) if numpy.isfinite(value) else None


def alpha(scores, metric):
    try:
        return number(krippendorff.alpha(reliability_data=scores.T, level_of_measurement=metric))
    except (ValueError, ZeroDivisionError):
        return None


def correlations(scores):
    complete = scores[~numpy.isnan(scores).any(axis=1)]
    if len(complete) < 5:  # pingouin wants five
        return None
    long = pandas.DataFrame(
        [(i, j, score) for i, row in enumerate(complete) for j, score in enumerate(row)],
        columns=["recording", "coder", "score"],
    )
    table = pingouin.intraclass_corr(long, targets="recording", raters="coder", ratings="score")
    interval = "CI95" if "CI95" in table else "CI95%"
    return [[number(row["ICC"]), number(row[interval][0]), number(row[interval][1])] for _, row in table.iterrows()]


def kappa(scores, levels):
    both = scores[~numpy.isnan(scores[:, :2]).any(axis=1), :2]
    if len(both) == 0:
        return None
    # The package takes whole numbers and weighs by places in the list of labels, so it is given every step of the scale.
    steps = numpy.searchsorted(levels, both)
    return number(cohen_kappa_score(steps[:, 0], steps[:, 1], weights="quadratic", labels=range(len(levels))))


for line in sys.stdin:
    asked = json.loads(line)
    scores = numpy.array([[numpy.nan if s is None else s for s in row] for row in asked["rows"]], dtype=float)
    json.dump(
        {
            "alpha": [alpha(scores, metric) for metric in ("nominal", "ordinal", "interval")],
            "icc": correlations(scores),
            "kappa": kappa(scores, asked["levels"]),
        },
        sys.stdout,
    )
    print(flush=True)
