#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of conf/examples over what tests/examples/record recorded of a real kernel.

Run by `make check`, or by hand:  AUSPAWN=plugin/auspawn tests/examples/test_examples.py
UPDATE=1 rewrites alerts.tsv, the list of every alert; read the difference before committing it.
"""
import json
import os
import re
import subprocess
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
RULES = TOP / "conf" / "examples"
AUSPAWN = os.environ.get("AUSPAWN", str(TOP / "plugin" / "auspawn"))
STREAM = HERE / "examples.stream"
GOLDEN = HERE / "alerts.tsv"
# What an intruder could do too, among what is benign in that recording.
BENIGN = {
    "context.stream": [
        ("exec-memory-file", "1795324274.052:76969"),
        ("process-poses-as-kernel-thread", "1795324274.052:76969"),
        ("web-account-discovery", "1795324274.328:77006"),
    ],
}


# Events of the tools that made the recording were left out of it.
LEFT_OUT = r"auspawn: 10 events are missing in 5 gaps: .*\n"


def auspawn(*arguments):
    return subprocess.run([AUSPAWN, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, check=False)


def replay(recording, *options):
    run = auspawn("replay", "-r", str(RULES), "--format=json", *options, str(recording))
    if run.returncode or re.sub(LEFT_OUT, "", run.stderr):
        raise AssertionError(f"status {run.returncode}: {run.stderr}")
    documents = [json.loads(line) for line in run.stdout.splitlines()]
    return [document for document in documents
            if document.get("rule", {}).get("id") != "auspawn-lost"]


def alerts_of(recording):
    return [(alert["rule"]["id"], alert["event"]["id"]) for alert in replay(recording)]


def table(path):
    return [tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]


def rule_ids(folder):
    """As the files have them, whatever auspawn makes of that."""
    return [found for path in sorted(folder.glob("*.conf"))
            for found in re.findall(r'^\s*id\s*=\s*"([^"]+)"', path.read_text(encoding="utf-8"), re.M)]


class Files(unittest.TestCase):
    """Rule files and queries belong together."""

    def test_every_rule_loads(self):
        run = auspawn("check", "-r", str(RULES))
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn(f"{len(rule_ids(RULES))} rules in {len(list(RULES.glob('*.conf')))} files",
                      run.stdout)

    def test_ids_are_unique(self):
        # Shipped rules count too: an administrator copies these beside them.
        ids = rule_ids(RULES) + rule_ids(TOP / "conf" / "rules.d")
        self.assertEqual(len(ids), len(set(ids)))

    def test_each_rule_has_a_query_of_its_name(self):
        self.assertEqual(sorted(rule_ids(RULES)), sorted(path.stem for path in RULES.glob("*.eql")))
        for path in RULES.glob("*.conf"):
            text = path.read_text(encoding="utf-8")
            for rule, file in re.findall(r'id\s*=\s*"([^"]+)".*?condition_file\s*=\s*"([^"]+)"', text,
                                         re.S):
                self.assertEqual(file, rule + ".eql")

    def test_queries_are_plain_eql(self):
        # No additions of ours: no @lists, '...' strings or fields that only we have.
        for path in RULES.glob("*.eql"):
            text = path.read_text(encoding="utf-8")
            bare = re.sub(r'""".*?"""|"(?:\\.|[^"\\])*"|//[^\n]*', "", text, flags=re.S)
            self.assertTrue(text.startswith('process where host.os.type == "linux" and '
                                            'event.type == "start" and\n'), path.name)
            self.assertNotRegex(bare, r"[@'`]|auspawn\.", path.name)

    def test_every_rule_names_a_technique(self):
        for path in RULES.glob("*.conf"):
            for rule in path.read_text(encoding="utf-8").split("\n    {\n")[1:]:
                self.assertRegex(rule, r'tactic = "TA\d{4}"; technique = "T\d{4}(\.\d{3})?"')


class Recording(unittest.TestCase):
    """Each rule fires on its event and on nothing that only looks like it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.rows = table(HERE / "expected.tsv")
        cls.events = {event["event"]["id"]: event for event in replay(STREAM, "--events")}
        cls.alerts = alerts_of(STREAM)

    def test_each_rule_has_both_events(self):
        self.assertEqual(sorted(row[0] for row in self.rows), sorted(rule_ids(RULES)))
        for rule, fires, misses in self.rows:
            self.assertIn(fires, self.events, rule)
            self.assertIn(misses, self.events, rule)
            self.assertNotEqual(fires, misses, rule)

    def test_each_fires(self):
        silent = [rule for rule, fires, _ in self.rows if (rule, fires) not in self.alerts]
        self.assertEqual(silent, [])

    def test_near_misses_fire_nothing(self):
        near = {misses for _, _, misses in self.rows}
        self.assertEqual([alert for alert in self.alerts if alert[1] in near], [])

    def test_alerts_are_exactly_those(self):
        if os.environ.get("UPDATE"):
            GOLDEN.write_text("".join(f"{rule}\t{event}\n" for rule, event in self.alerts),
                              encoding="utf-8")
        self.assertEqual(self.alerts, table(GOLDEN))

    def test_markers_and_helpers_fire_nothing(self):
        self.assertTrue(all(self.events[event]["process"]["name"] != "true" or
                            self.events[event]["process"]["args"][0] != "/usr/bin/true"
                            for _, event in self.alerts))


class Benign(unittest.TestCase):
    def test_nothing_else_fires(self):
        for name, expected in BENIGN.items():
            self.assertEqual(alerts_of(TOP / "tests" / "replay" / name), expected)


if __name__ == "__main__":
    unittest.main(verbosity=1)
