"""`mlpkit doctor` finds what is missing, and names a cure."""

import importlib.metadata

import pytest

from mlpkit.commands import doctor


def finding(subject):
    return next(found for found in doctor.examine() if found.subject == subject)


@pytest.mark.slow
def test_here_nothing_is_missing():
    assert [found.subject for found in doctor.examine() if not found.ok] == []


def test_another_version_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "pins", lambda: ["# a comment", "click==0.1", "unknown==1"])
    found = doctor._versions()
    assert not found.ok
    assert f"click {importlib.metadata.version('click')} instead of ==0.1" in found.about
    assert found.cure == f'{doctor.INSTALL} "click==0.1"'


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    found = doctor._package("nbgrader", "Validate", "nbgrader")
    assert not found.ok
    assert "pip install nbgrader" in found.cure


def test_a_line_of_python_that_crashes_is_a_finding():
    found = doctor._try("PyTorch", "raise ImportError('no torch')", "install it")
    assert (found.ok, found.cure) == (False, "install it")
    assert "no torch" in found.about
