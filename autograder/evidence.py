"""Reading a submission for signs of an attempt on the marks or on the machine, and saying in words what was seen.

Evidence, never a verdict: it changes no mark, and whoever hides what they do is not found by reading
(docs/security.md). What protects marks and machine are examiner and sandbox; this tells an instructor where to
look. The tables below hold what is looked for: names that an answer to an exercise about recurrent networks has no
use for. What honest hand-ins do is left out on purpose: threads, processes of a DataLoader, ``!ls`` and ``!pip``,
single environment variables, files such as ``model.pth``, ``plt.rcParams``, downloads by ``requests.get``.
"""

import ast
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from textwrap import dedent

from autograder.answering import Answerer
from autograder.notebooks import find_markers

MAX_LENGTH = 200_000
"""Characters of one cell, and of all modules, that are read; a longer one is told, not read."""
MAX_LINES = 60
"""Lines of evidence for one submission."""
MAX_LINE = 300
"""Characters of one line that people read."""
MAX_TEXT = 60
"""Characters of a name or text that is quoted from the submission."""
MANY = 10**8
"""Elements at once that no exercise asks for."""
LONG_SLEEP = 600.0
"""Seconds; a submission has half of this in all."""
_DEPTH = 3  # texts that are run as code, within texts that are run as code
_MAX_COMMANDS, _MAX_COMMAND = 200, 2_000  # of one cell, and characters of each: all patterns are looked for in each


