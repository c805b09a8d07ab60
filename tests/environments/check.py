"""Do the notebooks and ``helpers`` run with the versions that Colab has, and with the oldest that we claim to support?

For maintainers, seldom run: ``make environments``. Each list of requirements beside this file is an environment; it
is built into build/environments, and kernels of it, driven by our own nbclient, run

- setup: the setup cell of each released notebook, with the wheel of ``helpers`` at an address, as on Colab,
- reference: each source notebook from top to bottom, with the reference's kept results and the wheel beside it,
- hand-in: the last given cells of each released notebook, without an answer, with the wheel beside it,
- tests: the unit tests that need ``helpers`` alone.

Nothing of this repository is on the path, and ``pip freeze`` must be the same before and after each of them, save for
what the setup cell says that it needs (`needs`) where that was missing.

The lists for Colab are lines of the list that Colab publishes (googlecolab/backend-info, pip-freeze.txt); there the
stand-in for ``google.colab`` is loaded as Colab's kernel loads it. This is no Colab: no GPU, no page that shows the
notebook, and torch is the index's build. The exit code is 1 when anything failed.
"""

import argparse
import ast
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

LISTS = Path(__file__).resolve().parent
REPOSITORY = LISTS.parent.parent
sys.path.insert(0, str(REPOSITORY / "tests"))

from colab import Colab  # noqa: E402
from loopback import served  # noqa: E402

from autograder.course import open_course  # noqa: E402
from autograder.notebooks import grade_id, read_notebook, without_hidden  # noqa: E402
from autograder.wheel import build_wheel  # noqa: E402

CHECKS = ("setup", "reference", "hand-in", "tests")
SECONDS = 900
"""Time limit of a cell, generous: this checks versions, not speed."""
IDENTITY, SETUP, LAST = "identity", "given_setup", ("given_progress", "given_hand_in")
STUDENT = "s1234567"


@dataclass(frozen=True)
class Environment:
    """A list of requirements: its comments say ``# python: 3.12``, and ``# colab`` where the stand-in belongs."""

    name: str
    python: str
    colab: bool
    requirements: Path


@dataclass(frozen=True)
class Outcome:
    """What came of one check; ``error`` is one line, or empty."""

    environment: str
    subject: str
    check: str
    seconds: float
    error: str = ""
    warnings: tuple[str, ...] = ()

    def line(self) -> str:
        verdict = f"FAILED: {self.error}" if self.error else "passed"
        return f"{self.environment}  {self.subject}  {self.check}  {self.seconds:.0f} s  {verdict}"


class EnvironmentFault(Exception):
    """An environment cannot be built, in one line."""


def environments() -> list[Environment]:
    """Those with a list beside this file."""
    return [read_environment(path) for path in sorted(LISTS.glob("*.txt"))]


def read_environment(path: Path) -> Environment:
    text = path.read_text(encoding="utf-8")
    python = re.search(r"^# python: (\d+\.\d+)$", text, re.MULTILINE)
    if not python:
        raise EnvironmentFault(f"{path.name}: the line '# python: 3.12' (or another version) is missing")
    return Environment(path.stem, python[1], "# colab" in text.splitlines(), path)


# Building


def python_of(environment: Environment, folder: Path) -> Path:
    return folder / environment.name / "bin" / "python"


def is_built(environment: Environment, folder: Path) -> bool:
    """Whether the environment is there, as its list is now."""
    mark = folder / environment.name / "built-from"
    return mark.is_file() and mark.read_text() == _digest(environment)


