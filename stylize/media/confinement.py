"""What a process gives up before it looks at strangers' files: for good, and for its threads too.

Limits (setrlimit) leave it the descriptors it has, a part of the memory, and no core dumps. Where
Linux lets it, a filter of system calls (seccomp) denies it new processes and programs, sockets,
and any hold on other processes; it may start threads, which some decoders cannot do without.
Elsewhere a limit denies new processes.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import struct
import sys

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
"""Of prctl: PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Where they are in what a filter is given, struct seccomp_data."""

_THREAD = 0x10000
"""CLONE_THREAD, among the flags of clone."""
_FOREIGN_CALLS = 0x40000000
"""From here on calls are those of x32, another table of the same architecture."""

_CALLS: dict[str, tuple[int, int, int, tuple[int, ...]]] = {
    # fork, vfork, execve, execveat, socket, ptrace, process_vm_readv, …_writev, kill, tkill
    "x86_64": (0xC000003E, 56, 435, (57, 58, 59, 322, 41, 101, 310, 311, 62, 200)),
    "aarch64": (0xC00000B7, 220, 435, (221, 281, 198, 117, 270, 271, 129, 130)),
}
"""By machine: its architecture, clone, clone3, and what is denied."""


def confine(address_space: int) -> None:
    """Keep what is open, at most *address_space* bytes of memory, and nothing else."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stderr.fileno())  # decoders remark on odd files
    os.close(silence)
    limits = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if not _filter_calls():
        limits[resource.RLIMIT_NPROC] = 0
    for limit, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # a system may lack one, or be stricter
            resource.setrlimit(limit, (most, most))


def _filter_calls() -> bool:
    """Deny what ``_CALLS`` says; False where that cannot be done."""
    if sys.platform != "linux" or platform.machine() not in _CALLS or sys.maxsize < 2**32:
        return False
    program = _program(*_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program)
    # struct sock_fprog: the number of instructions, and where they are
    whole = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    )
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return not prctl(_SECCOMP, _FILTER, ctypes.addressof(whole), 0, 0)


def _program(architecture: int, clone: int, clone3: int, denied: tuple[int, ...]) -> bytes:
    """Instructions of a classic Berkeley packet filter: code, jumps if true and if false, value."""
    checks = [
        (_LOAD, None, None, _CALL),
        (_AT_LEAST, "deny", None, _FOREIGN_CALLS),
        (_EQUAL, "absent", None, clone3),  # so that libraries fall back to clone, which tells
        *((_EQUAL, "deny", None, call) for call in denied),
        (_EQUAL, None, "allow", clone),
        (_LOAD, None, None, _FIRST_ARGUMENT),
        (_ANY_BIT, "allow", "deny", _THREAD),
    ]
    ends = {
        "allow": _ALLOW,
        "deny": _ERROR | errno.EPERM,
        "absent": _ERROR | errno.ENOSYS,
    }
    lines = [
        (_LOAD, None, None, _ARCHITECTURE),
        (_EQUAL, None, "deny", architecture),
        *checks,
        *((_RETURN, None, None, value) for value in ends.values()),
    ]
    places = {name: len(lines) - len(ends) + at for at, name in enumerate(ends)}
    return b"".join(
        struct.pack("@HBBI", code, *(_jump(places, target, at) for target in targets), value)
        for at, (code, *targets, value) in enumerate(lines)
    )


def _jump(places: dict[str, int], target: str | None, at: int) -> int:
    return 0 if target is None else places[target] - at - 1
