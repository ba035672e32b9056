#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings of a real kernel through `auspawn replay`, compared with an independent decoder's truth.

Run by `make check`, or by hand:  AUSPAWN=plugin/auspawn tests/replay/test_replay.py
UPDATE=1 rewrites the golden files beside the recordings; read the difference before committing it.
"""
import json
import os
import random
import re
import sqlite3
import subprocess
import tempfile
import unittest
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
RULES = HERE.parent.parent / "conf" / "rules.d"
AUSPAWN = os.environ.get("AUSPAWN", str(HERE.parent.parent / "plugin" / "auspawn"))
STAMP = re.compile(rb"msg=audit\((\d+)\.(\d+):(\d+)\)")
WEBSHELL = (HERE / "webshell.stream").read_bytes()
CONTEXT = (HERE / "context.stream").read_bytes()


def replay(data, *options, rules=RULES, status=0):
    """Runs the records through auspawn; returns the documents it prints."""
    run = subprocess.run([AUSPAWN, "replay", "-r", str(rules), "--format=json", *options],
                         input=data, capture_output=True, timeout=120, check=False)
    if run.returncode != status:
        raise AssertionError(f"status {run.returncode}: {run.stderr.decode()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def events(data):
    return replay(data, "--events")


def exact_args(document):
    hexed = document.get("auspawn", {}).get("args_hex")
    if hexed is not None:
        return hexed
    return [arg.encode().hex() for arg in document["process"].get("args", [])]


def facts(document):
    """What the decoder knows of an exec, from a document."""
    process, auspawn = document["process"], document["auspawn"]
    parent = auspawn.get("reparented_to", process["parent"])
    unset = 4294967295
    return {
        "id": document["event"]["id"],
        "pid": process["pid"],
        "ppid": parent["pid"],
        "uid": int(process["real_user"]["id"]),
        "euid": int(document["user"]["id"]),
        "auid": int(auspawn.get("login_user", {}).get("id", unset)),
        "ses": int(auspawn.get("session", {}).get("id", unset)),
        "comm": process["thread"]["name"],
        "exe": process["executable"],
        "cwd": process["working_directory"],
        "key": "\x01".join(auspawn["key"]) if "key" in auspawn else None,
        "argc": process["args_count"],
        "args_hex": exact_args(document),
    }


def expected(name):
    rows = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    for row in rows:
        del row["parent_exe"], row["parent_comm"]
    return rows


def scripts(data):
    """Pid, kernel's name and script of every exec that has one."""
    documents = events(data)
    return [(document["process"]["pid"], document["process"]["thread"]["name"],
             document["auspawn"]["script"])
            for document in documents if "script" in document["auspawn"]]


def rule_counts(alerts):
    return Counter(alert["rule"]["id"] for alert in alerts)


def group_of(alert):
    process = alert["process"]
    return (process["executable"], process["working_directory"],
            process.get("parent", {}).get("executable"))


def lines_of(data):
    return data.splitlines(keepends=True)


def changed_rules(folder, *replacements):
    """Writes a copy of the shipped rules to `folder`, with texts replaced; each must occur."""
    texts = {source.name: source.read_text(encoding="utf-8") for source in RULES.glob("*.conf")}
    for old, new in replacements:
        if not any(old in text for text in texts.values()):
            raise AssertionError(f"no rule file has {old!r}")
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    for name, text in texts.items():
        (Path(folder) / name).write_text(text, encoding="utf-8")


NO_ACCOUNTS = ("or user.name in @web_users or user.id in @web_user_ids", "")
NO_DIRECTORY = ("or process.parent.working_directory like '/var/www/*'", "")
ALL_GROUPS = ("fewer_than = 5;", "fewer_than = 1000000;")


def rarity(alerts):
    return [a for a in alerts if a["rule"]["id"] == "web-unusual-child"]


