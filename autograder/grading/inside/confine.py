"""The confinement of one fork: its own namespaces, hard limits, no privileges, and no system call that leads out.

The sandbox around all forks (see `grading.sandbox`) has no network and only the allowed files, read-only. What this
file adds keeps forks from each other and from the warm process: own user, mount, network and process namespaces, an
own temporary folder, limits on time, memory, processes and files, and a filter on system calls against what limits do
not count (memory files, shared memory, further namespaces, sockets) and against what two processes that know nothing
of each other could yet agree on: addresses of sockets, locks and watches on the files that all may read.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import struct
import sys

NEW_USER, NEW_MOUNTS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x00020000, 0x20000000, 0x40000000
ALL_NAMESPACES = 0x7E020080
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 4, 22, 38, 2
USER = 1000
libc = ctypes.CDLL(None, use_errno=True)

# Refused system calls, by their numbers on the two architectures that the filter knows.
REFUSED = {
    "AUDIT": (0xC000003E, 0xC00000B7),
    "clone": (56, 220),  # only with a flag for a new namespace
    "clone3": (435, 435),  # its flags lie in memory; the C library goes back to clone
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsmount": (432, 432),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "socket": (41, 198),
    "bind": (49, 200),
    "connect": (42, 203),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),  # with descriptors, of which all together may only so many be on their way
    "sendmmsg": (307, 269),
    "setsid": (112, 157),  # the kernel shares the processors out by session: a submission has one share
    "flock": (73, 32),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "utimensat": (280, 88),  # when a device was changed, all see
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "ustat": (136, None),  # how full a disk is, by its number, whoever sees it
    "syslog": (103, 116),
    "io_setup": (206, 0),  # of these, too, there are so many for all together
    "mincore": (27, 232),
    "cachestat": (451, 451),
    "fadvise64": (221, 223),
    "preadv2": (327, 286),
    "futex_waitv": (449, 449),
    "futex_wake": (454, 454),
    "futex_wait": (455, 455),
    "futex_requeue": (456, 456),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265),
    "mlock": (149, 228),
    "mlockall": (151, 230),
}

# Refused with these values of an argument: its place, counted from 0, and the values.
OPTIONS = (0, 0x800, 0x80000, 0x80800)  # of a socket: not to wait, to close when another program starts
REFUSED_WITH = {
    "socketpair": ((53, 199), 1, [kind | option for kind in (2, 3, 5) for option in OPTIONS]),  # all but streams
    "futex": ((202, 98), 1, [1, 3, 4, 5, 10]),  # to wake who sleeps in the same page of a file
}
# Allowed with these values alone: no locks, leases, watches, hints about a file; no size of a pipe but to ask for it.
ALLOWED_WITH = {"fcntl": ((72, 25), 1, [0, 1, 2, 3, 4, 1030, 1032])}
SENDTO = (44, 206)  # only without an address


def check(result: int, what: str) -> None:
    """Raise `OSError` if a call of the C library failed."""
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    check(libc.unshare(flags), "unshare")


def own_user(user: int, group: int) -> None:
    """In a user namespace just entered: be `USER` there, who is `user` outside."""
    for file, line in (("setgroups", "deny"), ("uid_map", f"{USER} {user} 1"), ("gid_map", f"{USER} {group} 1")):
        descriptor = os.open(f"/proc/self/{file}", os.O_WRONLY)
        try:
            os.write(descriptor, line.encode())  # in one piece, or the kernel refuses it
        finally:
            os.close(descriptor)


def own_mounts(disk_bytes: int) -> None:
    """In a mount namespace just entered: an own /tmp of limited size, and an empty /proc."""
    check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    size = f"size={disk_bytes},nr_inodes=1024,mode=700".encode()
    check(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", flags, size), "mount /tmp")
    check(libc.mount(b"tmpfs", b"/proc", b"tmpfs", flags | MS_RDONLY, b"size=4096,nr_inodes=2"), "mount /proc")
    os.chdir("/tmp")


def limit(*, cpu_seconds: int, memory_bytes: int, processes: int, disk_bytes: int, mapped_bytes: int) -> None:
    """Hard limits. `memory_bytes` comes on top of what is mapped already: torch alone maps a lot."""
    hard = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: mapped_bytes + memory_bytes,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_FSIZE: disk_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 256,  # else one could use up what all together may have
    }
    for which, value in hard.items():
        resource.setrlimit(which, (value, value))


def first_to_go() -> None:
    """If the machine's memory does run out, this process ends before others. Only while there is a /proc."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def drop_privileges() -> None:
    """Give up all capabilities, for good."""
    header, none = struct.pack("<II", 0x20080522, 0), bytes(24)
    check(libc.capset(header, none), "capset")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def filter_available() -> bool:
    """Whether the filter knows this machine's system calls."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")


def filter_system_calls() -> None:
    """From now on, the system calls in `REFUSED` fail with "operation not permitted"."""
    column = ("x86_64", "aarch64").index(platform.machine())
    numbers = {name: columns[column] for name, columns in REFUSED.items() if columns[column] is not None}
    audit = numbers.pop("AUDIT")
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill = 0x7FFF0000, 0x80000000

    def refuse(code: int) -> int:
        return 0x00050000 | code

    program = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, audit),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000),  # x32, the other numbering of x86_64
        (give, 0, 0, kill),
        (equal, 0, 1, numbers.pop("clone3")),
        (give, 0, 0, refuse(errno.ENOSYS)),
        (equal, 0, 4, numbers.pop("clone")),
        (load, 0, 0, 16),  # its flags
        (any_bit, 0, 1, ALL_NAMESPACES),
        (give, 0, 0, refuse(errno.EPERM)),
        (give, 0, 0, allow),
    ]
    for number in numbers.values():
        program += [(equal, 0, 1, number), (give, 0, 0, refuse(errno.EPERM))]
    for columns, argument, values in REFUSED_WITH.values():
        tests = [line for v in values for line in ((equal, 0, 1, v), (give, 0, 0, refuse(errno.EPERM)))]
        program += [(equal, 0, len(tests) + 2, columns[column]), (load, 0, 0, 16 + 8 * argument), *tests]
        program.append((give, 0, 0, allow))
    for columns, argument, values in ALLOWED_WITH.values():
        tests = [line for v in values for line in ((equal, 0, 1, v), (give, 0, 0, allow))]
        program += [(equal, 0, len(tests) + 2, columns[column]), (load, 0, 0, 16 + 8 * argument), *tests]
        program.append((give, 0, 0, refuse(errno.EPERM)))
    program += [(equal, 0, 6, SENDTO[column])]
    for half in (48, 52):
        program += [(load, 0, 0, half), (equal, 1, 0, 0), (give, 0, 0, refuse(errno.EPERM))]
    program.append((give, 0, 0, allow))

    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *line) for line in program))
    header = struct.pack("@HxxxxxxP", len(program), ctypes.addressof(code))
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0), "system call filter")


def close_all_but(kept: list[int]) -> None:
    """Close every file descriptor but these; input and output become /dev/null."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    first = 3
    for descriptor in [*sorted(kept), 1 << 16]:
        os.closerange(first, descriptor)
        first = descriptor + 1
