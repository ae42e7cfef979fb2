"""Right and wrong answers to the question of the set `training`."""

from mlpgrader.variants import wrong


def mistake(idea):
    """Register a letter; which one is right, no visible test may say."""
    return wrong(
        idea, fails=["training-choice-answer"], unseen="which letter is right is not shown"
    )


mistake("no gradient, no harm")('choice = "A"')
mistake("train on the test set")('choice = "C"')
mistake("memory of the training set")('choice = "D"')
wrong(
    "no quotes",
    fails=["training-choice-answer"],
    kind="wrong-type",
)("choice = len")
