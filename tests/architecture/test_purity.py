"""Who may open the network, read the clock, or draw numbers."""

import ast

NETWORK = {"urllib.request", "http.client", "socket", "httpx", "requests", "aiohttp", "ftplib", "smtplib"}
DATABASE = "src/khanij/jobs/postgres.py"  # reaches the database of runs whose address its owner gives, and nothing else
SERVER = "src/khanij/cli/serve.py"  # sets an option of the socket that `khanij web` listens on, and opens none
CLOCK = {"now", "utcnow", "today", "time", "time_ns"}
MODEL = ("core", "kernels", "reference", "methods", "simulate", "demand", "plan", "present")


def imported(tree):
    """Return every module that an import statement names, with its parents."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(root, path):
    return path.relative_to(root / "src" / "khanij").parts[0]


def trees(root, modules, layers):
    for path in modules:
        if layer(root, path) in layers:
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_only_data_opens_the_network(root, modules):
    others = {layer(root, path) for path in modules} - {"data"}
    found = {name: sorted(NETWORK & set(imported(tree))) for name, tree in trees(root, modules, others)}
    assert {name: hit for name, hit in found.items() if hit} == {DATABASE: ["socket"], SERVER: ["socket"]}


def test_numbers_are_drawn_only_from_seeded_streams(root, modules):
    found = []
    for name, tree in trees(root, modules, {layer(root, path) for path in modules}):
        if name.endswith("core/rng.py"):
            continue
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [f"{name}:{call.lineno}" for call in calls if ".random." in f".{ast.unparse(call.func)}."]
        found += [name for module in imported(tree) if module == "random" or module.startswith("random.")]
    assert found == []


def test_no_model_reads_the_clock(root, modules):
    found = []
    for name, tree in trees(root, modules, MODEL):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
                owner = ast.unparse(node.func.value).split(".")[-1]
                if owner in ("datetime", "date", "time"):
                    found.append(f"{name}:{node.lineno}")
    assert found == []


WRITERS = {"write_text", "write_bytes", "mkstemp", "mkdtemp", "rmtree", "savez", "savez_compressed", "write_parquet"}
MAY_WRITE = {  # module -> what of that it may call: nothing of it on a place of a user's, but for the writer itself
    "jobs/files.py": {*WRITERS, "open", "replace", "rename"},
    "jobs/chunks.py": {"savez", "replace"},
    "analyses/bundle.py": {"rmtree"},
    "data/facts/store.py": {"write_parquet"},
    "data/lookup/catalogue.py": {"write_parquet"},
}


def test_files_are_written_by_the_one_writer(root, modules):
    found = []
    for path in modules:
        name = path.relative_to(root / "src" / "khanij").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            owner, _, called = ast.unparse(node.func).rpartition(".")
            given = [a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)]
            writes = called in WRITERS or (called in ("replace", "rename") and owner == "os")
            writes |= called == "open" and bool({"w", "wb", "a", "ab", "x", "xb", "w+"} & {str(g) for g in given})
            if writes and called not in MAY_WRITE.get(name, ()):
                found.append(f"{name}:{node.lineno} {called}")
    assert found == []
