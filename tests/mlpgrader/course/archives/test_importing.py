"""Hand-ins out of archives: whose each is, what is refused, and that nothing is half-done."""

import json
import stat
import struct
import zipfile
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from mlpgrader import cli
from mlpgrader.course.archives import archive as archives
from mlpgrader.course.archives import importing
from mlpgrader.course.archives.importing import ImportOptions, import_archive
from mlpgrader.course.archives.platforms import Platform
from mlpgrader.course.gradebook import open_gradebook
from mlpgrader.errors import UsageError
from tests.support import toy

MOODLE = "{}_assignsubmission_file_/{}"
STUDENTS = [
    {"id": "ann", "first_name": "Ann", "last_name": "O'Lee", "email": "ann.lee@x.org"},
    {"id": "bob", "first_name": "Bob", "last_name": "van Dyk", "lms_user_id": "501"},
    {"id": "zoë", "first_name": "Zoë", "last_name": "Li"},
    {"id": "jane1", "first_name": "Jane", "last_name": "Doe"},
    {"id": "jane2", "first_name": "Jane", "last_name": "Doe", "lms_user_id": "Participant 77"},
]


@pytest.fixture
def course(tmp_path):
    """A toy course with a few students in its gradebook, and no hand-in."""
    folder = toy.make_course(tmp_path / "course")
    with closing(open_gradebook(folder)) as gradebook:
        for student in STUDENTS:
            gradebook.add_student(student["id"], **{k: v for k, v in student.items() if k != "id"})
    return folder


def zipped(folder, files):
    """An archive of files by name; a value is their content."""
    path = folder.parent / "hand-ins.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


def take(course, files, **options):
    return import_archive(course, "toy", zipped(course, files), ImportOptions(**options))


def handed_in(course):
    """The text of each file that lies in submitted/, hidden ones left out."""
    above = course / "submitted"
    return {
        str(path.relative_to(above)): path.read_text()
        for path in sorted(above.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def mlpgrader(*words):
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="mlpgrader")


# --- whose it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "student", "file"),
    [
        ("ANN O'LEE_12_assignsubmission_file_/toy.ipynb", "ann", "toy.ipynb"),
        ("Ann OLee_12_assignsubmission_file_/toy.ipynb", "ann", "toy.ipynb"),
        ("Ann O'Lee_12_assignsubmission_file_toy.ipynb", "ann", "toy.ipynb"),
        ("Ann O'Lee_12_assignsubmission_file/sub/toy.ipynb", "ann", "sub/toy.ipynb"),
        ("Zoe\u0308 Li_13_assignsubmission_file_/toy.ipynb", "zoë", "toy.ipynb"),
        ("Participant_77_assignsubmission_file_/toy.ipynb", "jane2", "toy.ipynb"),
        # the second half is a name that a student gave to a file
        (
            "Ann O'Lee_12_assignsubmission_file_Zoë Li_13_assignsubmission_file_toy.ipynb",
            "ann",
            "Zoë Li_13_assignsubmission_file_toy.ipynb",
        ),
        ("oleeann_12_9001_toy.ipynb", "ann", "toy.ipynb"),
        ("oleeann_LATE_12_9001_toy-1.ipynb", "ann", "toy.ipynb"),
        ("whatever_501_9001_helper-2.py", "bob", "helper.py"),
        ("oleeann_12_9001_lizoë_13_9002_toy.ipynb", "ann", "lizoë_13_9002_toy.ipynb"),
        ("ANN/toy.ipynb", "ann", "toy.ipynb"),
        ("ann.lee@x.org/toy/toy.ipynb", "ann", "toy.ipynb"),
        ("all/zoë/toy/data/a.csv", "zoë", "data/a.csv"),
        ("all\\zoë\\toy.ipynb", "zoë", "toy.ipynb"),
    ],
)
def test_a_file_goes_to_the_student_whom_the_platform_names(course, name, student, file):
    done = take(course, {name: "{}"})
    assert done.added == [student] and done.notices == []
    assert handed_in(course) == {f"{student}/toy/{file}": "{}"}


