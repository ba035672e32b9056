#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`auspawn import` over rules of our own: what becomes of each, and what is said of those that can't be taken.

Run by `make check`, or by hand:  AUSPAWN=plugin/auspawn tests/import/test_import.py
UPDATE=1 rewrites the golden files; read the difference before committing it.
"""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RULES = HERE / "rules"
EXPECTED = HERE / "expected"
STREAM = HERE.parent / "replay" / "webshell.stream"
AUSPAWN = os.path.abspath(os.environ.get("AUSPAWN", str(HERE.parent.parent / "plugin" / "auspawn")))
PROGRAM = Path(AUSPAWN).with_name("auspawn-import")
UPDATE = os.environ.get("UPDATE")
SHELL_RULE = """
[rule]
language = "eql"
name = "n"
type = "eql"
query = 'process where process.name == "sh"'
"""
THRESHOLD_RULE = """
[rule]
language = "kuery"
name = "n"
type = "threshold"
query = "process.name : sh"
[rule.threshold]
field = ["user.id", "process.parent.parent.name"]
value = 5
[rule.alert_suppression]
duration = { value = 1, unit = "h" }
"""


def auspawn(*arguments, cwd=None):
    return subprocess.run([AUSPAWN, *map(str, arguments)], capture_output=True, timeout=120, check=False, cwd=cwd)


def files_of(folder):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


@unittest.skipUnless(PROGRAM.exists(), "configured --without-import")
class Import(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="auspawn-import."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.folder / "out"

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def run_import(self, *arguments, status):
        run = auspawn("import", "-o", self.out, *arguments)
        self.assertEqual(run.returncode, status, run.stderr.decode())
        return run

    def compare(self, name, content):
        path = EXPECTED / name
        if UPDATE:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        self.assertEqual(content.decode(), path.read_bytes().decode(), name)

    def import_all(self):
        rules = self.folder / "rules"
        rules.mkdir()
        for path in RULES.iterdir():
            name = "..Weird NAME; $(id) é.toml" if path.name == "weird.toml" else path.name
            shutil.copyfile(path, rules / name)
        names = sorted(path.name for path in rules.iterdir())
        run = auspawn("import", "-o", self.out, *names, cwd=rules)
        self.assertEqual(run.returncode, 1)
        return run

    def test_golden(self):
        run = self.import_all()
        self.compare("stderr", run.stderr)
        self.compare("stdout", run.stdout.replace(str(self.out).encode(), b"OUT"))
        made = files_of(self.out)
        for name, content in made.items():
            self.compare(name, content)
        if not UPDATE:
            self.assertEqual(set(made) | {"alerts", "stderr", "stdout"}, set(files_of(EXPECTED)))

    def test_result_loads(self):
        self.import_all()
        run = auspawn("check", "-r", self.out)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        for rule in ("eql-good", "kql-match", "new-terms", "threshold", "esql-rarity", "weird-name-id"):
            self.assertIn(rule.encode(), run.stdout)

    def test_query_is_verbatim(self):
        self.import_all()
        text = (RULES / "eql-good.toml").read_text()
        query = text.split("query = '''\n")[1].split("'''")[0]
        self.assertEqual((self.out / "eql-good.eql").read_text(), query)

    def test_alerts(self):
        self.run_import(RULES / "eql-good.toml", status=0)
        run = auspawn("replay", "-r", self.out, "--format=json", STREAM)
        alerts = [json.loads(line) for line in run.stdout.splitlines()]
        lines = "".join(f"{a['event']['id']} {a['rule']['id']} {a['process']['command_line']}\n" for a in alerts)
        self.assertGreater(len(alerts), 0)
        self.compare("alerts", lines.encode())

    def test_links_and_files_are_not_overwritten(self):
        rule = self.write("r.toml", SHELL_RULE)
        victim = self.write("victim", "precious")
        self.out.mkdir()
        for name in ("r.conf", "r.eql"):
            (self.out / name).symlink_to(victim)
            self.run_import(rule, status=1)
            self.assertEqual(sorted(files_of(self.out)), [name])
            self.assertEqual(victim.read_text(), "precious")
            self.run_import("--force", rule, status=0)
            self.assertFalse((self.out / name).is_symlink())
            self.assertEqual(victim.read_text(), "precious")
            for made in self.out.iterdir():
                made.unlink()

    def test_names_stay_in_the_folder(self):
        names = ["...toml", ".toml", "-.toml", "a/x y.toml", "x%2fy.toml", "ÄÖ.toml", "x\ny.toml",
                 "x y.toml", "X-Y.toml", "x" * 240 + ".toml"]
        for name in names:
            self.write(name, SHELL_RULE)
        names[3] = "a/../a/x y.toml"
        self.run_import(*[self.folder / name for name in names], status=0)
        made = sorted(files_of(self.out))
        self.assertEqual(len(made), 2 * len(names))
        for name in made:
            self.assertRegex(name, r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(conf|eql)$")
        self.assertEqual(auspawn("check", "-r", self.out).returncode, 0)

    def test_unreadable(self):
        rule = self.write("r.toml", SHELL_RULE)
        large = self.write("large.toml", "#" * (1 << 20) + "\n")
        nul = self.write("nul.toml", "a = '\0'")
        for bad in (self.folder / "none.toml", self.folder, large, nul):
            self.run_import("--force", bad, rule, status=2)
            self.assertTrue((self.out / "r.conf").exists())

    def test_suppression_without_field(self):
        for name, group_by in (
            ("process.parent.parent.name", '["user.id", "process.parent.parent.name"]'),
            ("process.parent.parent.name", '"process.parent.parent.name"'),
            ("no.such", '["no.such"]'),
        ):
            text = SHELL_RULE + f"[rule.alert_suppression]\ngroup_by = {group_by}\n"
            run = self.run_import("--force", self.write("r.toml", text), status=0)
            self.assertIn(f"left out: no alert has '{name}'".encode(), run.stderr)
            self.assertEqual(auspawn("check", "-r", self.out).returncode, 0)
        run = self.run_import("--force", self.write("r.toml", THRESHOLD_RULE), status=0)
        self.assertIn(b"left out: no alert has 'process.parent.parent.name'", run.stderr)
        self.assertEqual(auspawn("check", "-r", self.out).returncode, 0)

    def test_usage(self):
        for arguments in ((), ("-x", "f"), ("-o",)):
            run = auspawn("import", *arguments)
            self.assertEqual(run.returncode, 2)
            self.assertIn(b"usage:", run.stderr)
        run = auspawn("import", "--help")
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"--force", run.stdout)

    def test_malformed(self):
        for text in ("[&", "[[[a]]]", "[[=", "a = [[[", "\"", "a.", "a = 'x", "a = \"\\u{\"", "[[a]]]", "= 1", "[.a]"):
            with self.subTest(text):
                self.run_import("--force", self.write("bad.toml", text), status=1)

    def test_many_mistakes(self):
        text = SHELL_RULE + "[[rule.threat]]\n" * 60000
        run = self.run_import(self.write("many.toml", text), status=0)
        self.assertLess(len(run.stderr), 20000)
        run = self.run_import(self.write("none.toml", text.replace("process where", "file where")), status=1)
        self.assertIn(b"'file where'", run.stderr)

    def test_depth(self):
        cases = {
            "dots": "a" + ".a" * 100000 + " = 1\n",
            "header": "[" + ".".join(["a"] * 100000) + "]\n",
            "arrays": "a = " + "[" * 100000 + "\n",
            "tables": "a = " + "{a = " * 100000 + "\n",
            "below": "\n".join("x = [" + "{" + "a." * 390 + "a = [" for _ in range(14)) + "\n",
            "lines": "[" + "a." * 390 + "a]\n" + "b." * 390 + "b = 1\n",
            "parentheses": '[rule]\ntype="query"\nlanguage="kuery"\nquery="' + "(" * 20000 + '"\n',
            "nots": '[rule]\ntype="query"\nlanguage="kuery"\nquery="' + "not " * 10000 + 'user.name:x"\n',
            "values": '[rule]\ntype="query"\nlanguage="kuery"\nquery="user.name:' + "(" * 20000 + '"\n',
            "esql": '[rule]\ntype="esql"\nlanguage="esql"\nquery="from x | where ' + "(" * 20000 + '"\n',
            "calls": '[rule]\ntype="esql"\nlanguage="esql"\nquery="from x | where ' + "length(" * 5000 + '"\n',
            "esql-nots": '[rule]\ntype="esql"\nlanguage="esql"\nquery="from x | where ' + "not " * 9000 + '"\n',
            "eql": '[rule]\ntype="eql"\nlanguage="eql"\nquery="process where ' + "(" * 20000 + '"\n',
        }
        for name, text in cases.items():
            with self.subTest(name):
                run = self.run_import(self.write(name + ".toml", text), status=1)
                self.assertLess(len(run.stderr), 10000)
        self.assertEqual(files_of(self.out), {})


class Without(unittest.TestCase):
    def test_program_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder) / "auspawn"
            shutil.copy2(AUSPAWN, alone)
            run = subprocess.run([alone, "import", "x.toml"], capture_output=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"--without-import", run.stderr)


if __name__ == "__main__":
    unittest.main()
