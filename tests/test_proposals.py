"""Proposals for the project: addresses and names of the same data, the usual demos, form, and the examination."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest

from autograder.bank import parse_answer
from autograder.channel import local_candidate
from autograder.examinations.project_proposal import EXAMINATIONS
from autograder.examine import Context, fraction, run_part
from helpers.data.store import DATA
from helpers.proposals import (
    DEMOS,
    KEYS,
    as_proposal,
    demo_data_set,
    demos,
    ids_of,
    normal_address,
    plain_words,
    problems_of,
    same_address,
)

ANSWERS = {path.stem: path for path in sorted(Path(__file__).parent.glob("*answers/project/*proposal_*.py"))}
(EXAMINATION,) = EXAMINATIONS
WHY = (
    "Each recording holds two channels of half an hour and a beat is judged by what came before it so that memory over"
    " many seconds is needed while normal beats are nine of ten and accuracy says little"
)
GOOD = {
    "team": ["s1", "s2"],
    "dataset_name": "MIT-BIH Arrhythmia Database",
    "dataset_url": "https://physionet.org/content/mitdb/1.0.0/",
    "task": "classification",
    "why": WHY,
}

# --- addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example-Lab.org/Data/", "http://www.example-lab.org:80/data"),
        ("https://a-lab.org/data/index.html#top", "a-lab.org/data"),
        ("https://a-lab.org/data?utm_source=x&id=3", "https://a-lab.org/data?id=3"),
        ("https://a-lab.org/data?b=1&a=2", "https://a-lab.org/data?a=2&b=1"),
        ("https://a-lab.org/a%20b", "https://a-lab.org/a b"),
        ("https://web.archive.org/web/2020/https://a-lab.org/data", "https://a-lab.org/data"),
        ("https://archive.ics.uci.edu/dataset/53/iris", "http://archive.ics.uci.edu/ml/datasets/Iris"),
        ("https://archive.ics.uci.edu/dataset/53/iris", "https://archive.ics.uci.edu/dataset/53"),
        ("https://archive.ics.uci.edu/ml/datasets/Japanese+Vowels", "archive.ics.uci.edu/dataset/128/japanese+vowels"),
        ("https://archive.ics.uci.edu/ml/machine-learning-databases/00240/", "archive.ics.uci.edu/dataset/240/x+y"),
        ("https://archive.ics.uci.edu/static/public/53/iris.zip", "https://archive.ics.uci.edu/dataset/53/iris"),
        ("https://www.kaggle.com/datasets/uciml/iris/data?select=Iris.csv", "https://kaggle.com/uciml/iris"),
        ("https://www.kaggle.com/c/titanic/data", "https://www.kaggle.com/competitions/titanic/overview"),
        ("https://github.com/o/r/blob/main/a/b.csv", "https://raw.githubusercontent.com/o/r/master/a/b.csv"),
        ("https://github.com/o/r.git", "https://github.com/O/R/tree/main"),
        ("https://hf.co/datasets/o/n/tree/main", "https://huggingface.co/datasets/o/n/viewer/default/train"),
        ("https://doi.org/10.1/ABC", "http://dx.doi.org/10.1/abc"),
        ("https://zenodo.org/record/12345#.x", "https://zenodo.org/records/12345/files/a.zip?download=1"),
        ("https://physionet.org/physiobank/database/mitdb/", "https://physionet.org/content/mitdb/1.0.0/"),
        ("https://www.openml.org/search?type=data&id=61", "https://www.openml.org/d/61"),
    ],
)
def test_addresses_of_the_same_data_are_the_same(one, other):
    assert same_address(one, other) and same_address(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a-lab.org/data", "https://b-lab.org/data"),
        ("https://a-lab.org/data?id=1", "https://a-lab.org/data?id=2"),
        ("https://a-lab.org/data/1", "https://a-lab.org/data/2"),
        ("https://archive.ics.uci.edu/dataset/53/iris", "https://archive.ics.uci.edu/dataset/54/isolet"),
        ("https://www.kaggle.com/datasets/a/iris", "https://www.kaggle.com/datasets/b/iris"),
        ("https://www.kaggle.com/competitions/a", "https://www.kaggle.com/competitions/b"),
        ("https://github.com/o/r/blob/main/a.csv", "https://github.com/o/r/blob/main/b.csv"),
        ("https://zenodo.org/records/1", "https://zenodo.org/records/12"),
        ("https://physionet.org/content/mitdb/", "https://physionet.org/content/svdb/"),
        ("https://www.openml.org/search?type=data&id=61", "https://www.openml.org/search?type=data&id=62"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_addresses_of_different_data_are_not(one, other):
    assert not same_address(one, other)


def test_the_normal_form_is_its_own_normal_form():
    for address in ("https://www.A-lab.org/x/?b=2&a=1#f", "https://archive.ics.uci.edu/dataset/53/iris"):
        assert normal_address(normal_address(address)) == normal_address(address) != ""
    assert normal_address("ftp://a-lab.org/x") == normal_address("http://[") == normal_address("file:///etc") == ""


@pytest.mark.parametrize(
    "address", ["https://" + "a/" * 50_000, "http://x." + "a." * 5000, "https://\ud800.org", "://"]
)
def test_no_address_is_too_odd(address):
    assert isinstance(normal_address(address), str)


# --- the usual demos --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "demo"),
    [
        ("MNIST", "MNIST"),
        ("The MNIST handwritten digits dataset (keras)", "MNIST"),
        ("Sequential MNIST", "MNIST"),
        ("fashion-mnist", "Fashion-MNIST"),
        ("CIFAR-10", "CIFAR-10 and CIFAR-100"),
        ("IMDB movie reviews, sentiment", "IMDB movie reviews"),
        ("AirPassengers", "Airline passengers"),
        ("International Airline Passengers", "Airline passengers"),
        ("Iris flowers", "Iris"),
        ("Titanic", "Titanic"),
        ("tiny shakespeare", "Tiny Shakespeare"),
        ("Penn Treebank", "Penn Treebank"),
        ("Reuters-21578", "Reuters newswires"),
        ("Monthly Sunspots", "Sunspots"),
        ("Daily minimum temperatures in Melbourne", "Daily minimum temperatures in Melbourne"),
        ("Jena Climate 2009-2016", "Jena climate"),
        ("Boston house prices", "Boston housing"),
        ("Google stock prices", "Stock prices of one company"),
        ("Human Activity Recognition Using Smartphones", "UCI HAR (smartphones)"),
        ("Google Speech Commands v2", "Speech Commands"),
    ],
)
def test_the_usual_demos_are_known_by_name(name, demo):
    assert demo_data_set(name, "https://my-page.org/data") == demo


def test_every_demo_is_known_by_each_of_its_names_and_addresses():
    with DEMOS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["name"] for row in rows}) >= 20
    for row in rows:
        assert list(row) == ["name", "aliases", "addresses"]
        for alias in [row["name"], *row["aliases"].split("|")]:
            assert demo_data_set(alias, "") == row["name"]
        for address in row["addresses"].split("|"):
            assert normal_address(address), address
            assert demo_data_set("our data", f"https://www.{address}") == row["name"]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("AudioMNIST", "https://github.com/soerenab/AudioMNIST"),
        ("Moving MNIST", "https://www.cs.toronto.edu/~nitish/unsupervised_video"),
        ("CASIA iris videos", "https://hycasia.github.io/dataset/casia-irisv4"),
        ("Shakespeare's sonnets", "https://www.gutenberg.org/ebooks/1041"),
        ("Speech of members of parliament", "https://www.kaggle.com/datasets/a/parliament"),
        ("Air quality of Beijing", "https://archive.ics.uci.edu/dataset/501/beijing+multi+site+air+quality+data"),
        (
            "Opportunity activity recognition",
            "https://archive.ics.uci.edu/dataset/226/opportunity+activity+recognition",
        ),
        ("", ""),
        ("the data set", "https://a-lab.org"),
    ],
)
def test_other_data_are_no_demo(name, address):
    assert demo_data_set(name, address) is None


def test_the_list_is_the_one_of_the_checksums():
    """What marks depend on beside the code is known by these checksums."""
    (line,) = [line for line in (DATA / "project" / "SHA256SUMS").read_text().splitlines() if DEMOS.name in line]
    assert line.split()[0] == hashlib.sha256(DEMOS.read_bytes()).hexdigest()
    assert len(demos()) >= 20


def test_names_lose_what_all_names_may_have():
    assert plain_words("The Données of Übersee (data set)") == ["donnees", "ubersee"]
    assert plain_words("Data Set") == ["data", "set"], "a name is never without words"


# --- form ---------------------------------------------------------------------------------------------------------


def test_a_complete_proposal_has_no_problems():
    assert problems_of(GOOD) == problems_of(GOOD, "s1", []) == problems_of(GOOD, "S2", ("s2", "s1")) == []
    assert problems_of({**GOOD, "team": [7, "s2"]}, 7, [7, "s2"]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"team": []}, "nobody"),
        ({"team": ["s1", "s2", "s3"]}, "at most 2"),
        ({"team": ["s2"]}, "does not contain 's1'"),
        ({"team": ["s1", "s3"]}, "different students"),
        ({"team": "s1"}, "no list of ids"),
        ({"team": {"s1"}}, "no list of ids"),
        ({"team": [10**5000]}, "no list of ids"),
        ({"team": [True]}, "no list of ids"),
        ({"dataset_name": "?"}, "dataset_name"),
        ({"dataset_name": 3}, "expected a text"),
        ({"dataset_url": ""}, "blank"),
        ({"dataset_url": "physionet.org/x"}, "https://"),
        ({"dataset_url": "https://kaggle.com/"}, "front page"),
        ({"dataset_url": "https://www.google.com/search?q=x"}, "a search"),
        ({"dataset_url": "https://192.168.0.1/data"}, "public"),
        ({"dataset_url": "http://localhost/data"}, "public"),
        ({"dataset_url": "https://example.com/data"}, "public"),
        ({"dataset_url": "https://a-lab.org/x and https://b-lab.org/y"}, "white space"),
        ({"task": "forecasting"}, "'classification', 'regression', 'generation'"),
        ({"why": "Because."}, "1 words"),
        ({"why": "very hard " * 30}, "repeats 2 words"),
        ({"why": "x" * 6000}, "characters"),
        ({"dataset_name": "MNIST"}, "usual demos (MNIST)"),
        ({"extra": 1}, "unknown key 'extra'"),
    ],
)
def test_each_problem_is_one_line_that_says_what_is_wrong(change, said):
    (problem,) = problems_of({**GOOD, **change}, "s1", ["s1", "s2"])
    assert said in problem
    assert "\n" not in problem and len(problem) < 300


@pytest.mark.parametrize("value", [None, [], "text", 3, {}, {1: 2}, dict.fromkeys(KEYS), {"team": GOOD}])
def test_what_is_no_proposal_is_told(value):
    assert problems_of(value)
    assert as_proposal(value) is None


def test_ids_are_told_once_and_without_blanks():
    assert ids_of(["a", " a ", "", 7, "7"]) == ["a", "7"]


# --- the examination --------------------------------------------------------------------------------------------


def earned(answer: str, student: str = "s1234567", team: tuple[str, ...] = ()) -> dict[str, tuple[float, str]]:
    """(earned, message) of each part for an answer's text."""
    namespace = {"STUDENT_ID": student, "TEAM": list(team)}
    exec(answer, namespace)
    candidate = local_candidate(namespace)
    found = [run_part(part, candidate, np.random.default_rng(0), Context()) for part in EXAMINATION.parts]
    return {part.name: (part.earned, part.message) for part in found} | {"all": (fraction(EXAMINATION, found), "")}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_the_bank_earn_what_they_should(name):
    answer = parse_answer(ANSWERS[name])
    points, expected = earned(answer.replaced["proposal"])["all"][0], answer.expect
    if expected == "full":
        assert points == 1
    else:
        value = expected["proposal"]
        wanted = {"none": 0.0, "lost": pytest.approx(points)}.get(value, pytest.approx(value))
        assert points < 1 and points == wanted