MAX_LINKS = 30
"""Attributes of attributes; a longer chain names nothing, and reading it again for each link takes long."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = {
    "ends its process": "os._exit os.abort sys.exit exit quit SystemExit signal.raise_signal",
    "sends signals": "os.kill os.killpg signal.pthread_kill signal.pidfd_send_signal os.pidfd_open",
    "changes how its process takes signals": "signal.signal signal.sigwait signal.pthread_sigmask signal.setitimer",
    "makes processes by hand": "os.fork os.forkpty os.posix_spawn os.posix_spawnp os.execv os.execve os.execvp"
    " pty.fork pty.spawn",
    "leaves its session, so that a process may stay behind": "os.setsid os.setpgrp os.setpgid daemon.DaemonContext",
    "opens a network connection": "socket.socket socket.create_connection socket.create_server socket.socketpair"
    " socket.fromfd socket.getaddrinfo socketserver http.client http.server urllib.request.urlopen requests.post"
    " requests.put smtplib ftplib telnetlib paramiko asyncio.open_connection asyncio.open_unix_connection",
    "walks stack frames": "sys._getframe sys._current_frames inspect.currentframe inspect.stack inspect.trace"
    " inspect.getouterframes inspect.getinnerframes traceback.walk_stack",
    "searches memory for objects": "gc.get_objects gc.get_referrers gc.get_referents tracemalloc.take_snapshot",
    "reaches below Python": "ctypes cffi _ctypes os.memfd_create",
    "asks for other rights or namespaces": "os.setuid os.setgid os.setresuid os.chroot os.unshare os.setns os.mknod",
    "changes the limits of its process": "resource.setrlimit resource.prlimit",
    "puts hooks into the interpreter": "sys.settrace sys.setprofile sys.addaudithook sys.meta_path sys.path_hooks"
    " threading.settrace threading.setprofile sys.excepthook sys.displayhook sys.unraisablehook",
    "runs text as code": "exec eval",
    "reads databases": "sqlite3 psycopg2 sqlalchemy",
    "looks for the folder of installed packages": "site.getsitepackages site.getusersitepackages site.USER_SITE",
    "opens comms or kernel sockets": "zmq comm ipykernel.comm jupyter_client ipykernel.kernelapp ipykernel.kernelbase",
    "reaches for the answering side of the examination": "answering",
    "reaches for the autograder": "autograder nbgrader",
}
"""What is said → dotted names of modules, functions and builtins whose mere mention says it."""

_ATTRIBUTES = {
    "walks stack frames": "f_back f_globals f_locals f_builtins tb_frame gi_frame cr_frame",
    "reaches into functions and classes that are not its own": "__globals__ __closure__ __code__ __subclasses__",
    "registers transformers or event hooks with IPython": "ast_transformers input_transformers_cleanup events"
    " input_transformers_post input_transformer_manager set_custom_exc",
    "reaches into the shell that runs the notebook": "run_cell run_cell_async run_code run_ast_nodes showtraceback"
    " _showtraceback last_execution_result",
    "displays past the notebook": "displayhook display_pub",
    "opens comms or kernel sockets": "comm_manager iopub_socket iopub_thread shell_stream shell_streams control_stream",
    "reaches for the answering side of the examination": " ".join(n for n in vars(Answerer) if n.startswith("do_")),
}
"""What is said → names of attributes, whatever they are attributes of."""

_SPECIAL = _words(
    "__eq__ __ne__ __array__ __array_ufunc__ __array_function__ __array_interface__ __torch_function__"
    " __torch_dispatch__ __class__ __instancecheck__ __subclasscheck__ __getattribute__ __reduce__ __reduce_ex__"
)
"""Methods by which an object lies about what it is or equals."""

_TEXTS = {
    "reads /proc": r"/proc(?!/(?:cpuinfo|meminfo|version|driver)\b)(?:/|\b)",
    "names the gradebook": r"gradebook",
    "names the instructor's files": r"nbgrader_config|\.coursework\b|BEGIN HIDDEN|(?:^|\./)source/"
    r"|\.\./source\b|(?:^|\./)(?:submitted|autograded)/",
    "names files of the system or of accounts": r"/etc/(?:passwd|shadow|sudoers|cron)|\.ssh\b|authorized_keys",
    "writes modules that Python imports at its start": r"sitecustomize|usercustomize|site-packages",
    "writes configuration that Jupyter or IPython loads at its start": r"ipython_(?:kernel_)?config"
    r"|jupyter_\w{0,40}config|profile_default|\.ipython\b|kernel\.json",
    "names the examiner's side": r"\banswering\.py\b|channel/examiner|connection\.json|^/coursework\b(?!/data)",
    "writes what only the examiner writes": r"\bExaminer: \d|\bof \d+(?:\.\d+)? points\b",
    "uses ptrace": r"\bptrace\b|\bPTRACE_",
    "names /dev/shm or /dev/mem": r"/dev/(?:shm|mem|kmem)\b",
}
"""What is said → what a text in the code holds."""

_COMMANDS = {
    "sends signals": r"\b(?:p?kill|killall)\b",
    "opens a network connection": r"\b(?:nc|ncat|netcat|telnet|ssh|scp)\b|/dev/tcp/",
    "reads all environment variables": r"^\s*(?:env|printenv|set)\s*(?:$|[|>;])",
    "uses ptrace": r"\b(?:gdb|strace|ltrace)\b",
    "asks for other rights or namespaces": r"\b(?:unshare|nsenter|chroot|sudo|su|mount)\b",
    "leaves its session, so that a process may stay behind": r"\b(?:nohup|setsid|disown)\b",
    "makes processes in a loop": r":\(\)\s*\{",
    "reads databases": r"\b(?:sqlite3|psql)\b",
}
"""What is said → what a command for the shell holds."""

_PATCHED = _words(
    "numpy torch tensorflow keras sklearn scipy pandas helpers answering autograder IPython ipykernel json struct io"
    " traceback linecache importlib inspect math copy socket zmq"
)
"""Packages whose functions nobody needs to replace."""
_SETTINGS = re.compile(r"\.(?:backends|options|config|_dynamo|_inductor)\.|^torch\.load$|\.__version__$")
"""What of them is set by honest code."""

_TRUSTED = _words("AssertionError isinstance issubclass abs all any callable hasattr")
"""Builtins that tests lean on."""

_SHADOWED = _words("torch numpy sklearn tensorflow keras scipy pandas matplotlib helpers answering IPython")
_START_UP = _words("sitecustomize.py usercustomize.py ipython_config.py ipython_kernel_config.py")
_PICKLES = _words(".pkl .pickle .joblib .dill")

_USUAL = {
    "np": "numpy",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "tf": "tensorflow",
    "pd": "pandas",
    "get_ipython": "get_ipython",
}
"""Names that the given cells import; those are not among what is read."""

_REFERENCES = {name: words for words, names in _NAMES.items() for name in names.split()}
_MEMBERS = {name: words for words, names in _ATTRIBUTES.items() for name in names.split()}

Sign = tuple[str, str]
"""What was seen, in words, and the name or text that shows it."""


def signs(sources: Iterable[str]) -> list[str]:
    """What the student's cells (answers and added ones) hold of attempts, a line each: what, where, by what name."""
    return readable(_lines([(_place(source), source) for source in sources]))


