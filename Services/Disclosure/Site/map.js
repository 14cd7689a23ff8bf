// Maps, on Leaflet (`L`, a classic script). Colours and dashes are the style sheet's, by class name, so that the map,
// the legend and the badges cannot disagree. Without tiles the regions' outlines are the ground.

import * as api from "./api.js"
import { h, isWebAddress } from "./dom.js"
import { named, t } from "./language.js"
import { classes, classMark, classStyle } from "./format.js"
import { holds, metresTo } from "./geometry.js"
import { shownClass } from "./month.js"

const leaflet = () => globalThis.L

/// A map that starts once its place on the page has a size (Leaflet measures it) and ends with the page.
/// `start(map)` draws and gives the labels it placed; where it fails the page still has everything in words.
export function mapBox({ label, signal, size = "", start }) {
  // A group and no region: the part of the page around it is one already, and landmarks must differ in name.
  const canvas = h("div", { class: "map-canvas", role: "group", "aria-label": label })
  const note = h("p", { class: "map-note", role: "status" })
  const box = h("div", { class: `map ${size}` }, canvas, note)
  if (!leaflet()) {
    note.textContent = t("map.missing")
    return box
  }
  let map = null
  const observer = new ResizeObserver(() => {
    if (!canvas.clientWidth) return
    if (map) return map.invalidateSize()
    map = create(canvas)
    begin(map, box, start).catch((failure) => {
      if (signal.aborted) return
      if (!("status" in Object(failure))) console.error(failure)
      note.textContent = t("map.failed")
    })
  })
  observer.observe(canvas)
  signal.addEventListener("abort", () => {
    observer.disconnect()
    map?.remove()
  })
  return box
}

function create(canvas) {
  const map = leaflet().map(canvas, {
    zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 6, maxZoom: 17,
    // The wheel belongs to the page until somebody turns to the map.
    scrollWheelZoom: false,
  })
  map.on("focus", () => map.scrollWheelZoom.enable())
  map.on("blur", () => map.scrollWheelZoom.disable())
  leaflet().control.zoom({ zoomInTitle: t("map.zoom.in"), zoomOutTitle: t("map.zoom.out") }).addTo(map)
  leaflet().control.scale({ imperial: false }).addTo(map)
  map.setView([30.25, 120.15], 10)
  return map
}

async function begin(map, box, start) {
  const [about, regions] = await Promise.all([api.about(), api.regionShapes().catch(() => null)])
  const tiles = about.tiles
  if (tiles && isWebAddress(tiles.url)) {
    leaflet().tileLayer(tiles.url, { maxZoom: 17 }).addTo(map)
    // Leaflet's own control takes HTML; the source's name is text like any other.
    if (tiles.attribution) box.append(h("p", { class: "map-source" }, named(tiles.attribution)))
  }
  const labels = regions ? drawRegions(map, regions, Boolean(tiles)) : []
  const reachLabels = await start(map)
  const isRiver = (one) => Boolean(one.name)
  const [rivers, marks] = [(reachLabels ?? []).filter(isRiver), (reachLabels ?? []).filter((one) => !isRiver(one))]
  separate(map, [...marks, ...labels, ...rivers])
}

/// Where two labels would cover each other the later one waits until the map is closer: classes first, then regions, then
/// the names of rivers. A label may have a zoom below which it isn't shown, and look for a place in what is in view.
function separate(map, labels) {
  const show = () => {
    const taken = []
    const shown = new Set()
    for (const { marker, name, fromZoom = 0, seek } of labels) {
      const place = map.getZoom() < fromZoom || shown.has(name) ? null : seek ? seek(map) : marker.getLatLng()
      if (place) marker.setLatLng(place)
      const { x, y } = map.latLngToLayerPoint(marker.getLatLng())
      const half = marker.options.icon.options.iconSize[0] / 2
      const free = place
        && taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > 19)
      if (free) taken.push({ x, y, half })
      if (free && name) shown.add(name)
      marker.getElement()?.classList.toggle("hidden", !free)
    }
  }
  map.on("moveend", show)
  show()
}

function drawRegions(map, collection, overTiles) {
  const outlined = (collection.features ?? []).filter((one) => one.geometry)
  const layers = outlined.map((feature) => leaflet().geoJSON(feature, {
    interactive: false,
    style: { className: `region ${feature.properties?.level === "city" ? "region-city" : ""}${overTiles ? " region-over" : ""}` },
  }).addTo(map))
  fit(map, layers)
  if (overTiles) return []
  return Object.entries(labelled).flatMap(([level, { fromZoom, row }]) =>
    outlined.filter((one) => one.properties?.level === level).map((feature) => {
      const name = named(feature.properties.name)
      const middle = middleOf(outerRing(feature.geometry))
      const marker = label(map, middle, h("span", {}, name), `region-label region-label-${level}`, [12 + widthOf(name), 20])
      return { marker, fromZoom, seek: (map) => inView(map, middle, feature.geometry, row) }
    }))
}

