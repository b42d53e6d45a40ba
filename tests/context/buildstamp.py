#!/usr/bin/env python3
"""The build knows its commit, also after a pull, in a second worktree, and without a repository.

    buildstamp.py CMAKE FOLDER_OF_BUILDSTAMP
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CMAKE, MODULES = sys.argv.pop(1), sys.argv.pop(1)

PROJECT = f"""cmake_minimum_required(VERSION 3.25)
project(Stamped NONE)
include({MODULES}/BuildStamp.cmake)
photolift_build_stamp(NUMBER DATE)
file(WRITE ${{CMAKE_BINARY_DIR}}/stamp "${{NUMBER}}|${{DATE}}")
add_custom_target(programs ALL)
"""
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]


class BuildStamp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.source = self.root / "source"
        self.write(self.source)

    @staticmethod
    def write(folder):
        folder.mkdir(parents=True)
        (folder / "CMakeLists.txt").write_text(PROJECT)

    def git(self, *arguments, folder=None, day=DAYS[0]):
        who = {f"GIT_{role}_{what}": "nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        when = {f"GIT_{role}_DATE": f"{day}T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
        nothing = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        subprocess.run(["git", "-C", folder or self.source, *arguments], check=True, capture_output=True, env=os.environ | who | when | nothing)

    def commit(self, day):
        self.git("add", ".", day=day)
        self.git("commit", "--allow-empty", "-m", day, day=day)

    def stamp(self, source=None):
        """Configures where that was never done, builds, and says what the build knows: what packaging/run does."""
        source = source or self.source
        build = self.root / f"build-{source.name}"
        if not (build / "build.ninja").exists():
            subprocess.run([CMAKE, "-G", "Ninja", "-S", source, "-B", build], check=True, capture_output=True)
        subprocess.run([CMAKE, "--build", build], check=True, capture_output=True)
        return (build / "stamp").read_text()

    def test_a_build_after_a_pull_knows_the_new_commit(self):
        self.git("init", "-b", "main")
        self.commit(DAYS[0])
        self.assertEqual(self.stamp(), f"1|{DAYS[0]}")
        self.commit(DAYS[1])
        self.assertEqual(self.stamp(), f"2|{DAYS[1]}")
        self.git("reset", "--hard", "HEAD~1")
        self.assertEqual(self.stamp(), f"1|{DAYS[0]}")

    def test_a_worktree_follows_its_own_head(self):
        self.git("init", "-b", "main")
        self.commit(DAYS[0])
        other = self.root / "other"
        self.git("worktree", "add", "-b", "side", other)
        self.assertEqual(self.stamp(other), f"1|{DAYS[0]}")
        self.commit(DAYS[1])
        self.git("merge", "--ff-only", "main", folder=other)
        self.assertEqual(self.stamp(other), f"2|{DAYS[1]}")

    def test_without_a_repository_it_is_unknown(self):
        self.assertEqual(self.stamp(), "|")

    def test_before_the_first_commit_it_is_unknown(self):
        self.git("init", "-b", "main")
        self.assertEqual(self.stamp(), "|")

    def test_a_log_that_git_does_not_keep_is_no_hindrance(self):
        self.git("init", "-b", "main")
        self.git("config", "core.logAllRefUpdates", "false")
        self.commit(DAYS[0])
        self.assertEqual(self.stamp(), f"1|{DAYS[0]}")

    def test_the_repository_around_an_unpacked_archive_is_not_ours(self):
        self.git("init", "-b", "main")
        self.commit(DAYS[0])
        unpacked = self.source / "unpacked"
        self.write(unpacked)
        self.assertEqual(self.stamp(unpacked), "|")


if __name__ == "__main__":
    unittest.main()
