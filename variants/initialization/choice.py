"""Right and wrong answers to the question of the set `initialization`."""

from mlpgrader.variants import wrong


def mistake(idea):
    """Register a letter; which one is right, no visible test may say."""
    return wrong(
        idea, fails=["initialization-choice-answer"], unseen="which letter is right is not shown"
    )


mistake("equal for good")('choice = "A"')
mistake("all entries get one gradient")('choice = "B"')
mistake("no gradient")('choice = "C"')
wrong(
    "no quotes",
    fails=["initialization-choice-answer"],
    kind="wrong-type",
)("choice = len")
