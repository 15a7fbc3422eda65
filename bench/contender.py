"""What is compared: libraries that the same programs run with, and servers without libuv."""

import os
import re
import shutil
import subprocess
import tempfile


class Library:
    """A libuv.so.1, made the one that a program loads by a directory for LD_LIBRARY_PATH."""

    def __init__(self, label, path):
        self.label = label
        self.path = os.path.realpath(path)
        self.every = 1
        self._version = None  # known after the first run
        self._directory = tempfile.mkdtemp(prefix="bench-lib-")
        os.symlink(self.path, os.path.join(self._directory, "libuv.so.1"))

    def close(self):
        shutil.rmtree(self._directory, ignore_errors=True)

    def environment(self):
        return {**os.environ, "LD_LIBRARY_PATH": self._directory}

    def check_loaded(self, output):
        """Raises an error unless a program's output says that it ran with this library."""
        loaded = re.search(r"^# library (.+)$", output, re.M)
        if loaded is None:
            raise RuntimeError("the program does not say which library it runs with")
        if os.path.realpath(loaded.group(1)) != self.path:
            raise RuntimeError(f"the program did not load the library called {self.label}")
        self._version = _version_in(output) or self._version

    def stripped_size(self):
        """In bytes, or None where strip is missing."""
        stripped = os.path.join(self._directory, "stripped")
        _output_of(["strip", "-o", stripped, self.path])
        return os.path.getsize(stripped) if os.path.exists(stripped) else None

    def describe(self):
        """What a reader of the results wants to know; no path of this machine."""
        return {
            "label": self.label,
            "file": os.path.basename(self.path),
            "version": self._version,
            "stripped_size": self.stripped_size(),
            "compiler": compiler_of(self.path),
            "package": _package_of(self.path),
        }


class Peer:
    """Programs that answer the same questions without libuv."""

    def __init__(self, label, what, every, programs):
        self.label = label
        self.every = every  # runs in one of so many rounds
        self.programs = programs
        self._what = what
        self._version = None

    def environment(self):
        return None

    def check_loaded(self, output):
        if re.search(r"^# library none$", output, re.M) is None:
            raise RuntimeError(f"the program of {self.label} says that it runs with libuv")
        self._version = _version_in(output)

    def describe(self):
        listing = _output_of(["ldd", self.programs[0]])
        found = re.search(rf"^\s*{self.label}\S*\.so\S* => (\S+)", listing, re.M)
        package = _package_of(os.path.realpath(found.group(1))) if found else None
        return {"label": self.label, "what": self._what, "version": self._version,
                "package": package}


def find_system_library():
    """The path of the system's libuv.so.1, or None."""
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    listing = _output_of([ldconfig, "-p"])
    found = re.search(r"^\s*libuv\.so\.1 \(.*=> (\S+)$", listing, re.M)
    return found.group(1) if found else None


def compiler_of(path):
    """What compiled a program or library, as it says itself."""
    text = _output_of(["readelf", "-p", ".comment", path])
    found = re.findall(r"\]\s+(.+)$", text, re.M)
    return ", ".join(found) or "not named in the file"


def parse_lines(output):
    """{name: (value, unit)} from the lines "name value unit" of a program."""
    lines = (line.split() for line in output.splitlines() if not line.startswith("#"))
    return {fields[0]: (float(fields[1]), fields[2]) for fields in lines if len(fields) == 3}


def _version_in(output):
    found = re.search(r"^# version (.+)$", output, re.M)
    return found.group(1) if found else None


def _package_of(path):
    """The Debian package and version that a file comes from, or None."""
    for known_as in (path, path.replace("/usr/lib/", "/lib/", 1)):
        owner = _output_of(["dpkg-query", "-S", known_as]).split(":")[0]
        if owner:
            return _output_of(["dpkg-query", "-W", "-f", "${Package} ${Version}\\n",
                               owner]).splitlines()[0]
    return None


def _output_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
