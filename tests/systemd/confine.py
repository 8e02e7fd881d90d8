"""Run a command under the limits of a unit, without systemd: as far as a container with root lets itself be used.

Called as ``unshare ... python -m tests.systemd.confine UNIT STATE CONFIG KEEP... -- COMMAND``: a new root that holds
the system, the unit's state and configuration, and the folders of Kith and its Python (``KEEP``, the place of
/opt/kith); then limits, user, no new privileges, and a system call filter made from the unit by libseccomp.
Left out, since only systemd or a booted kernel gives them: control groups, PrivateUsers, filters by BPF, the watchdog,
and what no test here looks at. No home is there in any case.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

from tests.systemd.units import settings

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RECURSIVE, MOUNT_SETATTR = -100, 0x8000, 442
RDONLY, NOSUID, NOEXEC = 1, 2, 8
NOBODY = 65534
SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "nix")
ETC = ("ld.so.cache", "passwd", "group", "nsswitch.conf", "hosts", "localtime", "ssl")
DEVICES = ("null", "zero", "full", "random", "urandom")


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def checked(result: int, what: str) -> None:
    if result < 0:
        sys.exit(f"confine: {what}: {os.strerror(ctypes.get_errno())}")


def mount(*words: str | Path) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


def change(path: Path, *, on: int = 0, off: int = 0) -> None:
    """Change the flags of all mounts at and below ``path``."""
    wanted = Attributes(on, off, 0, 0)
    done = libc.syscall(
        MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), RECURSIVE, ctypes.byref(wanted), ctypes.sizeof(wanted)
    )
    checked(done, f"mount_setattr {path}")


def bind(source: Path, root: Path, at: Path) -> None:
    """Show ``source`` in the new root at the absolute path ``at``."""
    target = root / at.relative_to("/")
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount("--rbind", source, target)


def build(root: Path, unit: dict[str, list[str]], state: Path, config: Path, keep: list[Path]) -> None:
    """Make the world that the unit's file directives leave."""
    mount("-t", "tmpfs", "tmpfs", root)
    for name in SYSTEM:
        if Path("/", name).is_symlink():
            (root / name).symlink_to(Path("/", name).readlink())
        elif Path("/", name).is_dir():
            bind(Path("/", name), root, Path("/", name))
    for path in [Path("/etc", name) for name in ETC] + [Path("/dev", name) for name in DEVICES] + keep:
        if path.exists():
            bind(path.resolve(), root, path)
    bind(config, root, Path("/etc/kith"))
    for name in ("proc", "tmp", "var/tmp", "dev/shm", "home", "old", f"var/lib/{unit['StateDirectory'][0]}"):
        (root / name).mkdir(parents=True, exist_ok=True)
    mount("--rbind", root, root)
    if unit.get("NoExecPaths", [""])[0] == "/":
        change(root, on=NOEXEC)
        for path in (Path("/usr"), *keep):
            change(root / path.relative_to("/"), off=NOEXEC)
    if unit.get("ProtectSystem") == ["strict"]:
        change(root, on=RDONLY | NOSUID)
    fresh(root, unit, state)
    for path in keep:
        if path.is_relative_to("/tmp"):  # a checkout that the new /tmp hides
            bind(path, root, path)
            change(root / path.relative_to("/"), on=RDONLY, off=NOEXEC)


def fresh(root: Path, unit: dict[str, list[str]], state: Path) -> None:
    """Mount what systemd mounts anew for a service, which "/" in NoExecPaths= does not reach."""
    noexec = {word.lstrip("-") for word in unit.get("NoExecPaths", [])}
    home = Path("/var/lib", unit["StateDirectory"][0])
    bind(state, root, home)
    change(root / home.relative_to("/"), off=RDONLY | NOEXEC)
    for name in ("/tmp", "/var/tmp", "/dev/shm"):
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / name.lstrip("/"))
    for name in (str(home), "/tmp", "/var/tmp", "/dev/shm"):
        if name in noexec:
            change(root / name.lstrip("/"), on=NOEXEC)
    options = [f"hidepid={word}" for word in unit.get("ProtectProc", [])]
    options += [f"subset={word}" for word in unit.get("ProcSubset", [])]
    mount("-t", "proc", *(["-o", ",".join(options)] if options else []), "proc", root / "proc")


