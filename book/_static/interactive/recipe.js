// A run of the lab as Python: plain torch and mlpkit, the same numbers.

import { drawnPoints } from "./points.js";

const list = (items) => `[${items.join(", ")}]`;
const names = (items) => list(items.map((item) => `"${item}"`));

function dataLines({ data, points, noise, drawn }) {
  if (data === "digits") return ["X, y = lab.digits()  # (500, 64) and (500,)"];
  if (data !== "drawn") return [`X, y = lab.points("${data}", ${points}, noise=${noise}, seed=SEED)`];
  const placed = drawnPoints(drawn);
  return [
    `X = torch.tensor(${list(placed.map(([x, y]) => list([x, y])))}, dtype=torch.float64)`,
    `y = torch.tensor(${list(placed.map((point) => point[2]))})`,
  ];
}

export function recipe(settings, sizes, numHeld, steps) {
  const { activations, biases, init, batch, rate, momentum, decay, seed } = settings;
  return `import torch

from mlpkit import lab
from mlpkit.losses import cross_entropy, l2_penalty

SEED = ${seed}
${dataLines(settings).join("\n")}
train, held = lab.split(len(X), ${numHeld}, seed=SEED)

sizes = ${list(sizes)}
activations = ${names(activations)}
weights = lab.first_weights(sizes, "${init}", seed=SEED)
biases = [torch.zeros(size, dtype=torch.float64) for size in sizes[1:]]
parameters = weights${biases ? " + biases" : "  # the biases stay 0"}
velocities = [torch.zeros_like(p) for p in parameters]
for p in parameters:
    p.requires_grad_()


def logits(H):
    for name, W, b in zip([*activations, "identity"], weights, biases):
        H = lab.PHI[name](H @ W + b)
    return H


for step, batch in zip(range(${steps}), lab.batches(train, ${batch}, seed=SEED)):
    loss = cross_entropy(logits(X[batch]), y[batch])${decay ? ` + l2_penalty(weights, ${decay})` : ""}
    gradients = torch.autograd.grad(loss, parameters, materialize_grads=True)
    with torch.no_grad():
        for p, v, g in zip(parameters, velocities, gradients):
            v.mul_(${momentum}).add_(g)
            p -= ${rate} * v

for name, part in [("training", train), ("validation", held)]:
    with torch.no_grad():
        Z = logits(X[part])
    right = (Z.argmax(1) == y[part]).double().mean()
    print(f"{name}: loss {cross_entropy(Z, y[part]):.10f}, accuracy {right:.4f}")
`;
}