class EveryExec(unittest.TestCase):
    """Every successful exec of a recording is an event, and exactly that exec."""

    maxDiff = 2000

    def check(self, recording, truth):
        self.assertEqual([facts(e) for e in events(recording)], expected(truth))

    def test_plugin_stream(self):
        self.check(WEBSHELL, "webshell.expected.ndjson")

    def test_log_on_disk(self):
        self.check((HERE / "webshell.audit.log").read_bytes(), "webshell.expected.ndjson")

    def test_awkward_contexts(self):
        self.check(CONTEXT, "context.expected.ndjson")

    def test_raw_records(self):
        raw = re.sub(rb"\x1d.*", b"", WEBSHELL)
        self.check(raw, "webshell.expected.ndjson")
        self.assertTrue(all("name" not in e["user"] for e in events(raw)))

    def test_records_without_node(self):
        plain = WEBSHELL.replace(b"node=web1 ", b"")
        self.check(plain, "webshell.expected.ndjson")
        self.assertTrue(all("name" not in e["host"] for e in events(plain)))

    def test_without_proctitle(self):
        self.check(without(WEBSHELL, b"PROCTITLE"), "webshell.expected.ndjson")

    def test_without_any_end_record(self):
        self.check(without(WEBSHELL, b"PROCTITLE", b"EOE"), "webshell.expected.ndjson")

    def test_without_directory(self):
        found = events(without(WEBSHELL, b"CWD"))
        self.assertEqual(len(found), len(expected("webshell.expected.ndjson")))
        self.assertTrue(all("working_directory" not in e["process"] for e in found))

    def test_without_arguments(self):
        found = events(without(WEBSHELL, b"EXECVE"))
        self.assertEqual(len(found), len(expected("webshell.expected.ndjson")))
        self.assertTrue(all("args" not in e["process"] for e in found))

    def test_interleaved_events(self):
        for seed in range(5):
            found = events(interleave(WEBSHELL, random.Random(seed)))
            self.assertEqual(sorted((facts(e) for e in found), key=lambda f: f["id"]),
                             sorted(expected("webshell.expected.ndjson"), key=lambda f: f["id"]),
                             f"seed {seed}")

    def test_two_nodes_with_the_same_pids_and_serials(self):
        other = WEBSHELL.replace(b"node=web1 ", b"node=web2 ")
        mixed = b"".join(line for pair in zip(lines_of(WEBSHELL), lines_of(other))
                         for line in pair)
        found = events(mixed)
        for node in ("web1", "web2"):
            self.assertEqual([facts(e) for e in found if e["host"]["name"] == node],
                             expected("webshell.expected.ndjson"))

    def test_two_nodes_with_the_same_pids_and_other_programs(self):
        def told(found, node):
            return sorted((e for e in found if e["host"]["name"] == node), key=lambda e: e["event"]["id"])

        a = named(CONTEXT, b"a")
        # Whoever of one node is taken for the parent on the other has another program and folder.
        b = named(CONTEXT.replace(b'exe="/usr/', b'exe="/b/b/').replace(b'cwd="/', b'cwd="/b/'), b"b")
        alone = told(events(a), "a"), told(events(b), "b")
        self.assertEqual(len(alone[0]), len(alone[1]))
        self.assertFalse([e for e in alone[1] if "/usr/" in e["process"].get("executable", "")])
        for seed in range(3):
            found = events(merge(a, b, random.Random(seed)))
            self.assertEqual(told(found, "a"), alone[0], f"seed {seed}")
            self.assertEqual(told(found, "b"), alone[1], f"seed {seed}")

    def test_several_files_are_one_stream(self):
        lines = lines_of(WEBSHELL)
        with tempfile.TemporaryDirectory() as folder:
            halves = [Path(folder) / "1", Path(folder) / "2"]
            halves[0].write_bytes(b"".join(lines[:500]))
            halves[1].write_bytes(b"".join(lines[500:]))
            found = replay(b"", "--events", *map(str, halves))
        self.assertEqual([facts(e) for e in found], expected("webshell.expected.ndjson"))

    def test_cut_anywhere_gives_only_true_beginnings(self):
        truth = {row["id"]: row for row in expected("webshell.expected.ndjson")}
        for cut in random.Random(1).sample(range(len(WEBSHELL)), 40):
            for event in events(WEBSHELL[:cut]):
                row = truth[event["event"]["id"]]
                self.assertEqual(event["process"]["pid"], row["pid"], f"cut at {cut}")
                self.assertEqual(event["process"]["executable"], row["exe"], f"cut at {cut}")
                known = [arg for arg in event["process"].get("args", []) if arg is not None]
                self.assertLessEqual(len(known), row["argc"], f"cut at {cut}")


