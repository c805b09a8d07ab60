"""Candidates for Jupyter: a kernel provisioner, so that nbclient, stock nbgrader or JupyterLab run notebooks in ours.

It is registered as ``coursework-sandbox``. A kernelspec names it in its metadata::

    "metadata": {"kernel_provisioner": {"provisioner_name": "coursework-sandbox", "config": {"modules": ["torch"]}}}

or ``JUPYTER_DEFAULT_PROVISIONER_NAME=coursework-sandbox`` in the environment makes it the default one. Kernels then
are forks of a warm process in the sandbox (see ``nursery.py``) and speak over ipc sockets; the files of the folder
that they are started in are copied into the sandbox, and nothing comes back from there but messages.
"""

import asyncio
import signal
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import List, Unicode

from autograder.nursery import Process, nursery_for
from autograder.sandbox import Limits, require_bubblewrap

MAX_FILES = 64 * 1024 * 1024
"""Bytes of the files that are copied into the sandbox, all together."""
WAIT_SECONDS = 0.05


class SandboxProvisioner(KernelProvisionerBase):
    """Starts kernels as candidates in the sandbox."""

    modules = List(Unicode(), help="What a kernel has imported when it starts.").tag(config=True)
    process: Process | None = None

    @property
    def has_process(self) -> bool:
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """What the kernelspec's command line would start is started by the nursery."""
        return {**await super().pre_launch(**kwargs), "cmd": []}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a candidate; ``cmd`` is empty. Raises SandboxError or KernelFailure when that fails."""
        require_bubblewrap()
        limits = Limits()
        nursery = nursery_for(tuple(self.modules), limits, sandboxed=True, cache=None)
        files = _files(Path(kwargs.get("cwd") or "."))
        self.process = await asyncio.to_thread(Process, nursery, files, limits)
        connection: Any = self.process.connection
        self.connection_info = {**connection, "key": connection["key"].encode()}
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel lives, 0 afterwards or before."""
        return None if self.process is not None and self.process.alive() else 0

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(WAIT_SECONDS)
        self._leave()
        return 0

    async def send_signal(self, signum: int) -> None:
        if self.process is None:
            return
        if signum == signal.SIGINT:
            self.process.interrupt()
        else:
            self.process.kill(f"signal {signum}")

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        self._leave()

    def _leave(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None


def _files(folder: Path) -> dict[str, bytes]:
    """The files below ``folder``, but for hidden ones and links, as long as they are not too much."""
    found: dict[str, bytes] = {}
    left = MAX_FILES
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in relative.parts):
            left -= path.stat().st_size
            if left >= 0:
                found[str(relative)] = path.read_bytes()
    return found
