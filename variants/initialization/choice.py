"""Right and wrong answers to the question of the set `initialization`."""

from mlpgrader.variants import wrong

wrong("equal for good", fails=["initialization-choice-answer"])('choice = "A"')
wrong("all entries get one gradient", fails=["initialization-choice-answer"])('choice = "B"')
wrong("no gradient", fails=["initialization-choice-answer"])('choice = "C"')
