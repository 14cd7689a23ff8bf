// A line chart of one parameter at one section: time along, value up, the limit of the target class across.
// Drawn at the size it has on the page, so that its letters are never scaled.

import { h, replace, svg } from "./dom.js"
import { t } from "./language.js"
import { className, classStyle, measured, midnights, moment, number, shortDay } from "./format.js"

const height = 230
const margin = { top: 18, right: 14, bottom: 26, left: 46 }

/// `points`: `{ at (ms), value, class, decisive, written }`, oldest first; `written` is what is shown in place of the
/// value. `limits`: `[{ value, label }]`.
export function lineChart({ points, limits, unit, label, zeroBased, signal }) {
  const readout = h("p", { class: "chart-readout", "aria-live": "polite" })
  const figure = h("div", { class: "chart", tabindex: 0, role: "img", "aria-label": label })
  let chosen = -1
  let shape = null

  const draw = () => {
    const width = Math.max(240, figure.clientWidth || 600)
    shape = scales(points, limits, width, zeroBased)
    replace(figure, picture(points, limits, unit, shape, width))
    choose(chosen)
  }
  const choose = (index) => {
    chosen = Math.min(points.length - 1, Math.max(-1, index))
    figure.querySelector(".chart-chosen")?.remove()
    const point = points[chosen]
    if (!point) {
      readout.textContent = ""
      return
    }
    figure.firstElementChild.append(svg("circle",
      { cx: shape.x(point.at), cy: shape.y(point.value), r: 8, class: "chart-chosen" }))
    const shown = point.written ? [point.written, unit].filter(Boolean).join(" ") : measured(point.value, unit)
    readout.textContent = `${moment(new Date(point.at).toISOString())}${t("colon")}${shown} · ${className(point.class)}`
  }
  figure.addEventListener("pointermove", (event) => {
    const x = event.clientX - figure.getBoundingClientRect().left
    choose(points.reduce((best, point, index) =>
      Math.abs(shape.x(point.at) - x) < Math.abs(shape.x(points[best].at) - x) ? index : best, 0))
  })
  figure.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
    if (move === undefined) return
    event.preventDefault()
    choose(chosen < 0 ? points.length - 1 : Math.max(0, chosen + move))
  })
  const observer = new ResizeObserver(draw)
  observer.observe(figure)
  signal.addEventListener("abort", () => observer.disconnect())
  return h("div", {}, figure, readout)
}

function scales(points, limits, width, zeroBased) {
  const values = [...points.map((point) => point.value), ...limits.map((limit) => limit.value)]
  let low = zeroBased ? 0 : Math.min(...values)
  let high = Math.max(...values)
  const room = (high - low || Math.abs(high) || 1) * 0.12
  if (!zeroBased) low -= room
  high += room
  const first = points[0].at
  const span = Math.max(points.at(-1).at - first, 3_600_000)
  return {
    low, high, first, span,
    x: (at) => margin.left + ((at - first) / span) * (width - margin.left - margin.right),
    y: (value) => height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom),
  }
}

function picture(points, limits, unit, shape, width) {
  const right = width - margin.right
  const rows = ticks(shape.low, shape.high, 4).map((value) => [
    svg("line", { x1: margin.left, x2: right, y1: shape.y(value), y2: shape.y(value), class: "chart-grid" }),
    svg("text", { x: margin.left - 7, y: shape.y(value) + 4, class: "chart-tick chart-tick-y" }, number(value)),
  ])
  const columns = days(shape, width).map((at) =>
    svg("text", { x: shape.x(at), y: height - 8, class: "chart-tick chart-tick-x" }, shortDay(at)))
  // From the right, above the picture: there labels go that find no room at their lines.
  let free = right
  const above = (limit) => {
    const x = free
    free -= widthOf(limit.label) + 14
    return svg("text", { x, y: 11, "text-anchor": "end", class: "chart-limit-label" }, limit.label)
  }
  const bounds = limits.map((limit) => [
    svg("line", { x1: margin.left, x2: right, y1: shape.y(limit.value), y2: shape.y(limit.value),
      class: "chart-limit" }),
    limitLabel(limit, points, shape, right) ?? above(limit),
  ])
  const radius = points.length > 90 ? 2.4 : 3.6
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    rows, columns,
    unit && svg("text", { x: 2, y: 11, class: "chart-tick" }, unit),
    svg("path", { d: path(points, shape), class: "chart-line" }),
    bounds,
    points.map((point) => svg("circle", {
      cx: shape.x(point.at), cy: shape.y(point.value), r: radius,
      class: `chart-point ${classStyle(point.class)}${point.decisive ? " chart-decisive" : ""}`,
    })))
}

// Of letters of 12 pixels: a Chinese one is as wide as it is high.
const widthOf = (text) => [...text].reduce((sum, one) => sum + (one > "\u2e80" ? 12.5 : 7), 0)

/// Above or below the line of the limit, at its left or right end, where it covers no point; null where it always would.
function limitLabel(limit, points, shape, right) {
  const y = shape.y(limit.value)
  const width = widthOf(limit.label)
  const spots = [["end", -5], ["end", 14], ["start", -5], ["start", 14]].map(([anchor, down]) => {
    const [from, to] = anchor === "end" ? [right - width, right] : [margin.left, margin.left + width]
    const isCovering = points.some((point) => shape.x(point.at) >= from - 5 && shape.x(point.at) <= to + 5
      && Math.abs(shape.y(point.value) - (y + down - 4)) < 12)
    return { anchor, down, isCovering }
  })
  const found = spots.find((spot) => !spot.isCovering)
  if (!found) return null
  const { anchor, down } = found
  return svg("text", { x: anchor === "end" ? right : margin.left, y: y + down, "text-anchor": anchor,
    class: "chart-limit-label" }, limit.label)
}

/// A gap of more than three usual steps is drawn as a gap: a line across it would claim to know.
function path(points, shape) {
  const steps = points.slice(1).map((point, index) => point.at - points[index].at).sort((one, other) => one - other)
  const usual = steps[Math.floor(steps.length / 2)] ?? 0
  return points.map((point, index) => {
    const joined = index > 0 && point.at - points[index - 1].at <= usual * 3
    return `${joined ? "L" : "M"}${shape.x(point.at).toFixed(1)} ${shape.y(point.value).toFixed(1)}`
  }).join("")
}

function ticks(low, high, count) {
  const raw = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)
  const first = Math.ceil(low / step - 1e-9)
  const result = []
  for (let index = first; index * step <= high; index++) result.push(Number((index * step).toPrecision(12)))
  return result
}

/// Midnights, as many as there is room for.
function days(shape, width) {
  const step = Math.max(1, Math.ceil(shape.span / 86_400_000 / Math.max(2, Math.floor((width - 60) / 62))))
  const found = midnights(shape.first, shape.first + shape.span, step)
  return found.length ? found : [shape.first]
}
