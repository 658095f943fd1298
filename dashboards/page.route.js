/* Which view is shown: it is in the part of the address after #, so that every view has a link of its
   own and the back button works.

   #last=24h            up to now, and going on (1h, 24h, 7d, 30d, 1y, all)
   #from=MS&to=MS       from and to, in ms since 1970 or as a date that the browser reads
   &drop=12             a drop, probe by probe
   &of=anchor           whose loss and delay: a role, or the number of a target */

const HOUR = 3600000;
export const LASTS = { "1h": HOUR, "24h": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR, "1y": 8760 * HOUR, all: null };
export const SHORTEST = 1000;

const watchers = [];
export const view = { last: "24h", from: 0, to: 0, drop: null, of: "anchor" };
/* What the record holds, once that is known. */
export const record = { from: null, to: null };

export const onView = act => watchers.push(act);

const instant = text => /^\d+$/.test(text) ? Number(text) : Date.parse(text);

function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const from = instant(said.get("from") || ""), to = instant(said.get("to") || "");
  const last = said.get("last");
  if (Number.isFinite(from) && Number.isFinite(to) && from < to) Object.assign(view, { last: null, from, to: Math.max(to, from + SHORTEST) });
  else view.last = last in LASTS ? last : "24h";
  view.drop = /^\d+$/.test(said.get("drop") || "") ? Number(said.get("drop")) : null;
  view.of = said.get("of") || "anchor";
}

/* The link of a view; what is not given stays as it is now. */
export function linkTo(change) {
  const next = { ...view, ...change };
  if ("from" in change) next.last = null;
  const said = [];
  if (next.last) { if (next.last !== "24h" || !next.drop) said.push(`last=${next.last}`); }
  else said.push(`from=${Math.round(next.from)}`, `to=${Math.round(next.to)}`);
  if (next.of !== "anchor") said.push(`of=${encodeURIComponent(next.of)}`);
  if (next.drop !== null) said.push(`drop=${next.drop}`);
  return `#${said.join("&")}`;
}

export function go(change) {
  const next = linkTo(change);
  if (next !== location.hash) location.hash = next;
}
/* The same in place of the view that is shown: what a turning wheel passes is no view to go back to. */
export function pass(change) {
  history.replaceState(null, "", linkTo(change));
  changed();
}

/* Exactly one range of time at this moment. */
export function range(now) {
  if (!view.last) return { from: view.from, to: view.to };
  const to = now, length = LASTS[view.last];
  if (length) return { from: to - length, to };
  const from = record.from === null ? to - LASTS["1y"] : Math.min(record.from, to - HOUR);
  return { from, to };
}

function changed() {
  const before = { ...view };
  read();
  for (const act of watchers) act(before);
}
/* Once everything that looks on is there. */
export function start() {
  window.addEventListener("hashchange", changed);
  changed();
}