class Machines(unittest.TestCase):
    """The numbers of exec differ by machine; an i386 program runs on x86-64 too."""

    RECORDS = ('type=SYSCALL msg=audit(1.000:{serial}): arch={arch} syscall={number} {per}success={ok}'
               ' exit=0 a0=0 a1=0 a2=0 a3=0 items=2 ppid=1 pid=100 auid=0 uid=0 gid=0 euid=0 suid=0'
               ' fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1 comm="id" exe="/usr/bin/id" key=(null)\n'
               'type=EXECVE msg=audit(1.000:{serial}): argc=1 a0="id"\n'
               'type=EOE msg=audit(1.000:{serial}): \n')

    def count(self, arch, number, ok="yes", per=""):
        text = self.RECORDS.format(serial=1, arch=arch, number=number, ok=ok, per=per)
        return len(events(text.encode()))

    def test_exec_calls(self):
        for arch, numbers in {"c000003e": (59, 322), "40000003": (11, 358),
                              "c00000b7": (221, 281)}.items():
            for number in numbers:
                self.assertEqual(self.count(arch, number), 1, f"{arch} {number}")

    def test_numbers_of_another_machine(self):
        self.assertEqual(self.count("c000003e", 11), 0)
        self.assertEqual(self.count("40000003", 59), 0)
        self.assertEqual(self.count("c00000b7", 59), 0)

    def test_personality_before_success(self):
        self.assertEqual(self.count("c000003e", 59, per="per=40000 "), 1)
        self.assertEqual(self.count("c000003e", 59, ok="no", per="per=40000 "), 0)

    def test_failed_exec_is_no_event(self):
        self.assertEqual(self.count("c000003e", 59, ok="no"), 0)


class WebServerRules(unittest.TestCase):
    """What an independent evaluation of the two rules finds in the recording."""

    def test_shipped_rules(self):
        alerts = replay(WEBSHELL)
        self.assertEqual(rule_counts(alerts),
                         {"web-shell-spawn": 34, "web-unusual-child": 10})
        self.assertEqual(len({a["event"]["id"] for a in alerts
                              if a["rule"]["id"] == "web-shell-spawn"}), 34)

    def test_rare_groups(self):
        rare = rarity(replay(WEBSHELL))
        counts = [a["auspawn"]["rarity"]["count"] for a in rare]
        self.assertEqual(counts, sorted(counts))
        self.assertTrue(all(count < 5 for count in counts))
        self.assertEqual(len({group_of(a) for a in rare}), 10)
        # Its parent had gone before the exec in one of two runs; the creator tells.
        self.assertIn(("/usr/bin/nohup", "/var/www/html", "/usr/bin/dash"),
                      {group_of(a) for a in rare})

    def alerts_with(self, *replacements):
        with tempfile.TemporaryDirectory() as folder:
            changed_rules(folder, *replacements)
            return replay(WEBSHELL, rules=folder)

    def test_all_groups(self):
        self.assertEqual(len(rarity(self.alerts_with(ALL_GROUPS))), 13)

    def test_only_parents_by_name(self):
        alerts = self.alerts_with(NO_ACCOUNTS, NO_DIRECTORY)
        self.assertEqual(rule_counts(alerts), {"web-shell-spawn": 30})
        self.assertEqual(Counter(a["process"]["parent"]["name"] for a in alerts),
                         {"apache2": 18, "php-fpm8.2": 12})
        self.assertEqual(len(rarity(self.alerts_with(NO_ACCOUNTS, NO_DIRECTORY, ALL_GROUPS))), 2)

    def test_only_parents_by_name_and_directory(self):
        # A web shell's shell works in /var/www/html itself, so its own children count as well.
        alerts = self.alerts_with(NO_ACCOUNTS)
        self.assertEqual(rule_counts(alerts), {"web-shell-spawn": 34, "web-unusual-child": 10})
        spawned = Counter(a["process"]["parent"]["name"] for a in alerts
                          if a["rule"]["id"] == "web-shell-spawn")
        self.assertEqual(spawned, {"apache2": 18, "php-fpm8.2": 12, "dash": 4})

    def test_first_seen_alerts_at_once(self):
        groups = [a["auspawn"]["rarity"] for a in rarity(self.alerts_with(
            ("fewer_than = 5;", 'fewer_than = 5; deliver = "first-seen";')))]
        self.assertEqual(len(groups), 13)
        self.assertTrue(all(g["provisional"] and g["count"] == 1 for g in groups))

    def test_same_alerts_without_end_records(self):
        bare = without(WEBSHELL, b"PROCTITLE", b"EOE")
        self.assertEqual(rule_counts(replay(bare)),
                         {"web-shell-spawn": 34, "web-unusual-child": 10})

    def test_mistaken_rules_judge_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "10-bad.conf").write_text(
                'rules = ( { id = "x"; condition = "process.nam == \'a\'"; } );', encoding="utf-8")
            self.assertEqual(replay(WEBSHELL, rules=folder, status=2), [])


