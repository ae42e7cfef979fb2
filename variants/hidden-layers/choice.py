"""Right and wrong answers to the question of the set `hidden-layers`."""

from mlpgrader.variants import right, wrong

ANSWER = "what a student sees of the test must not give the answer away"

for letter in "ABD":
    wrong(f"answer {letter}", fails=["hidden-layers-choice-answer"], unseen=ANSWER)(
        f'choice = "{letter}"'
    )
wrong("a sentence", fails=["hidden-layers-choice-answer"])('choice = "C is right"')
right("a space behind the letter")('choice = "C "')
