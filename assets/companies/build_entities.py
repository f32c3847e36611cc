"""Writes entities.tsv: which domains belong to one company, from the npm package third-party-web."""

import ipaddress
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "third-party-web"
VERSION = "0.30.0"
DATE = "2026-09-14"
# Names under which the package files what belongs to no single company.
NOBODY = {"Open Source", "(community-funded)", "test only"}


def entities():
    """The entities of the package, as npm delivers it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
        with tarfile.open(pathlib.Path(folder) / name) as archive:
            return json.load(archive.extractfile("package/dist/entities-nostats.json"))


def is_address(name):
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def owner(name, known):
    """The company whose name a product without a company begins with, such as Amazon for Amazon Pay; else the name."""
    return max((company for company in known if name.startswith(company + " ")), key=len, default=name)


def companies(found):
    """Company to names; each name covers what is below it, and names that another one covers are left out."""
    by_company = {}
    known = {entity["company"] for entity in found if entity.get("company")}
    for entity in found:
        company = entity.get("company") or owner(entity["name"], known)
        company = " ".join(company.replace("&amp;", "&").split())
        if company in NOBODY or entity["name"].endswith("-VOID"):
            continue
        names = by_company.setdefault(company, set())
        for domain in entity["domains"]:
            name = domain.removeprefix("*.").lower()
            if "." in name and "*" not in name and not is_address(name):
                names.add(name)
    claimed = {}
    for company, names in by_company.items():
        for name in names:
            claimed.setdefault(name, set()).add(company)
    for company, names in sorted(by_company.items(), key=lambda it: it[0].casefold()):
        # A name that two companies claim is nobody's.
        own = {name for name in names if len(claimed[name]) == 1}
        parents = lambda name: (name.split(".", n)[n] for n in range(1, name.count(".")))
        own = sorted(name for name in own if not any(parent in own for parent in parents(name)))
        if 1 < len(own):
            yield company, own


def main():
    rows = list(companies(entities()))
    path = pathlib.Path(__file__).with_name("entities.tsv")
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"# source\t{PACKAGE}\n# version\t{VERSION}\n# date\t{DATE}\n# licence\tMIT, see LICENSE\n")
        for company, names in rows:
            out.write(f"{company}\t{' '.join(names)}\n")
    print(f"{len(rows)} companies, {sum(len(names) for _, names in rows)} names", file=sys.stderr)


main()
