#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule files, right and wrong in every way, through `auspawn check`, compared with golden files.

In cases/, NAME.rules (a rule file), and where there is one NAME.more (another), NAME.local (a file of the
local folder) and NAME.eql (a condition_file), give NAME.expected: the exit status, what is printed to stderr
and to stdout. A first line "// explain ID" in the rule file asks for --explain ID.

Run by `make check`, or by hand:  AUSPAWN=plugin/auspawn tests/check/test_check.py
UPDATE=1 rewrites the golden files; read the difference before committing it.
"""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES_DIR = HERE / "cases"
AUSPAWN = os.environ.get("AUSPAWN", str(HERE.parent.parent / "plugin" / "auspawn"))
CASES = sorted(path.stem for path in CASES_DIR.glob("*.rules"))


def lay_out(folder, case):
    """A configuration with the case's files; returns the options for check."""
    (folder / "rules.d").mkdir()
    (folder / "local.d").mkdir()
    # What root is warned of depends on the machine otherwise.
    (folder / "auspawn.conf").write_text('rules_dir = "rules.d"; local_dir = "local.d";\n'
                                         'user = "root"; read_back = "0s";\n', encoding="utf-8")
    for suffix, target in (("rules", f"rules.d/10-{case}.conf"),
                           ("more", f"rules.d/20-{case}.conf"), ("local", f"local.d/{case}.conf"),
                           ("eql", f"rules.d/{case}.eql")):
        source = CASES_DIR / f"{case}.{suffix}"
        if source.exists():
            shutil.copy(source, folder / target)
    first = (CASES_DIR / f"{case}.rules").read_bytes().split(b"\n", 1)[0].decode(errors="replace")
    explain = ["--explain", first.split()[2]] if first.startswith("// explain ") else []
    return ["-c", str(folder / "auspawn.conf"), *explain]


def check(case):
    with tempfile.TemporaryDirectory() as name:
        options = lay_out(Path(name), case)
        run = subprocess.run([AUSPAWN, "check", *options], capture_output=True, timeout=60,
                             check=False)
        text = (f"status {run.returncode}\n--- stderr\n".encode() + run.stderr
                + b"--- stdout\n" + run.stdout)
        return text.replace(name.encode() + b"/", b"")


class Golden(unittest.TestCase):
    maxDiff = None

    def test_every_case(self):
        self.assertGreaterEqual(len(CASES), 40)
        for case in CASES:
            with self.subTest(case):
                golden = CASES_DIR / f"{case}.expected"
                text = check(case)
                if os.environ.get("UPDATE"):
                    golden.write_bytes(text)
                self.assertEqual(text.decode(errors="backslashreplace"),
                                 golden.read_bytes().decode(errors="backslashreplace"))

    def test_no_case_is_forgotten(self):
        files = {path.stem for path in CASES_DIR.iterdir()
                 if path.suffix in (".more", ".local", ".eql", ".expected")}
        self.assertEqual(files - set(CASES), set())


if __name__ == "__main__":
    unittest.main(verbosity=1)