@pytest.mark.parametrize(
    ("files", "strangers", "duplicates"),
    [
        ({MOODLE.format("Eve X_5", "toy.ipynb"): ""}, ["Eve X 5"], {}),
        # two students have that name, and Moodle's number is none of a student
        ({MOODLE.format("Jane Doe_501", "a.ipynb"): ""}, [], {"jane1 or jane2": ["Jane Doe 501"]}),
        # two students of Moodle's for one of ours
        (
            {MOODLE.format(f"Zoë Li_{n}", "a.ipynb"): "" for n in (5, 6)},
            [],
            {"zoë": ["Zoë Li 5", "Zoë Li 6"]},
        ),
        # the same of Canvas's, whose uploads are numbered in time
        (
            {f"lizoë_{n}_{n + 10}_toy.ipynb": "" for n in (5, 6)},
            [],
            {"zoë": ["lizoë 5", "lizoë 6"]},
        ),
        # of the same name, but with another number than the one that we know
        ({"vandykbob_502_1_toy.ipynb": ""}, ["vandykbob 502"], {}),
        ({"ann/toy.ipynb": "", "ANN/toy.ipynb": "x"}, [], {"ann": ["ANN", "ann"]}),
    ],
)
def test_what_is_not_certain_is_named_and_not_imported(course, files, strangers, duplicates):
    done = take(course, files)
    assert (done.strangers, done.duplicates) == (strangers, duplicates)
    assert done.notices and handed_in(course) == {}


def test_strangers_are_taken_in_when_that_is_asked_for(course):
    done = take(course, {"eve/toy.ipynb": "1", ".hid/toy.ipynb": "2"}, newcomers=True)
    assert done.added == ["eve"] and handed_in(course) == {"eve/toy/toy.ipynb": "1"}


def test_the_latest_upload_of_canvas_counts(course):
    names = ["oleeann_12_900_toy-1.ipynb", "oleeann_12_1000_toy-2.ipynb", "oleeann_12_99_toy.ipynb"]
    take(course, {name: name for name in names})
    assert handed_in(course) == {"ann/toy/toy.ipynb": names[1]}


def test_no_student_says_when_something_is_handed_in(course):
    files = {
        MOODLE.format("Ann O'Lee_1", name): name
        for name in ("toy.ipynb", "timestamp.txt", "sub/Timestamp.TXT", "submission_secret.txt")
    }
    done = take(course, files)
    assert [*handed_in(course)] == ["ann/toy/toy.ipynb"] and len(done.left_out) == 3


# --- what is there already -----------------------------------------------------------------


def at(time, text):
    return {"ann/toy/toy.ipynb": text, "ann/toy/timestamp.txt": time}


@pytest.mark.parametrize(
    ("first", "second", "becomes"),
    [
        ({"ann/toy.ipynb": "1"}, {"ann/toy.ipynb": "1"}, "unchanged"),
        ({"ann/toy.ipynb": "1"}, {"ann/toy.ipynb": "2"}, "kept"),
        (at("2026-03-01 10:00", "1"), {"ann/toy.ipynb": "1"}, "unchanged"),
        (at("2026-03-01 10:00", "1"), at("2026-03-01 10:01", "2"), "replaced"),
        (at("2026-03-01 10:01", "1"), at("2026-03-01 10:00", "2"), "kept"),
        (at("2026-03-01 10:01", "1"), at("at noon", "2"), "kept"),
        ({"oleeann_1_7_toy.ipynb": "1"}, {"oleeann_1_8_toy-1.ipynb": "2"}, "replaced"),
        ({"oleeann_1_8_toy.ipynb": "1"}, {"oleeann_1_7_toy.ipynb": "2"}, "kept"),
        ({"ann/toy.ipynb": "1"}, {"oleeann_1_7_toy.ipynb": "2"}, "kept"),
    ],
)
def test_only_what_is_known_to_be_later_replaces(course, first, second, becomes):
    take(course, first)
    before = handed_in(course)
    done = take(course, second)
    assert "ann" in getattr(done, becomes)
    text = "2" if becomes == "replaced" else "1"
    assert handed_in(course)["ann/toy/toy.ipynb"] == text
    if becomes != "replaced":
        assert handed_in(course) == before
    assert bool(done.notices) == (becomes == "kept")
    take(course, second, replace=True)
    assert handed_in(course)["ann/toy/toy.ipynb"] == next(iter(second.values()))


def test_files_of_an_earlier_attempt_are_gone(course):
    take(course, {"ann/toy.ipynb": "1", "ann/helper.py": "x"})
    take(course, {"ann/toy.ipynb": "2"}, replace=True)
    assert handed_in(course) == {"ann/toy/toy.ipynb": "2"}


