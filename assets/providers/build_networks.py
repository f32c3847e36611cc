#!/usr/bin/env python3
"""Builds networks.bin, the table of networks that Headwater embeds: who holds an address, and in which country.

    python3 assets/providers/build_networks.py

needs what build_ranges.py needs, and fetches its two inputs in the same way. The country of a network is the one in
which most of its addresses are registered.

The file: a line "headwater networks 1", a line of JSON (inputs, countries), then a Brotli stream. The stream holds the
number of networks and two columns of variable-length integers as in ranges.bin: AS number minus the one before (zigzag),
index of the country plus one (0 = none). Then come the IPv4 and the IPv6 table, as in ranges.bin but with one column, the
index of the network; IPv6 addresses count in units of /64. The rest is text: the holder of each network on a line of its
own. Networks and countries stand in the order of how often they occur, so that most indices are short.
"""

import collections
import csv
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # all of this folder is embedded

from build_ranges import ASN, flatten, install, unpack, varint, write_file, write_table

COUNTRY = ("@ip-location-db/asn-country", "2.3.2026061719", "2026-06-17", "CC-BY-4.0 (NRO)")
BROTLI = "brotli==1.2.1"

# Nobody announces less than a /64, the network of one link.
UNITS = {4: 1, 6: 1 << 64}


def rows_of(folder, name, version):
    """The rows of a table of the package in `folder`, with addresses in units; those of less than a unit are left out."""
    unit = UNITS[version]
    with open(folder / f"{name}-ipv{version}-num.csv", encoding="utf-8", newline="") as file:
        for first, last, *rest in csv.reader(file):
            first, last = -(-int(first) // unit), (int(last) + 1) // unit - 1
            if first <= last:
                yield first, last, *rest


def collect(folder):
    """The disjoint intervals of both address families as (first, last, AS number), and the holder of each number."""
    holders, tables = {}, {}
    for version in UNITS:
        intervals = []
        for first, last, number, holder in rows_of(folder, "asn", version):
            holders[int(number)] = " ".join(holder.split())
            intervals.append((version, first, last, 0, int(number), ""))
        tables[version] = [row[:3] for row in flatten(intervals)]
    return tables, holders


def countries_of(tables, folder):
    """The country in which most addresses of each network are registered: of IPv4 where it has any, else of IPv6."""
    countries = {}
    for version in (6, 4):
        shares = collections.defaultdict(collections.Counter)
        registered = list(rows_of(folder, "asn-country", version))
        at = 0
        for first, last, number in tables[version]:
            while at < len(registered) and registered[at][0] <= last:
                begin, end, country = registered[at]
                if first <= end:
                    shares[number][country] += min(last, end) - max(first, begin) + 1
                if last < end:
                    break
                at += 1
        countries |= {number: max(sorted(found), key=found.get) for number, found in shares.items()}
    return countries


def in_order(counts):
    """What occurs most, first; then by itself."""
    return sorted(counts, key=lambda item: (-counts[item], item))


def pack(tables, holders, countries):
    """The bytes of the stream before compression, and the list of countries."""
    numbers = in_order(collections.Counter(number for table in tables.values() for *_, number in table))
    known = in_order(collections.Counter(countries[number] for number in numbers if number in countries))
    index = {number: at for at, number in enumerate(numbers)}
    body = bytearray()
    varint(len(numbers), body)
    for before, number in zip([0, *numbers], numbers):
        varint((number - before) << 1 if before <= number else (before - number << 1) - 1, body)
    for number in numbers:
        varint(known.index(countries[number]) + 1 if number in countries else 0, body)
    for table in tables.values():
        write_table(table, [lambda row: index[row[2]]], body)
    body += "\n".join(holders[number] for number in numbers).encode()
    return bytes(body), known


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        install(folder, BROTLI)
        import brotli

        tables, holders = collect(unpack(folder, ASN))
        countries = countries_of(tables, unpack(folder, COUNTRY))
    body, known = pack(tables, holders, countries)
    packed = brotli.compress(body, quality=11, lgwin=24)
    write_file("networks.bin", "headwater networks 1", (ASN, COUNTRY), {"countries": known}, packed)
    print(f"{len(holders)} networks, {len(tables[4])} IPv4 and {len(tables[6])} IPv6 intervals, {len(packed)} bytes")


if __name__ == "__main__":
    main()
