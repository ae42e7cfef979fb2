"""Drawings of computational graphs: counts, values, and that they are images anyone can read."""

import re
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from mlpkit.graph import draw

SVG = "{http://www.w3.org/2000/svg}"


def number(value: float) -> torch.Tensor:
    return torch.tensor(value, requires_grad=True)


class Parsed:
    """What a drawing holds, read back from its SVG."""

    def __init__(self, drawing) -> None:
        self.root = ElementTree.fromstring(str(drawing))
        texts = list(self.root.iter(f"{SVG}text"))
        self.texts = [text.text for text in texts if text.get("font-weight") is None]
        self.labels = [text.text for text in texts if text.get("font-weight") == "bold"]
        self.boxes = [
            tuple(float(box.get(key)) for key in ("x", "y", "width", "height"))
            for box in self.root.iter(f"{SVG}rect")
        ]
        paths = self.root.findall(f"{SVG}path")
        self.num_edges = sum(path.get("marker-end") is not None for path in paths)
        self.num_bends = len(paths) - self.num_edges


def parse(output, names=None) -> Parsed:
    return Parsed(draw(output, names))


def test_a_sum_of_products_with_values_and_gradients():
    a, b, c = number(2.0), number(-3.0), number(0.5)
    product = a * b
    drawn = parse(product + c, {"a": a, "b": b, "c": c, "product": product})
    assert (len(drawn.boxes), drawn.num_edges) == (5, 4)
    leaves = ["a = 2", "gradient −3", "b = −3", "gradient 2", "c = 0.5", "gradient 1"]
    operations = ["×", "product = −6", "gradient 1", "+", "output = −5.5", "gradient 1"]
    assert sorted(drawn.texts) == sorted(leaves + operations)


def test_a_shared_subexpression_is_drawn_once_and_its_gradient_is_the_sum_over_paths():
    x = number(3.0)
    h = x.exp()
    drawn = parse(h * h + h, {"x": x, "h": h})
    # x, exp, ×, + and the edges x-exp, twice exp-×, exp-+, ×-+
    assert (len(drawn.boxes), drawn.num_edges) == (4, 5)
    assert drawn.texts.count("h = 20.09") == 1
    assert f"gradient {2 * h.item() + 1:.4g}" in drawn.texts


def test_what_comes_back_along_each_arrow_of_a_shared_box_adds_up_to_its_gradient():
    w, x = number(3.0), number(-2.0)
    drawn = parse(w * x + w * w, {"w": w, "x": x})
    # through w x, and twice through w w; x has one arrow, and no number on it
    assert sorted(drawn.labels) == ["3", "3", "−2"]
    assert "gradient 4" in drawn.texts


def test_no_number_is_put_on_arrows_that_have_no_sum():
    w = torch.ones(5, requires_grad=True)
    assert parse((w * w).sum(), {"w": w}).labels == []
    shared = number(2.0)
    result = shared * shared
    result.backward()
    assert parse(result).labels == []  # the backward pass has been, and nothing is left of it


def test_an_operand_used_twice_by_one_operation_has_two_edges():
    x = number(3.0)
    drawn = parse(x * x)
    assert (len(drawn.boxes), drawn.num_edges) == (2, 2)
    assert drawn.texts[:2] == ["leaf = 3", "gradient 6"]


def test_an_operand_without_gradient_is_called_constant():
    x = number(3.0)
    assert {"× constant", "+ constant"} <= set(parse(x * 2 + 1).texts)
    assert parse(x.exp()).texts[2] == "Exp"


def test_a_long_edge_bends_once_in_each_row_it_passes():
    x = number(1.0)
    long_way = x.exp().sin().tanh()
    for result in (long_way + x, x + long_way):
        drawn = parse(result)
        assert (len(drawn.boxes), drawn.num_edges, drawn.num_bends) == (5, 5, 3)


@pytest.mark.parametrize("swap", [False, True])
def test_a_leaf_stands_above_the_longer_of_two_ways(swap):
    x = number(1.0)
    ways = (x.exp(), x.sin().tanh().cos())
    drawn = parse(ways[swap] + ways[not swap])
    assert (len(drawn.boxes), drawn.num_edges, drawn.num_bends) == (6, 6, 2)


def test_the_number_of_paths_may_be_astronomical():
    result = x = number(1.0)
    for _ in range(60):
        result = result + result
    drawn = parse(result, {"x": x})
    assert (len(drawn.boxes), drawn.num_edges) == (61, 120)
    assert f"gradient {2.0**60:.4g}" in drawn.texts


def test_gradients_agree_with_autograd_and_leave_nothing_behind():
    x, y = number(0.7), number(-1.2)
    z = (x * y).tanh()
    result = z * x
    drawn = parse(result, {"x": x, "y": y, "z": z})
    expected = torch.autograd.grad(result, [x, y, z])
    numbers = [f"{grad.item():.4g}".replace("-", "−") for grad in expected]
    assert {f"gradient {number}" for number in numbers} <= set(drawn.texts)
    assert x.grad is None and y.grad is None


