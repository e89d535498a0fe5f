"""`make` in a checkout that may not be written says the way out in one sentence."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


def test_the_way_out_is_said() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        shutil.copy(CHECKOUT / "Makefile", folder)
        for lock in CHECKOUT.glob("requirements*.lock"):
            shutil.copy(lock, folder)
        folder.chmod(0o555)
        done = subprocess.run(
            [*(AS_NOBODY if os.geteuid() == 0 else ()), "make", "packages-run"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        folder.chmod(0o755)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not re.match(r"make(\[\d+\])?:", line)]
    assert len(said) == 1 and f"cp -r {folder}" in said[0], done.stderr
