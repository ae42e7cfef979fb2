"""Right and wrong answers to the question of the set `training`."""

from mlpgrader.variants import wrong

wrong("no gradient, no harm", fails=["training-choice-answer"])('choice = "A"')
wrong("train on the test set", fails=["training-choice-answer"])('choice = "C"')
wrong("memory of the training set", fails=["training-choice-answer"])('choice = "D"')