def test_there_are_right_and_wrong_answers():
    right = [name for name in ANSWERS if name.startswith("right_")]
    assert len(right) >= 4 and len(ANSWERS) - len(right) >= 8


def test_the_examination_agrees_with_the_visible_test():
    """What passes there earns everything, and what does not loses something."""
    for name, path in ANSWERS.items():
        namespace = {"STUDENT_ID": "s1234567", "TEAM": []}
        exec(parse_answer(path).replaced["proposal"], namespace)
        assert (problems_of(namespace["PROPOSAL"], "s1234567", []) == []) == name.startswith("right_"), name


def test_the_released_form_earns_nothing_for_what_is_blank():
    found = earned('PROPOSAL = {"team": [], "dataset_name": "", "dataset_url": "", "task": "", "why": ""}')
    assert {name: points for name, (points, _) in found.items() if name != "all"} == {
        "form": 1.0,
        "team": 0.0,
        "data set": 0.0,
        "task": 0.0,
        "reason": 0.0,
        "not a usual demo": 0.0,
    }


def test_team_and_proposal_must_name_the_same():
    answer = f"PROPOSAL = {GOOD!r}"
    assert earned(answer, "s1", ("s1", "s2"))["team"][0] == 1
    assert "different" in earned(answer, "s1", ("s1", "s3"))["team"][1]
    assert "does not contain" in earned(answer, "s9")["team"][1]


@pytest.mark.parametrize(
    "answer",
    [
        "PROPOSAL = None",
        "pass",
        "class Liar(dict): pass\nPROPOSAL = Liar(team=['s1234567'])",
        "PROPOSAL = {'team': object(), 'dataset_name': object(), 'dataset_url': 1j, 'task': b'', 'why': []}",
        f"import numpy as np\nPROPOSAL = dict.fromkeys({KEYS!r}, np.ones(3))",
        f"PROPOSAL = dict.fromkeys({KEYS!r}, 'x' * 10 ** 6) | {{'team': [10 ** 30]}}",
    ],
)
def test_odd_values_lose_and_never_raise(answer):
    found = earned(answer)
    assert found["all"][0] <= 0.4
    assert all("\n" not in message and len(message) < 500 for _, message in found.values())
