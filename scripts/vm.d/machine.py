# SPDX-License-Identifier: GPL-2.0
"""The machines that scripts/vm can start: what to run, with which channels.

A machine offers two channels to the host beside the kernel log: "output" is
what the command prints, "status" tells how the run goes, one word a line:
    ready           the command starts now
    exit N          it ended with this status
    wait TEXT       what the end waits for
    fail TEXT       something that makes the run a failure
    clean           the end was reached; nothing comes after it
"""

import ctypes
import mmap
import os
import shlex
import stat
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def cpio_entry(name, data, mode):
    """One member of an initramfs in the kernel's "newc" format."""
    path = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


def initramfs(base, files):
    """The kernel's initramfs followed by this run's own files."""
    with open(base, "rb") as stream:
        image = stream.read()
    for name, (data, mode) in files.items():
        image += cpio_entry(name, data, stat.S_IFREG | mode)
    return image + cpio_entry("TRAILER!!!", b"", 0)


def read(name):
    with open(os.path.join(HERE, name), "rb") as stream:
        return stream.read()


def escape(value):
    """A value inside one of QEMU's comma-separated options."""
    return value.replace(",", ",,")


def counter_khz():
    """How fast this processor's time stamp counter runs, which is what an
    emulated one reads. The guest would measure it against emulated timers,
    and on a busy host be wrong by a factor: its clock would run away."""
    code = mmap.mmap(-1, mmap.PAGESIZE,
                     prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # rdtsc; shl $32, %rdx; or %rdx, %rax; ret
    code.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))
    counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(
        ctypes.addressof(ctypes.c_char.from_buffer(code)))

    def sample():
        tries = []
        for _ in range(10):
            before, ticks = time.monotonic_ns(), counter()
            tries.append((time.monotonic_ns() - before, before, ticks))
        return min(tries)[1:]

    start, first = sample()
    time.sleep(0.05)
    end, last = sample()
    return round((last - first) * 1_000_000 / (end - start))


class Machine:
    """What both machines have in common; `options` are run.py's."""

    host_fs = None
    host_root = None

    def __init__(self, options, command):
        self.options = options
        self.command = command

    def settings(self):
        """What the scripts in the guest want to know, as shell variables."""
        opt = self.options
        values = {
            "host_fs": self.host_fs,
            "host_root": self.host_root,
            "transport": "steady" if opt.steady else "virtio",
            "project": opt.project,
            "release": opt.release,
            "modules": opt.modules,
            "load": "1" if opt.load else "0",
            # Seconds of the guest's clock. An orphan whose peer is gone, or
            # does not hear it, takes 100 s to give up: orphan_retries.
            "unload_limit": "150",
        }
        return "".join(f"{key}={shlex.quote(value)}\n"
                       for key, value in values.items())

    def write_initramfs(self, path):
        shares = "".join(f"{share}\n" for share in self.options.share)
        files = {
            "init": (read("guest-init"), 0o755),
            "vm/guest-run": (read("guest-run"), 0o755),
            "vm/settings": (self.settings().encode(), 0o644),
            "vm/shares": (shares.encode(), 0o644),
            "vm/command": (
                f"exec {shlex.join(self.command)}\n".encode(), 0o644),
        }
        if self.options.steady:
            with open(self.options.steady, "rb") as module:
                files["vm/steady.ko"] = (module.read(), 0o644)
        image = initramfs(self.options.initramfs, files)
        with open(path, "wb") as stream:
            stream.write(image)

    def environment(self):
        """The environment to start it in; None: ours."""

    def kernel_args(self):
        args = [
            # Everything the judge has to see reaches the log, whatever the
            # command makes of the console's level.
            "ignore_loglevel", "printk.devkmsg=on",
            "panic=-1", "oops=panic",
            # A merged slab cache has no name of its own to look for.
            "slab_nomerge",
            "net.ifnames=0",
        ]
        return args + shlex.split(" ".join(self.options.append))


