"""The migrations are one chain: two that follow the same one leave no database upgraded."""

from alembic.config import Config
from alembic.script import ScriptDirectory


def test_every_migration_follows_another_one_and_one_is_the_last() -> None:
    config = Config()
    config.set_main_option("script_location", "callcenter.storage:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    followed = [script.down_revision for script in scripts.walk_revisions()]
    assert len(set(followed)) == len(followed)
