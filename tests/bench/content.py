#!/usr/bin/env python3
"""How long "have you these 500 hashes?" takes among many millions of rows of the content table (server_objects), on a PostgreSQL 15 of its own.

    content.py [MILLIONS [FOLDER]]     default: 10 million rows (2.8 GB) below a temporary folder, removed at the end

Half of the hashes are there. Printed: sizes, and the median and longest of 60 questions, each with hashes nobody has asked for before,
from the moment the statement is sent to its last row (psql's own \\timing): once with nothing in memory (as root alone: the system's pages are dropped), and
once when the index has been read. Runs as nobody when started as root.
"""
import hashlib, os, pathlib, random, re, shutil, statistics, struct, subprocess, sys, tempfile

PROGRAMS = "/usr/lib/postgresql/15/bin/"
SETTINGS = ("-c listen_addresses='' -c unix_socket_directories={0} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
            " -c shared_buffers=1GB -c maintenance_work_mem=512MB -c max_wal_size=2GB -c wal_level=minimal -c max_wal_senders=0 -c jit=off")
AS_NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] if os.geteuid() == 0 else []
MIGRATIONS = pathlib.Path(__file__).parents[2] / "resources/sql/postgresql/server"
INDEX_READ = ("SELECT sum(pg_prewarm(i.indexrelid, 'read')) FROM pg_index i JOIN pg_partition_tree('server_objects') t ON t.relid = i.indrelid"
              " WHERE t.isleaf;")


def run(folder, program, *arguments, text=None):
    return subprocess.run(AS_NOBODY + [PROGRAMS + program, *arguments], cwd=folder, input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def ask(folder, sql):
    return run(folder, "psql", "-h", folder, "-U", "bench", "-qAtX", "-v", "ON_ERROR_STOP=1", "postgres", text=sql)


def hash_of(number):
    return hashlib.sha256(struct.pack(">q", number)).hexdigest()


def content_table():
    """The table as the migrations make it, and its key, which is made once the rows are there."""
    sql = (MIGRATIONS / "001_uploads.sql").read_text()
    table = re.sub(r"\s*--[^\n]*", "", re.search(r"CREATE TABLE server_objects.*?\n\$\$;", sql, re.S).group(0))
    key = re.search(r"ADD (PRIMARY KEY .*);", (MIGRATIONS / "029_content_by_index.sql").read_text()).group(1)
    return re.sub(r",\n\s*PRIMARY KEY \([^)]*\)", "", table), key


def question(stored, rows):
    """500 hashes with their sizes, the half of them stored."""
    numbers = random.sample(range(1, rows + 1), stored) + [rows + random.randrange(1, 10**12) for _ in range(500 - stored)]
    random.shuffle(numbers)
    hashes = ",".join(hash_of(n) for n in numbers)
    sizes = ",".join(str(5_000_000 + n % 1_000_000) for n in numbers)
    return f"EXECUTE have('{{{hashes}}}', '{{{sizes}}}');\n"


def measure(folder, rows, seed):
    random.seed(seed)
    prepare = ("PREPARE have(text[], bigint[]) AS SELECT o.sha256, o.size, o.state FROM unnest($1, $2) AS g (sha256, size)"
               " JOIN server_objects o ON o.sha256 = g.sha256 AND o.size = g.size AND o.account_id = 'local';\n")
    output = ask(folder, prepare + "\\timing on\n" + "".join(question(250, rows) for _ in range(60)))
    answers = len(re.findall(r"^[0-9a-f]{64}\|", output, re.M))
    assert answers == 60 * 250, f"{answers} answers"
    times = [float(ms) for ms in re.findall(r"^Time: ([0-9.]+) ms", output, re.M)]
    return statistics.median(times), max(times)


def main():
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    folder = tempfile.mkdtemp(dir=sys.argv[2] if len(sys.argv) > 2 else None)
    if AS_NOBODY:
        shutil.chown(folder, "nobody")
    cluster = folder + "/cluster"
    try:
        run(folder, "initdb", "-D", cluster, "-U", "bench", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")
        run(folder, "pg_ctl", "-D", cluster, "-l", folder + "/log", "-w", "-o", SETTINGS.format(folder), "start")
        table, key = content_table()
        ask(folder, table)
        for first in range(millions):
            ask(folder, "INSERT INTO server_objects SELECT 'local', encode(sha256(int8send(g)), 'hex'), 5000000 + g % 1000000, 'stored', NULL,"
                        " 'folder', 1795000000000 + g, 'photolift-photo 1', NULL"
                        f" FROM generate_series({first}000001::bigint, {first + 1}000000::bigint) g")
        ask(folder, "VACUUM ANALYZE server_objects;")
        ask(folder, f"ALTER TABLE server_objects ADD {key};")
        sizes = ask(folder, "SELECT round(sum(pg_relation_size(relid)) / 1e6) || ' MB of rows, ' || round(sum(pg_indexes_size(relid)) / 1e6)"
                            " || ' MB of indexes' FROM pg_partition_tree('server_objects') WHERE isleaf").strip()
        print(f"{millions} million rows, {sizes}")
        rows = millions * 1_000_000
        if AS_NOBODY:
            os.sync()
            pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
            print("500 hashes, nothing in memory: {:.1f} ms (median of 60, longest {:.1f})".format(*measure(folder, rows, seed=1)))
        ask(folder, "CREATE EXTENSION pg_prewarm;" + INDEX_READ)
        print("500 hashes, the index read before: {:.1f} ms (median of 60, longest {:.1f})".format(*measure(folder, rows, seed=2)))
    finally:
        if os.path.exists(cluster + "/postmaster.pid"):
            run(folder, "pg_ctl", "-D", cluster, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