def _lines(texts: list[tuple[str, str]]) -> list[str]:
    """The signs in texts of Python, each with its place, a line for each kind and place."""
    read = [(place, source, *_read(source)) for place, source in texts]
    aliases = _aliases(tree for _, _, tree, _ in read if tree is not None)
    lines: dict[str, None] = {}
    for place, source, tree, commands in read:
        seen: dict[str, dict[str, None]] = {}
        for words, shown in _signs_of_cell(source, tree, commands, aliases):
            seen.setdefault(words, {})[_shown(shown)] = None
        for words, names in seen.items():
            quoted = ", ".join([name for name in names if name][:3])
            lines[f"{place} {words}{f' ({quoted})' if quoted else ''}"] = None
    return list(lines)


def readable(lines: Sequence[str], most: int = MAX_LINES) -> list[str]:
    """At most ``most`` of these lines for people, each printable and short, and how many more there are.

    They may quote what a student wrote: file names, ids of cells, messages.
    """
    shown = ["".join(c if c.isprintable() else " " for c in line[:MAX_LINE]) for line in lines[:most]]
    shown = [f"{text}…" if len(line) > MAX_LINE else text for text, line in zip(shown, lines, strict=False)]
    return [*shown, f"and {len(lines) - most} more of this kind"] if len(lines) > most else shown


def signs_in_files(files: Mapping[str, bytes]) -> list[str]:
    """What handed-in files (path → content) hold: modules that would hide real ones, start-up files, pickles, code.

    Of all modules together no more is read than of one cell.
    """
    lines, left, unread = [], MAX_LENGTH, 0
    for name, content in files.items():
        path = PurePosixPath(name)
        place = f"the handed-in file {_shown(name)}"
        if path.name in _START_UP or "site-packages" in path.parts:
            lines.append(f"{place} would be run by Python or IPython at its start")
        elif re.fullmatch(r"jupyter_\w{0,40}config\.(?:py|json)", path.name) or path.name == "kernel.json":
            lines.append(f"{place} would configure Jupyter")
        elif _hides(path):
            lines.append(f"{place} would hide the module of that name")
        elif path.suffix in _PICKLES:
            lines.append(f"{place} is a pickle, which runs code when it is loaded")
        if path.suffix == ".py" and len(content) <= left:
            left -= len(content)
            lines += _lines([(place, content.decode("utf-8", "replace"))])
        elif path.suffix == ".py":
            unread += 1
    if unread:
        lines.insert(0, f"{unread} handed-in modules were not read for signs: there are too many or they are too long")
    return readable(lines)


def _hides(path: PurePosixPath) -> bool:
    """A file that ``import`` would find before the real module, when its folder comes first."""
    package = path.parts[0] if len(path.parts) > 1 and path.suffix in (".py", ".so", ".pyc") else ""
    return package in _SHADOWED or (path.suffix in (".py", ".so", ".pyc") and path.name.partition(".")[0] in _SHADOWED)


def _place(source: str) -> str:
    marked = find_markers(source)
    return f"the answer to {_shown(marked[0])}" if marked else "an added cell"


def _shown(text: str) -> str:
    """A student's text for one line: printable, short."""
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * MAX_TEXT])
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


# --- reading ----------------------------------------------------------------------------------------------

# Possessive, so that white space is read once: a line, or lines, of nothing else would take the square of their length.
_COMMAND = re.compile(r"^(?P<indent>\s*+)(?:[\w., ]++=\s*+)?(?P<mark>!!?|%)(?P<command>.*)$")
_PROMPT = re.compile(r"^[ \t]*+(?:>>> ?|\.\.\. ?|In \[\d+\]: ?)", re.MULTILINE)
_SHELLS = ("bash", "sh", "script", "system")


def _read(source: str) -> tuple[ast.Module | None, list[str]]:
    """The cell's syntax tree (None when it has none) and the commands of its magics.

    IPython's own transformation takes time that grows with the square of the length: not for a hostile text.
    """
    if len(source) > MAX_LENGTH:
        return None, []
    tree = parse(source)
    if tree is not None:
        return tree, []
    body = _PROMPT.sub("", source)
    first, _, rest = body.lstrip().partition("\n")
    commands = []
    if first.startswith("%%"):
        commands.append(first.removeprefix("%%"))
        if first.removeprefix("%%").split()[:1] and first.removeprefix("%%").split()[0] in _SHELLS:
            return None, [*commands, *rest.split("\n")]
        body = rest
    lines = body.split("\n")
    for index, line in enumerate(lines):
        match = _COMMAND.match(line)
        if match:
            commands.append(match["command"])
            lines[index] = f"{match['indent']}pass"
    return parse(dedent("\n".join(lines)).strip("\n")), commands


