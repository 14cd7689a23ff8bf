// Maps, on Leaflet (`L`, a classic script). Colours and dashes are the style sheet's, by class name, so that the map,
// the legend and the badges cannot disagree. Without tiles the regions' outlines are the ground.

import * as api from "./api.js"
import { h, isWebAddress } from "./dom.js"
import { named, t } from "./language.js"
import { classMark, classStyle } from "./format.js"

const leaflet = () => globalThis.L

/// A map that starts once its place on the page has a size (Leaflet measures it) and ends with the page.
/// `start(map)` draws and gives the labels it placed; where it fails the page still has everything in words.
export function mapBox({ label, signal, size = "", start }) {
  const canvas = h("div", { class: "map-canvas", role: "region", "aria-label": label })
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
  separate(map, [...(reachLabels ?? []), ...labels])
}

/// Where two labels would cover each other the later one waits until the map is closer: classes first, then regions.
function separate(map, labels) {
  const show = () => {
    const taken = []
    for (const marker of labels) {
      const { x, y } = map.latLngToLayerPoint(marker.getLatLng())
      const half = marker.options.icon.options.iconSize[0] / 2
      const free = taken.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > 19)
      if (free) taken.push({ x, y, half })
      marker.getElement()?.classList.toggle("hidden", !free)
    }
  }
  map.on("zoomend", show)
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
  return outlined.filter((one) => one.properties?.level === "district").map((feature) => {
    const name = named(feature.properties.name)
    return label(map, middleOf(outerRing(feature.geometry)), h("span", {}, name), "region-label",
      [12 + widthOf(name), 20])
  })
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

/// Draws reaches as coloured lines with a dark edge, a wide invisible one to tap, and the class written on each.
/// `popup(properties)` makes the content of the bubble; `faint` draws them as background. Gives the lines and the labels.
export function drawReaches(map, features, { popup, faint = false } = {}) {
  const drawn = features.filter((one) => one.geometry)
  const layer = (className, weight, options = {}) =>
    leaflet().geoJSON(drawn, {
      interactive: false,
      style: (feature) => ({ className: `${className} ${classStyle(feature.properties?.class)}`, weight, opacity: 1 }),
      ...options,
    }).addTo(map)
  if (faint) return { lines: layer("reach-faint", 2), labels: [] }
  layer("reach-case", 8)
  const lines = layer("reach-line", 5)
  if (popup) {
    layer("reach-touch", 24, {
      interactive: true,
      onEachFeature: (feature, path) => path.bindPopup(() => popup(feature.properties ?? {}),
        { maxWidth: 260, minWidth: 180 }),
    })
  }
  const labels = drawn.map((feature) => {
    const content = h("span", { class: `reach-mark ${classStyle(feature.properties?.class)}` },
      classMark(feature.properties?.class))
    return label(map, middleOf(longestLine(feature.geometry)), content, "reach-label", [30, 18])
  })
  return { lines, labels }
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
export function placePicker({ label: text, signal, onPick }) {
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
      const shapes = await api.reachShapes(signal).catch(() => null)
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
