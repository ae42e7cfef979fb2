"""Right and wrong answers to the question of the set `activations`."""

from mlpgrader.variants import right, wrong

ANSWER = "what a student sees of the test must not give the answer away"

for letter in "ABD":
    wrong(f"answer {letter}", fails=["activations-choice-answer"], unseen=ANSWER)(
        f'choice = "{letter}"'
    )
wrong("no letter", fails=["activations-choice-answer"], kind="none-returned")("choice = None")
right("a small letter")('choice = "c"')
