"""Names of people in Latin letters, from packages and from the lists beside this file.

A list is asked for as `locale/list`, as in `en_IN/indian_names`; the locale is where towns and companies beside the name are from.
"""

import ast
import gzip
import json
import random
import sqlite3
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=None)
def names(locale, source):
    """`{"first_name": [...], "last_name": [...]}`, sorted."""
    made = own(source) if source in OWN else {
        "indian_names": indian, "indigen": indigen, "faker_pk": pakistani, "egy_names": egyptian, "persian_names": persian,
        "mimesis": mimesis,
    }[source](*[locale] * (source == "mimesis"))
    return {part: sorted({" ".join(name.split()) for name in found if len(name) > 1}) for part, found in made.items()}


OWN = {path.stem for path in (Path(__file__).parent / "lists").glob("*.txt")}


def own(source):
    found = {"first_name": [], "last_name": []}
    for line in (Path(__file__).parent / "lists" / f"{source}.txt").read_text(encoding="utf-8").splitlines():
        part, _, listed = line.partition(": ")
        if listed:
            found[f"{part}_name"] += [name.replace("_", " ") for name in listed.split()]
    return found


def folder(package):
    """Where a package is; most cannot be imported without others that are not needed here."""
    return Path(find_spec(package).origin).parent


def indian():
    """Of indian-names (BSD-3-Clause)."""
    read = lambda name: [line.strip().title() for line in (folder("indian_names") / name).read_text(encoding="utf-8").split("\n")[1:]]
    return {"first_name": read("first.male.names") + read("first.female.names"), "last_name": read("last.names")}


def indigen():
    """Of indigen (MIT), by states of India."""
    found = {"first_name": [], "last_name": []}
    for path in sorted((folder("indigen") / "state_modules").glob("*_File.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List) and isinstance(node.targets[0], ast.Name):
                part = {"firstname": "first_name", "surname": "last_name"}.get(node.targets[0].id.rsplit("_", 1)[-1])
                if part:
                    found[part] += [item.value for item in node.value.elts if isinstance(item, ast.Constant)]
    return found


def pakistani():
    """Of faker-pk (MIT)."""
    rows = sqlite3.connect(folder("faker_pk") / "faker_pk.db").execute("SELECT name, type FROM names").fetchall()
    return {
        "first_name": [name for name, kind in rows if kind != "last"],
        "last_name": [name for name, kind in rows if kind == "last"],
    }


def egyptian():
    """Of egy-names (MIT), without the rare ones."""
    with gzip.open(folder("egy_names") / "data/names.json.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in json.load(file)["names"] if row["fc"] in ("c", "m")]
    return {
        "first_name": [row["e"] for row in rows if row["l"] == "g"],
        "last_name": [row["e"] for row in rows if row["l"] != "g"],
    }


def persian():
    """Of persian-names (MIT), which makes surnames of parts by Python's own generator."""
    from persian_names import firstname_en, lastname_en

    state = random.getstate()
    random.seed(1)
    made = {"first_name": [firstname_en() for _ in range(4000)], "last_name": [lastname_en() for _ in range(4000)]}
    random.setstate(state)
    return made


def mimesis(locale):
    """Of mimesis (MIT)."""
    read = json.loads((folder("mimesis") / "datasets" / locale[:2] / "person.json").read_text(encoding="utf-8"))
    return {"first_name": flat(read["names"]), "last_name": flat(read["surnames"])}


def flat(value):
    return [name for part in value.values() for name in part] if isinstance(value, dict) else value
