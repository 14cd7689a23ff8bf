// The only way this site makes elements. Text becomes text nodes, so nothing that comes from the API can be markup.

const svgNamespace = "http://www.w3.org/2000/svg"

/// `h("a", { href, class, on: { click } }, "text", node, [more], null)`
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children)
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children)
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener)
    } else if (name === "href") {
      if (isSafeAddress(value)) node.setAttribute("href", value)
    } else {
      node.setAttribute(name, value === true ? "" : String(value))
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""))
  return node
}

/// Our own pages, telephone numbers and the web; never `javascript:`, `data:` or another site in disguise (`//host`).
function isSafeAddress(address) {
  return /^(https?:\/\/|tel:|#|\/(?![/\\]))/i.test(String(address))
}

export const isWebAddress = (address) => /^https?:\/\/[^\s/]/i.test(String(address))

/// A link to somewhere else; an address that isn't http(s), or of which a part is hidden, is shown and not followed.
export function outside(address, text = address) {
  if (!isWebAddress(address) || String(address).includes("▇")) return h("span", {}, text)
  return h("a", { href: address, rel: "noopener noreferrer nofollow ugc", target: "_blank", class: "outside" }, text)
}

export function replace(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child != null && child !== false))
  return node
}

let lastIdentifier = 0
/// An `id` for tying a label to its field.
export const identifier = (stem) => `${stem}-${++lastIdentifier}`

// MARK: icons, drawn on a grid of 24

const strokes = {
  received: "M4 6h16v12H4zM4 7l8 6 8-6",
  assigned: "M4 12h13M12 6l6 6-6 6",
  accepted: "M5 12.5l4.5 4.5L19 7.5",
  noted: "M5 19l1-4L16 5l3 3L9 18zM5 19l4-1",
  urged: "M6 16V11a6 6 0 0112 0v5l2 2H4zM10 21h4",
  transferred: "M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4",
  warned: "M12 3a9 9 0 100 18 9 9 0 000-18M12 7v5l3.5 2.5",
  withheld: "M4 4l16 16M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6",
  released: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6M12 10a2 2 0 100 4 2 2 0 000-4",
  erased: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  lapsed: "M12 3a9 9 0 100 18 9 9 0 000-18M12 7v6M12 16v1",
  escalated: "M12 20V5M6 11l6-6 6 6",
  unreached: "M12 20V5M6 11l6-6 6 6",
  supervised: "M5 21V4h12l-2.5 4L17 12H5",
  extended: "M7 4h10M7 20h10M8 4v3l8 10v3M16 4v3L8 17v3",
  resolved: "M12 3a9 9 0 100 18 9 9 0 000-18M8 12.5l3 3 5.5-6",
  verified: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13M15.5 15.5L21 21M7.5 10.5l2.2 2.2 4-4.4",
  unchecked: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13M15.5 15.5L21 21M10.5 7.5v3.5M10.5 13v.5",
  rated: "M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.8-5 2.8 1-5.7-4-4 5.5-.8z",
  reopened: "M5 12a7 7 0 107-7H7M10 2L7 5l3 3",
  rejected: "M6 6l12 12M18 6L6 18",
  merged: "M6 4v4q0 5 6 6t6 6M18 4v4q0 5-6 6",
  edited: "M5 19l1-4L16 5l3 3L9 18zM5 19l4-1M12 21h8",
  joined: "M18 4v4q0 5-6 6t-6 6M6 4v4q0 5 6 6t6 6",
  parted: "M12 20v-6M12 14q0-5-6-6V4M12 14q0-5 6-6V4",
  informed: "M5 5h14v11H11l-4 4v-4H5z",
  closed: "M6 11V8a6 6 0 0112 0v3M5 11h14v9H5z",
  place: "M12 21q-7-7.5-7-12a7 7 0 0114 0q0 4.5-7 12M12 6.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5",
  phone: "M6 3h3l2 5-2.5 2q1.5 3.5 5.5 5.5l2-2.5 5 2v3q0 3-3 3Q7 20 3 6q0-3 3-3",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  camera: "M4 8h4l1.5-3h5L16 8h4v11H4zM12 10a3.5 3.5 0 100 7 3.5 3.5 0 000-7",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 8.5v.5",
  search: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13M15.5 15.5L21 21",
}

export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: strokes[name] ?? strokes.noted }),
  )
}