def parse(source: str) -> ast.Module | None:
    """The syntax tree; None for what is no Python, nor anything that Python's parser can take."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # MemoryError: nested too deeply
        return None


def _aliases(trees: Iterable[ast.Module]) -> dict[str, str]:
    """What the names that cells bind stand for, as dotted names; empty for what is the student's own."""
    aliases: dict[str, str] = {}
    own: set[str] = set()
    nodes = [node for tree in trees for node in ast.walk(tree)]
    for _ in range(2):  # a name may be used by a cell before the one that makes it
        for node in nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    top = name.name.partition(".")[0]
                    aliases[name.asname or top] = name.name if name.asname else top
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    aliases[name.asname or name.name] = f"{node.module or ''}.{name.name}"
            elif isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign):
                value = _dotted(node.value, aliases) if node.value is not None else ""
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                known = value and not value.startswith("?")
                aliases.update({name: value for name in names if known and value.partition(".")[0] != name})
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.arg):
                own.add(node.arg)
    return {**dict.fromkeys(own, ""), **aliases}


def _dotted(node: ast.AST | None, aliases: dict[str, str]) -> str:
    """``a.b.c`` for an expression that names something, aliases resolved; ``?`` for what has no name."""
    parts: list[str] = []
    while True:
        if len(parts) > MAX_LINKS:
            return "?"
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            parts.append(_text(node.slice) or "?")
            node = node.value
        elif isinstance(node, ast.Call):
            called = _dotted(node.func, aliases) if isinstance(node.func, ast.Name | ast.Attribute) else "?"
            if called == "getattr" and len(node.args) > 1:
                parts.append(_text(node.args[1]) or "?")
                node = node.args[0]
            elif called in ("vars", "type") and len(node.args) == 1:
                node = node.args[0]
            elif called in ("__import__", "importlib.import_module") and node.args:
                root = _text(node.args[0]) or "?"
                break
            elif called.endswith(("get_ipython", "InteractiveShell.instance")):
                root = "get_ipython()"
                break
            else:
                root = "?"
                break
        elif isinstance(node, ast.Name):
            root = aliases.get(node.id, _USUAL.get(node.id, node.id)) or "?"
            break
        else:
            root = "?"
            break
    return ".".join([root, *reversed([part for part in parts if part != "__dict__"])])


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# --- what a cell shows ------------------------------------------------------------------------------------


def _signs_of_cell(
    source: str, tree: ast.Module | None, commands: list[str], aliases: dict[str, str], depth: int = 0
) -> Iterator[Sign]:
    if len(source) > MAX_LENGTH:
        yield f"is {len(source):,} characters long and was not read for signs", ""
    for command in commands[:_MAX_COMMANDS]:
        yield from _in_command(command[:_MAX_COMMAND])
    if len(commands) > _MAX_COMMANDS or any(len(command) > _MAX_COMMAND for command in commands):
        yield f"holds {len(commands):,} commands, which were not all read to their ends", ""
    if tree is None:
        return  # what does not parse does not run
    documentation = {
        id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
    }
    in_answer = bool(find_markers(source))
    allowed = _single_variables(tree)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    within = {id(inner) for function in functions for inner in function.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            yield from _in_text(_text(node), aliases, depth)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Attribute | ast.Name | ast.Subscript | ast.Call):
            yield from _referred(node, aliases, allowed, in_answer=in_answer)
            yield from _changed(node, aliases)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _defined(node, aliases)
        elif isinstance(node, ast.While):
            yield from _endless(node, in_function=id(node) in within)
        if isinstance(node, ast.Call):
            yield from _called(node, aliases)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            yield from _repeated(node)
    yield from _rebound(tree)


def _in_command(command: str) -> Iterator[Sign]:
    for words, pattern in (*_COMMANDS.items(), *_TEXTS.items()):
        if re.search(pattern, command):
            yield words, command.strip()
    for word in command.split():
        if _hides(PurePosixPath(PurePosixPath(word).name)):
            yield "names a file that would hide a module", word
    if re.match(r"\s*(?:javascript|js|html)\b", command):
        yield "holds a script for the browser", command.strip()