// The zoom from which the regions of a level have their names, and how far down the map a name stands that has to follow the
// map; of other levels the outline is enough.
const labelled = { district: { fromZoom: 8, row: 0.1 }, town: { fromZoom: 11.5, row: 0.2 } }

/// A region's name stands in its middle; where only a part of it is in view and fills the map, at the top of the map.
function inView(map, middle, geometry, row) {
  const bounds = map.getBounds()
  if (bounds.contains(middle)) return middle
  const centre = map.getCenter()
  if (!holds(geometry, { longitude: centre.lng, latitude: centre.lat })) return null
  return [bounds.getNorth() - (bounds.getNorth() - bounds.getSouth()) * row, centre.lng]
}

// Near enough for keeping labels apart: a Chinese character is about 13 pixels wide, a Latin letter 7.
const widthOf = (name) => [...name].reduce((sum, one) => sum + (one > "\u2e80" ? 13 : 7), 0)

function label(map, place, content, className, size) {
  const marker = leaflet().marker(place, {
    icon: leaflet().divIcon({ className, html: content, iconSize: size }), interactive: false, keyboard: false,
  })
  return marker.addTo(map)
}

// MARK: reaches

/// Draws reaches as coloured lines with a dark edge, a wide invisible one to tap, and the class written on each. What has
/// no class is a thin quiet line: there is water, and nothing more is known. `popup(properties)` makes the content of the
/// bubble; `faint` draws them as background, and `own` marks what the page is about. Gives the lines and the labels.
export function drawReaches(map, features, { popup, faint = false, own = false } = {}) {
  const drawn = features.filter((one) => one.geometry)
  const graded = drawn.filter((one) => classes.includes(shownClass(one.properties)))
  const layer = (className, weight, options = {}, shapes = drawn) =>
    leaflet().geoJSON(shapes, {
      interactive: false,
      style: (feature) => ({ className: `${className} ${classStyle(shownClass(feature.properties))}`, weight, opacity: 1 }),
      ...options,
    }).addTo(map)
  const names = riverNames(map, drawn)
  if (faint) return { lines: layer("reach-faint", 2), labels: names }
  const lines = own ? layer("reach-quiet reach-own", 4.5) : layer("reach-quiet", 2.5)
  layer("reach-case", 8, {}, graded)
  layer("reach-line", 5, {}, graded)
  if (popup) {
    layer("reach-touch", 24, {
      interactive: true,
      onEachFeature: (feature, path) => path.bindPopup(() => popup(feature.properties ?? {}),
        { maxWidth: 260, minWidth: 180 }),
    })
  }
  const labels = graded.map((feature) => {
    const content = h("span", { class: `reach-mark ${classStyle(shownClass(feature.properties))}` },
      classMark(shownClass(feature.properties)))
    return { marker: label(map, middleOf(longestLine(feature.geometry)), content, "reach-label", [30, 18]) }
  })
  return { lines, labels: [...labels, ...names] }
}

const riversNamedFrom = 10.5
// As far from the middle of the map, in pixels: there mostly is what the map is about.
const clearOfMiddle = 34

/// The name of each river, once, at a point of it that is in view.
function riverNames(map, features) {
  const rivers = new Map()
  for (const one of features.filter(({ properties }) => named(properties?.riverName))) {
    const { river } = one.properties
    rivers.set(river, [...(rivers.get(river) ?? []), one])
  }
  return [...rivers.values()].map((reaches) => {
    const name = named(reaches[0].properties.riverName)
    const lines = reaches.flatMap((one) => parts(one.geometry))
    const marker = label(map, middleOf(longest(lines)), h("span", {}, name), "river-label", [12 + widthOf(name), 20])
    return { marker, name, fromZoom: riversNamedFrom, seek: (map) => pointInView(map, lines) }
  })
}

const stepsOfSegment = 12

