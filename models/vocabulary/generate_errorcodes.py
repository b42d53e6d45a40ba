#!/usr/bin/env python3
"""Turns resources/errors.csv into the enum and the table of error codes, and into the texts for translators.

usage: generate_errorcodes.py errors.csv HEADER SOURCE TEXTS
"""
import csv
import sys

STAGES = ["selection", "preprocessing", "initiation", "transfer", "verification", "reception", "validation",
          "metadata_extraction", "processing", "storage", "indexing"]
AREAS = ["any", "api"]


def camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    source, header_path, table_path, texts_path = sys.argv[1:5]
    with open(source, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    if len(set(codes)) != len(codes):
        sys.exit("errors.csv: a code stands twice")
    for row in rows:
        if row["stage"] not in STAGES + AREAS:
            sys.exit(f"errors.csv: {row['code']}: unknown stage {row['stage']}")

    with open(header_path, "w", encoding="utf-8") as out:
        out.write("// Made from resources/errors.csv.\n#pragma once\n\nnamespace photolift {\n\nenum class ErrorCode : int {\n")
        for code in codes:
            out.write(f"    {camel(code)},\n")
        out.write("};\n\n} // namespace photolift\n")

    with open(table_path, "w", encoding="utf-8") as out:
        out.write('// Made from resources/errors.csv.\n#include "models/vocabulary/errorcode.h"\n\n'
                  "using namespace Qt::StringLiterals;\n\nnamespace photolift {\n\nnamespace {\n"
                  f"const std::array<ErrorInfo, {len(rows)}> Errors{{{{\n")
        for row in rows:
            home = f"Stage::{camel(row['stage'])}" if row["stage"] in STAGES else "std::nullopt"
            out.write("    {ErrorCode::%s, %s_L1, %s, ErrorType::%s, %s, %s, RetryPolicy::%s,\n     %s_L1,\n     %s,\n     %s,\n     %s},\n" % (
                camel(row["code"]), literal(row["code"]), home, camel(row["type"]), row["severity"], row["is_fatal"],
                camel(row["retry"]), literal(row["causes"]), literal(row["title"]), literal(row["advice"]),
                literal(row["support_note"])))
        out.write("}};\n}\n\nstd::span<const ErrorInfo> allErrors()\n{\n    return Errors;\n}\n\n} // namespace photolift\n")

    with open(texts_path, "w", encoding="utf-8") as out:
        out.write("// Made from resources/errors.csv, for lupdate: the titles and advice that ui/ shows.\n#include <QCoreApplication>\n\n"
                  "[[maybe_unused]] static const char *const errorTexts[] = {\n")
        for text in dict.fromkeys(t for row in rows for t in (row["title"], row["advice"]) if t):
            out.write(f'    QT_TRANSLATE_NOOP("Errors", {literal(text)}),\n')
        out.write("};\n")


main()
