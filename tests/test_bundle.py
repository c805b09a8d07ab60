"""What students get: complete, repeatable, and nothing of the instructor's."""

import io
import shutil
import zipfile

import pytest
from small_course import ASSIGNMENT, REPOSITORY, cell_of, edit_master, make_course

from autograder.bundle import bundle, bundle_leaks
from autograder.course import CourseError
from autograder.release import build_release, replace_folder
from autograder.wheel import build_wheel

TOP = "rnn-coursework"
WHEEL = "rnn_coursework_helpers-1.2-py3-none-any.whl"


@pytest.fixture
def course(tmp_path):
    """A released course with helpers and data of its own."""
    course = make_course(tmp_path / "course")
    files = {
        "helpers/__init__.py": '__version__ = "1.2"\n',
        "helpers/plots.py": "def plot():\n    return None\n",
        "helpers/py.typed": "",
        "helpers/__pycache__/plots.pyc": "x",
        "data/speech/one/a_nohash_0.wav": "RIFF",
        "data/speech/README.md": "# Licence: CC0\n",
        "data/speech/make_sample.py": "print('samples')\n",
        "data/cache/features.npz": "PK",
        "pyproject.toml": '[project]\ndependencies = ["numpy>=1.26", "librosa>=0.10"]\n',
        "LICENSE": "MIT\n",
        "autograder/examine.py": "secret = 1\n",
        "tests/answers/arithmetic/right.py": "secret = 1\n",
        "source/arithmetic/results/double/run.json": "{}",
    }
    for name, text in files.items():
        path = course.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    release_without_gradebook(course)
    return course


def release_without_gradebook(course):
    """What `release` writes, without the seconds that making a gradebook takes."""
    built = build_release(course, ASSIGNMENT, course.work / "built")
    replace_folder(built, course.release / ASSIGNMENT, course.work / "before")
    shutil.rmtree(course.work)


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name.removeprefix(f"{TOP}/"): archive.read(name) for name in archive.namelist()}


def test_the_bundle_holds_what_students_need_and_nothing_else(course, tmp_path):
    path = bundle(course, tmp_path)
    assert path == tmp_path / f"{TOP}.zip"
    assert set(contents(path)) == {
        "README.md",
        "LICENSE",
        "requirements.txt",
        WHEEL,
        f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        "helpers/__init__.py",
        "helpers/plots.py",
        "data/speech/one/a_nohash_0.wav",
        "data/speech/README.md",
        "data/speech/make_sample.py",
    }


def test_the_requirements_are_those_of_the_project(course, tmp_path):
    assert contents(bundle(course, tmp_path))["requirements.txt"] == b"librosa>=0.10\nnumpy>=1.26\n"


def test_the_readme_names_the_notebooks(course, tmp_path):
    readme = contents(bundle(course, tmp_path))["README.md"].decode()
    assert "| [arithmetic](arithmetic/arithmetic.ipynb) | Arithmetic |" in readme
    assert "colab.research.google.com" not in readme


def test_the_same_course_gives_the_same_bytes(course, tmp_path):
    first = bundle(course, tmp_path / "a.zip").read_bytes()
    for path in course.root.rglob("*.py"):
        path.touch()
    assert bundle(course, tmp_path / "b.zip").read_bytes() == first


def test_the_wheel_is_the_same_whatever_the_files_modes_and_times(course, tmp_path):
    first = build_wheel(course, tmp_path / "a").read_bytes()
    for path in course.root.rglob("*.py"):
        path.chmod(0o600)
        path.touch()
    assert build_wheel(course, tmp_path / "b").read_bytes() == first


