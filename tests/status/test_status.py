#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The running plugin and the commands that ask it: status, rare, selftest; its metrics and its messages.

The plugin gets a recorded session on its standard input, from here instead of from auditd. It trusts only
files of root's, so without root only what needs no plugin is tested.

Run by `make check`, or by hand:  AUSPAWN=plugin/auspawn tests/status/test_status.py
"""
import json
import os
import pty
import pwd
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
AUSPAWN = os.environ.get("AUSPAWN", str(TOP / "plugin" / "auspawn"))
SESSION = (TOP / "tests" / "replay" / "webshell.stream").read_bytes()

RARITY = """
rules = ( { id = "now-rare"; type = "rarity"; name = "n"; severity = "low"; risk_score = 1;
            condition = "process.name == 'sh'"; by = [ "process.name", "host.name" ];
            window = "1h"; every = "1h"; fewer_than = 1000; } );
"""

# Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")
HELP = re.compile(rf"# HELP ({NAME}) ((?:[^\\\n]|\\[\\n])+)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge)")


def metrics_of(text):
    """Checks the format; returns the value of each sample by its name and labels."""
    assert text.endswith("\n"), "the last line has no end"
    helped, typed, samples, family = set(), {}, {}, None
    for line in text.splitlines():
        if match := HELP.fullmatch(line):
            family = match[1]
            assert family not in helped, f"HELP twice: {line}"
            helped.add(family)
        elif match := TYPE.fullmatch(line):
            assert match[1] == family and family not in typed, f"TYPE twice or elsewhere: {line}"
            typed[family] = match[2]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"no sample: {line}"
            assert match[1] == family and family in typed, f"not behind its HELP and TYPE: {line}"
            assert (typed[family] == "counter") == family.endswith("_total"), line
            key = match[1] + (f"{{{match[2]}}}" if match[2] else "")
            assert key not in samples, f"sample twice: {line}"
            samples[key] = float(match[3])
    assert helped == set(typed)
    return samples


class Plugin:
    """A plugin of its own, below a folder that goes with it."""

    def __init__(self, rules=None):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        for name in ("state", "rules.d"):
            (self.folder / name).mkdir(mode=0o700)
        for file in (TOP / "conf" / "rules.d").glob("*.conf"):
            self.write(f"rules.d/{file.name}", file.read_text(encoding="utf-8"))
        for name, text in (rules or {}).items():
            self.write(f"rules.d/{name}", text)
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log.bind(str(self.folder / "log"))
        self.log.settimeout(10)
        self.write("auspawn.conf", f"""
            rules_dir = "rules.d"; local_dir = "local.d"; state_dir = "state";
            user = "root"; // the folder is ours alone
            syslog = {{ enabled = true; socket = "log"; }};
            file = {{ enabled = true; path = "alerts"; }};
            metrics = {{ enabled = true; path = "auspawn.prom"; }};""")
        self.process = None

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    def start(self, until="AS0101 "):
        self.process = subprocess.Popen([AUSPAWN, "-c", str(self.folder / "auspawn.conf")],
                                        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self.await_message(until)

    def await_message(self, start):
        """Takes messages from syslog up to one that starts so; returns it."""
        while True:
            text = self.log.recv(65536).decode().split("]: ", 1)[1]
            if text.startswith(start):
                return text

    def feed(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, *arguments):
        return subprocess.run([AUSPAWN, "-c", str(self.folder / "auspawn.conf"), *arguments],
                              capture_output=True, text=True, timeout=60, check=False)

    def status(self):
        run = self.ask("status", "--format=json")
        return run, json.loads(run.stdout) if run.stdout else None

    def await_execs(self, count):
        for _ in range(500):
            _, document = self.status()
            if document["input"]["execs"] >= count:
                return document
            time.sleep(0.02)
        raise AssertionError(f"only {document['input']['execs']} of {count} execs were seen")

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
        if self.process:
            self.process.stdin.close()
        self.log.close()
        self.holder.cleanup()


def now_stream(execs):
    """Execs of sh by web1, a minute ago, but in this hour: at its end windows close."""
    now = int(time.time())
    lines = []
    for i in range(execs):
        head = f"msg=audit({max(now - 60, now // 3600 * 3600)}.000:{1000 + i}): "
        lines += [
            f"type=SYSCALL {head}arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=1 a2=1 a3=8 items=2"
            f" ppid=900000 pid={910000 + i} auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0"
            f' sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="sh" exe="/usr/bin/dash" subj=unconfined'
            f' key="exec"',
            f'type=EXECVE {head}argc=1 a0="sh"', f'type=CWD {head}cwd="/"', f"type=EOE {head}"]
    return "".join(f"node=web1 {line}\n" for line in lines).encode()


@unittest.skipUnless(os.geteuid() == 0, "the plugin trusts only files of root's")
class Running(unittest.TestCase):
    maxDiff = None

    def plugin(self, **arguments):
        plugin = Plugin(**arguments)
        self.addCleanup(plugin.end)
        return plugin

    def test_status_has_what_was_fed(self):
        plugin = self.plugin()
        plugin.start()
        plugin.feed(SESSION)
        document = plugin.await_execs(128)
        alerts = (plugin.folder / "alerts").read_text(encoding="utf-8").splitlines()
        self.assertTrue(document["running"])
        self.assertEqual(document["plugin"]["pid"], plugin.process.pid)
        self.assertEqual(document["input"]["records"], 1452)
        self.assertEqual(document["input"]["execs"], 128)
        self.assertEqual(document["input"]["execs_lately"], 128)
        self.assertEqual(document["delay"]["events"], 128)
        self.assertGreater(document["processes"]["known"], 100)
        self.assertEqual(document["alerts"]["made"], len(alerts))
        rules = {rule["id"]: rule for rule in document["rules_in_force"]}
        self.assertEqual(rules["web-shell-spawn"]["alerts"],
                         sum('"id":"web-shell-spawn"' in line for line in alerts))
        self.assertGreater(rules["web-shell-spawn"]["cost"], 0)
        sinks = {sink["name"]: sink for sink in document["sinks"]}
        self.assertEqual(sinks["file"]["taken"], len(alerts))
        self.assertEqual(document["state"]["health"], "kept")

    def test_status_as_text_has_the_same_figures(self):
        plugin = self.plugin()
        plugin.start()
        plugin.feed(SESSION)
        plugin.await_execs(128)
        run = plugin.ask("status", "--format=text")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"(?m)^  execs +128  execs that became process events$")
        self.assertRegex(run.stdout, r"(?m)^  web-shell-spawn +\d+ ")
        self.assertIn("look at this\n", run.stdout)

    def test_metrics_are_well_formed_and_agree(self):
        rule = ('rules = ( { id = "odd"; name = "n"; severity = "low"; risk_score = 1;'
                ' condition = "process.pid > 0"; } );')
        plugin = self.plugin(rules={"90-odd.conf": rule})
        plugin.start()
        plugin.feed(SESSION)
        document = plugin.await_execs(128)
        path = plugin.folder / "auspawn.prom"
        metrics = metrics_of(path.read_text(encoding="utf-8"))
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        self.assertEqual(metrics["auspawn_input_execs_total"], 128)
        self.assertEqual(metrics['auspawn_rule_matched_total{id="odd"}'], 128)
        self.assertEqual(metrics['auspawn_info{version="' + document["plugin"]["version"] + '"}'], 1)
        self.assertEqual(sorted(path.parent.glob("auspawn.prom*")), [path])

    def test_an_end_is_told_with_its_time(self):
        plugin = self.plugin()
        plugin.start()
        plugin.feed(SESSION)
        plugin.await_execs(128)
        plugin.process.stdin.close()
        plugin.process.wait(10)
        run, document = plugin.status()
        self.assertEqual(run.returncode, 1)
        self.assertFalse(document["running"])
        self.assertEqual(document["input"]["execs"], 128)
        self.assertRegex(run.stderr, r"no plugin runs: the last one, pid \d+, ended at 2\d{3}-")
        self.assertEqual(plugin.ask("rare").returncode, 1)

    def test_a_kill_is_told_too(self):
        plugin = self.plugin()
        plugin.start()
        plugin.status()
        plugin.process.kill()
        plugin.process.wait(10)
        run, document = plugin.status()
        self.assertEqual(run.returncode, 1)
        self.assertFalse(document["running"])
        self.assertRegex(run.stderr, r"no plugin runs: the last one, pid \d+, was killed after 2\d{3}-")

    def test_a_plugin_that_does_not_answer(self):
        plugin = self.plugin()
        plugin.start()
        plugin.process.send_signal(signal.SIGSTOP)
        run, document = plugin.status()
        plugin.process.send_signal(signal.SIGCONT)
        self.assertEqual(run.returncode, 0)
        self.assertTrue(document["running"])
        self.assertIn("did not answer within 1000 ms", run.stderr)

    def test_what_the_process_holds(self):
        plugin = self.plugin()
        plugin.start()
        _, document = plugin.status()
        kernel = Path(f"/proc/{plugin.process.pid}/status").read_text(encoding="utf-8")
        kernel = dict(re.findall(r"(?m)^(\w+):\s*(.*)$", kernel))
        names = {1 << 2: "dac_read_search", 1 << 19: "sys_ptrace"}
        held = [name for bit, name in names.items() if int(kernel["CapEff"], 16) & bit]
        self.assertEqual(int(kernel["CapEff"], 16) & ~sum(names), 0)
        self.assertEqual(document["privilege"], {
            "user": pwd.getpwuid(int(kernel["Uid"].split()[1])).pw_name,
            "capabilities": ", ".join(held) or "none",
            "filtered": int(kernel["Seccomp"] == "2"), "no_new": int(kernel["NoNewPrivs"])})

    def test_a_process_that_is_no_plugin_gets_no_signal(self):
        plugin = self.plugin()
        plugin.start()
        _, document = plugin.status()
        plugin.process.stdin.close()
        plugin.process.wait(10)
        with subprocess.Popen(["sleep", "60"]) as other:
            stat = Path(f"/proc/{other.pid}/stat").read_text(encoding="utf-8")
            del document["plugin"]["written"]
            document["plugin"]["pid"] = other.pid
            document["plugin"]["start_ticks"] = int(stat.rsplit(")", 1)[1].split()[19])
            plugin.write("state/status.json", json.dumps(document))
            run, _ = plugin.status()
            self.assertEqual(run.returncode, 1)
            self.assertIsNone(other.poll())
            other.kill()

    def test_a_status_that_is_none(self):
        plugin = self.plugin()
        run = plugin.ask("status")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("no plugin has run, or it can't write: ", run.stderr)
        for text in ("", "{", "[]", "7", '{"plugin": 5', "\0" * 5000):
            plugin.write("state/status.json", text)
            run = plugin.ask("status")
            self.assertEqual((run.returncode, run.stdout), (2, ""), text)
            self.assertIn("is no status", run.stderr)
        for text in ("{}", '{"plugin": 5}', '{"plugin": {"pid": "x", "start_ticks": -1}, "sinks": 7}',
                     '{"sinks": [1, null, {}], "rules_in_force": [[]], "state": {"health": 3}}'):
            plugin.write("state/status.json", text)
            for form in ("text", "json"):
                self.assertEqual(plugin.ask("status", f"--format={form}").returncode, 1, text)

    def test_what_stands_in_the_place_of_a_status(self):
        plugin = self.plugin()
        plugin.write("secret", '{"plugin": {"version": "secret"}}')
        path = plugin.folder / "state" / "status.json"
        plugin.write("state/status.json", "")
        for make in (os.mkfifo, os.mkdir, lambda path: os.symlink(f"{plugin.folder}/secret", path)):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
            make(path)
            run = plugin.ask("status")
            self.assertEqual((run.returncode, run.stdout), (2, ""))
        path.unlink()

    def test_rare_prints_the_open_windows_rarest_first(self):
        plugin = self.plugin(rules={"90-rare.conf": RARITY})
        plugin.start()
        plugin.feed(now_stream(3) + now_stream(1).replace(b"node=web1", b"node=web\xc3\xa4"))
        plugin.await_execs(4)
        run = plugin.ask("rare", "--format=json")
        groups = [group for group in json.loads(run.stdout)["groups"] if group["rule"] == "now-rare"]
        self.assertEqual([group["count"] for group in groups], [1, 3])
        self.assertEqual(groups[1]["values"]["host.name"], "web1")
        self.assertTrue(groups[0]["rare"])
        self.assertLess(groups[1]["window_start"], groups[1]["first"] + 1)
        self.assertGreater(groups[1]["window_end"], groups[1]["last"])
        run = plugin.ask("rare", "--format=text")
        self.assertRegex(run.stdout, r"(?m)^now-rare, window from .*Z to .*Z$")
        self.assertRegex(run.stdout, r"(?m)^  rare      3     1  .*host\.name=web1")

    def test_a_reload_with_a_mistake_is_in_the_status(self):
        plugin = self.plugin()
        plugin.start()
        plugin.write("rules.d/90-bad.conf", "rules = ( { id = 7; } );\n")
        plugin.process.send_signal(signal.SIGHUP)
        self.assertIn("mistake", plugin.await_message("AS0104 "))
        _, document = plugin.status()
        self.assertEqual(document["rules"]["reloads_refused"], 1)
        self.assertGreater(document["rules"]["mistakes"], 0)
        self.assertTrue(any("auspawn check" in advice for advice in document["look_at"]))
        (plugin.folder / "rules.d/90-bad.conf").unlink()
        plugin.process.send_signal(signal.SIGHUP)
        plugin.await_message("AS0103 ")
        _, document = plugin.status()
        self.assertEqual((document["rules"]["reloads"], document["rules"]["mistakes"]), (1, 0))

    def test_files_that_cannot_be_written_are_told_once(self):
        plugin = self.plugin()
        plugin.write("auspawn.conf", (plugin.folder / "auspawn.conf").read_text(encoding="utf-8")
                     .replace('"auspawn.prom"', '"auspawn.conf/auspawn.prom"'))
        self.assertIn("metrics can't be written: Not a directory", plugin.start(until="AS0702 "))
        plugin.status()
        plugin.status()
        plugin.process.stdin.close()
        messages = [plugin.await_message("AS") for _ in range(2)]
        self.assertEqual([message[:7] for message in messages], ["AS0101 ", "AS0102 "])

    def test_a_selftest_without_audit_says_what_is_broken(self):
        plugin = self.plugin()
        run = plugin.ask("selftest")
        self.assertEqual(run.returncode, 1)
        self.assertIn("no plugin has run, or it can't write: ", run.stderr)
        run = plugin.ask("selftest", "--user=no-such-account")
        self.assertEqual(run.returncode, 2)
        self.assertIn("there is no account no-such-account", run.stderr)


    def test_a_configuration_that_is_roots_is_told(self):
        plugin = self.plugin()
        try:
            run = subprocess.run([AUSPAWN, "-c", str(plugin.folder / "auspawn.conf"), "status"], timeout=60,
                                 capture_output=True, text=True, check=False, preexec_fn=lambda: os.setuid(65534))
        except PermissionError:
            self.skipTest("nobody else can start the program from where it is")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("auspawn.conf can't be read: status is for root\n", run.stderr)


class Usage(unittest.TestCase):
    CASES = (
        (["status", "--format=cef"], "the format of status and rare is text or json"),
        (["rare", "--format=cee"], "the format of status and rare is text or json"),
        (["status", "--format=xml"], "unknown format 'xml'"),
        (["selftest", "--format=json"], "--format belongs to replay, status and rare"),
        (["status", "file"], "files, --events and --state belong to replay"),
        (["status", "--user=root"], "--user belongs to selftest"),
        (["-r", "rules.d", "status"], "-r does not change what the running plugin does"),
        (["check", "--format=json"], "--format belongs to replay, status and rare"),
        (["rare", "--explain", "x"], "--explain belongs to check"),
        (["stat"], "unknown command 'stat'"),
    )

    def test_options_that_make_no_sense(self):
        for arguments, message in self.CASES:
            with self.subTest(arguments):
                run = subprocess.run([AUSPAWN, *arguments], capture_output=True, text=True,
                                     timeout=60, check=False)
                self.assertEqual((run.returncode, run.stdout), (2, ""))
                self.assertEqual(run.stderr.splitlines()[0], f"auspawn: {message}")
                self.assertIn("usage: auspawn", run.stderr)

    def test_a_plugin_is_not_started_on_a_terminal(self):
        try:
            ours, its = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal can be had: {error}")
        run = subprocess.run([AUSPAWN], stdin=its, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("standard input is a terminal", run.stderr)
        os.close(ours)
        os.close(its)


if __name__ == "__main__":
    unittest.main(verbosity=1)
