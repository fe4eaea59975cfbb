"""The server with 20 users at once: start, first page, cached and uncached standard pages, memory over many requests.

Bounds: it answers within 3 s of its start, the first page within 1 s; with 20 users p95 is at most 200 ms for pages
that are cached, asked one after the other without a pause, and 1 s for pages that are not, by users who read each for
READING seconds on average (READING=0: without a pause, which asks for more than two cores have); memory is flat over
10,000 requests (REQUESTS=…). Each figure is printed as soon as it is known, with the CPU time of the server a page;
SIZE=0.1 asks a tenth of users and requests, which tells slow pages on a busy machine and judges nothing.
"""

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time

SIZE = float(os.environ.get("SIZE", "1"))
USERS, EACH, PAGES_READ = max(int(20 * SIZE), 2), 15, 4
READING = float(os.environ.get("READING", "10"))
CACHED, UNCACHED, FIRST, START, GROWTH = 0.2, 1.0, 1.0, 3.0, 1.15
PAGES = (
    "/",
    "/country?focus=IND",
    "/mineral?material=cobalt&focus=IND",
    "/q/scorecard?focus=IND",
    "/methods",
    "/search?q=nickel",
)
PARTS = (
    "/part/mineral/0?material={m}&focus={c}",
    "/part/mineral/1?material={m}&focus={c}",
    "/q/assess?focus={c}&material={m}",
)
MINERALS = ("tin", "lithium", "nickel", "copper", "cobalt", "graphite", "tungsten", "zinc")
COUNTRIES = ("CHL", "DEU", "JPN", "USA", "IND", "KOR", "FRA", "BRA", "AUS", "ZAF")


def free():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def get(port, path, held=None):
    began = time.perf_counter()
    link = held or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("GET", path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    answer = link.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    return time.perf_counter() - began


def crowd(port, paths_of, reading=0.0):
    """Return how long each request took of USERS users at once, each going through its own paths; tells the slowest.

    reading  seconds between two pages of a user on average, and before the first
    """
    times, lock = [], threading.Lock()

    def user(k):
        chance, own = random.Random(k), []
        for path in paths_of(k):
            time.sleep(chance.expovariate(1 / reading) if reading else 0)
            own.append((get(port, path), path))
        with lock:
            times.extend(own)

    users = [threading.Thread(target=user, args=(k,)) for k in range(USERS)]
    for one in users:
        one.start()
    for one in users:
        one.join()
    print("  slowest:", *(f"{path} {taken:.2f} s" for taken, path in sorted(times, reverse=True)[:3]), sep="  ")
    return [taken for taken, _ in times]


def p95(times):
    return statistics.quantiles(times, n=20)[-1]


def memory(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def spent(process):
    """Return the CPU seconds of the server so far."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as line:
        fields = line.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tell(name, value, bound):
    """Print a figure beside its bound; returns whether it missed it."""
    missed = value > bound
    print(f"{name:44} {value:8.3f}  (bound {bound})  {'MISSED' if missed else ''}", flush=True)
    return missed


def fresh(k):
    """Return the paths of a user, none of them asked before by others of the same turn."""
    asked = [(PARTS[n % len(PARTS)], MINERALS[(k + n) % 8], COUNTRIES[(k // 2 + n) % 10]) for n in range(PAGES_READ)]
    return [part.format(m=mineral, c=country) for part, mineral, country in asked]


def measure(process, port, began):
    """Return whether each bound was missed, telling each as soon as it is known."""
    while True:
        try:
            first = get(port, "/")
            break
        except OSError:
            time.sleep(0.02)
    yield tell("start to the first reply, s", time.perf_counter() - began, START)
    yield tell("first page, s", first, FIRST)
    print(f"CPU of the server to start: {spent(process):.2f} s", flush=True)
    yield tell("first heavy question alone, s", get(port, "/q/exposure?focus=IND"), 5.0)
    for path in PAGES:
        busy = spent(process)
        print(f"  {path:42} {get(port, path):8.3f} s, CPU {spent(process) - busy:.2f} s", flush=True)
    busy = spent(process)
    uncached = crowd(port, fresh, READING)
    yield tell(f"p95 uncached, {USERS} users who read {READING:g} s", p95(uncached), UNCACHED)
    print(f"CPU of the server: {(spent(process) - busy) / len(uncached):.3f} s an uncached page", flush=True)
    cached = crowd(port, lambda k: [PAGES[(k + n) % len(PAGES)] for n in range(EACH)])
    yield tell(f"p95 cached, {USERS} users, s", p95(cached), CACHED)
    count = int(os.environ.get("REQUESTS", str(int(10_000 * SIZE))))
    busy, before, link = spent(process), memory(process), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for n in range(count):
        get(port, PAGES[n % len(PAGES)], link)
    yield tell(f"memory after {count:,} requests, times", memory(process) / before, GROWTH)
    print(f"CPU of the server: {(spent(process) - busy) / count * 1000:.1f} ms a cached page; memory {before:.0f} MB")


def main():
    port, began = free(), time.perf_counter()
    command = [sys.executable, "-m", "khanij", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        missed = list(measure(process, port, began))
    finally:
        process.terminate()
        process.wait(20)
    print(f"load of the machine {os.getloadavg()[0]:.1f}; {SIZE:g} of full size")
    raise SystemExit(SIZE >= 1 and any(missed))


if __name__ == "__main__":
    main()
