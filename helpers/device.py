"""Choose where a model is computed, and say so in one line.

This module picks a device and sets up the library for it. It does not move models or data:
`helpers.training` does that.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MAX_THREADS = 4
"""Most threads that torch gets. The models of this course are small: one matrix product takes microseconds,
less than it takes to wake many threads, so that more than a few make training slower, not faster."""

_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> int:
    """Number of processor cores that this process may use, at least 1.

    Containers often show all cores of the machine while they may use two of them. Threads beyond
    that wait for each other, so both the process's affinity and the container's quota are asked.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _container_cores(_CGROUP_LIMIT) or cores))


def _container_cores(limit_file: Path) -> int | None:
    """Cores that the container's quota allows, None without one. cgroup v2 writes "200000 100000" for two."""
    if not limit_file.is_file():
        return None
    quota, period = limit_file.read_text().split()
    return None if quota == "max" else max(1, int(quota) // int(period))


def torch_threads() -> int:
    """Number of threads for torch: the available cores, at most `MAX_THREADS` and `$OMP_NUM_THREADS`."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    limit = int(wanted) if wanted.isdigit() and int(wanted) > 0 else MAX_THREADS
    return min(available_cores(), MAX_THREADS, limit)


def torch_device(prefer: str | None = None) -> "torch.device":
    """The device for torch: cuda where there is one, else mps (Apple), else cpu. Prints one line naming it.

    prefer: "cuda", "mps" or "cpu" to ask for one. Raises ValueError for another name and RuntimeError when
    the device that was asked for is not there. Sets torch's number of threads, see `torch_threads`.
    """
    import torch

    if prefer not in (None, "cuda", "mps", "cpu"):
        raise ValueError(f"unknown device {prefer!r}: ask for 'cuda', 'mps', 'cpu' or None")
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if prefer is not None and not present[prefer]:
        raise RuntimeError(f"this machine has no {prefer} device: use torch_device() to take what there is")
    name = prefer or next(name for name, there in present.items() if there)

    threads = torch_threads()
    torch.set_num_threads(threads)
    detail = torch.cuda.get_device_name() if name == "cuda" else f"{threads} thread{'s' if threads > 1 else ''}"
    print(f"Device: {name} ({detail}), torch {torch.__version__}")
    return torch.device(name)


def tensorflow_device(prefer: str | None = None) -> str:
    """The device for tensorflow as `tf.device` takes it: "/GPU:0" or "/CPU:0". Prints one line that names it.

    prefer: "cpu" hides a GPU from tensorflow, for networks that are so small that it would be slower. Else memory
    growth is switched on, so that a notebook takes the memory of the GPU that it needs and not all of it. May be
    called again. Raises ValueError for another name, and RuntimeError when tensorflow has used the GPU already, since
    it is too late for either then.
    """
    import tensorflow as tf

    if prefer not in (None, "cpu"):
        raise ValueError(f"unknown device {prefer!r}: ask for 'cpu' or None")
    gpus = tf.config.get_visible_devices("GPU")
    try:
        if prefer == "cpu" and gpus:
            tf.config.set_visible_devices([], "GPU")
            gpus = []
        for gpu in gpus:
            if not tf.config.experimental.get_memory_growth(gpu):
                tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as error:
        raise RuntimeError("tensorflow already uses the GPU: restart the kernel, run the setup first") from error
    name, detail = ("/GPU:0", "memory grows as needed") if gpus else ("/CPU:0", f"{available_cores()} cores")
    print(f"Device: {name} ({detail}), tensorflow {tf.__version__}")
    return name
