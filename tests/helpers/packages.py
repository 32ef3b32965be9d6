"""Installs what requirements.txt names into the folder venv beside it, unless that was done since it changed."""

import pathlib
import subprocess
import venv

here = pathlib.Path(__file__).parent
wanted, there = here / "requirements.txt", here / "venv"
# Written at the end, so that what was cut off is done again.
done = there / ".installed"
if not done.exists() or done.stat().st_mtime < wanted.stat().st_mtime:
    venv.create(there, clear=True, with_pip=True)
    pip = [there / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "-r", wanted], check=True)
    done.touch()
