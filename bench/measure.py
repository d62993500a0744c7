"""What the benchmarks share: the machine's name, CPU time of process trees, a served installation, a load of requests."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")

WRK_SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
local n = tonumber(os.getenv("BENCH_START") or "0")
request = function()
  n = n + 1
  return wrk.format("GET", paths[(n - 1) % #paths + 1])
end
done = function(s, l, r)
  local e = s.errors
  io.write(string.format('{"rps":%.1f,"p50":%.2f,"p95":%.2f,"p99":%.2f,"n":%d,"kB":%.1f,"errors":%d}\\n',
    s.requests / (s.duration / 1e6), l:percentile(50) / 1e3, l:percentile(95) / 1e3, l:percentile(99) / 1e3,
    s.requests, s.bytes / math.max(1, s.requests) / 1024, e.status + e.timeout + e.connect + e.read + e.write))
end
"""


def machine() -> dict[str, Any]:
    """The machine, for the head of a report."""
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model", "CPU part")):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def tree_cpu_ms(root: int) -> float:
    """CPU time, user and system, of a process and all its descendants, in ms."""
    children: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        used[int(name)] = sum(map(int, fields[11:15]))

    def total(pid: int) -> int:
        return used.get(pid, 0) + sum(total(child) for child in children.get(pid, []))

    return total(root) * 1000 / TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "allmende.site", *args]


@contextmanager
def served(env: dict[str, str], **settings: str) -> Iterator[tuple[int, int]]:
    """A running ``allmende serve``: (process id, port)."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command("serve"),
            env=env | {"PORT": str(port), "ALLMENDE_URL": f"http://127.0.0.1:{port}"} | settings,
            stdout=log,
            stderr=log,
        )
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/robots.txt", timeout=5).read()
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                log.seek(0)
                raise SystemExit("the server did not start:\n" + log.read().decode()[-2000:])
            yield process.pid, port
        finally:
            process.terminate()
            process.wait(timeout=30)


def load(pid: int, port: int, paths: list[str], *, clients: int = 8, seconds: int = 8) -> dict[str, Any]:
    """Ask for ``paths`` in turn, endlessly, with so many clients at once; figures per request.  Needs wrk."""
    if not shutil.which("wrk"):
        raise SystemExit("The load needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paths").write_text("\n".join(paths) + "\n")
        (Path(folder) / "load.lua").write_text(WRK_SCRIPT)
        before = tree_cpu_ms(pid)
        answer = subprocess.run(
            ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s"]  # noqa: RUF005
            + ["-H", "Accept-Encoding: gzip", "-H", "Accept-Language: fr"]
            + ["-s", str(Path(folder) / "load.lua"), f"http://127.0.0.1:{port}/"],
            env=os.environ | {"BENCH_PATHS": str(Path(folder) / "paths")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        used = tree_cpu_ms(pid) - before
    figures: dict[str, Any] = json.loads(next(line for line in answer.splitlines() if line.startswith("{")))
    figures["cpu_ms"] = round(used / max(1, figures["n"]), 2)
    return figures


def one(port: int, path: str) -> tuple[int, int]:
    """Status and bytes of one answer, compressed."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "gzip"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, len(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, len(error.read())
