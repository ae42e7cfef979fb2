"""Right and wrong answers to the question of the set `backpropagation`."""

from mlpgrader.variants import wrong

wrong("a gradient for each example", fails=["backpropagation-choice-answer"])('choice = "B"')
wrong("a copy of the weights for each", fails=["backpropagation-choice-answer"])('choice = "C"')
wrong("gradients as large as parameters", fails=["backpropagation-choice-answer"])('choice = "D"')
