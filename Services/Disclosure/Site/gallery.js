// Pictures that were said with something: ours as thumbnails, those of other sites as links.

import { h, outside } from "./dom.js"
import { t, word } from "./language.js"
import { pictures } from "./parts.js"

const shownInList = 3

/// Where the API found it: below this site, so a thumbnail of it is there, too.
const isOurs = (link) => /^\/pictures\/[0-9a-f]{32}\.jpg$/.test(link)

const thumbnail = (link, text) => h("img", { src: `${link}/small`, alt: text, loading: "lazy", decoding: "async" })

const opened = (link, text) => h("a", { href: link, target: "_blank", rel: "noopener", class: "thumb" },
  thumbnail(link, text))

/// The pictures with their numbers. In the place of one that is withheld stands why.
export function mediaList({ media, withheld }) {
  const entries = pictures({ media, withheld })
  if (!entries.length) return null
  return h("ul", { class: "media" }, entries.map(({ number, link, reason }) => {
    const text = t("complaint.media.n", { n: number })
    return h("li", { class: link && isOurs(link) ? "media-picture" : null },
      link ? (isOurs(link) ? opened(link, text)
        : [outside(link, text), " ", h("span", { class: "host" }, hostOf(link))])
        : h("span", { class: "absent" }, text),
      reason && h("span", { class: "absent" }, " ", t("words.hidden", { why: word("withheld", reason) })))
  }))
}

function hostOf(link) {
  try {
    return new URL(link).host
  } catch {
    return String(link)
  }
}

/// The first pictures of a complaint in a list; they say nothing that its text doesn't, so they are no links.
export function thumbnails({ media }) {
  const links = (media ?? []).filter(isOurs)
  if (!links.length) return null
  const more = links.length - shownInList
  return h("p", { class: "thumbs" }, links.slice(0, shownInList).map((link) => thumbnail(link, "")),
    more > 0 && h("span", {}, t("pictures.more", { n: more })))
}

/// The place as the citizen saw it and as it is now, side by side; nothing where one of the two isn't there.
export function beforeAndAfter(complaint) {
  const events = (complaint.timeline ?? []).filter((event) => event.type === "resolved" || event.type === "verified")
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
  const after = events.findLast((event) => (event.media ?? []).some(isOurs))?.media.find(isOurs)
  const before = (complaint.media ?? []).find(isOurs)
  if (!before || !after) return null
  const figure = (link, key) => h("figure", {}, h("figcaption", {}, t(key)), opened(link, t(key)))
  return h("div", { class: "compared" }, figure(before, "pictures.before"), figure(after, "pictures.after"))
}
