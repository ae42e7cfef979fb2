"""Right and wrong answers to the question of the set `forward-propagation`."""

from mlpgrader.variants import right, wrong

ANSWER = ["forward-propagation-choice-answer"]
WHY = "an example cannot say which letter is right"

right("a small letter")('choice = "b"')
wrong("it overfits", fails=ANSWER, unseen=WHY)('choice = "A"')
wrong("only slower", fails=ANSWER, unseen=WHY)('choice = "C"')
wrong("random is random", fails=ANSWER, unseen=WHY)('choice = "D"')
wrong("two letters", fails=ANSWER)('choice = "AB"')