def give_up(unit: dict[str, list[str]]) -> None:
    """Set limits, become nobody, lose every capability, and let no program bring one back."""
    for name in ("NOFILE", "CORE", "FSIZE"):
        for word in unit.get(f"Limit{name}", []):
            most = int(word.replace("G", "")) * (1 << 30 if word.endswith("G") else 1)
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    os.umask(int(unit["UMask"][0], 8))
    if "CapabilityBoundingSet" in unit:
        for number in range(64):
            libc.prctl(24, number, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    if unit.get("NoNewPrivileges") == ["yes"]:
        checked(libc.prctl(38, 1, 0, 0, 0), "no_new_privs")


# --- the system call filter

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NE, EQ, MASKED = 1, 4, 7
EPERM, ENOSYS, AFNOSUPPORT = 1, 38, 97
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
CLONE_NEW = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Filter:
    """One filter of libseccomp, loaded beside the others: the strictest wins."""

    def __init__(self, otherwise: int) -> None:
        self.lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.lib.seccomp_init.restype = ctypes.c_void_p
        self.at = ctypes.c_void_p(self.lib.seccomp_init(otherwise))

    def rule(self, action: int, name: str, *where: Compare) -> None:
        number = self.lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # a negative one does not exist on this machine
            listed = (Compare * len(where))(*where)
            code = self.lib.seccomp_rule_add_array(self.at, ctypes.c_uint32(action), number, len(where), listed)
            checked(code, f"rule {name}")

    def load(self) -> None:
        checked(self.lib.seccomp_load(self.at), "seccomp_load")


def calls(group: str) -> set[str]:
    """Return the system calls of ``@group``, as this machine's systemd knows them."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    found: set[str] = set()
    for line in said.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= calls(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


def filters(unit: dict[str, list[str]]) -> list[Filter]:
    """Return the filters that the unit asks for; made while programs can still be started."""
    made = []
    if words := unit.get("SystemCallFilter"):
        denied = words.index(next(word for word in words if word.startswith("~")))
        names: set[str] = {"execve", *calls("@default")}.union(*(calls(word) for word in words[:denied]))
        for word in words[denied:]:
            names -= calls(word.lstrip("~"))
        made.append(Filter(ERRNO | EPERM))
        for name in sorted(names | {"execve", "exit", "exit_group", "rt_sigreturn"}):
            made[-1].rule(ALLOW, name)
    if words := unit.get("RestrictAddressFamilies"):
        made.append(Filter(ALLOW))
        for number in sorted(set(range(64)) - {FAMILIES[word] for word in words}):
            made[-1].rule(ERRNO | AFNOSUPPORT, "socket", Compare(0, EQ, number, 0))
    if unit.get("RestrictNamespaces") == ["yes"]:
        made.append(Filter(ALLOW))
        made[-1].rule(ERRNO | EPERM, "setns")
        made[-1].rule(ERRNO | ENOSYS, "clone3")
        for flag in CLONE_NEW:
            for name in ("clone", "unshare"):
                made[-1].rule(ERRNO | EPERM, name, Compare(0, MASKED, flag, flag))
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        made.append(Filter(ALLOW))
        made[-1].rule(ERRNO | EPERM, "mmap", Compare(2, MASKED, 6, 6))
        made[-1].rule(ERRNO | EPERM, "mprotect", Compare(2, MASKED, 4, 4))
        made[-1].rule(ERRNO | EPERM, "pkey_mprotect", Compare(2, MASKED, 4, 4))
    return made


def main() -> None:
    mark = sys.argv.index("--")
    unit_path, state, config, *keep = map(Path, sys.argv[1:mark])
    unit = settings(unit_path.read_text(), {"%S": "/var/lib", "%i": "anna"})
    made = filters(unit)
    root = Path("/mnt")
    build(root, unit, state, config, keep)
    subprocess.run(["pivot_root", root, root / "old"], check=True)
    os.chdir("/")
    checked(libc.umount2(b"/old", 2), "umount")
    os.chdir(Path("/var/lib", unit["StateDirectory"][0]))
    give_up(unit)
    for item in reversed(made):  # the allow list last: it does not allow a further filter
        item.load()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(Path.cwd()), "STATE_DIRECTORY": str(Path.cwd())}
    environment |= {name: os.environ[name] for name in ("NOTIFY_SOCKET",) if name in os.environ}
    os.execve(sys.argv[mark + 1], sys.argv[mark + 1 :], environment)  # noqa: S606 - the command takes our place


if __name__ == "__main__":
    main()