class Qemu(Machine):
    """Debian's kernel under QEMU, with the host's files over 9p."""

    host_fs = "9p"
    host_root = "root"

    # Tells by the processor, not by the device: a host may have /dev/kvm
    # and yet not be able to run a guest.
    @staticmethod
    def has_kvm():
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            flags = set()
            for line in info:
                if line.startswith("flags"):
                    flags = set(line.split())
                    break
        return bool(flags & {"vmx", "svm"}) and os.access(
            "/dev/kvm", os.R_OK | os.W_OK)

    def accelerator(self):
        opt = self.options
        if opt.icount:
            return ["-accel", "tcg", "-icount", "shift=0,sleep=off",
                    "-rtc", "clock=vm"]
        if self.has_kvm():
            return ["-accel", "kvm", "-accel", "tcg"]
        return ["-accel", "tcg,thread=multi"]

    def processor(self):
        # Without erms and fsrm a copied byte costs what it should instead of
        # a whole copy costing one instruction.
        return self.options.cpu or "max,-erms,-fsrm"

    def kernel_args(self):
        args = ["console=ttyS0",
                # No SELinux, which treats the kernel's own TCP by name even
                # without a policy, and no AppArmor.
                "lsm=landlock",
                # An emulated processor may stand still for a while on a busy
                # host; these are seconds.
                "watchdog_thresh=30", "softlockup_panic=1",
                "rcupdate.rcu_cpu_stall_timeout=60",
                # The emulated time stamp counters are the host's own, in step.
                "tsc=reliable"]
        khz = 1_000_000 if self.options.icount else counter_khz()
        args.append(f"tsc_early_khz={khz}")
        return args + super().kernel_args()

    @staticmethod
    def shared(number, path, readonly):
        mode = "readonly=on" if readonly else "readonly=off"
        tag = "root" if number is None else f"share{number}"
        return ["-fsdev", f"local,id={tag},path={escape(path)},{mode},"
                "security_model=none,multidevs=remap",
                "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]

    def argv(self, rundir, log, channels):
        """The program to start; `channels` maps a name to a socket's fd."""
        opt = self.options
        image = os.path.join(rundir, "initramfs")
        self.write_initramfs(image)
        args = ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot", "-machine", "q35",
                "-bios", "qboot.rom", *self.accelerator(),
                "-cpu", self.processor(), "-smp", str(opt.smp),
                "-m", str(opt.memory), "-kernel", opt.image,
                "-initrd", image, "-append", " ".join(self.kernel_args()),
                "-chardev", f"file,id=log,append=on,path={escape(log)}",
                "-serial", "chardev:log", "-device", "virtio-serial-pci"]
        for name, fd in channels.items():
            args += ["-chardev", f"socket,id={name},fd={fd}", "-device",
                     f"virtserialport,chardev={name},name={name}"]
        args += self.shared(None, "/", True)
        for number, path in enumerate(opt.share):
            args += self.shared(number, path, False)
        return args


class Uml(Machine):
    """User-mode Linux: a process of this machine, which reads its files."""

    host_fs = "hostfs"
    host_root = "/"

    def environment(self):
        """Where its memory is: a file, by default in /dev/shm, which may be
        too small for it (in a container, say)."""
        space = os.statvfs("/dev/shm")
        if space.f_bavail * space.f_frsize < 1 << 30:
            return {**os.environ, "TMPDIR": "/tmp"}
        return None

    def argv(self, rundir, log, channels):
        """See Qemu.argv; the kernel log is the process's own output."""
        opt = self.options
        image = os.path.join(rundir, "initramfs")
        self.write_initramfs(image)
        args = [opt.image, f"mem={opt.memory}", "initrd=" + image,
                "seccomp=on", "noreboot", f"uml_dir={rundir}/", "umid=uml",
                "con0=null,fd:1", "con=null", "ssl=null"]
        for number, fd in enumerate(channels.values(), 1):
            args.append(f"ssl{number}=fd:{fd},fd:{fd}")
        if opt.smp > 1:
            args.append(f"ncpus={opt.smp}")
        if opt.icount:
            args.append("time-travel=inf-cpu")
        return args + self.kernel_args()


MACHINES = {"qemu": Qemu, "uml": Uml}
