"""Formulas on pages: what LaTeX means stands there as MathML, and nothing else comes of what a student typed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_output

from autograder import formulas
from autograder.feedback import _shown, safe_html, safe_markdown
from autograder.formulas import MAX_CHARACTERS, MAX_CHARACTERS_OF_TEXT, as_mathml
from autograder.release import read_master

SOURCE = Path(__file__).parent.parent / "source"
MATHML = formulas._TAGS
ATTRIBUTES = {name for values in formulas._VALUES.values() for name in values} | {"class", "mathvariant"}


def page(markdown: str) -> BeautifulSoup:
    return BeautifulSoup(safe_markdown(markdown), "html.parser")


def letters(formula: str) -> str:
    """What a formula shows, without its structure."""
    made = as_mathml(formula)
    assert made is not None, formula
    return "".join(made.itertext())


def formulas_of(path: Path) -> list[tuple[str, bool]]:
    """The formulas in a notebook's prose, and whether each is a block."""
    found: list[tuple[str, bool]] = []

    class Collect(IPythonRenderer):
        def inline_math(self, body: str) -> str:
            found.append((body, False))
            return ""

        def block_math(self, body: str) -> str:
            found.append((body, True))
            return ""

        def latex_environment(self, name: str, body: str) -> str:
            found.append((f"\\begin{{{name}}}{body}\\end{{{name}}}", True))
            return ""

    for cell in read_master(path).cells:
        if cell.cell_type == "markdown":
            MarkdownWithMath(renderer=Collect(escape=False)).render(cell.source)
    return found


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_every_formula_of_our_notebooks_is_converted(path: Path) -> None:
    assert [latex for latex, block in formulas_of(path) if as_mathml(latex, block) is None] == []


def test_the_notebooks_formulas_are_found_at_all() -> None:
    assert sum(len(formulas_of(path)) for path in SOURCE.glob("*/*.ipynb")) > 200


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"h_t = \tanh(W_x x_t + b)", "ht=tanh(Wxxt+b)"),
        (r"\frac{\partial L}{\partial W}", "∂L∂W"),
        (r"\mathbb{R}^{n \times m}", "ℝn×m"),
        (r"\mathbf{Wx} + \boldsymbol{b}", "𝐖𝐱+𝒃"),
        (r"\mathrm{diag}(f_t) \odot \mathcal{L}", "diag(ft)⊙ℒ"),
        (r"\text{hidden\_size} = 10\%", "hidden_size=10%"),
        (r"p(x_t \mid x_{<t})", "p(xt∣x<t)"),
        (r"\operatorname*{arg\,max}_c y_c", "arg\u2009maxcyc"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \end{cases}", "{1x>00"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a=bc=d"),
        (r"h'_t", "h′t"),
    ],
)
def test_what_a_formula_says_is_all_there(latex: str, shown: str) -> None:
    assert letters(latex) == shown


def test_lines_of_aligned_are_rows_that_align_at_their_sign() -> None:
    made = as_mathml(r"\begin{aligned} i &= \sigma(x) && \text{input gate} \\ f &= g && \text{b} \end{aligned}", True)
    assert made is not None
    assert len(list(made.iter("mtr"))) == 2
    assert [cell.get("class") for cell in next(made.iter("mtr"))] == ["right", "left", "right", "left"]


@pytest.mark.parametrize(
    ("latex", "form"), [("-1", "prefix"), ("(-1)", "prefix"), ("x = -1", "prefix"), ("(a)-b", None), ("a-b", None)]
)
def test_a_sign_stands_by_its_number_and_an_operator_between_two(latex: str, form: str | None) -> None:
    made = as_mathml(latex)
    assert made is not None
    assert next(mo for mo in made.iter("mo") if mo.text == "−").get("form") == form


def test_a_functions_name_keeps_off_what_it_is_applied_to() -> None:
    made = as_mathml(r"\log_2 p")
    assert made is not None
    assert [child.tag for child in made[0]] == ["msub", "mspace", "mi"]


@pytest.mark.parametrize("typed", ["$x_t$", "$$x_t$$", r"\begin{align}x_t\end{align}", r"\\(x_t\\)", r"\\[x_t\\]"])
def test_all_delimiters_of_jupyter_are_known(typed: str) -> None:
    found = page(f"Before {typed} after")
    assert found.math.get_text() == "xt"
    assert "Before" in found.get_text() and "after" in found.get_text()
    assert "$" not in found.get_text() and "\\" not in found.get_text()


def test_a_formula_that_was_displayed_by_code_is_shown() -> None:
    shown = BeautifulSoup(_shown(new_output("display_data", {"text/latex": r"$\displaystyle h_t$"})), "html.parser")
    assert shown.math.get_text() == "ht"