def test_after_backward_the_gradients_are_those_it_left():
    x = number(3.0)
    h = x.exp()
    result = h.sin() * h
    result.backward()
    drawn = parse(result, {"x": x, "h": h})
    assert f"gradient {x.grad.item():.4g}" in drawn.texts
    assert sum(text.startswith("gradient") for text in drawn.texts) == 1  # h did not keep its own


def test_large_tensors_show_shape_and_norm_and_small_ones_their_numbers():
    W = torch.full((5, 6), 2.0, requires_grad=True)
    b = torch.tensor([[1.0, -2.5]], requires_grad=True)
    drawn = parse(W.sum() + b.sum(), {"W": W, "b": b})
    assert {"W: 5 × 6", f"gradient: norm {30**0.5:.4g}"} <= set(drawn.texts)
    assert {"b = [[1, −2.5]]", "gradient [[1, 1]]"} <= set(drawn.texts)


def test_a_result_of_several_entries_is_summed():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert "gradient [2, 4]" in parse(x**2, {"x": x}).texts


def test_a_module_is_drawn_with_its_parameters():
    model = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 3))
    logits = model(torch.randn(7, 5))
    loss = nn.functional.cross_entropy(logits, torch.arange(7) % 3)
    drawn = parse(loss, {**dict(model.named_parameters()), "logits": logits})
    assert {"0.weight: 6 × 5", "0.bias: 6", "2.weight: 3 × 6", "logits: 7 × 3"} <= set(drawn.texts)
    assert any(text.startswith("2.bias = [") for text in drawn.texts)


def test_a_leaf_alone_is_one_box():
    x = number(3.0)
    drawn = parse(x, {"x": x})
    assert (drawn.texts, len(drawn.boxes), drawn.num_edges) == (["x = 3", "gradient 1"], 1, 0)


def test_two_names_of_one_tensor_are_both_shown():
    x = number(3.0)
    assert {"x = 3", "same = 3"} <= set(parse(x.exp(), {"x": x, "same": x}).texts)


def test_boxes_do_not_overlap_and_lie_within_the_image():
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        results = [number(0.3) for _ in range(4)]
        for _ in range(15):
            i, j = torch.randint(len(results), (2,), generator=generator).tolist()
            results.append(results[i] * results[j] if i % 2 else results[i] + results[j])
        drawn = parse(torch.stack(results).sum())
        left, top, width, height = map(float, drawn.root.get("viewBox").split())
        for i, (x, y, w, h) in enumerate(drawn.boxes):
            assert left <= x and top <= y and x + w <= left + width and y + h <= top + height
            for other_x, other_y, other_w, other_h in drawn.boxes[:i]:
                apart_x = x >= other_x + other_w - 0.2 or other_x >= x + w - 0.2
                apart_y = y >= other_y + other_h or other_y >= y + h
                assert apart_x or apart_y


def test_what_goes_in_stands_above_what_comes_out():
    x = number(3.0)
    drawn = parse(x.exp().sin())
    heights = [y for _, y, _, _ in drawn.boxes]  # boxes come inputs first
    assert heights == sorted(heights) and len(set(heights)) == 3


def test_a_deep_graph_needs_no_deep_stack():
    x = number(1.0)
    result = x
    for _ in range(2000):
        result = result.sin()
    assert len(parse(result).boxes) == 2001


def test_the_image_has_a_role_a_title_and_a_description_in_words():
    x = number(3.0)
    root = parse(x * x, {"x": x}).root
    ids = root.get("aria-labelledby").split()
    labels = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
    assert root.get("role") == "img" and ids == [label.get("id") for label in labels]
    assert labels[1].text == "1: x = 3, gradient 6. 2: ×, output = 9, gradient 1, from 1 and 1."


def test_the_image_takes_the_text_color_of_the_page():
    source = str(draw(number(3.0).exp()))
    colors = set(re.findall(r'(?:fill|stroke)="([^"]*)"', source))
    assert colors == {"none", "currentColor"}


def test_ids_differ_between_drawings_and_repeat_for_the_same_one():
    first, again, other = (str(draw(number(value).exp())) for value in (1.0, 1.0, 2.0))
    ids = [set(re.findall(r' id="([^"]*)"', source)) for source in (first, again, other)]
    assert ids[0] == ids[1] and not ids[0] & ids[2]
    assert set(re.findall(r"url\(#([^)]*)\)", first)) <= ids[0]


def test_a_notebook_gets_the_image_in_the_page():
    drawing = draw(number(3.0).exp())
    assert drawing._repr_svg_() == drawing._repr_html_() == str(drawing)


def test_names_are_escaped():
    x = number(3.0)
    assert "<b> & y = 3" in parse(x.exp(), {"<b> & y": x}).texts


def test_what_has_no_graph_is_refused():
    with pytest.raises(ValueError, match="output has no graph"):
        draw(torch.tensor(1.0))


@pytest.mark.parametrize("stranger", [torch.tensor(1.0), number(1.0)])
def test_a_named_tensor_outside_the_graph_is_refused(stranger):
    with pytest.raises(ValueError, match="'s' is no part of the graph"):
        draw(number(3.0).exp(), {"s": stranger})
