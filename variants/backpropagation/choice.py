"""Right and wrong answers to the question of the set `backpropagation`."""

from mlpgrader.variants import wrong

ANSWER = ["backpropagation-choice-answer"]
WHY = "an example cannot say which letter is right"

wrong("a gradient for each example", fails=ANSWER, unseen=WHY)('choice = "B"')
wrong("a copy of the weights for each", fails=ANSWER, unseen=WHY)('choice = "C"')
wrong("gradients as large as parameters", fails=ANSWER, unseen=WHY)('choice = "D"')
wrong("no answer", fails=ANSWER)("choice = None")
