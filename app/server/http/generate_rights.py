#!/usr/bin/env python3
"""Turns resources/rights.csv into the enum of routes and the table of who may call them.

usage: generate_rights.py rights.csv HEADER SOURCE
"""
import csv
import sys

ROLES = ["photographer", "coordinator", "support", "analyst", "admin"]
ACCESS = {"token": "Token", "signed": "Signed", "open": "Open"}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]


def camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


def main():
    source, header_path, table_path = sys.argv[1:4]
    with open(source, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        where = f"rights.csv: {row['route']}"
        if row["access"] not in ACCESS or row["method"] not in METHODS or not row["pattern"].startswith("/"):
            sys.exit(f"{where}: access, method or pattern")
        if any(row[role] not in ("yes", "no") for role in ROLES):
            sys.exit(f"{where}: every role needs yes or no")
        if row["access"] != "token" and any(row[role] == "yes" for role in ROLES):
            sys.exit(f"{where}: only a token has a role")
        if row["access"] == "token" and row["admin"] != "yes":
            sys.exit(f"{where}: nobody runs a server with routes an administrator may not call")
    for unique in (["route"], ["method", "pattern"]):
        keys = [tuple(row[column] for column in unique) for row in rows]
        if len(set(keys)) != len(keys):
            sys.exit(f"rights.csv: the same {' and '.join(unique)} twice")

    with open(header_path, "w", encoding="utf-8") as out:
        out.write("// Made from resources/rights.csv.\n#pragma once\n\nnamespace photolift::server {\n\nenum class RouteName : int {\n")
        for row in rows:
            out.write(f"    {camel(row['route'])},\n")
        out.write("};\n\n} // namespace photolift::server\n")

    with open(table_path, "w", encoding="utf-8") as out:
        out.write('// Made from resources/rights.csv.\n#include "app/server/http/exchange.h"\n\n#include <array>\n\n'
                  "namespace photolift::server {\n\nnamespace {\n"
                  f"const std::array<RouteRight, {len(rows)}> Rights{{{{\n")
        for row in rows:
            roles = ", ".join(f"Role::{camel(role)}" for role in ROLES if row[role] == "yes")
            out.write(f'    {{"{row["route"]}", "{row["method"]}", "{row["pattern"]}", Access::{ACCESS[row["access"]]}, RoleSet::of({roles})}},\n')
        out.write("}};\n}\n\nstd::span<const RouteRight> allRights()\n{\n    return Rights;\n}\n\n} // namespace photolift::server\n")


main()