def test_a_dry_run_changes_nothing(course):
    done = take(course, {"ann/toy.ipynb": "1"}, dry_run=True)
    assert done.added == ["ann"] and handed_in(course) == {}


def test_no_link_in_a_students_place_is_followed(course, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (course / "submitted").mkdir()
    (course / "submitted" / "ann").symlink_to(tmp_path / "elsewhere")
    done = take(course, {"ann/toy.ipynb": "1", "bob/toy.ipynb": "1"})
    assert "a link" in done.kept["ann"] and done.added == ["bob"]
    assert [*(tmp_path / "elsewhere").iterdir()] == []


def test_nobody_takes_a_hand_in_by_a_name_like_a_number_of_moodles(course):
    with closing(open_gradebook(course)) as gradebook:
        gradebook.add_student("eve", first_name="Participant", last_name="12")
    done = take(course, {MOODLE.format("Ann O'Lee_12", "toy.ipynb"): "1"})
    assert done.added == ["ann"] and done.strangers == []
    done = take(course, {MOODLE.format("Participant_12", "toy.ipynb"): "2"})
    assert done.added == [] and done.strangers == ["Participant 12"]


@pytest.mark.parametrize("name", ["Ann O'Lee_12_assignsubmission_file_{}", "oleeann_12_9001_{}"])
@pytest.mark.parametrize("file", [".", ".."])
def test_a_file_that_is_called_as_a_folder_is_is_nobodys(course, name, file):
    done = take(course, {name.format(file): "1", name.format("toy.ipynb"): "2"})
    assert [*done.left_out] == [name.format(file)]
    assert handed_in(course) == {"ann/toy/toy.ipynb": "2"}


# --- Moodle's worksheet --------------------------------------------------------------------

WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Last modified (submission)
Participant 11,Jane Doe,JANE2,Submitted,,"Friday, 6 March 2026, 6:00 PM"
Participant 12,"=O'Lee, Ann",ann.lee@x.org,Submitted,,"Friday, 6 March 2026, 7:00 PM"
Participant 13,Zoë Li,,,,-
"""
BY_ANN = {MOODLE.format("Ann OLee_12", "toy.ipynb"): "1"}


def with_worksheet(course, files, text=WORKSHEET, **options):
    path = course.parent / "Grades.csv"
    path.write_text(text, "utf-8-sig")
    return take(course, files, worksheet=path, **options)


def test_a_worksheet_says_who_and_when(course):
    names = ["Jane Doe_11", "Participant_13"]
    files = {MOODLE.format(name, "toy.ipynb"): name for name in names}
    done = with_worksheet(course, {**files, **BY_ANN}, zone="Europe/Berlin")
    assert done.added == ["ann", "jane2", "zoë"]
    files = handed_in(course)
    assert files["jane2/toy/timestamp.txt"] == "2026-03-06 17:00:00 UTC"
    assert files["ann/toy/timestamp.txt"] == "2026-03-06 18:00:00 UTC"
    assert "zoë/toy/timestamp.txt" not in files


def test_a_worksheet_of_another_assignment_gives_nobody_anothers_hand_in(course):
    files = {MOODLE.format("Zoë Li_12", "a.ipynb"): "z", MOODLE.format("Eve X_13", "a.ipynb"): "e"}
    done = with_worksheet(course, files)
    assert handed_in(course) == {"zoë/toy/a.ipynb": "z"} and done.strangers == ["Eve X 13"]


def test_times_can_come_later_and_decide_what_is_later(course):
    take(course, {MOODLE.format("Ann O'Lee_12", "toy.ipynb"): "1"})
    assert with_worksheet(course, BY_ANN).replaced == ["ann"]
    assert handed_in(course)["ann/toy/timestamp.txt"] == "2026-03-06 19:00:00 UTC"
    assert with_worksheet(course, BY_ANN).unchanged == ["ann"]
    changed = {name: "2" for name in BY_ANN}
    assert "ann" in with_worksheet(course, changed, WORKSHEET.replace("7:00 PM", "6:59 PM")).kept
    done = with_worksheet(course, changed, WORKSHEET.replace("7:00 PM", "7:01 PM"))
    assert done.replaced == ["ann"] and handed_in(course)["ann/toy/toy.ipynb"] == "2"


def test_a_time_that_is_none_for_certain_is_named(course):
    done = with_worksheet(course, BY_ANN, WORKSHEET.replace('"Friday, 6 March 2026, 7:00 PM"', "?"))
    assert done.added == ["ann"] and any("row 3" in line for line in done.notices)


@pytest.mark.parametrize(
    ("text", "zone", "reason"),
    [
        ("Full name\nAnn\n", "UTC", "no column"),
        ("Status,Last modified (submission)\n", "UTC", "no column"),
        ("", "UTC", "no column"),
        (WORKSHEET, "Europe/Nowhere", "no time zone"),
        (WORKSHEET, "../../etc/passwd", "no time zone"),
    ],
)
def test_a_worksheet_that_is_none_is_refused(course, text, zone, reason):
    with pytest.raises(UsageError, match=reason):
        with_worksheet(course, BY_ANN, text, zone=zone)
    assert handed_in(course) == {}


# --- hostile and broken archives -----------------------------------------------------------


def entry(name, **settings):
    info = zipfile.ZipInfo(name)
    for key, value in settings.items():
        setattr(info, key, value)
    return info


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("ann/../../evil.ipynb", {}, "leads out"),
        ("/etc/evil.ipynb", {}, "leads out"),
        ("..\\evil.ipynb", {}, "leads out"),
        ("C:\\evil.ipynb", {}, "leads out"),
        ("ann/link.ipynb", {"external_attr": (stat.S_IFLNK | 0o777) << 16}, "a link"),
        ("ann/pipe.ipynb", {"external_attr": (stat.S_IFIFO | 0o777) << 16}, "a link or a device"),
        ("ann/lzma.ipynb", {"compress_type": zipfile.ZIP_LZMA}, "packed in a way"),
        ("bob/toy.ipynb", {}, "two files"),
        ("bob/toy.ipynb/x", {}, "where it has a folder"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_that_no_platform_writes_is_refused(course, name, settings, reason):
    path = zipped(course, {"bob/toy.ipynb": "honest"})
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(entry(name, **settings), "../../../etc/passwd")
    done = mlpgrader("import", "toy", path, "--course", course)
    assert done.exit_code == 2 and reason in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not (course / "submitted").exists()
    assert not list(course.parent.rglob("*evil*"))


def damaged(content):
    """Archives with a fault each, made of one that has none."""
    place = content.index(b"PK\x01\x02")  # the first entry of the list of files
    flags = content[:6] + b"\x01" + content[7:place] + content[place:]
    yield "password", flags[: place + 8] + b"\x01" + flags[place + 9 :]
    yield "damaged", content[:-30]
    yield "damaged", content[:40] + b"\xff" * 20 + content[60:]
    yield "damaged", b"no zip at all"
    yield "damaged", b""
    yield "damaged", content[: place + 24] + struct.pack("<I", 3) + content[place + 28 :]
    yield "damaged", content[: place + 42] + struct.pack("<I", 2**31) + content[place + 46 :]


@pytest.mark.parametrize("number", range(7))
def test_a_broken_archive_is_one_line_and_changes_nothing(course, number):
    path = zipped(course, {"bob/toy.ipynb": "honest " * 100, "ann/toy.ipynb": "honest, too"})
    reason, content = list(damaged(path.read_bytes()))[number]
    path.write_bytes(content)
    done = mlpgrader("import", "toy", path, "--course", course)
    assert done.exit_code == 2 and reason in done.stderr and len(done.stderr.splitlines()) == 1
    assert handed_in(course) == {} and not list(course.glob("submitted/.import*"))


def test_one_students_bomb_costs_that_file_and_no_other(course):
    long = "n" * 300 + ".ipynb"
    bomb = {"bob/toy.ipynb": b"\0" * (archives.LARGE + 1), f"ann/{long}": "", "ann/toy.ipynb": "1"}
    done = take(course, bomb)
    assert handed_in(course) == {"ann/toy/toy.ipynb": "1"}
    assert {*done.left_out} == {"bob/toy.ipynb", f"ann/{long}"} and done.missing


@pytest.mark.parametrize(("limit", "value"), [("MOST_MEMBERS", 1), ("MOST_UNPACKED", 3)])
def test_more_than_a_class_hands_in_is_refused(course, monkeypatch, limit, value):
    monkeypatch.setattr(archives, limit, value)
    with pytest.raises(UsageError, match=r"more than|would become"):
        take(course, {"ann/toy.ipynb": "12", "bob/toy.ipynb": "34"})
    assert handed_in(course) == {}


@pytest.mark.parametrize("files", [{}, {"toy.ipynb": "1"}, {"__MACOSX/ann/toy.ipynb": "1"}])
def test_an_archive_of_no_known_form_is_refused(course, files):
    with pytest.raises(UsageError, match="neither"):
        take(course, files)


def test_names_that_a_terminal_or_a_file_system_minds(course):
    done = take(course, {"eve\x1b[2J\n/toy.ipynb": "1", "ann/\x1b[31m.ipynb": "2"}, newcomers=True)
    assert done.added == ["ann"] and done.strangers == ["eve"]
    shown = mlpgrader("import", "toy", course.parent / "hand-ins.zip", "--course", course)
    assert "\x1b" not in shown.output and shown.exit_code == 1


# --- nothing half-done ---------------------------------------------------------------------


@pytest.mark.parametrize("moves", range(6))
@pytest.mark.parametrize("is_killed", [False, True])
def test_an_import_that_stops_midway_leaves_all_as_it_was(course, monkeypatch, moves, is_killed):
    take(course, {"ann/toy.ipynb": "old", "bob/toy.ipynb": "old"})
    rename, count = Path.rename, [0]

    def stop(path, target):
        count[0] += 1
        if count[0] > moves:
            raise OSError("the disk is gone")
        return rename(path, target)

    new = {"ann/toy.ipynb": "new", "bob/toy.ipynb": "new", "zoë/toy.ipynb": "new"}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stop)
        if is_killed:  # nothing is tidied up
            patch.setattr(importing, "_undo", lambda *_: None)
        else:
            undo = importing._undo
            patch.setattr(
                importing, "_undo", lambda *a: (patch.setattr(Path, "rename", rename), undo(*a))
            )
        with pytest.raises(OSError, match="the disk is gone"):
            take(course, new, replace=True)
    if is_killed:
        take(course, {"ann/toy.ipynb": "old"}, dry_run=True)
    assert handed_in(course) == {"ann/toy/toy.ipynb": "old", "bob/toy/toy.ipynb": "old"}
    assert not (course / "submitted" / ".import-toy").exists()
    take(course, new, replace=True)
    assert {*handed_in(course).values()} == {"new"} and len(handed_in(course)) == 3


def test_what_is_in_place_stays_where_tidying_up_is_cut_off(course, monkeypatch):
    take(course, {"ann/toy.ipynb": "old"})

    def stop(*_, **__):
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(importing.shutil, "rmtree", stop)
        with pytest.raises(OSError, match="the disk is gone"):
            take(course, {"ann/toy.ipynb": "new"}, replace=True)
    take(course, {"ann/toy.ipynb": "new"})
    assert handed_in(course) == {"ann/toy/toy.ipynb": "new"}
    assert not (course / "submitted" / ".import-toy").exists()


# --- the command ---------------------------------------------------------------------------


def test_the_command_says_what_it_did(course):
    path = zipped(course, {"oleeann_late_1_7_toy.ipynb": "1", "eve_2_8_toy.ipynb": "2"})
    done = mlpgrader("import", "toy", path, "--course", course, "--json")
    data = json.loads(done.stdout)
    assert done.exit_code == 1 and "no student's here: eve 2" in done.stderr
    assert (data["platform"], data["added"], data["late"]) == ("canvas", ["ann"], ["ann"])
    assert data["strangers"] == ["eve 2"] and {"bob", "zoë"} <= {*data["missing"]}
    again = mlpgrader("import", "toy", path, "--course", course)
    assert "1 as they were" in again.stdout


def test_the_command_knows_every_platform():
    (option,) = [each for each in cli.main.commands["import"].params if each.name == "platform"]
    assert tuple(option.type.choices) == get_args(Platform)


@pytest.mark.parametrize(("name", "file"), [("nosuch", "x.zip"), ("../toy", "x.zip"), ("toy", "x")])
def test_a_set_or_file_that_is_not_there(course, name, file):
    zipped(course, {"ann/toy.ipynb": "1"}).rename(course.parent / "x.zip")
    done = mlpgrader("import", name, course.parent / file, "--course", course)
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