@pytest.mark.parametrize(
    "typed",
    [
        r"$\unknown{x}$",
        "$x^$",
        r"$\frac{1}$",
        r"$\left( x$",
        "$a & b$",
        r"$\begin{tikzpicture} x \end{tikzpicture}$",
        r"$\cancel{x}$",
        "it costs $5 and $6",
        "$95% of it$",
        rf"${'a' * (MAX_CHARACTERS + 1)}$",
        f"${'a + ' * 100}a$",
        "$" + r"\sqrt{" * 150 + "x" + "}" * 150 + "$",
        r"$\def\a{xx}\def\b{\a\a}\b$",
        r"$\newcommand{\a}{x}\a$",
        r"$\begin{matrix}" * 30,
    ],
    ids=lambda typed: typed[:24],
)
def test_what_has_no_faithful_mathml_stays_as_it_was_typed(typed: str) -> None:
    found = page(typed)
    assert found.math is None
    assert found.get_text().strip() == typed


ATTACKS = [
    r"\text{<script>alert(1)</script>}",
    r"\text{</mtext></math><img src=x onerror=alert(1)>}",
    r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    r"\text{&#x3c;script&#x3e;alert(1)}",
    r"\unicode{x3c}script\unicode{x3e}alert(1)",
    "<img src=x onerror=alert(1)>",
    "</math><script>alert(1)</script>",
    "x</mi></math><svg onload=alert(1)>",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background:url(https://beacon.example)}{x}",
    r"\style{position:fixed;top:0}{x}",
    r"\class{total}{24\ of\ 24}",
    r'\class{a" onmouseover="alert(1)}{x}',
    r"\color{red;background:url(https://beacon.example)}{x}",
    r'\textcolor{a" onclick="alert(1)}{x}',
    r"\colorbox{red}{x}",
    r"\fcolorbox{red}{url(https://beacon.example)}{x}",
    r"\raise{500em}{x}",
    r"\hspace{-500em}x",
    r"\rule{500em}{500em}",
    r"\Huge x",
    r"\operatorname{<b>}",
    r"\verb|<script>alert(1)</script>|",
    r"\begin{array}{<script>} x \end{array}",
    r"\begin{matrix}<style>*{display:none}</style>\end{matrix}",
    r"\tag{<script>alert(1)</script>}x",
    "<!--", "-->", "]]>", "<![CDATA[<script>alert(1)</script>]]>",
    "\u202e", "\x00", r"\unicode{xD800}", r"\unicode{0}",
]  # fmt: skip


AROUND = ["${}$", "$${}$$", "a $x$ {} $y$", "[$ {} $](https://example.org)", "| a |\n|---|\n| ${}$ |"]


def harmless(found: BeautifulSoup) -> Iterator[Tag]:
    """All elements of a page that are neither prose nor what may stand in a formula."""
    for element in found.find_all(True):
        if element.name in MATHML:
            assert element.find_parent("math") or element.name == "math"
            assert not set(element.attrs) - ATTRIBUTES, element
            assert not set(element.get("class", ())) - {"left", "right"}, element
        elif element.name == "span":
            assert set(element.attrs) <= {"class"} and set(element.get("class", ())) <= {"wide", "formula"}, element
        else:
            yield element


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", AROUND)
def test_nothing_that_a_student_types_into_a_formula_becomes_an_element(attack: str, around: str) -> None:
    found = page(around.replace("{}", attack, 1))
    plain = {"p", "a", "table", "thead", "tbody", "tr", "th", "td", "b", "em", "strong"}
    for element in harmless(found):
        assert element.name in plain, element
        assert not set(element.attrs) - {"href"}, element
    assert all(link["href"].startswith("https://") for link in found.find_all("a"))


def test_a_formula_in_a_pictures_description_stays_text_and_closes_no_attribute() -> None:
    picture = "data:image/png;base64,AAAA"
    found = page(f'![$x > "y" <script>$]({picture}) <img src="{picture}" alt="$a$ > \' onerror=alert(1)">')
    for image in found.find_all("img"):
        assert set(image.attrs) == {"src", "alt"}
    assert found.math is None and found.script is None
    assert found.img["alt"].startswith("$x")


def test_nobody_can_type_the_mark_that_stands_for_a_formula() -> None:
    marks = {formulas.Formulas().name for _ in range(20)}
    assert len(marks) == 20
    assert all(re.fullmatch("[0-9a-f]{32}", mark) for mark in marks)
    assert page("$x$ " + "0" * 32 + "-0;").get_text().strip() == "x " + "0" * 32 + "-0;"


def test_mathml_of_a_students_own_is_left_out_as_before() -> None:
    assert "math" not in safe_html("<math><mi xlink:href='javascript:alert(1)'>x</mi></math>y")


def test_what_is_converted_of_one_text_has_an_end() -> None:
    formula = "a" * 50
    found = page(f"${formula}$ " * 600)
    converted = len(found.find_all("math"))
    assert converted == MAX_CHARACTERS_OF_TEXT // len(formula)
    assert found.get_text().count(f"${formula}$") == 600 - converted
