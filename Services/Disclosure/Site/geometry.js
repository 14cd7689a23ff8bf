// Shapes of the API (GeoJSON: longitude first), as far as the site has to reason about them.

const metresPerDegree = 111_195

/// Whether a polygon holds a place. A ring inside another is a hole, so an odd number of crossings means inside.
export function holds(geometry, { longitude, latitude }) {
  const polygons = { Polygon: [geometry?.coordinates], MultiPolygon: geometry?.coordinates }[geometry?.type] ?? []
  return polygons.some((rings) => {
    let isInside = false
    for (const ring of rings) {
      for (let index = 0, before = ring.length - 1; index < ring.length; before = index++) {
        const [[x1, y1], [x2, y2]] = [ring[before], ring[index]]
        const isCrossed = y1 > latitude !== y2 > latitude
          && longitude < x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1)
        if (isCrossed) isInside = !isInside
      }
    }
    return isInside
  })
}

/// Metres from a place to the nearest point of a line or an area, on a plane that is true enough for one city; 0 inside an
/// area.
export function metresTo(geometry, { longitude, latitude }) {
  if (holds(geometry, { longitude, latitude })) return 0
  const { coordinates } = geometry ?? {}
  const lines = { LineString: [coordinates], MultiLineString: coordinates, Polygon: coordinates,
    MultiPolygon: coordinates?.flat() }[geometry?.type] ?? []
  const shrink = Math.cos((latitude * Math.PI) / 180)
  const flat = ([x, y]) => [(x - longitude) * shrink * metresPerDegree, (y - latitude) * metresPerDegree]
  let nearest = Infinity
  for (const line of lines) {
    const points = line.map(flat)
    points.forEach((to, index) => (nearest = Math.min(nearest, fromOrigin(points[Math.max(0, index - 1)], to))))
  }
  return nearest
}

function fromOrigin([x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const part = length ? Math.min(1, Math.max(0, -(x1 * dx + y1 * dy) / length)) : 0
  return Math.hypot(x1 + part * dx, y1 + part * dy)
}
