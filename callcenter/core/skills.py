"""What operators can do, and what a call needs of them: topics and languages with levels, 1 to 5.

Needs *relax*: each time the caller has waited so many seconds more, every level that is needed is
one lower, and at last anybody will do. That depends on time alone, and on nobody: also while a
skilled operator's phone rings and is not answered, the day of the others comes.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from callcenter.core.line import Needs

LEVEL_MOST = 5
SKILLS_MOST = 20  # of an operator, or that a call needs
USUAL_RELAX_SECONDS = 30.0
"""Nobody who needs level 1 waits longer than half a minute for it while somebody else is free, and
who needs level 3 no longer than three times that."""

Skills = tuple[tuple[str, int], ...]
"""The skills of an operator and their levels, in order."""


def ordered(levels: Mapping[str, int]) -> Skills:
    """The form in which skills and needs are compared."""
    return tuple(sorted(levels.items()))


@lru_cache(maxsize=8192)
def can(skills: Skills, needs: Needs) -> bool:
    """Whether an operator with these skills is able to serve a call that needs this."""
    levels = dict(skills)
    return all(levels.get(skill, 0) >= level for skill, level in needs)


@lru_cache(maxsize=8192)
def relaxed(needs: Needs) -> Needs:
    """One level less of everything."""
    return tuple((skill, level - 1) for skill, level in needs if level > 1)


def together(several: Iterable[Needs]) -> Needs:
    """Everything that any of them asks for."""
    levels: dict[str, int] = {}
    for needs in several:
        for skill, level in needs:
            levels[skill] = max(level, levels.get(skill, 0))
    return ordered(levels)
