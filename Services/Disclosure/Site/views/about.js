// What this is, how to use it, what the open API offers and what is never shown.

import { h } from "../dom.js"
import { hasEnterprises, isMeasured, t } from "../language.js"
import { classes, month } from "../format.js"
import { block, classBadge } from "../parts.js"

const readings = ["api.readings", "api.provisional", "api.parameters", "api.evaluations", "api.trends", "api.bulletins", "api.coverage"]

const discharges = ["api.enterprises", "api.enterprise"]

const endpoints = () => [
  ["/api/rivers", "api.rivers", true],
  ["/api/rivers/{id}", "api.river"],
  ["/api/reaches/{id}", "api.reach"],
  ["/api/reaches.geojson", "api.reaches", true],
  ["/api/regions.geojson", "api.regions", true],
  ["/api/sections/{id}/readings?versions=true", "api.readings"],
  ["/api/regions", "api.regionlist", true],
  ["/api/regions/{id}/provisional", "api.provisional"],
  ["/api/departments/{id}/provisional", "api.provisional.outfalls"],
  ["/api/complaints", "api.complaints", true],
  ["/api/complaints/{code}", "api.complaint"],
  ["/api/complaints/similar?category=…&longitude=…&latitude=…", "api.similar"],
  ["/api/news", "api.news", true],
  ["/pictures/{name}", "api.pictures"],
  ["/api/categories", "api.categories", true],
  ["/api/departments", "api.departments", true],
  ["/api/parameters", "api.parameters", true],
  ["/api/evaluations?scope=section", "api.evaluations", true],
  ["/api/trends?scope=section", "api.trends", true],
  [`/api/indicators?scope=region&period=${month()}`, "api.indicators", true],
  [`/api/accountability?scope=region&period=${month()}`, "api.accountability", true],
  ["/api/bulletins", "api.bulletins", true],
  [`/api/coverage?period=${month()}`, "api.coverage", true],
  ["/api/enterprises", "api.enterprises", true],
  ["/api/enterprises/{id}", "api.enterprise"],
  ["/api/about", "api.about", true],
  ["/open311/discovery.json", "api.open311", true],
].filter(([, key]) => (isMeasured() || !readings.includes(key)) && (hasEnterprises() || !discharges.includes(key)))

export async function render(page) {
  page.title = t("about.title")
  return h("div", { class: "page narrow prose" },
    h("h1", {}, t("about.title")),
    block(t("about.what"), h("p", {}, t("about.what.text"))),
    block(t("about.how"), h("ol", {}, [1, 2, 3].map((step) => h("li", {}, t(`about.how.${step}`))))),
    isMeasured() && block(t("about.classes"), h("p", {}, t("about.classes.text")),
      h("table", { class: "data" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("about.class")),
          h("th", { scope: "col" }, t("about.use")))),
        h("tbody", {}, [...classes, null].map((value) =>
          h("tr", {}, h("th", { scope: "row" }, classBadge(value)), h("td", {}, t(`class.use.${value ?? "none"}`))))))),
    block(t("about.private"), h("p", {}, t("about.private.text"))),
    block(t("about.api"), h("p", {}, t("about.api.text")),
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("about.api") },
        h("table", { class: "data api" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("about.api.address")),
            h("th", { scope: "col" }, t("about.api.content")))),
          h("tbody", {}, endpoints().map(([path, key, open]) => h("tr", {},
            h("th", { scope: "row" }, open ? h("a", { href: path }, h("code", {}, path)) : h("code", {}, path)),
              h("td", {}, t(key))))))),
      h("p", {}, t("about.api.example")), h("pre", {},
        h("code", {}, `curl ${location.origin}/api/complaints?status=assigned`))))
}
