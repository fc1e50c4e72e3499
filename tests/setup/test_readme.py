"""What the README promises exists."""

import ast
import re

import pytest

from dispatchsim.bootstrap.cli import run
from tests.readme import BLOCKS, README, ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_first_two_blocks_are_the_two_commands() -> None:
    assert [text for language, text in BLOCKS if language == "sh"][:2] == ["make run\n", "make test\n"]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", "\n".join(text for _, text in BLOCKS)))))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)", README))))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "python"])
def test_the_python_example_can_be_read(text: str) -> None:
    ast.parse(text)


@pytest.mark.parametrize("slug", sorted(set(re.findall(r'"scenario": "([a-z-]+)"', README))))
def test_the_scenario_of_the_examples_comes_along(slug: str) -> None:
    assert (ROOT / "dispatchsim" / "library" / "scenarios" / f"{slug}.yaml").is_file()


def test_the_environment_of_the_tests_scrubs_every_variable_of_the_documentation() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Environment")[1]
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
    scrubbed = (ROOT / "tests" / "environment.py").read_text(encoding="utf-8")

    assert {name for name in documented if f'"{name}"' not in scrubbed} == set()


def test_every_recipe_is_a_verb_that_sets_up_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    recipes = re.findall(r"^\t@(.*)", MAKEFILE.split("run:")[1], flags=re.MULTILINE)
    run([])
    verbs = re.findall(r"\w+", capsys.readouterr().out.partition("{")[2])

    programs = {
        recipe for recipe in recipes if recipe.startswith("$(PYTHON) tests/setup/fresh_clone.py")
    }  # needs nothing
    assert {one for one in recipes if one.removeprefix("$(BOOTSTRAP) ").split()[0] not in verbs} == programs


@pytest.mark.parametrize("target", ["bench", "pictures"])
def test_what_shows_the_product_is_told(target: str) -> None:
    assert re.search(rf"^make {target} +# \w+", README, flags=re.MULTILINE)