def test_the_wheel_holds_helpers_samples_and_what_goes_with_notebooks(course, tmp_path):
    given = course.source / ASSIGNMENT / "given" / "table.csv"
    given.parent.mkdir()
    given.write_text("1,2\n")
    release_without_gradebook(course)
    with zipfile.ZipFile(build_wheel(course, tmp_path)) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        licences = [name for name in wheel.namelist() if name.endswith("/LICENSE")]
        assert wheel.read("helpers/course/given/arithmetic/table.csv") == b"1,2\n"
    assert licences
    assert names == {
        "helpers/__init__.py",
        "helpers/plots.py",
        "helpers/course/data/speech/one/a_nohash_0.wav",
        "helpers/course/data/speech/README.md",
        "helpers/course/data/speech/make_sample.py",
        "helpers/course/given/arithmetic/table.csv",
    }


@pytest.mark.parametrize("text", ["", "version = 1", "__version__ = 'not a version'"], ids=repr)
def test_helpers_without_a_version_make_no_wheel(course, tmp_path, text):
    (course.root / "helpers" / "__init__.py").write_text(text)
    with pytest.raises(CourseError) as refusal:
        build_wheel(course, tmp_path / "out")
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "out").exists()


def archive_of(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


HALVE = "def halve(x):\n    quotient = x / 2\n    return quotient\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("helpers/plots.py", HALVE),
        ("x.dist-info/METADATA", "### BEGIN MARK SCHEME"),
        ("helpers/notes.xyz", HALVE),
        ("helpers/autograder.py", ""),
    ],
)
def test_what_only_the_wheel_holds_is_looked_at_too(course, name, text):
    (leak,) = bundle_leaks(course, {WHEEL: archive_of({"helpers/__init__.py": "", name: text})})
    assert f"{WHEEL}/{name}" in leak
    inner = archive_of({"a.zip": archive_of({name: text})})
    (leak,) = bundle_leaks(course, {WHEEL: inner})
    assert f"{WHEEL}/a.zip/{name}" in leak


def test_no_file_is_a_link_out_of_the_course(course, tmp_path):
    (course.root / "data" / "speech" / "link.txt").symlink_to(course.root / "nbgrader_config.py")
    assert "data/speech/link.txt" not in contents(bundle(course, tmp_path))


LEAKS = {
    "a solution in a helper": ("helpers/plots.py", "def halve(x):\n    quotient = x / 2\n    return quotient\n"),
    "a hidden test in a data script": ("data/speech/make_sample.py", "### BEGIN HIDDEN TESTS\n"),
    "a mark scheme in a text": ("data/speech/README.md", "### BEGIN MARK SCHEME\n"),
    "the examiner imported by a helper": ("helpers/plots.py", "from autograder import examine\n"),
    "the examiner in a file's name": ("data/speech/autograder.txt", ""),
}


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_of_the_instructors_goes_out(course, tmp_path, name):
    where, text = LEAKS[name]
    (course.root / where).write_text(text)
    with pytest.raises(CourseError, match="no bundle is made") as refusal:
        bundle(course, tmp_path / "out")
    assert where in str(refusal.value)
    assert not (tmp_path / "out").exists()


def test_a_release_with_a_line_of_a_solution_is_not_bundled(course, tmp_path):
    path = course.release / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.write_text(path.read_text().replace("# YOUR CODE HERE", "doubled = x + x"))
    with pytest.raises(CourseError, match="no bundle is made"):
        bundle(course, tmp_path)


def test_a_release_that_is_out_of_step_is_not_bundled(course, tmp_path):
    edit_master(course, lambda notebook: cell_of(notebook, "given_imports").update(source="import cmath"))
    with pytest.raises(CourseError, match="run: coursework release arithmetic"):
        bundle(course, tmp_path)


def test_a_course_that_was_never_released_has_no_bundle(tmp_path):
    with pytest.raises(CourseError, match="never released"):
        bundle(make_course(tmp_path), tmp_path)


def test_a_course_without_helpers_of_its_own_takes_the_repositorys(course, tmp_path):
    shutil.rmtree(course.root / "helpers")
    names = contents(bundle(course, tmp_path))
    assert {f"helpers/{path.name}" for path in (REPOSITORY / "helpers").glob("*.py")} <= set(names)