def _in_text(text: str, aliases: dict[str, str], depth: int) -> Iterator[Sign]:
    for words, pattern in _TEXTS.items():
        if re.search(pattern, text):
            yield words, text
    if text in _SPECIAL:
        yield "gives objects methods by which they may lie about themselves", text
    if re.fullmatch(r"[\w./~-]+\.(?:py|pyc|so)", text) and _hides(PurePosixPath(PurePosixPath(text).name)):
        yield "names a file that would hide a module", text
    if depth < _DEPTH and "import " in text:
        inner = parse(text)
        if inner is not None:
            yield from _signs_of_cell("", inner, [], _aliases([inner]), depth + 1)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[Sign]:
    modules = [name.name for name in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for module in modules:
        for words in {_REFERENCES[m] for m in (module, module.partition(".")[0]) if m in _REFERENCES}:
            yield words, module
    if isinstance(node, ast.ImportFrom):
        for name in node.names:
            full = f"{node.module or ''}.{name.name}"
            if full in _REFERENCES:
                yield _REFERENCES[full], full


_SINGLE = _words("get setdefault pop update copy")


def _single_variables(tree: ast.Module) -> set[int]:
    """Nodes of ``os.environ`` that are asked for single variables, or handed on to a command."""
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            allowed.add(id(node.value))
        elif isinstance(node, ast.Attribute):
            allowed |= {id(node.value)} if node.attr in _SINGLE else set()
        elif isinstance(node, ast.Compare):
            allowed |= {id(comparator) for comparator in node.comparators}
        elif isinstance(node, ast.keyword) and node.arg == "env":
            allowed |= {id(inner) for inner in ast.walk(node.value)}
        elif isinstance(node, ast.Assign | ast.AugAssign):
            allowed.add(id(node.value))
            allowed |= {id(node.target)} if isinstance(node, ast.AugAssign) else set()
    return allowed


def _referred(node: ast.expr, aliases: dict[str, str], allowed: set[int], *, in_answer: bool) -> Iterator[Sign]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return
    name = _dotted(node, aliases)
    if name.startswith("sys.modules."):
        name = name.removeprefix("sys.modules.")
    if name in _REFERENCES:
        yield _REFERENCES[name], name
    owner, _, last = name.rpartition(".")
    read = not isinstance(getattr(node, "ctx", None), ast.Store)
    if owner and last in _MEMBERS and read and (last != "events" or owner == "get_ipython()"):
        yield _MEMBERS[last], name.removeprefix("?.")
    if owner and last in ("tobytes", "data_ptr") and in_answer:
        yield "compares bytes of arrays, as for a table of known answers", last
    if name == "os.environ" and id(node) not in allowed:
        yield "reads all environment variables", "os.environ"


def _changed(node: ast.expr, aliases: dict[str, str]) -> Iterator[Sign]:
    """Attributes and entries of what is not the student's that are given another value."""
    name = ""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        name = _dotted(node, aliases)
    elif isinstance(node, ast.Call):
        called = _dotted(node.func, aliases)
        if called in ("setattr", "delattr") and len(node.args) > 1:
            name = f"{_dotted(node.args[0], aliases)}.{_text(node.args[1]) or '?'}"
        elif called.endswith("mock.patch") and node.args:
            name = _text(node.args[0])
        elif called.startswith(("sys.modules.", "builtins.")) and called.endswith(
            (".update", ".setdefault", "setitem__")
        ):
            name = called
    if not name:
        return
    name = name if isinstance(node, ast.Call | ast.Subscript) else name.removeprefix("sys.modules.")
    root, _, rest = name.partition(".")
    if isinstance(node, ast.Call) and name.startswith("sys.modules."):
        yield "puts modules of its own in the place of others", name
    elif isinstance(node, ast.Subscript) and _dotted(node.value, aliases) == "sys.modules":
        if isinstance(node.ctx, ast.Store):
            module = rest.removeprefix("modules.")
            yield f"puts a module of its own in the place of {_shown(module)!r} (sys.modules)", ""
    elif root in ("builtins", "__builtins__"):
        yield "changes builtins", rest
    elif name.rpartition(".")[2] in _MEMBERS or root == "get_ipython()":
        answering = _MEMBERS.get(name.rpartition(".")[2], "").startswith("reaches for the answering")
        shown = "the answering side of the examination" if answering else _shown(name.removeprefix("?."))
        yield f"replaces {shown}", ""
    elif root in _PATCHED and not _SETTINGS.search(name):
        yield f"changes {root}'s {_shown(rest)}", ""
    elif name.rpartition(".")[2] in _SPECIAL:
        yield "gives objects methods by which they may lie about themselves", name.rpartition(".")[2]


def _defined(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, aliases: dict[str, str]) -> Iterator[Sign]:
    if not isinstance(node, ast.ClassDef):
        return
    for item in node.body:
        names = [item.name] if isinstance(item, ast.FunctionDef) else []
        if isinstance(item, ast.Assign):
            names = [target.id for target in item.targets if isinstance(target, ast.Name)]
        for name in names:
            if name in _SPECIAL:
                yield f"defines {name}, by which objects may lie about themselves", node.name
    bases = [_dotted(base, aliases) for base in node.bases]
    if len(bases) == 1 and bases[0] in ("float", "int", "numpy.ndarray", "torch.Tensor"):
        yield f"makes a kind of {bases[0]} of its own, which may lie about itself", node.name


def _rebound(tree: ast.Module) -> Iterator[Sign]:
    """Top-level statements that give builtins on which tests lean another meaning."""
    for statement in tree.body:
        names: list[str] = []
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names = [statement.name]
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda | ast.Name):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        for name in names:
            if name in _TRUSTED:
                yield "gives builtins another meaning", name


