"""Numbers as people write them."""

import pytest

from mlpkit.readable import readable


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("-3.1", "−3.1"),
        ("+0.045", "+0.045"),
        ("-0", "−0"),
        ("7e-15", "7 × 10⁻¹⁵"),
        ("-4.5e-05", "−4.5 × 10⁻⁵"),
        ("1e-04", "10⁻⁴"),
        ("1.0e-04", "1.0 × 10⁻⁴"),
        ("2e+24", "2 × 10²⁴"),
        ("3e-03", "0.003"),
        ("9.5e-01", "0.95"),
        ("2e+00", "2"),
        ("1.25e+02", "125"),
        ("203530", "203,530"),
        ("999", "999"),
        ("1234.5", "1,234.5"),
        ("-13 ± 4", "−13 ± 4"),
        ("1e-05 to (2e-05)", "10⁻⁵ to (2 × 10⁻⁵)"),
        ("nan", "nan"),
        ("-inf", "-inf"),
        ("784-256-10", "784-256-10"),
        ("2.13.0", "2.13.0"),
        ("1,337", "1,337"),
        ("relu1000", "relu1000"),
        ("2024-11-28", "2024-11-28"),
    ],
)
def test_numbers_are_rewritten_and_the_rest_is_not(printed, written):
    assert readable(printed).replace("\N{NO-BREAK SPACE}", " ") == written


def test_a_written_number_keeps_its_digits():
    for exponent in range(-3, 4):
        printed = f"{1.25 * 10.0**exponent:.2e}"
        assert float(readable(printed).replace(",", "")) == pytest.approx(float(printed), rel=1e-12)
