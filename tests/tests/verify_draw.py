#!/usr/bin/env python3
"""Draws again from a published record: a second implementation of the algorithm that the inspection's domain::draw states.

Usage: verify_draw.py RECORD.json    (exit code 0: the record is right; 1: it is not, with the reason)
"""
import hashlib
import json
import sys


def number(n):
    return n.to_bytes(8, "big")


def text(words):
    data = words.encode("utf-8")
    return number(len(data)) + data


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def pool_hash(pool):
    data = b"dudao.draw.v1 pool\n"
    for stratum in pool["strata"]:
        data += text(stratum["id"]) + number(stratum["count"]) + number(len(stratum["objects"]))
        data += b"".join(map(text, stratum["objects"]))
    data += number(len(pool["officers"])) + b"".join(map(text, pool["officers"]))
    data += number(len(pool["bars"]))
    for bar in pool["bars"]:
        data += text(bar["officer"]) + text(bar["object"]) + text(bar["reason"])
    return sha(data + number(pool["officers_per_object"]))


def stream(seed, purpose):
    block = 0
    while True:
        data = sha(b"dudao.draw.v1 stream\n", seed, text(purpose), number(block))
        for at in range(0, 32, 8):
            yield int.from_bytes(data[at:at + 8], "big")
        block += 1


def take(numbers, items, count):
    items = list(items)
    for at in range(min(count, len(items))):
        width = len(items) - at
        x = next(numbers)
        while x >= 2**64 - 2**64 % width:
            x = next(numbers)
        other = at + x % width
        items[at], items[other] = items[other], items[at]
    return items[:count]


def main(path):
    with open(path, encoding="utf-8") as file:
        record = json.load(file)
    pool, parties = record["pool"], record["parties"]
    if record["version"] != 1:
        return "unknown version"
    if len({party["name"] for party in parties}) != len(parties) or len(parties) < 2:
        return "parties"
    for party in parties:
        if sha(b"dudao.draw.v1 commit\n", text(party["secret"])).hex() != party["commitment"]:
            return "the secret of " + party["name"]
    if pool_hash(pool).hex() != record["pool_hash"]:
        return "the pools"
    seed = sha(b"dudao.draw.v1 seed\n", *(text(party["secret"]) for party in parties), pool_hash(pool))
    if seed.hex() != record["seed"]:
        return "the seed"
    drawn = []
    for stratum in pool["strata"]:
        for item in take(stream(seed, "object:" + stratum["id"]), stratum["objects"], stratum["count"]):
            barred = {bar["officer"] for bar in pool["bars"] if bar["object"] == item}
            free = [officer for officer in pool["officers"] if officer not in barred]
            officers = take(stream(seed, "officer:" + item), free, pool["officers_per_object"])
            drawn.append({"stratum": stratum["id"], "object": item, "officers": officers})
    return "" if drawn == record["drawn"] else "what was drawn"


if __name__ == "__main__":
    wrong = main(sys.argv[1])
    print("the record is right" if not wrong else "the record is wrong: " + wrong)
    sys.exit(1 if wrong else 0)