def _endless(node: ast.While, *, in_function: bool) -> Iterator[Sign]:
    """A loop that nothing ends. One that waits, in a function, may be an honest thread's."""
    inner = list(ast.walk(node))
    ends = (ast.Break, ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Raise)
    if not (isinstance(node.test, ast.Constant) and node.test.value) or any(isinstance(n, ends) for n in inner):
        return
    calls = [n.func for n in inner if isinstance(n, ast.Call)]
    names = {f.attr if isinstance(f, ast.Attribute) else f.id for f in calls if isinstance(f, ast.Attribute | ast.Name)}
    if names & {"fork", "Popen", "run", "system", "Process", "start", "Thread"}:
        yield "makes processes or threads in a loop without an end", ", ".join(sorted(names))
    elif not (in_function and names & {"sleep", "wait"}):
        yield "has a loop without an end", ", ".join(sorted(names))


_ALLOCATING = _words("bytearray bytes zeros ones empty full rand randn arange repeat truncate posix_fallocate")
_COMMANDING = _words("system popen run Popen call check_call check_output getoutput getstatusoutput")


def _called(node: ast.Call, aliases: dict[str, str]) -> Iterator[Sign]:
    name = _dotted(node.func, aliases)
    last = name.rpartition(".")[2]
    arguments = [item for a in node.args for item in (a.elts if isinstance(a, ast.Tuple | ast.List) else [a])]
    if last in _ALLOCATING and any(_number(a) >= MANY for a in arguments):
        yield f"asks for {max(map(_number, arguments)):,.0f} elements at once", name.removeprefix("?.")
    if last == "sleep" and any(_number(a) > LONG_SLEEP for a in arguments):
        yield f"sleeps for {max(map(_number, arguments)):,.0f} s", ""
    if last in _COMMANDING and name.partition(".")[0] in ("os", "subprocess", "get_ipython()"):
        yield from _in_command(" ".join(_text(a) for a in arguments))
        if any(k.arg == "start_new_session" and _number(k.value) for k in node.keywords):
            yield "leaves its session, so that a process may stay behind", "start_new_session"
    if last in ("walk", "rglob", "listdir", "scandir", "glob", "Path") and any(_text(a) == "/" for a in arguments):
        yield "searches the whole file system", name
    if last in ("import_module", "__import__") and arguments and not _text(arguments[0]):
        yield "imports a module under a computed name", last


def _repeated(node: ast.BinOp) -> Iterator[Sign]:
    for one, other in ((node.left, node.right), (node.right, node.left)):
        text = isinstance(one, ast.Constant) and isinstance(one.value, str | bytes)
        if (text or isinstance(one, ast.List)) and _number(other) >= MANY:
            yield f"asks for {_number(other):,.0f} elements at once", "a repeated text or list"


_OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Pow: operator.pow}


def _number(node: ast.AST, depth: int = 0) -> float:
    """The value of an expression of plain numbers, 0 when it is none; as a float, so that it cannot grow long."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value) if abs(node.value) < 1e300 else 1e300
    if not isinstance(node, ast.BinOp) or depth > 20:
        return 0.0
    left, right = _number(node.left, depth + 1), _number(node.right, depth + 1)
    try:
        if isinstance(node.op, ast.LShift):
            return float(left * 2.0**right)
        operation = _OPERATIONS.get(type(node.op))
        return 0.0 if operation is None else float(operation(left, right))
    except (OverflowError, ZeroDivisionError, TypeError):  # TypeError: the complex root of a negative number
        return 1e300
