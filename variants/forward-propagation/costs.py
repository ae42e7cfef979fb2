"""Right and wrong answers to `costs`."""

from mlpgrader.variants import edited, right, wrong


@right("layer by layer")
def costs(layer_sizes, batch_size, bytes_per_value):
    parameters = multiply_adds = values = 0
    for k in range(1, len(layer_sizes)):
        fan_in, fan_out = layer_sizes[k - 1], layer_sizes[k]
        parameters += fan_in * fan_out + fan_out
        multiply_adds += batch_size * fan_in * fan_out
        values += batch_size * fan_out
    return {
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "parameter_bytes": parameters * bytes_per_value,
        "activation_bytes": values * bytes_per_value,
    }


right("by counting the entries of real layers")("""
import itertools


def costs(layer_sizes, batch_size, bytes_per_value):
    layers = [nn.Linear(i, o, device="meta") for i, o in itertools.pairwise(layer_sizes)]
    parameters = sum(p.numel() for layer in layers for p in layer.parameters())
    return dict(
        activation_bytes=bytes_per_value * batch_size * sum(la.out_features for la in layers),
        multiply_adds=batch_size * sum(la.weight.numel() for la in layers),
        parameter_bytes=bytes_per_value * parameters,
        parameters=parameters,
    )
""")

COSTS = """
def costs(layer_sizes, batch_size, bytes_per_value):
    pairs = list(zip(layer_sizes, layer_sizes[1:]))
    products, units = sum(i * o for i, o in pairs), sum(layer_sizes[1:])
    counts = {
        "parameters": products + units,
        "multiply_adds": batch_size * products,
        "parameter_bytes": (products + units) * bytes_per_value,
        "activation_bytes": batch_size * units * bytes_per_value,
    }
    %s
    return counts
"""


PARAMETERS = ["costs-parameters", "costs-exact"]
MULTIPLY_ADDS = ["costs-multiply-adds", "costs-exact"]
BYTES = ["costs-bytes", "costs-exact"]
EXACT = ["costs-exact"]


def count(mistake, key, formula, tests, **more):
    """Register a wrong count of one kind, which is a slip: the other three are right."""
    register = wrong(mistake, fails=tests, is_slip=True, **more)
    register(COSTS % f'counts["{key}"] = {formula}')


count(
    "parameters without biases",
    "parameters",
    "products",
    PARAMETERS,
    says="Biases are parameters, too.",
    read="What a forward pass costs",
)
count(
    "batch times parameters",
    "parameters",
    "batch_size * (products + units)",
    PARAMETERS,
    says=(
        "You multiply the batch size by all parameters. The biases are added, not "
        "multiplied: only the entries of the matrices count."
    ),
    read="What a forward pass costs",
)
count("a bias for each input, too", "parameters", "products + sum(layer_sizes)", PARAMETERS)
count("a float", "parameters", "float(products + units)", EXACT, kind="wrong-type")
count("a tensor", "parameters", "torch.tensor(products + units)", EXACT, kind="wrong-type")
count(
    "one example",
    "multiply_adds",
    "products",
    MULTIPLY_ADDS,
    kind="factor",
)
count(
    "biases as products",
    "multiply_adds",
    "batch_size * (products + units)",
    MULTIPLY_ADDS,
    says="The biases are added, not multiplied: they are no part of the matrix products.",
    read="What a forward pass costs",
)
count(
    "two for each",
    "multiply_adds",
    "2 * batch_size * products",
    MULTIPLY_ADDS,
    kind="factor",
)
count(
    "a float of products",
    "multiply_adds",
    "1.0 * batch_size * products",
    EXACT,
    kind="wrong-type",
)
count("no biases in bytes", "parameter_bytes", "products * bytes_per_value", BYTES)
count(
    "bits",
    "parameter_bytes",
    "8 * bytes_per_value * (products + units)",
    BYTES,
    says="Your numbers are in bits; bytes are due.",
    read="What a forward pass costs",
    kind="factor",
)
count(
    "values",
    "parameter_bytes",
    "products + units",
    BYTES,
    kind="factor",
)
count("activation bits", "activation_bytes", "8 * counts['activation_bytes']", BYTES, kind="factor")
count(
    "activations of one example",
    "activation_bytes",
    "units * bytes_per_value",
    BYTES,
    says="The activations are those of one example; the whole batch has to be kept.",
    read="What a forward pass costs",
    kind="factor",
)
count(
    "hidden units without classes",
    "activation_bytes",
    "batch_size * sum(layer_sizes[1:-1]) * bytes_per_value",
    BYTES,
    says="The classes have one value for each example as well.",
    read="What a forward pass costs",
)
count(
    "inputs as activations",
    "activation_bytes",
    "batch_size * sum(layer_sizes) * bytes_per_value",
    BYTES,
    says="You count the inputs; activations are the hidden units and the classes.",
    read="What a forward pass costs",
)
count(
    "a true division",
    "activation_bytes",
    "counts['activation_bytes'] / 1",
    EXACT,
    kind="wrong-type",
)
count(
    "through a float",
    "parameters",
    "int(float(products + units))",
    EXACT,
    kind="imprecise",
)
count(
    "an average for the batch",
    "multiply_adds",
    "int(batch_size * (products / 1))",
    EXACT,
    kind="imprecise",
)
count("eight bits a byte", "parameter_bytes", "counts['parameter_bytes'] // 8", BYTES)
count("kilobytes", "activation_bytes", "counts['activation_bytes'] // 1024", BYTES)
count(
    "both Z and H",
    "activation_bytes",
    "2 * counts['activation_bytes']",
    BYTES,
    kind="factor",
)


wrong(
    "takes the sizes out of the list",
    fails=["costs-arguments"],
    kind="argument-changed",
    is_slip=True,
)(edited(COSTS, ("    pairs", "    sizes = layer_sizes\n    pairs")) % "sizes.clear()")

wrong("rounds to nine digits on the way", fails=EXACT)(
    edited(
        COSTS,
        (
            "sum(i * o for i, o in pairs)",
            "int(torch.tensor([i * o for i, o in pairs], dtype=torch.float64).sum())",
        ),
    )
    % "pass"
)
wrong("32-bit integers", fails=EXACT)(
    edited(
        COSTS,
        (
            "sum(i * o for i, o in pairs)",
            "int(sum(i * torch.tensor(o, dtype=torch.int32) for i, o in pairs))",
        ),
    )
    % "pass"
)


@wrong(
    "prints the counts",
    fails=[*PARAMETERS, "costs-multiply-adds", "costs-bytes", "costs-arguments"],
    kind="printed",
)
def costs(layer_sizes, batch_size, bytes_per_value):
    products = sum(layer_sizes[k] * layer_sizes[k + 1] for k in range(len(layer_sizes) - 1))
    units = sum(layer_sizes[1:])
    print(products + units, batch_size * products)


@right("eating a copy of the list")
def costs(layer_sizes, batch_size, bytes_per_value):
    counts = {"parameters": 0, "multiply_adds": 0, "parameter_bytes": 0, "activation_bytes": 0}
    rest = list(layer_sizes)
    while len(rest) > 1:
        inputs = rest.pop(0)
        counts["parameters"] += rest[0] * (1 + inputs)
        counts["multiply_adds"] += rest[0] * inputs * batch_size
        counts["activation_bytes"] += rest[0] * batch_size * bytes_per_value
    counts["parameter_bytes"] = counts["parameters"] * bytes_per_value
    return counts
