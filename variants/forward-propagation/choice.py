"""Right and wrong answers to the question of the set `forward-propagation`."""

from mlpgrader.variants import right, wrong

right("a small letter")('choice = "b"')
wrong("it overfits", fails=["forward-propagation-choice-answer"])('choice = "A"')
wrong("only slower", fails=["forward-propagation-choice-answer"])('choice = "C"')
wrong("random is random", fails=["forward-propagation-choice-answer"])('choice = "D"')
