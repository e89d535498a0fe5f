"""Operators' skills, and the skills that a call needs: topics and languages with levels, 1 to 5.

Needs *relax*: after each further `relax_seconds` of waiting every needed level is one lower, and in
the end any operator will do. This depends only on time. So while a skilled operator's phone rings
and is not answered, the other operators' turn still comes.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from callcenter.core.line import Needs

LEVEL_MOST = 5
SKILLS_MOST = 20  # skills of one operator, or of one call's needs
USUAL_RELAX_SECONDS = 30.0
"""A caller who needs level 1 waits at most half a minute while another operator is free; a caller
who needs level 3 at most three times that."""

Skills = tuple[tuple[str, int], ...]
"""The skills of an operator and their levels, in order."""


def ordered(levels: Mapping[str, int]) -> Skills:
    """The form in which skills and needs are compared."""
    return tuple(sorted(levels.items()))


@lru_cache(maxsize=8192)
def can(skills: Skills, needs: Needs) -> bool:
    """Whether an operator with these skills can serve a call with these needs."""
    levels = dict(skills)
    return all(levels.get(skill, 0) >= level for skill, level in needs)


@lru_cache(maxsize=8192)
def relaxed(needs: Needs) -> Needs:
    """The needs with every level one lower."""
    return tuple((skill, level - 1) for skill, level in needs if level > 1)


def together(several: Iterable[Needs]) -> Needs:
    """All needs together."""
    levels: dict[str, int] = {}
    for needs in several:
        for skill, level in needs:
            levels[skill] = max(level, levels.get(skill, 0))
    return ordered(levels)
