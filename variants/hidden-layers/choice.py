"""Right and wrong answers to the question of the set `hidden-layers`."""

from mlpgrader.variants import right, wrong

for letter in "ABD":
    wrong(f"answer {letter}", fails=["hidden-layers-choice-answer"])(f'choice = "{letter}"')
wrong("a sentence", fails=["hidden-layers-choice-answer"])('choice = "C is right"')
right("a space behind the letter")('choice = "C "')
