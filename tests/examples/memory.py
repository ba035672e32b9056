#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program from memory, as an intruder would who leaves no file behind."""
import os
import sys

if "--help" not in sys.argv:
    memory = os.memfd_create("update")
    with open("/usr/bin/true", "rb") as program:
        os.write(memory, program.read())
    os.execve(memory, ["update", "-d"], {})
