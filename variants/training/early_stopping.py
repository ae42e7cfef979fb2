"""Right and wrong answers to `early_stopping`."""

import math

from mlpgrader.variants import Slips, right, wrong


@right("the lowest so far at each epoch")
def early_stopping(val_loss, patience):
    best, last_improvement, best_epoch = None, -1, 0
    for epoch in range(len(val_loss)):
        loss = val_loss[epoch]
        if not math.isnan(loss) and (best is None or loss < best):
            best, last_improvement, best_epoch = loss, epoch, epoch
        if epoch - last_improvement >= patience:
            return epoch, best_epoch
    return len(val_loss) - 1, best_epoch


@right("the stop first, then the best up to it")
def early_stopping(val_loss, patience):
    losses = [math.inf if math.isnan(loss) else loss for loss in val_loss]
    stop = len(losses) - 1
    improves = [loss < min(losses[:epoch], default=math.inf) for epoch, loss in enumerate(losses)]
    for epoch in range(patience - 1, len(losses)):
        if not any(improves[epoch - patience + 1 : epoch + 1]):
            stop = epoch
            break
    return stop, losses.index(min(losses[: stop + 1]))


right("NumPy")("""
import numpy as np


def early_stopping(val_loss, patience):
    losses = np.nan_to_num(np.array(val_loss), nan=np.inf)
    waited, epoch = 0, 0
    while True:
        improved = losses[epoch] < np.min(losses[:epoch], initial=np.inf)
        waited = 0 if improved else waited + 1
        if waited >= patience or epoch + 1 == len(losses):
            return epoch, int(np.argmin(losses[: epoch + 1]))
        epoch += 1
""")


