// News in lists: the page has all of it, the home page and the rivers have the newest of theirs.

import * as api from "./api.js"
import { h, outside } from "./dom.js"
import { named, t } from "./language.js"
import { day } from "./format.js"
import { block, riverLink } from "./parts.js"

const newest = 3

/// - short: only the date and the title.
export function newsItem(one, { short = false } = {}) {
  const address = `/news#${encodeURIComponent(one.id)}`
  return h("li", { id: short ? null : one.id, class: "news-item" },
    h("time", { datetime: one.date }, day(one.date)),
    short ? h("a", { href: address }, one.title) : h("h2", {}, one.title),
    !short && h("p", {}, one.text),
    !short && h("p", { class: "sub" }, one.river ? riverLink(one.river) : named(one.region?.name),
      one.url && [" ", outside(one.url, t("news.more"))]))
}

/// The newest of a river or of all; nothing where there is none, or where it can't be read: other parts of the page matter
/// more.
export async function newestNews(asked, signal) {
  const news = (await api.news({ ...asked, limit: newest }, signal).catch(() => null))?.news ?? []
  if (!news.length) return null
  const query = new URLSearchParams(asked)
  return block(t("news.title"), h("ul", { class: "news-list short" }, news.map((one) => newsItem(one, { short: true }))),
    h("p", {}, h("a", { href: `/news${String(query) ? `?${query}` : ""}` }, t("news.all"))))
}
