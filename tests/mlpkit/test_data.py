"""The data sets: what they hold, and every way in which the files of Fashion-MNIST can be wrong."""

import gc
import gzip
import hashlib
import http.server
import os
import socket
import struct
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pooch
import pytest
import torch

from mlpkit import _download, _fashion_mnist, data
from mlpkit.data import DataUnavailableError

NAMES = list(_fashion_mnist.PUBLISHED)
COUNTS = {"train": 12, "t10k": 5}


def idx(array: torch.Tensor) -> bytes:
    """Write bytes as an IDX file, by its published description."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return header + bytes(array.flatten().tolist())


def small_files() -> dict[str, bytes]:
    """Make a well-formed set of another size than the published one."""
    generator = torch.Generator().manual_seed(0)
    files = {}
    for part, count in COUNTS.items():
        images = torch.randint(256, (count, 28, 28), generator=generator)
        images[0, 0, 0] = 255
        files[f"{part}-images-idx3-ubyte"] = idx(images)
        files[f"{part}-labels-idx1-ubyte"] = idx(torch.arange(count) % 10)
    return files


@pytest.fixture
def files() -> dict[str, bytes]:
    return small_files()


def put(root: Path, files: dict[str, bytes]) -> Path:
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    return raw


def content(root: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def refusal(root: Path) -> str:
    """Return why the files are refused: one line."""
    with pytest.raises(DataUnavailableError) as caught:
        data.fashion_mnist(root, download=False)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- digits and drawn sets


def test_digits_are_all_there_once_in_the_documented_order():
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0)).numpy()
    digits = data.digits()
    X = torch.cat([digits.X_train, digits.X_test])
    y = torch.cat([digits.y_train, digits.y_test])
    assert (X * 16).tolist() == pixels[order].tolist()
    assert y.tolist() == labels[order].tolist()
    assert (len(digits.X_train), len(digits.X_test)) == (1297, 500)


def test_digits_are_float32_in_the_unit_interval_with_int64_labels():
    digits = data.digits()
    assert (digits.X_train.dtype, digits.y_train.dtype) == (torch.float32, torch.int64)
    assert (digits.X_train.min().item(), digits.X_train.max().item()) == (0.0, 1.0)
    assert (digits.name, digits.image_shape, len(digits.classes)) == ("digits", (8, 8), 10)


def test_digits_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    data.digits()
    assert torch.equal(torch.get_rng_state(), before)


def test_xor_is_one_where_the_coordinates_differ():
    X, y = data.xor()
    assert sorted(X.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert torch.equal(y, (X[:, 0] != X[:, 1]).long())


def test_moons_without_noise_lie_on_two_half_circles():
    X, y = data.two_moons(101, noise=0.0, generator=torch.Generator().manual_seed(1))
    centers = torch.tensor([[0.0, 0.0], [1.0, 0.5]])
    torch.testing.assert_close((X - centers[y]).norm(dim=1), torch.ones(101))
    assert (X[y == 0, 1] >= 0).all() and (X[y == 1, 1] <= 0.5).all()
    assert y.bincount().tolist() == [51, 50]


def test_spirals_without_noise_are_turned_copies_of_one_arm():
    X, y = data.spirals(20, num_classes=5, noise=0.0)
    arms = torch.view_as_complex(X).view(5, 20)
    turn = torch.polar(torch.tensor(1.0), torch.tensor(2 * torch.pi / 5))
    torch.testing.assert_close(arms[1:], arms[:-1] * turn)
    assert y.tolist() == [arm for arm in range(5) for _ in range(20)]
    assert X.norm(dim=1).max().item() == pytest.approx(1.0)


@pytest.mark.parametrize("make", [data.two_moons, data.spirals])
def test_noise_comes_from_the_generator_alone(make):
    before = torch.get_rng_state()
    first, again, other = (
        make(9, noise=0.2, generator=torch.Generator().manual_seed(seed))[0] for seed in (3, 3, 4)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


# --- minibatches and splits


def test_minibatches_without_generator_keep_the_order_and_the_short_last_one():
    X, y = torch.arange(14.0).view(7, 2), torch.arange(7)
    batches = list(data.minibatches(X, y, 3))
    assert [len(y_batch) for _, y_batch in batches] == [3, 3, 1]
    assert torch.equal(torch.cat([X_batch for X_batch, _ in batches]), X)
    assert torch.equal(torch.cat([y_batch for _, y_batch in batches]), y)


def test_shuffled_minibatches_hold_every_pair_once_in_a_new_order_each_time():
    X, y = torch.arange(50.0)[:, None], torch.arange(50)
    generator = torch.Generator().manual_seed(0)
    orders = []
    for _ in range(2):
        batches = list(data.minibatches(X, y, 8, generator=generator))
        assert all(torch.equal(X_batch[:, 0].long(), y_batch) for X_batch, y_batch in batches)
        orders.append(torch.cat([y_batch for _, y_batch in batches]))
    assert all(torch.equal(order.sort().values, y) for order in orders)
    assert not torch.equal(orders[0], y) and not torch.equal(*orders)


@pytest.mark.parametrize(("num_targets", "batch_size"), [(4, 2), (5, 0)])
def test_minibatches_refuse_at_the_call(num_targets, batch_size):
    with pytest.raises(ValueError, match=r"got (4 and 5|0)"):
        data.minibatches(torch.zeros(5, 2), torch.zeros(num_targets), batch_size)


def test_split_keeps_pairs_and_loses_none():
    X, y = torch.arange(30.0)[:, None], torch.arange(30)
    generator = torch.Generator().manual_seed(0)
    X_train, y_train, X_val, y_val = data.split(X, y, 7, generator=generator)
    assert (len(y_train), len(y_val)) == (23, 7)
    assert torch.equal(X_train[:, 0].long(), y_train) and torch.equal(X_val[:, 0].long(), y_val)
    assert torch.equal(torch.cat([y_train, y_val]).sort().values, y)
    assert not torch.equal(y_val, y[:7]) and not torch.equal(y_val, y[-7:])


@pytest.mark.parametrize("num_held_out", [0, 5, 6, -1])
def test_split_refuses_to_leave_a_part_empty(num_held_out):
    with pytest.raises(ValueError, match="from 1 to 4"):
        data.split(torch.zeros(5, 2), torch.zeros(5), num_held_out)


# --- Fashion-MNIST: files in the data folder


def test_well_formed_files_of_another_size_load_and_are_named_so(tmp_path, files):
    put(tmp_path, files)
    loaded = data.fashion_mnist(tmp_path, download=False)
    assert loaded.name == "Fashion-MNIST (12 training and 5 test images)"
    pixels = torch.frombuffer(bytearray(files[NAMES[0]][16:]), dtype=torch.uint8).view(12, 784)
    torch.testing.assert_close(loaded.X_train, pixels.float() / 255)
    assert loaded.y_train.tolist() == [i % 10 for i in range(12)]
    assert loaded.X_test.shape == (5, 784) and loaded.y_test.dtype == torch.int64
    assert loaded.classes[9] == "Ankle boot" and loaded.image_shape == (28, 28)


def test_only_the_published_numbers_of_images_are_the_standard_split():
    assert _fashion_mnist.is_standard(60_000, 10_000)
    assert not _fashion_mnist.is_standard(60_000, 9_999)


def test_real_images_load_where_the_course_finds_them():
    root = _fashion_mnist.data_root()
    if not all((root / "FashionMNIST" / "raw" / name).exists() for name in NAMES):
        # nothing to load on this computer: then it must say so
        assert "has no train-images" in refusal(root)
        return
    loaded = data.fashion_mnist(root, download=False)
    assert loaded.X_train.shape == (len(loaded.y_train), 784)
    assert loaded.y_train.unique().tolist() == loaded.y_test.unique().tolist() == list(range(10))
    assert 0.2 < loaded.X_train.mean() < 0.4  # published mean of the training set: 0.286


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [-1, 6])
def test_a_truncated_file_is_refused(tmp_path, files, name, cut):
    put(tmp_path, {**files, name: files[name][:cut]})
    message = refusal(tmp_path)
    assert name in message and ("belong to" if cut == -1 else "cut off") in message


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_too_much_is_refused(tmp_path, files, name):
    put(tmp_path, {**files, name: files[name] + b"\0"})
    assert "belong to" in refusal(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_another_kind_is_refused(tmp_path, files, name):
    put(tmp_path, {**files, name: b"\0\0\x0d" + files[name][3:]})
    assert f"{name} is not an IDX file" in refusal(tmp_path)


def test_images_of_another_shape_are_refused(tmp_path, files):
    put(tmp_path, {**files, NAMES[0]: idx(torch.zeros(12, 14, 56, dtype=torch.uint8))})
    assert "28 × 28" in refusal(tmp_path)


def test_a_set_without_examples_is_refused(tmp_path, files):
    empty = {NAMES[0]: idx(torch.zeros(0, 28, 28)), NAMES[1]: idx(torch.zeros(0))}
    put(tmp_path, {**files, **empty})
    assert "its 0 examples" in refusal(tmp_path)


def test_more_labels_than_images_are_refused(tmp_path, files):
    put(tmp_path, {**files, NAMES[1]: idx(torch.zeros(13, dtype=torch.uint8))})
    assert "13 labels for 12 images" in refusal(tmp_path)


def test_a_label_above_nine_is_refused(tmp_path, files):
    put(tmp_path, {**files, NAMES[3]: idx(torch.tensor([0, 1, 10, 3, 4]))})
    assert "labels above 9" in refusal(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_the_published_size_with_another_content_is_refused(tmp_path, files, name):
    """As MNIST has it: the same names, sizes and headers."""
    raw = put(tmp_path, files)
    size = _fashion_mnist.PUBLISHED[name].size
    count = 60_000 if name.startswith("train") else 10_000
    shape = (28, 28) if "images" in name else ()
    (raw / name).write_bytes(struct.pack(f">{2 + len(shape)}I", 0x801 + len(shape), count, *shape))
    os.truncate(raw / name, size)  # the rest is a hole of zeros
    message = refusal(tmp_path)
    assert name in message and "MNIST has the same file names" in message


def test_a_missing_file_is_named_with_what_to_do(tmp_path, files):
    del files[NAMES[2]]
    put(tmp_path, files)
    message = refusal(tmp_path)
    assert NAMES[2] in message and "MLPKIT_DATA" in message


def test_a_folder_in_place_of_a_file_is_refused(tmp_path, files):
    raw = put(tmp_path, files)
    (raw / NAMES[1]).unlink()
    (raw / NAMES[1]).mkdir()
    assert "cannot read" in refusal(tmp_path)


# --- files fetched by hand


def dotted(name: str) -> str:
    return name.replace("-idx", ".idx")


@pytest.mark.parametrize("folder", ["FashionMNIST/raw", "FashionMNIST", "raw", "."])
@pytest.mark.parametrize("called", [str, dotted])
@pytest.mark.parametrize("packed", [False, True])
def test_files_fetched_by_hand_are_found(tmp_path, files, folder, called, packed):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = tmp_path / folder / called(name)
        if packed:
            Path(f"{path}.gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)
    loaded = data.fashion_mnist(tmp_path, download=False)
    assert loaded.y_train.tolist() == [*range(10), 0, 1] and len(loaded.X_test) == 5
    assert loaded.X_train.max() == 1


def test_the_right_place_comes_first(tmp_path, files):
    put(tmp_path, files)
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(b"no archive")
    assert len(data.fashion_mnist(tmp_path, download=False).X_train) == 12


@pytest.mark.parametrize("cut", [slice(0, -9), slice(0, 5), slice(3, None)])
def test_a_damaged_archive_is_named(tmp_path, files, cut):
    raw = put(tmp_path, files)
    (raw / NAMES[0]).unlink()
    (raw / f"{NAMES[0]}.gz").write_bytes(gzip.compress(files[NAMES[0]])[cut])
    assert f"{NAMES[0]}.gz cannot be unpacked" in refusal(tmp_path)


# --- a default device of the reader's


@pytest.fixture
def elsewhere():
    """Another default device, which every machine has."""
    yield torch.set_default_device("meta")
    torch.set_default_device(None)


def test_what_is_read_stays_on_the_cpu(files, tmp_path):
    put(tmp_path, files)

    def read():
        loaded = data.fashion_mnist(tmp_path, download=False)
        return [data.digits().y_train, *data.xor(), loaded.X_train, loaded.y_train]

    before = read()
    with torch.device("meta"):
        after = read()
    assert all(torch.equal(x, y) for x, y in zip(before, after, strict=True))


@pytest.mark.parametrize("given", [True, False])
def test_what_is_drawn_is_where_its_generator_is(elsewhere, given):
    def generator():
        torch.manual_seed(0)
        return torch.Generator("cpu").manual_seed(0) if given else None

    X, y = data.two_moons(7, generator=generator())
    assert {X.device.type, y.device.type} == {"cpu"}
    X, y = data.spirals(3, generator=generator())
    assert {X.device.type, y.device.type} == {"cpu"} and X.isfinite().all()
    parts = data.split(X, y, 4, generator=generator())
    assert torch.cat([parts[1], parts[3]]).sort().values.equal(y)
    batches = data.minibatches(X, y, 2, generator=generator())
    assert torch.cat([batch for _, batch in batches]).sort().values.equal(y)


# --- the data folder


def test_the_data_folder_is_the_argument_then_the_variable_then_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MLPKIT_DATA", str(tmp_path / "variable"))
    assert _fashion_mnist.data_root(tmp_path / "given") == tmp_path / "given"
    assert _fashion_mnist.data_root() == tmp_path / "variable"
    monkeypatch.setenv("MLPKIT_DATA", "")
    assert _fashion_mnist.data_root() == pooch.os_cache("mlpkit")


def test_a_tilde_in_the_variable_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MLPKIT_DATA", "~/data")
    assert _fashion_mnist.data_root() == tmp_path / "data"


def test_a_data_folder_below_a_file_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataUnavailableError, match="cannot write to the data folder") as caught:
        data.fashion_mnist(tmp_path / "file" / "below")
    assert "\n" not in str(caught.value) and "MLPKIT_DATA" in str(caught.value)


# --- downloads, from a server on this computer


class Server(http.server.ThreadingHTTPServer):
    """Serves what ``answers`` holds; a function gets the request and does as it likes."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict = {}
        self.test_is_over = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        answer = self.server.answers[self.path.lstrip("/")]
        if callable(answer):
            answer(self)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(files, monkeypatch):
    """Serve the small set as the published one."""
    dataset = _download.fashion_mnist_class()
    packed = {f"{name}.gz": gzip.compress(content) for name, content in files.items()}
    digests = [(name, hashlib.md5(content).hexdigest()) for name, content in packed.items()]
    published = {
        name: _fashion_mnist.Published(len(content), hashlib.md5(content).hexdigest())
        for name, content in files.items()
    }
    monkeypatch.setattr(_fashion_mnist, "PUBLISHED", published)
    monkeypatch.setattr(dataset, "resources", digests)
    with Server() as server:
        server.answers.update(packed)
        monkeypatch.setattr(dataset, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.test_is_over.set()
        server.shutdown()


def test_a_download_leaves_the_four_files_and_nothing_else(server, tmp_path, files, capfd):
    loaded = data.fashion_mnist(tmp_path / "new" / "folder")
    assert loaded.X_train.shape == (12, 784)
    expected = {f"FashionMNIST/raw/{name}": content for name, content in files.items()}
    assert content(tmp_path / "new" / "folder") == expected
    assert capfd.readouterr() == ("", "")  # no bar where standard error is no terminal


def test_a_second_call_downloads_nothing(server, tmp_path):
    first = data.fashion_mnist(tmp_path)
    server.answers.clear()
    assert torch.equal(data.fashion_mnist(tmp_path).X_test, first.X_test)


def test_a_download_adds_only_what_is_missing(server, tmp_path, files):
    raw = put(tmp_path, {NAMES[1]: files[NAMES[1]]})
    before = (raw / NAMES[1]).stat().st_mtime_ns
    data.fashion_mnist(tmp_path)
    assert (raw / NAMES[1]).stat().st_mtime_ns == before
    assert sorted(path.name for path in raw.iterdir()) == sorted(NAMES)


def test_published_files_are_not_added_to_other_ones(server, tmp_path):
    other = {NAMES[1]: idx(torch.zeros(3, dtype=torch.uint8))}
    put(tmp_path, other)
    before = content(tmp_path)
    with pytest.raises(DataUnavailableError, match=r"not the published file, and train-images"):
        data.fashion_mnist(tmp_path)
    assert content(tmp_path) == before


def die_midway(handler):
    packed = handler.server.whole
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(packed)))
    handler.end_headers()
    handler.wfile.write(packed[: len(packed) // 2])
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def not_found(handler):
    handler.send_response(404)
    handler.end_headers()


def fall_silent(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.flush()
    handler.server.test_is_over.wait(30)


@pytest.mark.parametrize("name", [NAMES[0], NAMES[3]])
@pytest.mark.parametrize(
    "answer",
    [die_midway, hang_up, not_found, fall_silent, gzip.compress(b"other content", mtime=0)],
    ids=["dies", "hangs-up", "not-found", "silent", "other-content"],
)
def test_a_failed_download_says_so_and_leaves_nothing(server, tmp_path, monkeypatch, name, answer):
    monkeypatch.setattr(_download, "SILENCE_SECONDS", 0.2)
    server.whole = server.answers[f"{name}.gz"]
    server.answers[f"{name}.gz"] = answer
    with warnings.catch_warnings():
        # pooch leaves the connection of a failed download for the garbage collector to close
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(DataUnavailableError, match="could not be downloaded") as caught:
            data.fashion_mnist(tmp_path)
        message = str(caught.value)
        del caught
        gc.collect()
    assert "\n" not in message and "MLPKIT_DATA" in message
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_download_leaves_nothing(server, tmp_path, monkeypatch):
    def stop(*_args, **_options):
        (tmp_path / "seen").write_text(str(list(tmp_path.iterdir())))
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", stop)
    monkeypatch.setattr(_download, "_await_answer", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        data.fashion_mnist(tmp_path)
    assert ".download-" in (tmp_path / "seen").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["seen"]


def test_a_server_that_does_not_answer_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "ANSWER_SECONDS", 0.2)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        mirror = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(_download.fashion_mnist_class(), "mirrors", [mirror])
        with pytest.raises(DataUnavailableError, match=r"no answer from http"):
            data.fashion_mnist(tmp_path)


def test_a_name_that_is_never_resolved_is_given_up(tmp_path, monkeypatch):
    test_is_over = threading.Event()

    def wait(*_, **__):
        test_is_over.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(_download, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", wait)
    with pytest.raises(DataUnavailableError, match=r"no answer from http"):
        data.fashion_mnist(tmp_path)
    test_is_over.set()


def test_without_a_network_the_wait_is_below_ten_seconds():
    assert _download.ANSWER_SECONDS + _download.SILENCE_SECONDS < 10


# --- the fallback


def test_image_data_without_a_network_is_the_digits_with_a_notice(tmp_path, monkeypatch):
    def refuse(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.warns(UserWarning, match=r"(?s)could not be downloaded.*digits") as caught:
        fallback = data.image_data(tmp_path)
    assert torch.equal(fallback.X_test, data.digits().X_test)
    assert caught[0].filename == __file__  # the notice points at the caller's line
    assert "\n" not in str(caught[0].message)


def test_image_data_is_fashion_mnist_where_it_lies(tmp_path, files):
    put(tmp_path, files)
    assert data.image_data(tmp_path).name.startswith("Fashion-MNIST")


# --- imports


def run(code: str, **variables: str) -> str:
    """Run code in a fresh interpreter with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_importing_the_module_loads_neither_torchvision_nor_sklearn():
    code = "import mlpkit.data, sys; print({'torchvision', 'sklearn'} & set(sys.modules))"
    assert run(code) == "set()\n"


UNLOADABLE = """
import torch
def refuse(path):
    raise OSError("libcudart.so.13: cannot open shared object file")
torch.ops.load_library = refuse
"""


@pytest.mark.slow
@pytest.mark.parametrize("tried_before", [False, True])
def test_it_loads_beside_a_torchvision_whose_operators_are_missing(tmp_path, files, tried_before):
    put(tmp_path, files)
    code = UNLOADABLE
    if tried_before:
        code += "import contextlib\nwith contextlib.suppress(RuntimeError): import torchvision\n"
    code += "from mlpkit.data import fashion_mnist; print(fashion_mnist(download=False).name)"
    assert "12 training" in run(code, MLPKIT_DATA=str(tmp_path))


def test_a_torchvision_that_is_broken_otherwise_is_one_clear_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(DataUnavailableError, match="torchvision cannot be imported"):
        _download.fashion_mnist_class()