STOPPING = """
def early_stopping(val_loss, patience):
    best = math.inf
    best_epoch = 0
    waited = 0
    for epoch, loss in enumerate(val_loss):
        if loss < best:
            best = loss
            best_epoch = epoch
            waited = 0
        else:
            waited += 1
        if waited >= patience:
            break
    return epoch, best_epoch
"""
right("counts the epochs waited")(STOPPING)
slip = Slips(STOPPING, "early-stopping")
slip(
    "an equal loss improves",
    "stop best",
    ("loss < best", "loss <= best"),
    is_slip=True,
    says="You take an equal loss for an improvement; it has to be strictly lower.",
    read="Too long",
    kind="off-by-one",
)
slip(
    "one epoch too patient",
    "stop nan",
    ("waited >= patience", "waited > patience"),
    is_slip=True,
    says="You wait one epoch too long.",
    read="Too long",
    kind="off-by-one",
)
slip(
    "not patient enough",
    "stop nan",
    (">= patience", ">= patience - 1"),
    is_slip=True,
    says="You stop one epoch too early.",
    read="Too long",
    kind="off-by-one",
)
slip(
    "counts epochs that are not in a row",
    "stop nan",
    ("            waited = 0\n", ""),
    says="You count all epochs without an improvement. An improvement starts the count anew.",
    read="Too long",
    kind="off-by-one",
)
slip(
    "compares with the epoch before",
    "stop best nan",
    ("        if waited >=", "        best = loss\n        if waited >="),
    says="You compare each loss with the one before; the best so far is what counts.",
    read="Too long",
    kind="off-by-one",
)
slip(
    "the best of the whole list",
    "best nan",
    (
        "return epoch, best_epoch",
        "best = min(loss for loss in val_loss if loss == loss)\n"
        "    return epoch, val_loss.index(best)",
    ),
    says="You look for the best epoch in the whole list; training ends before.",
    read="Too long",
)
slip(
    "the last of equal losses",
    "best",
    (
        "return epoch, best_epoch",
        "equal = [e for e in range(epoch + 1) if val_loss[e] == best]\n"
        "    return epoch, equal[-1] if equal else 0",
    ),
    is_slip=True,
    says="Of equal losses you take the last; the first is due.",
    read="Too long",
)
slip("the loss for its epoch", "best nan ints", ("best_epoch = epoch", "best_epoch = loss"))
slip(
    "the loss of the start is the best so far",
    "stop nan",
    ("math.inf", "val_loss[0]"),
    is_slip=True,
)
slip(
    "a nan improves",
    "nan",
    ("if loss < best", "if not loss >= best"),
    is_slip=True,
)
slip(
    "a nan stops the training",
    "nan",
    ("        if waited >=", "        if loss != loss:\n            break\n        if waited >="),
    is_slip=True,
)
slip(
    "a nan is passed over",
    "nan",
    (
        "        if loss < best",
        "        if loss != loss:\n            continue\n        if loss < best",
    ),
    is_slip=True,
)
slip(
    "a nan is 0",
    "nan",
    ("        if loss <", "        loss = loss if loss == loss else 0.0\n        if loss <"),
    is_slip=True,
)
slip(
    "losses are positive",
    "stop best",
    ("loss < best", "0 < loss < best"),
    unseen="losses below 0 are no example",
    is_slip=True,
)
slip(
    "an improvement of less than 1e-4 is none",
    "stop",
    ("loss < best", "loss < best - 1e-4"),
    unseen="the losses of the examples are far apart",
    is_slip=True,
)
slip(
    "counts from 1",
    "stop best end nan",
    ("enumerate(val_loss)", "enumerate(val_loss, 1)"),
    kind="offset",
    says="Epochs are counted from 0.",
    read="Too long",
)
slip(
    "the number of epochs, not the last one",
    "stop end nan",
    ("return epoch,", "return epoch + 1,"),
    kind="off-by-one",
)
slip(
    "nothing if training is never stopped",
    "end nan ints",
    ("            break\n    return epoch, best_epoch", "            return epoch, best_epoch"),
    kind="none-returned",
)
slip(
    "the length if training is never stopped",
    "end nan",
    (
        "            break\n    return epoch, best_epoch",
        "            return epoch, best_epoch\n    return len(val_loss), best_epoch",
    ),
    kind="offset",
    is_slip=True,
)
slip(
    "the best epoch if training is never stopped",
    "end nan",
    (
        "            break\n    return epoch, best_epoch",
        "            return epoch, best_epoch\n    return best_epoch, best_epoch",
    ),
    is_slip=True,
    kind="off-by-one",
)
slip(
    "the best epoch first",
    "stop best end nan arguments",
    ("epoch, best_epoch\n", "best_epoch, epoch\n"),
    kind="reversed",
    says="You return the best epoch first; the task asks for `(stop_epoch, best_epoch)`.",
    read="Too long",
)
slip(
    "the largest loss",
    "stop best end nan arguments",
    ("math.inf", "-math.inf"),
    ("loss < best", "loss > best"),
)
slip(
    "floats",
    "ints",
    ("return epoch, best_epoch", "return float(epoch), float(best_epoch)"),
    is_slip=True,
)
slip(
    "tensors",
    "ints",
    ("return epoch, best_epoch", "return torch.tensor(epoch), torch.tensor(best_epoch)"),
    is_slip=True,
)
slip(
    "one tensor of two",
    "stop end ints nan",
    ("return epoch, best_epoch", "return torch.tensor([epoch, best_epoch])"),
    kind="wrong-type",
)
slip(
    "prints",
    "stop best end nan ints arguments",
    ("return epoch, best_epoch", "print(epoch, best_epoch)"),
    kind="none-returned",
)
slip(
    "takes the losses out of the list",
    "arguments",
    (
        "for epoch, loss in enumerate(val_loss):",
        "for epoch in range(len(val_loss)):\n        loss = val_loss.pop(0)",
    ),
    kind="argument-changed",
    is_slip=True,
)


@wrong(
    "the patience-th epoch after the lowest of all",
    fails=["early-stopping-stop", "early-stopping-best", "early-stopping-nan"],
    kind="off-by-one",
)
def early_stopping(val_loss, patience):
    losses = [loss if loss == loss else math.inf for loss in val_loss]
    best_epoch = losses.index(min(losses))
    return min(best_epoch + patience, len(losses) - 1), best_epoch


wrong(
    "compares with the loss patience epochs ago",
    fails=["early-stopping-stop", "early-stopping-end", "early-stopping-nan"],
)("""
def early_stopping(val_loss, patience):
    best = 0
    for t, v in enumerate(val_loss):
        if v < val_loss[best]:
            best = t
        if t >= patience and not v < val_loss[t - patience]:
            return t, best
    return len(val_loss) - 1, best
""")
