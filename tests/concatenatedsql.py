"""FAULTS C-29: no SQL is put together from pieces at run time; values are bound. Every place that still joins a piece of SQL with something
that is no literal has to be listed here with what it joins, and every entry has to be true.

    concatenatedsql.py SOURCE_FOLDER            the product
    concatenatedsql.py --prove                  that this script finds what it is for
"""
import pathlib
import re
import sys

# file: (how many places, what they join)
CONSTANTS_ONLY = {
    "app/server/people/peopletable.cpp": (4, "columns and the name of a column, constants of the file"),
    "app/server/work/reprocesstable.cpp": (3, "ReprocessFilter::sql(), whose conditions stand in its own table; their values are bound"),
    "models/store/attemptreader.cpp": (6, "lists of columns and tables, conditions of the callers' own constants"),
    "models/store/changewriter.cpp": (5, "a condition used twice; the names of the server's stages, out of our own list"),
    "models/store/database.cpp": (2, "a number of our own: neither setting takes a bound value"),
    "models/store/itemreader.cpp": (8, "conditions with a ? for each value, ORDER BY out of an enum"),
    "models/store/queuedpaths.cpp": (2, "as many ? as paths"),
    "models/store/salvage.cpp": (2, "names of columns and tables, constants of the callers"),
    "models/store/worklist.cpp": (10, "conditions used more than once, with a ? for each value"),
}

LITERAL = re.compile(r'(?:u8|u|U|L)?(?:R"(?P<mark>[^()\\ ]{0,16})\((?P<raw>.*?)\)(?P=mark)"|"(?P<text>(?:[^"\\\n]|\\.)*)")(?P<suffix>_\w+)?', re.S)
CHARACTER = re.compile(r"'(?:[^'\\\n]|\\.)+'")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
# Words as the product writes them: in capitals, so that no sentence of a log is taken for a statement.
SQL = re.compile(r"\b(SELECT\b|INSERT (OR \w+ )?INTO\b|UPDATE \S+ SET\b|UPDATE$|DELETE FROM\b|FROM (?=\S)|JOIN\b|WHERE\b|ORDER BY\b|GROUP BY\b|VALUES\b|LIMIT\b|"
                 r"UNION\b|CREATE \w+|ALTER \w+|DROP \w+|GRANT \w+|PRAGMA\b|VACUUM\b|SHOW\b|SET \w+ |NOTIFY\b|LISTEN\b|EXISTS \(|ON CONFLICT\b|set_config\()")
JOINS_BEHIND = re.compile(r"\s*(\+|%|\.arg\(|\.append\(|\.replace\()")
JOINS_BEFORE = re.compile(r"(\+=?|%|\.append\(|\.prepend\()\s*$")


def pieces(source):
    """Runs of neighbouring literals: (text, begin, end). A macro between two literals is a constant, too."""
    position = 0
    run = None
    while position < len(source):
        for pattern in (COMMENT, LITERAL, CHARACTER):
            match = pattern.match(source, position)
            if match:
                break
        if match and pattern is LITERAL:
            text = match.group("raw") if match.group("raw") is not None else match.group("text")
            run = (run[0] + text, run[1], match.end()) if run else (text, match.start(), match.end())
            position = match.end()
        elif match and pattern is COMMENT:
            position = match.end()
        elif source[position].isspace():
            position += 1
        elif run and (macro := re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+\b").match(source, position)):
            position = macro.end()
        else:
            if run:
                yield run
                run = None
            word = re.compile(r"\w+").match(source, position)
            # A prefix such as u or R belongs to its literal.
            if word and not LITERAL.match(source, position):
                position = word.end()
            else:
                position = match.end() if match else position + 1
    if run:
        yield run


def findings(source):
    for text, begin, end in pieces(source):
        if not SQL.search(text):
            continue
        if JOINS_BEHIND.match(source, end) or JOINS_BEFORE.search(source[:begin]):
            yield source.count("\n", 0, begin) + 1, " ".join(text.split())[:90]


def prove():
    bad = ['query.exec(u"SELECT * FROM t WHERE name = \'"_s + name);', 'execute(db, QString(u"DELETE FROM t WHERE a = %1"_s.arg(x)));',
           'sql.append(" ORDER BY ").append(column);', 'text += u" WHERE name = "_s % name;', 'q = "SELECT a"\n    " FROM b WHERE c = " + d;',
           'exec(R"(INSERT INTO t VALUES ()" + v);', 'sql += " LIMIT 5";']
    good = ['execute(db, "SELECT a FROM b WHERE c = ?"_L1, {name});', 'execute(db, "SELECT a"\n   " FROM b WHERE c = ?"_L1, {a + b});',
            'qWarning("from where it came: " + name);', '// "SELECT a FROM " + b', "x = ok ? \"SELECT 1\"_L1 : \"SELECT 2\"_L1;",
            '{"project", "EXISTS (" PHOTOLIFT_PHOTO " WHERE x = ?)"},']
    wrong = [text for text in bad if not list(findings(text))] + [text for text in good if list(findings(text))]
    for text in wrong:
        print("wrong about:", text)
    return 1 if wrong else 0


def main():
    if sys.argv[1] == "--prove":
        return prove()
    root = pathlib.Path(sys.argv[1])
    files = sorted(file for room in ("app", "models", "ui") for kind in ("*.cpp", "*.h") for file in (root / room).rglob(kind))
    if not files:
        print("no sources below", root)
        return 1
    faults = 0
    seen = set()
    for file in files:
        name = str(file.relative_to(root))
        found = list(findings(file.read_text(encoding="utf-8")))
        allowed = CONSTANTS_ONLY.get(name, (0, ""))[0]
        seen.add(name)
        if len(found) != allowed:
            faults += 1
            print(f"{name}: {len(found)} places join SQL with something else, {allowed} are known; bind the value, or say what is joined there:")
            for line, text in found:
                print(f"  {name}:{line}: {text}")
    for name in CONSTANTS_ONLY.keys() - seen:
        faults += 1
        print(f"{name} is not there any more")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
