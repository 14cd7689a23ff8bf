"""A city with as many reaches as wanted, made of the sample's own tables, and complaints about its waters."""

import csv
import json
import random
import shutil

from suite import SAMPLE

#: A rectangle that lies within the sample's city.
WEST, SOUTH, EAST, NORTH = 119.80, 30.10, 120.20, 30.30
#: It holds the whole rectangle.
REGION = "hangzhou"
REACHES_OF_RIVER, REACHES_OF_CHIEF, POINTS = 20, 10, 8
SEED = 10_000


def place(chance):
    return round(chance.uniform(WEST, EAST), 5), round(chance.uniform(SOUTH, NORTH), 5)


def build(folder, reaches):
    """The sample's folder with rivers, reaches and chiefs added, every row like one that is there already."""
    shutil.copytree(SAMPLE, folder)
    chance = random.Random(SEED)
    rivers = [f"river-{number}" for number in range(-(-reaches // REACHES_OF_RIVER))]
    chiefs = [f"chief-{number}" for number in range(-(-reaches // REACHES_OF_CHIEF))]
    add(folder / "rivers.csv", ({"id": river, "name": river} for river in rivers))
    add(folder / "chiefs.csv", ({"id": c, "phone": f"+86 000 0000 {n:04d}"} for n, c in enumerate(chiefs)))
    numbers = range(reaches)
    rows = (
        {
            "id": f"reach-{number}",
            "river": rivers[number // REACHES_OF_RIVER],
            "region": REGION,
            "level": "village",
            "chiefs": chiefs[number // REACHES_OF_CHIEF],
            "length_km": "",
        }
        for number in numbers
    )
    add(folder / "reaches.csv", rows)
    shapes = json.loads((folder / "reaches.geojson").read_text())
    for number in numbers:
        shape = {"type": "LineString", "coordinates": line(chance)}
        shapes["features"].append({"type": "Feature", "properties": {"id": f"reach-{number}"}, "geometry": shape})
    (folder / "reaches.geojson").write_text(json.dumps(shapes, ensure_ascii=False))
    return folder


def add(table, rows):
    """Appends rows that are the table's last one but for what they say themselves."""
    with open(table, newline="") as file:
        reader = csv.DictReader(file)
        names, last = reader.fieldnames, list(reader)[-1]
    with open(table, "a", newline="") as file:
        csv.DictWriter(file, names, lineterminator="\n").writerows(last | row for row in rows)


def line(chance):
    """About two kilometres."""
    points = [place(chance)]
    while len(points) < POINTS:
        longitude, latitude = points[-1]
        points.append(
            (round(longitude + chance.uniform(-0.002, 0.004), 5), round(latitude + chance.uniform(-0.002, 0.004), 5))
        )
    return points


def complaint(number, chance):
    longitude, latitude = place(chance)
    return {
        "category": "odour",
        "text": f"第{number}号投诉：河边水泥管口一直在流灰白色的水，有洗衣粉味，从早上七点到现在没停过。",
        "place": {"longitude": longitude, "latitude": latitude},
        "address": "沿河步道东侧",
    }
