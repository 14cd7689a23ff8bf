"""A province of its own making: as many reaches as one could have, all of them in order."""

import csv
import json
import math
import random


def write_large(folder, reaches, seed=1):
    """A folder with so many reaches, a tenth of them ponds, and all that they need; the same for the same seed."""
    random_ = random.Random(seed)
    folder.mkdir(parents=True)
    towns = max(1, reaches // 50)
    side = math.ceil(math.sqrt(towns))
    regions, boundaries = [region("province", "province"), region("city", "city", "province")], {}
    boundaries["city"] = square(110, 25, side * 0.1)
    chiefs = [chief("city", "city", "city", None)]
    for town in range(towns):
        name = f"town-{town}"
        west, south = 110 + town % side * 0.1, 25 + town // side * 0.1
        regions.append(region(name, "town", "city"))
        boundaries[name] = square(west, south, 0.1)
        chiefs.append(chief(name, "town", name, "chief-city"))
        chiefs.extend(chief(f"{name}-{n}", "village", name, f"chief-{name}") for n in range(5))
    rivers, rows, shapes = [], [], {}
    for number in range(reaches):
        town = number % towns
        west, south = 110 + town % side * 0.1, 25 + town // side * 0.1
        is_pond, identifier = number % 10 == 9, f"water-{number // 5}.{number}"
        if number % 5 == 0:
            rivers.append(river(f"water-{number // 5}", town, "river"))
        if is_pond:
            rivers.append(river(f"pond-{number}", town, "pond"))
            identifier = f"pond-{number}.whole"
        x, y = west + random_.uniform(0.02, 0.06), south + random_.uniform(0.02, 0.06)
        shapes[identifier] = pond(random_, x, y) if is_pond else course(random_, x, y)
        rows.append(
            {
                "id": identifier,
                "river": identifier.partition(".")[0],
                "name": f"第{number}段",
                "name_en": f"Reach {number}",
                "region": f"town-{town}",
                "level": "village",
                "chiefs": f"chief-town-{town}-{number % 5} chief-town-{town} chief-city",
            }
        )
    category = {"code": "odour", "group": "水体", "name": "异味", "urgency": "ordinary"}
    table(folder / "categories.csv", [category | {"accept_hours": 24, "resolve_hours": 120}])
    table(folder / "regions.csv", regions)
    table(folder / "chiefs.csv", chiefs)
    table(folder / "rivers.csv", rivers)
    table(folder / "reaches.csv", rows)
    collection(folder / "regions.geojson", boundaries)
    collection(folder / "reaches.geojson", shapes)
    return 1 + len(regions) + len(chiefs) + len(rivers) + len(rows)


def region(identifier, level, parent=None):
    office = {"duty_office": f"{identifier}值班室（样例）", "duty_phone": "+86 000 0000 9000"}
    return {"id": identifier, "name": f"示例{identifier}", "level": level, "parent": parent} | office


def chief(identifier, level, region_, superior):
    title = {"name": "示例", "title": "河长", "phone": f"+86 000 0000 {len(identifier):04}"}
    return {"id": f"chief-{identifier}", "level": level, "region": region_, "superior": superior} | title


def river(identifier, town, kind):
    return {"id": identifier, "name": f"示例{identifier}", "kind": kind, "level": "town", "region": f"town-{town}"}


def course(random_, x, y):
    line = [[x, y]]
    for _ in range(19):
        x, y = x + random_.uniform(0, 0.002), y + random_.uniform(-0.001, 0.001)
        line.append([round(x, 5), round(y, 5)])
    return {"type": "LineString", "coordinates": line}


def pond(random_, x, y):
    ring = []
    for corner in range(12):
        angle, radius = corner * math.pi / 6, random_.uniform(0.0002, 0.0005)
        ring.append([round(x + radius * math.cos(angle), 6), round(y + radius * math.sin(angle), 6)])
    return {"type": "Polygon", "coordinates": [ring + ring[:1]]}


def square(west, south, side):
    """With corners enough to be as much work as a real boundary."""
    steps = [n / 25 for n in range(25)]
    ring = [[west + side * n, south] for n in steps] + [[west + side, south + side * n] for n in steps]
    ring += [[west + side * (1 - n), south + side] for n in steps] + [[west, south + side * (1 - n)] for n in steps]
    return {"type": "Polygon", "coordinates": [ring + ring[:1]]}


def table(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def collection(path, shapes):
    features = [
        json.dumps({"type": "Feature", "properties": {"id": identifier}, "geometry": shape})
        for identifier, shape in shapes.items()
    ]
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n")