THRESHOLD = """rules = ( { id = "many"; type = "threshold"; condition = "true";
    by = [ "process.parent.executable" ]; window = "1s"; at_least = 10;
    distinct = { field = "process.executable"; at_least = 6; }; } );"""
NEW_TERMS = """rules = ( { id = "new"; type = "new_terms"; condition = "true";
    by = [ "process.executable", "user.id" ]; history = "1d"; learn = "%s"; } );"""
SUPPRESS = """rules = ( { id = "folded"; condition = "process.executable == '/usr/bin/dash'";
    suppress = { by = [ "process.working_directory", "process.parent.executable" ];
                 for = "1s"; }; } );"""


def millis(document):
    time = datetime.strptime(document["@timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return round(time.timestamp() * 1000)


def parent_executable(document):
    return document["process"].get("parent", {}).get("executable")


class RuleTypes(unittest.TestCase):
    """Each type of rule beside a plain evaluation of what it says, over all events kept in a list."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "rules").mkdir()

    def alerts(self, rules, data=WEBSHELL, *options, more=""):
        (self.folder / "rules" / "10-test.conf").write_text(rules, encoding="utf-8")
        (self.folder / "rules" / "20-more.conf").write_text(more, encoding="utf-8")
        return replay(data, *options, rules=self.folder / "rules")

    def test_threshold(self):
        seen, expected_ids = defaultdict(list), []
        for event in events(WEBSHELL):
            group = seen[parent_executable(event)]
            group.append(event)
            near = [e for e in group if millis(e) > max(map(millis, group)) - 1000]
            if len(near) >= 10 and len({e["process"]["executable"] for e in near}) >= 6:
                expected_ids.append(event["event"]["id"])
                group.clear()
        found = self.alerts(THRESHOLD)
        self.assertGreater(len(expected_ids), 4)
        self.assertEqual([a["event"]["id"] for a in found], expected_ids)
        for alert in found:
            numbers = alert["auspawn"]["threshold"]
            self.assertEqual((numbers["count"], numbers["distinct"], numbers["window"]), (10, 6, 1))
            self.assertLessEqual(numbers["first"], numbers["last"])

    def test_new_terms(self):
        for learn, learn_ms in (("0s", 0), ("1s", 1000)):
            known, expected_ids = set(), []
            everything = events(WEBSHELL)
            for event in everything:
                term = (event["process"]["executable"], event["user"]["id"])
                if term not in known and millis(event) - millis(everything[0]) >= learn_ms:
                    expected_ids.append(event["event"]["id"])
                known.add(term)
            found = self.alerts(NEW_TERMS % learn)
            self.assertGreater(len(expected_ids), 5 if learn_ms else 20)
            self.assertEqual([a["event"]["id"] for a in found], expected_ids)
            for alert in found:
                self.assertEqual(alert["auspawn"]["new_terms"],
                                 {"fields": ["process.executable", "user.id"], "history": 86400})

    def test_suppress(self):
        periods, expected_rows = {}, []

        def end(key):
            _, folded = periods.pop(key)
            if folded:
                expected_rows.append((folded[-1]["event"]["id"], len(folded)))

        for event in events(WEBSHELL):
            for key in [key for key, (start, _) in periods.items()
                        if millis(event) >= start + 1000]:
                end(key)
            if event["process"]["executable"] != "/usr/bin/dash":
                continue
            key = (event["process"]["working_directory"], parent_executable(event))
            if key in periods:
                periods[key][1].append(event)
            else:
                periods[key] = (millis(event), [])
                expected_rows.append((event["event"]["id"], None))
        for key in list(periods):
            end(key)
        found = self.alerts(SUPPRESS)
        rows = [(a["event"]["id"], a["auspawn"].get("suppressed", {}).get("count")) for a in found]
        self.assertEqual(rows, expected_rows)
        self.assertGreater(len([count for _, count in rows if count]), 3)

    def test_state_carries_over(self):
        serials = sorted(int(m.group(3)) for m in STAMP.finditer(WEBSHELL))
        middle = serials[len(serials) // 2]
        halves = [[], []]
        for line in lines_of(WEBSHELL):
            match = STAMP.search(line)
            halves[int(match.group(3)) > middle if match else 0].append(line)
        # Who started a process is not part of the state.
        rules = (NEW_TERMS % "0s", THRESHOLD.replace("process.parent.executable", "user.id"))

        def alerts_with_state(data, name):
            return self.alerts(rules[0], data, "--state", str(self.folder / name), more=rules[1])

        whole = alerts_with_state(WEBSHELL, "whole")
        parts = [alerts_with_state(b"".join(half), "parts") for half in halves]
        self.assertTrue(all(parts))
        self.assertEqual([(a["rule"]["id"], a["event"]["id"], a["auspawn"].get("threshold"))
                          for part in parts for a in part],
                         [(a["rule"]["id"], a["event"]["id"], a["auspawn"].get("threshold"))
                          for a in whole])
        # Everything is known by now.
        self.assertNotIn("new", rule_counts(alerts_with_state(WEBSHELL, "parts")))

    def test_state_keeps_open_windows_unjudged(self):
        folder = self.folder / "state"
        self.assertEqual(rule_counts(replay(WEBSHELL, "--state", str(folder))),
                         {"web-shell-spawn": 34})
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        database = sqlite3.connect(folder / "state.db")
        self.addCleanup(database.close)
        rows = database.execute("SELECT value FROM counted WHERE kind = 'rarity'").fetchall()
        groups = [row for row in rows if "key" in json.loads(row[0])]
        self.assertEqual(len(groups), 13)

    def test_state_is_of_this_machine(self):
        """What a replay teaches the plugin must find by the names that it has itself."""
        (self.folder / "auspawn.conf").write_text('node = "web1";\n', encoding="utf-8")
        config = ("-c", str(self.folder / "auspawn.conf"))
        try:
            machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            machine = None
        for alert in replay(WEBSHELL, *config, "--state", str(self.folder / "mine")):
            self.assertEqual(alert["host"].get("id"), machine)
            self.assertEqual(alert["host"]["name"], "web1")
        for alert in replay(WEBSHELL, *config):
            self.assertNotIn("id", alert["host"])
        foreign = WEBSHELL.replace(b"node=web1", b"node=web2")
        for alert in replay(foreign, *config, "--state", str(self.folder / "foreign")):
            self.assertNotIn("id", alert["host"])

    def test_state_that_cannot_be_used(self):
        (self.folder / "file").write_text("", encoding="utf-8")
        self.assertEqual(replay(WEBSHELL, "--state", str(self.folder / "file"), status=2), [])


class Lineage(unittest.TestCase):
    """Who started what, where ppid does not tell."""

    @classmethod
    def setUpClass(cls):
        cls.by_serial = {e["event"]["id"].split(":")[1]: e for e in events(CONTEXT)}

    def parent(self, serial):
        return self.by_serial[serial]["process"]["parent"]

    def test_orphan_keeps_its_creator(self):
        # Double fork: init adopted 21286, 21285 had made it.
        self.assertEqual(self.parent("76975")["pid"], 21285)
        self.assertEqual(self.parent("76975")["executable"], "/usr/bin/python3.11")
        self.assertEqual(self.by_serial["76975"]["auspawn"]["reparented_to"]["pid"], 1)

    def test_exec_without_fork_keeps_the_parent(self):
        self.assertEqual(self.parent("76992")["pid"], 21273)
        self.assertEqual(self.by_serial["76992"]["process"]["previous"]["executable"],
                         "/usr/bin/python3.11")

    def test_subshell_that_became_another_program(self):
        # (sleep; exec id) inside sh -c, with a subreaper above.
        self.assertEqual(self.parent("76991")["pid"], 21295)
        self.assertEqual(self.parent("76991")["args"][:2], ["sh", "-c"])

    def test_fork_records_of_a_pid_namespace_confuse_nobody(self):
        self.assertEqual(self.parent("77013")["pid"], 21390)
        self.assertEqual(self.parent("77013")["executable"], "/bin/busybox")
        self.assertEqual(self.parent("77017")["pid"], 21398)

    def test_scripts(self):
        self.assertEqual(scripts(CONTEXT), [
            (21274, "one.sh", "/srv/cap2/one.sh"),
            (21276, "two.py", "/srv/cap2/two.py"),
            (21276, "python3", "/srv/cap2/two.py"),  # through /usr/bin/env
            (21278, "three.pl", "/srv/cap2/three.pl"),
            (21280, "nested.sh", "/srv/cap2/nested.sh"),
            (21302, "one.sh", "/srv/cap2/one.sh"),
        ])

    def test_child_of_a_thread(self):
        for serial in ("76978", "76980", "76983", "76985"):
            self.assertEqual(self.parent(serial)["pid"], 21284)
            self.assertEqual(self.parent(serial)["executable"], "/usr/bin/python3.11")


class Golden(unittest.TestCase):
    """Whole output, byte for byte."""

    def check(self, name, *command):
        run = subprocess.run([AUSPAWN, "replay", "-r", str(RULES), *command],
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                             check=True)
        golden = HERE / name
        if os.environ.get("UPDATE"):
            golden.write_bytes(run.stdout)
        self.assertEqual(run.stdout.decode(), golden.read_text(encoding="utf-8"))

    def test_alerts_as_json(self):
        self.check("webshell.alerts.json", "--format=json", str(HERE / "webshell.stream"))

    def test_alerts_as_text(self):
        self.check("webshell.alerts.txt", "--format=text", str(HERE / "webshell.stream"))

    def test_alerts_as_cef(self):
        self.check("webshell.alerts.cef", "--format=cef", str(HERE / "webshell.stream"))

    def test_events_as_text(self):
        self.check("context.events.txt", "--events", "--format=text",
                   str(HERE / "context.stream"))


def without(data, *types):
    return b"".join(line for line in lines_of(data)
                    if not any(b"type=" + t + b" " in line for t in types))


def named(data, node):
    """The records as that node's."""
    return b"".join(b"node=" + node + b" " + re.sub(rb"^node=\S+ ", b"", line) for line in lines_of(data))


def merge(one, other, chance):
    """Mixes the lines of two streams, some of one and then some of the other; each keeps its order."""
    queues = [lines_of(one), lines_of(other)]
    mixed = []
    while any(queues):
        queue = chance.choice([q for q in queues if q])
        count = chance.randint(1, 200)
        mixed += queue[:count]
        del queue[:count]
    return b"".join(mixed)


def interleave(data, chance):
    """Mixes the records of up to four neighbouring events; each keeps the order of its own."""
    order, by_event = [], {}
    for line in lines_of(data):
        match = STAMP.search(line)
        key = match.groups() if match else line
        if key not in by_event:
            by_event[key] = []
            order.append(key)
        by_event[key].append(line)
    mixed = []
    while order:
        near, order = order[:4], order[4:]
        queues = [by_event[key] for key in near]
        while any(queues):
            mixed.append(chance.choice([q for q in queues if q]).pop(0))
    return b"".join(mixed)


if __name__ == "__main__":
    unittest.main(verbosity=1)