def build(environment: Environment, folder: Path) -> None:
    """Install the list into a fresh environment; raises EnvironmentFault."""
    target = folder / environment.name
    shutil.rmtree(target, ignore_errors=True)
    print(f"building {target} (gigabytes are fetched; the log is beside it)", flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{target}.log").open("w") as log:
        commands = (
            [find_python(environment.python), "-m", "venv", str(target)],
            [str(python_of(environment, folder)), *_PIP, "install", "--requirement", str(environment.requirements)],
        )
        for command in commands:
            if subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode:
                raise EnvironmentFault(f"{environment.name} cannot be built; see {log.name}")
    (target / "built-from").write_text(_digest(environment))


_PIP = ("-m", "pip", "--disable-pip-version-check")


def find_python(version: str) -> str:
    """An interpreter of this version: on the path, else pyenv's. A shim of pyenv's may stand for none."""
    candidates = [shutil.which(f"python{version}") or ""]
    candidates += [str(path) for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    raise EnvironmentFault(f"python{version} is missing: install it, with pyenv for example")


def _digest(environment: Environment) -> str:
    return hashlib.sha256(environment.requirements.read_bytes()).hexdigest()


def installed(python: Path) -> set[str]:
    """The lines of ``pip freeze``."""
    command = [str(python), *_PIP, "freeze", "--all"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())


# Running notebooks


class Runner:
    """Runs notebooks with kernels of an environment that sees nothing of the repository."""

    def __init__(self, environment: Environment, python: Path, log: Path) -> None:
        self.environment = environment
        self.python = python
        self.log = log

    def run(self, notebook: NotebookNode, folder: Path, shown: NotebookNode) -> tuple[str, tuple[str, ...]]:
        """Run in `folder`; gives the first line of what went wrong, or "", and the warnings that were shown.

        shown: the notebook that Colab's page shows, of which `notebook` may be a part.
        """
        with tempfile.TemporaryDirectory() as own:
            variables = self.variables(Path(own))
            if self.environment.colab:
                colab = Colab(Path(own) / "colab")
                colab.shows(shown)
                stand_in = colab.environment()["PYTHONPATH"].split(os.pathsep)[0]
                variables |= colab.variables | {"PYTHONPATH": stand_in}
            client = NotebookClient(
                notebook,
                km=self._kernel(Path(own)),
                timeout=SECONDS,
                resources={"metadata": {"path": str(folder)}},
            )
            client.owns_km = True  # else the kernel would go on when the notebook has ended
            error = ""
            try:
                with self.log.open("ab") as log:  # what libraries write past Python, and why a kernel died
                    client.execute(env=variables, stdout=log, stderr=log)
            except CellExecutionError as fault:
                error = f"{_failed_cell(notebook)}: {fault.ename}: {fault.evalue}".splitlines()[0]
            except (CellTimeoutError, DeadKernelError) as fault:
                error = str(fault).splitlines()[0]
        return error, warnings_in(notebook)

    def variables(self, own: Path) -> dict[str, str]:
        """The environment of its processes: this one's, without what leads to our own packages and settings."""
        ours = ("PYTHONPATH", "VIRTUAL_ENV", "COURSEWORK_", "JUPYTER", "COLAB_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        path = os.pathsep.join([str(self.python.parent), os.environ["PATH"]])
        return kept | {"PATH": path, "IPYTHONDIR": str(own / "ipython"), "OMP_NUM_THREADS": "1"}

    def _kernel(self, own: Path) -> AsyncKernelManager:
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        if self.environment.colab:
            argv.append("--IPKernelApp.extensions=google.colab")
        spec = {"argv": argv, "display_name": self.environment.name, "language": "python"}
        (own / "kernels" / "checked").mkdir(parents=True)
        (own / "kernels" / "checked" / "kernel.json").write_text(json.dumps(spec))
        specs = KernelSpecManager(kernel_dirs=[str(own / "kernels")], ensure_native_kernel=False)
        return AsyncKernelManager(kernel_name="checked", kernel_spec_manager=specs)


def _failed_cell(notebook: NotebookNode) -> str:
    failed = [cell for cell in notebook.cells if any(o.output_type == "error" for o in cell.get("outputs", []))]
    return (grade_id(failed[-1]) or failed[-1].get("id", "a cell")) if failed else "a cell"


def warnings_in(notebook: NotebookNode) -> tuple[str, ...]:
    """The warnings that a reader of the executed notebook sees, each once."""
    found: dict[str, None] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                lines = [line for line in output.text.splitlines() if re.search(r"\w*Warning: ", line)]
                found |= dict.fromkeys(re.sub(r"^\S+[/>]([\w.]+:\d+)", r"\1", line)[:200] for line in lines)
    return tuple(found)


# The checks


def released_notebooks() -> list[Path]:
    return sorted((REPOSITORY / "release").glob("*/*.ipynb"))


def source_notebooks() -> list[Path]:
    return sorted((REPOSITORY / "source").glob("*/*.ipynb"))


def only(notebook: NotebookNode, *ids: str) -> NotebookNode:
    """Its cells with these grade ids; raises EnvironmentFault when one is missing."""
    cells = [cell for cell in notebook.cells if grade_id(cell) in ids]
    if len(cells) != len(ids):
        raise EnvironmentFault(f"the notebook does not have each of the cells {', '.join(ids)} once")
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)


@contextmanager
def working_folder(notebook: Path, wheel: Path | None) -> Iterator[Path]:
    """A folder as a student on Colab has it: what lies beside the notebook, and the wheel; nothing above it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / notebook.parent.name
        shutil.copytree(notebook.parent, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        if wheel:
            shutil.copy(wheel, folder)
        yield folder


def with_address(source: str, address: str) -> str:
    """The setup cell as a release has it whose course serves the wheel there; raises EnvironmentFault."""
    changed, times = re.subn(r'^WHEEL = ".*?"', f'WHEEL = "{address}"', source, flags=re.MULTILINE)
    if times != 1:
        raise EnvironmentFault(f"{SETUP} has no line 'WHEEL = \"\"', where the release puts the wheel's address")
    return changed


def needs_of(source: str) -> list[str]:
    """What the setup cell asks ``start.begin`` for: names as on the index, perhaps with a version."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        need for call in calls for word in call.keywords if word.arg == "needs" for need in ast.literal_eval(word.value)
    ]


def unwanted_changes(before: set[str], after: set[str], needs: list[str]) -> list[str]:
    """Lines of ``pip freeze`` that changed. More than before is right only where one of `needs` was not there."""
    were_there = {plain_name(line) for line in before}
    missing = [need for need in needs if plain_name(need) not in were_there]
    return sorted(before - after) or ([] if missing else sorted(after - before))


def plain_name(requirement: str) -> str:
    """The name in a requirement or a line of ``pip freeze``, in its one normal spelling."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


class Checks:
    """The checks of one environment. Each of the methods named in `CHECKS` yields what came of it as it comes."""

    def __init__(self, environment: Environment, folder: Path, wheel: Path, wanted: str) -> None:
        self.environment = environment
        self.folder = folder
        self.wheel = wheel
        self.wanted = wanted
        self.python = python_of(environment, folder)
        self.installed = installed(self.python)
        self.runner = Runner(environment, self.python, folder / f"{environment.name}.kernels.log")

    def setup(self) -> Iterator[Outcome]:
        """The setup cell with nothing beside the notebook: the wheel lies at an address."""
        with served(self.wheel.parent) as address:
            for path in self._chosen(released_notebooks()):
                cells = only(read_notebook(path.read_bytes()), SETUP)
                cells.cells[0].source = with_address(cells.cells[0].source, f"{address}/{self.wheel.name}")
                yield self._run("setup", path, cells, wheel_beside=False)

    def reference(self) -> Iterator[Outcome]:
        """The source notebook from top to bottom, without its hidden tests."""
        for path in self._chosen(source_notebooks()):
            yield self._run("reference", path, without_hidden(read_notebook(path.read_bytes())))

    def hand_in(self) -> Iterator[Outcome]:
        """The last cells of a release in which nothing but the student's id is filled in: a zip is to come of them."""
        for path in self._chosen(released_notebooks()):
            saved = read_notebook(path.read_bytes())
            (identity,) = (cell for cell in saved.cells if grade_id(cell) == IDENTITY)
            identity.source = identity.source.replace('STUDENT_ID = ""', f'STUDENT_ID = "{STUDENT}"')
            yield self._run("hand-in", path, only(saved, IDENTITY, SETUP, *LAST), saved=saved, makes=f"{STUDENT}.zip")

    def tests(self) -> Iterator[Outcome]:
        """The unit tests of helpers that need nothing else of ours, in a copy of just these files."""
        start = time.monotonic()
        error, warnings = self._test()
        seconds = time.monotonic() - start
        yield Outcome(self.environment.name, "unit tests of helpers", "tests", seconds, error, warnings)

    def _chosen(self, notebooks: list[Path]) -> list[Path]:
        return [path for path in notebooks if self.wanted in path.stem]

    def _run(
        self,
        check: str,
        path: Path,
        cells: NotebookNode,
        *,
        wheel_beside: bool = True,
        saved: NotebookNode | None = None,
        makes: str = "",
    ) -> Outcome:
        """Run cells of the notebook at `path` where a student has it; no package may change meanwhile.

        saved: what the notebook's file holds, and Colab's page shows, in place of what lies at `path`.
        makes: a file that is there afterwards.
        """
        start = time.monotonic()
        with working_folder(path, self.wheel if wheel_beside else None) as folder, self._as_before() as installed_now:
            if saved:
                (folder / path.name).write_text(nbformat.writes(saved), encoding="utf-8")
            error, warnings = self.runner.run(cells, folder, saved or cells)
            if not error and makes and not (folder / makes).is_file():
                error = f"{makes} was not made"
            after = installed_now()
        setup = next(cell.source for cell in cells.cells if grade_id(cell) == SETUP)
        unwanted = unwanted_changes(self.installed, after, needs_of(setup))
        if after - self.installed and not unwanted:
            print(f"    {path.stem} added {', '.join(sorted(after - self.installed))}", flush=True)
        error = error or (f"pip freeze differs in {', '.join(unwanted)}" if unwanted else "")
        return Outcome(self.environment.name, path.stem, check, time.monotonic() - start, error, warnings)

    @contextmanager
    def _as_before(self) -> Iterator[Callable[[], set[str]]]:
        """Take away what is installed meanwhile; what is yielded tells what is installed now."""
        now = functools.cache(lambda: installed(self.python))
        try:
            yield now
        finally:
            added = [plain_name(line) for line in now() - self.installed]
            if added:
                subprocess.run([str(self.python), *_PIP, "uninstall", "--yes", "--quiet", *added], check=True)
            if self.installed - now():  # something was up- or downgraded: this environment is to be built anew
                (self.folder / self.environment.name / "built-from").unlink(missing_ok=True)

    def _test(self) -> tuple[str, tuple[str, ...]]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("helpers", "data"):
                ignored = shutil.ignore_patterns("__pycache__", "cache")
                shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
            (folder / "tests").mkdir()
            modules = tests_of_helpers(REPOSITORY / "tests", functools.partial(self._has))
            for path in modules:
                shutil.copy(path, folder / "tests")
            shutil.copytree(REPOSITORY / "tests" / "stand_ins", folder / "tests" / "stand_ins")
            shutil.copy(REPOSITORY / "pyproject.toml", folder)
            command = [str(self.python), "-m", "pytest", "-p", "no:cacheprovider", "tests"]
            variables = self.runner.variables(folder) | {"PYTHONPATH": str(folder)}
            done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
        summary = done.stdout.strip().splitlines()[-1:] or done.stderr.strip().splitlines()[-1:] or ["no output"]
        print(f"    {len(modules)} modules: {summary[0]}", flush=True)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        # Of warnings, those that arise in our own lines: a library's warnings about itself are its own affair.
        ours = dict.fromkeys(re.findall(r"(helpers/\S+:\d+: \w*Warning: .*)", done.stdout))
        return "" if done.returncode == 0 else "; ".join(lines[:3]) or summary[0], tuple(ours)

    @functools.cache  # noqa: B019 - as long-lived as the process
    def _has(self, module: str) -> bool:
        look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
        return subprocess.run([str(self.python), "-I", "-c", look]).returncode == 0


def tests_of_helpers(tests: Path, has: Callable[[str], bool]) -> list[Path]:
    """The test modules that import `helpers`, and what they share, as far as they need nothing more of ours.

    has: whether a module that is neither ours nor of the standard library can be imported.
    """
    chosen: set[Path] = {tests / "conftest.py"}
    for path in sorted(tests.glob("test_*.py")):
        modules, shared = _imports(path, tests)
        others = modules - {"helpers"} - sys.stdlib_module_names
        reads_masters = '/ "source"' in path.read_text(encoding="utf-8")
        if "helpers" in modules and not reads_masters and all(has(module) for module in sorted(others)):
            chosen |= shared | {path}
    return sorted(chosen | _imports(tests / "conftest.py", tests)[1])


def _imports(path: Path, tests: Path) -> tuple[set[str], set[Path]]:
    """The modules that a test module needs, its shared modules' included, and the files of these."""
    modules: set[str] = set()
    shared: set[Path] = set()
    ahead = [path]
    while ahead:
        for node in ast.walk(ast.parse(ahead.pop().read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {name.split(".")[0] for name in names}:
                own = tests / f"{name}.py"
                if not own.is_file():
                    modules.add(name)
                elif own not in shared:
                    shared.add(own)
                    ahead.append(own)
    return modules, shared


# What a maintainer reads


def table(outcomes: list[Outcome]) -> str:
    """Environment × notebook in Markdown, then what failed and the warnings that readers see, a line each."""
    checks = list(dict.fromkeys(outcome.check for outcome in outcomes))
    rows = dict.fromkeys((outcome.environment, outcome.subject) for outcome in outcomes)
    verdicts = {(o.environment, o.subject, o.check): "FAILED" if o.error else "passed" for o in outcomes}
    lines = [f"| Environment | Notebook | {' | '.join(checks)} |", "| --- " * (len(checks) + 2) + "|"]
    for environment, subject in rows:
        cells = [verdicts.get((environment, subject, check), "") for check in checks]
        lines.append(f"| {environment} | {subject} | {' | '.join(cells)} |")
    failed = [f"- {o.environment}, {o.subject}, {o.check}: {o.error}" for o in outcomes if o.error]
    warned = [f"- {o.environment}, {o.subject}, {o.check}: {text}" for o in outcomes for text in o.warnings]
    lines += ["", f"{len(outcomes) - len(failed)} passed, {len(failed)} failed", *failed]
    return "\n".join(lines + (["", "Warnings:", *warned] if warned else [])) + "\n"


def renewed(list_: str, freeze: str) -> str:
    """A list with the versions of another `pip freeze`; what is not in there is left out, with a comment."""
    versions = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:==| @ \S*?-)([0-9][^\s%-]*)", freeze, re.MULTILINE))
    known = {plain_name(name): version for name, version in versions.items()}
    lines = []
    for line in list_.splitlines():
        name = re.match(r"([A-Za-z0-9._-]+)==", line)
        if not name:
            lines.append(line)
        elif plain_name(name[1]) in known:
            lines.append(f"{name[1]}=={known[plain_name(name[1])]}")
        else:
            lines.append(f"# {name[1]}: no longer there")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    names = [path.stem for path in sorted(LISTS.glob("*.txt"))]
    parser = argparse.ArgumentParser(description="Run notebooks and helpers with other versions of their packages.")
    parser.add_argument("environments", nargs="*", help=f"which of {', '.join(names)}; all without a name")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "environments", help="where they lie")
    parser.add_argument("--checks", nargs="+", choices=CHECKS, default=CHECKS, help="only these")
    parser.add_argument("--notebook", default="", help="only notebooks with this in their name")
    parser.add_argument("--renew", type=Path, metavar="FREEZE", help="print the list with a pip freeze's versions")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.environments) - set(names))
    if unknown:
        parser.error(f"no list for {', '.join(unknown)}: there are {', '.join(names)}")
    chosen = [e for e in environments() if not given.environments or e.name in given.environments]
    if given.renew:
        print(renewed(chosen[-1].requirements.read_text(), given.renew.read_text()), end="")
        return 0
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as wheels:
        wheel = build_wheel(open_course(REPOSITORY), Path(wheels))
        for environment in chosen:
            if not is_built(environment, given.folder):
                build(environment, given.folder)
            checks = Checks(environment, given.folder.resolve(), wheel, given.notebook)
            for check in given.checks:
                for outcome in getattr(checks, check.replace("-", "_"))():
                    print(outcome.line(), flush=True)
                    outcomes.append(outcome)
    text = table(outcomes)
    (given.folder / "table.md").write_text(text)
    print(f"\n{text}")
    return 1 if any(outcome.error for outcome in outcomes) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EnvironmentFault as fault:
        sys.exit(f"{fault}")
