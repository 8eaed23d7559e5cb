"""The words that the readers of this room go by: YAML files beside the code."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml


def word_list(name: str) -> Any:
    """What `name`.yaml of this room says; to be kept by the caller, it is read anew each time."""
    return yaml.load(resources.files(__package__).joinpath(f"{name}.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)


def separated(words: str) -> list[str]:
    """The words, or phrases, that a list writes on one line with commas between them."""
    return [word.strip() for word in words.split(",")]
