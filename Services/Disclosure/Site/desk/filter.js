// By what a list and its figures may be narrowed.

import { t } from "../language.js"

/// The regions whose complaints one sees.
export const ownRegions = (me, regions) => regions.filter((one) => me.regions?.includes(one.id) ?? true)

/// Why the desk refuses what the address asks for.
export const wrongFilter = ({ type }) => t(type === "urn:dayu:foreign-region" ? "desk.foreign.region" : "desk.filter.wrong")