function pointInView(map, lines) {
  const bounds = map.getBounds().pad(-0.12)
  const middle = map.latLngToLayerPoint(map.getCenter())
  let best = null
  for (const line of lines) {
    for (let index = 0; index + 1 < line.length; index++) {
      const [[x1, y1], [x2, y2]] = [line[index], line[index + 1]]
      if (!bounds.intersects([[y1, x1], [y2, x2]])) continue
      for (let step = 0; step <= stepsOfSegment; step++) {
        const place = [y1 + ((y2 - y1) * step) / stepsOfSegment, x1 + ((x2 - x1) * step) / stepsOfSegment]
        const away = map.latLngToLayerPoint(place).distanceTo(middle)
        if (away > clearOfMiddle && (!best || away < best.away) && bounds.contains(place)) best = { place, away }
      }
    }
  }
  return best?.place ?? null
}

/// A dot: a complaint's place or a monitoring section.
export function drawDot(map, place, className, text) {
  if (!isPlace(place)) return null
  const dot = leaflet().circleMarker([place.latitude, place.longitude], {
    radius: className === "dot-section" ? 6 : 8, className: `dot ${className}`, interactive: Boolean(text),
  }).addTo(map)
  if (text) dot.bindTooltip(() => h("span", {}, text))
  return dot
}

export const isPlace = (place) => Number.isFinite(place?.latitude) && Number.isFinite(place?.longitude)

export function fit(map, layers, maxZoom = 14) {
  const bounds = leaflet().latLngBounds([])
  for (const layer of layers.filter(Boolean)) bounds.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng())
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [28, 28], maxZoom, animate: false })
}

/// Shows so much around a place that the nearest water is in view, and at least what zoom 12.5 shows.
export function fitAround(map, { longitude, latitude }, features) {
  const nearest = Math.min(farthestShownMetres,
    ...features.map((one) => metresTo(one.geometry, { longitude, latitude })))
  map.fitBounds(leaflet().latLng(latitude, longitude).toBounds(2.5 * nearest + 1), { maxZoom: 12.5, animate: false })
}

const farthestShownMetres = 30_000

// MARK: geometry (GeoJSON's longitude comes first, Leaflet's latitude does)

const parts = (geometry) =>
  ({
    LineString: [geometry.coordinates],
    MultiLineString: geometry.coordinates,
    Polygon: [geometry.coordinates[0]],
    MultiPolygon: geometry.coordinates.map?.((polygon) => polygon[0]),
  })[geometry.type] ?? []

const longest = (lists) => lists.reduce((best, one) => (one && one.length > best.length ? one : best), [])
const outerRing = (geometry) => ({ ring: longest(parts(geometry)) })
const longestLine = (geometry) => longest(parts(geometry))

function middleOf(shape) {
  if (!shape.ring) {
    const [longitude, latitude] = shape[Math.floor(shape.length / 2)] ?? [120.15, 30.25]
    return [latitude, longitude]
  }
  // The centre of the area, by triangles from the first corner: the mean of the corners leans to where there are many.
  const [[x0, y0]] = shape.ring.length ? shape.ring : [[120.15, 30.25]]
  let area = 0
  let x = 0
  let y = 0
  for (let index = 1; index + 1 < shape.ring.length; index++) {
    const [x1, y1] = shape.ring[index]
    const [x2, y2] = shape.ring[index + 1]
    const triangle = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    area += triangle
    x += (triangle * (x0 + x1 + x2)) / 3
    y += (triangle * (y0 + y1 + y2)) / 3
  }
  return area ? [y / area, x / area] : [y0, x0]
}

// MARK: choosing a place

/// A map that says where it was tapped. `marker.show(place)` moves the pin; `centre()` is for those who steer by keys.
/// `reaches` promises the shapes of the reaches, or null where they can't be read.
export function placePicker({ label: text, signal, reaches, onPick }) {
  let map = null
  let pin = null
  let wanted = null
  const show = (place, { move = true } = {}) => {
    wanted = place
    if (!map) return
    pin?.remove()
    pin = place ? drawDot(map, place, "dot-pick") : null
    if (place && move) map.setView([place.latitude, place.longitude], Math.max(map.getZoom(), 14), { animate: false })
  }
  const box = mapBox({
    label: text,
    signal,
    size: "map-pick",
    start: async (started) => {
      map = started
      map.on("click", (event) => onPick(rounded(event.latlng)))
      const shapes = await reaches
      const { lines, labels } = drawReaches(map, shapes?.features ?? [])
      fit(map, [lines], 13)
      show(wanted)
      return labels
    },
  })
  return { box, show, centre: () => map && rounded(map.getCenter()) }
}

// Five decimals are a metre; more would only look exact.
const rounded = ({ lat, lng }) => ({ longitude: Math.round(lng * 1e5) / 1e5, latitude: Math.round(lat * 1e5) / 1e5 })
