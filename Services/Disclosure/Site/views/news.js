// What the offices announce: about everything, a region or a river.

import * as api from "../api.js"
import { h } from "../dom.js"
import { t } from "../language.js"
import { empty } from "../parts.js"
import { newsItem } from "../news.js"

export async function render(page) {
  page.title = t("news.title")
  const asked = Object.fromEntries(["river", "region"].map((name) => [name, page.query.get(name) ?? ""]))
  const news = (await api.news(asked, page.signal)).news ?? []
  return h("div", { class: "page narrow" },
    h("h1", {}, t("news.title")), h("p", { class: "lead" }, t("news.lead")),
    news.length ? h("ul", { class: "news-list" }, news.map((one) => newsItem(one))) : empty(t("news.none")))
}
