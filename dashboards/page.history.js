/* The history: which range is shown, how one moves in it, and what stands at the crosshair. */

import { t, byId, say, show, element, ask, count, span, longOf, percent, whole, delayOf, placeOf, whyNot, timeOf, fullDayOf, marked, onZone } from "./page.words.js";
import { view, record, range, go, pass, onView, SHORTEST } from "./page.route.js";
import * as charts from "./page.charts.js";
import { delayColumns, lossColumns, ORDER, roleOf, nameOf } from "./page.series.js";
import { fit, palette } from "./page.strips.js";

let history = null, shape = "", clockNow = () => Date.now(), asking = null, askedAt = 0, wait = 0, cursor = null;
const watchers = [];
/* Whoever wants to know the data of the range that is shown. */
export const onHistory = act => watchers.push(act);
export const shown = () => range(clockNow());
export const crosshair = () => cursor;

const doing = {
  range: () => { const { from, to } = shown(); return [from, to]; },
  now: () => clockNow(),
  zoom: (from, to) => zoom(from, to),
  moved: u => {
    if (u !== charts.plot()) return;
    cursor = u.cursor.left >= 0 && history ? u.posToVal(u.cursor.left, "x") : null;
    read(false);
  },
};

function zoom(from, to, move = go) {
  const now = clockNow(), least = (SHORTEST - (to - from)) / 2;
  if (least > 0) { from -= least; to += least; }
  const first = record.from === null ? from : Math.min(record.from, now - 3600000);
  const length = Math.min(to - from, now - first);
  to = Math.min(to, now);
  from = Math.max(first, to - length);
  move({ from, to: Math.max(from + Math.min(length, now - from), from + SHORTEST) });
}
function scale(by, at, move) {
  const { from, to } = shown(), middle = at ?? cursor ?? (from + to) / 2;
  zoom(middle - (middle - from) * by, middle + (to - middle) * by, move);
}
function pan(by) {
  const { from, to } = shown(), step = (to - from) * by;
  zoom(from + step, to + step);
}

/* What stands at the crosshair, in words. */
function read(aloud) {
  const line = byId("history-reading");
  line.setAttribute("aria-live", aloud ? "polite" : "off");
  if (!history || cursor === null) { line.textContent = t("Point at the charts, or move over them with the arrow keys, to read them; drag to zoom in."); return; }
  const i = Math.floor((cursor - history.from) / history.column_ms);
  if (i < 0 || i >= history.columns) return;
  const from = history.from + i * history.column_ms, to = from + history.column_ms, c = history.column;
  const said = [];
  const state = charts.stateOf(i);
  const gap = history.gaps.find(g => g.from < to && g.to > from);
  if (state === "none") said.push(gap && whyNot(gap.reason) ? t("not watched: {why}", { why: whyNot(gap.reason) }) : t("not watched"));
  else if (c.down_s[i] > 0) said.push(`${state === "down" ? t("down") : t("{length} down", { length: longOf(c.down_s[i]) })} (${[c.drops[i] ? count(c.drops[i], "{n} drop", "{n} drops") : c.blips?.[i] ? count(c.blips[i], "{n} blip of 2 to 5 s", "{n} blips of 2 to 5 s") : "", c.place[i] ? placeOf(c.place[i]) : ""].filter(Boolean).join(", ")})`);
  else said.push(t("up"));
  if (state !== "none" && c.watched[i] < .995) said.push(t("{share} watched", { share: percent(c.watched[i]) }));
  const { lost, sent } = lossColumns(history);
  if (sent[i]) said.push(t("{lost} of {sent} lost", { lost: whole(lost[i]), sent: whole(sent[i]) }));
  for (const d of delayColumns(history)) if (d.median[i] !== null && d.median[i] !== undefined) said.push(`${d.name} ${delayOf(d.min[i])} / ${d.exact ? "" : "\u2248 "}${delayOf(d.median[i])} / ${delayOf(d.max[i])} ms`);
  const near = (history.to - history.from) / 150;
  for (const n of history.notes) if (Math.abs(n.at - cursor) < near) said.push(`\u2691 ${n.text}`);
  const way = history.ways.find(w => !w.is_line && w.from < to && (w.to ?? history.to) > from);
  if (way) said.push(way.medium === null ? t("no way out of this computer") : t("another way: {way}", { way: `${way.interface} (${t(way.medium)})` }));
  const modem = nearest(history.modem, cursor, Math.max(history.column_ms, 3600000));
  if (modem) {
    const two = (a, b) => a === null || a === undefined ? "" : a === b || b === null || b === undefined ? marked(String(a)) : `${marked(String(a))}\u2013${marked(String(b))}`;
    const power = two(modem.power_min_dbmv, modem.power_max_dbmv), mer = two(modem.mer_min_db), sends = two(modem.transmit_min_dbmv, modem.transmit_max_dbmv);
    said.push(t("modem: {what}", { what: [power && `${power} dBmV`, mer && `MER ${mer} dB`, sends && `\u2191 ${sends} dBmV`].filter(Boolean).join(", ") }));
  }
  const at = history.column_ms < 1000 ? `${fullDayOf(cursor)} ${timeOf(cursor)}` : span(from, to);
  line.textContent = `${at}: ${said.join("; ")}`;
}
function nearest(list, at, most) {
  let best = null;
  for (const point of list) if (!best || Math.abs(point.at - at) < Math.abs(best.at - at)) best = point;
  return best && Math.abs(best.at - at) <= most ? best : null;
}

/* The range in one sentence: what a person reads who does not see the charts. */
function summary() {
  const c = history.column, sum = list => list.reduce((s, x) => s + (x || 0), 0);
  /* A column counts up to now: shares are of that. */
  const long = i => Math.max(0, Math.min(history.from + (i + 1) * history.column_ms, clockNow()) - history.from - i * history.column_ms) / 1000;
  const watched = c.watched.reduce((s, x, i) => s + (x || 0) * long(i), 0), down = sum(c.down_s), n = history.drops_in_all;
  const { lost, sent } = lossColumns(history);
  const lines = delayColumns(history), middles = ((lines.find(line => line.name === roleOf("anchor")) ?? lines[0])?.median ?? []).filter(x => x !== null && x !== undefined).sort((a, b) => a - b);
  const { from, to } = shown(), until = Math.min(history.to, clockNow());
  const text = watched <= 0 ? [t("nothing was watched")] : [
    count(n, "{n} drop", "{n} drops"),
    down ? t("{length} down", { length: longOf(down) }) : t("no downtime"),
    t("{share} of the time watched", { share: percent(Math.min(1, watched / Math.max(1, (until - Math.max(history.from, Math.min(record.from ?? 0, until))) / 1000))) }),
    sum(sent) ? t("{share} of the probes lost", { share: percent(sum(lost) / sum(sent)) }) : "",
    middles.length ? t("delay usually {ms} ms", { ms: delayOf(middles[middles.length >> 1]) }) : "",
  ];
  say("history-words", `${span(from, to)} (${longOf((to - from) / 1000)}): ${text.filter(Boolean).join(", ")}.`);
}

function chooser() {
  const select = byId("history-of"), key = JSON.stringify(history.targets.map(x => [x.id, x.name]));
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren();
    const option = (parent, value, text) => { const o = element("option", parent, text); o.value = value; };
    for (const role of ORDER) if (history.targets.some(x => x.role === role)) option(select, role, t("all: {of}", { of: roleOf(role) }));
    option(select, "places", t("all places side by side"));
    for (const role of ORDER) {
      const those = history.targets.filter(x => x.role === role);
      if (!those.length) continue;
      const group = element("optgroup", select);
      group.label = roleOf(role);
      for (const x of those) option(group, String(x.id), nameOf(x));
    }
  }
  select.value = view.of;
  if (select.selectedIndex < 0) select.value = "anchor";
}

function take(next) {
  history = next;
  if (next.record) Object.assign(record, next.record);
  show("history-trouble", "");
  show("history-simulated", next.simulated ? next.simulated === "all" ? t("Simulated, not measured.") : t("Partly simulated, not measured.") : "");
  /* New charts where there are other ones to draw; else new data in the same ones. */
  const form = JSON.stringify([view.of, charts.placesOf(next), next.notes.length > 0, next.ways.length > 0, next.modem_restarts.length > 0, next.modem.length > 0, next.targets.map(x => x.id), Boolean(next.probes), next.source, byId("charts").clientWidth]);
  if (form !== shape) { shape = form; charts.build(byId("charts"), next, doing); } else charts.refresh(next);
  chooser();
  summary();
  read(false);
  say("history-source", { probes: t("From single probes."), minutes: t("From minutes."), hours: t("From hours; nothing is shorter than a pixel.") }[next.source] || "");
  for (const act of watchers) act(next);
}
async function load() {
  asking?.abort();
  const mine = asking = new AbortController(), { from, to } = shown();
  askedAt = Date.now();
  byId("charts").setAttribute("aria-busy", "true");
  try {
    const n = charts.columns(byId("charts"));
    const next = await ask(`/api/v1/history?from=${Math.floor(from)}&to=${Math.ceil(to)}&columns=${n}`, { signal: mine.signal });
    if (mine === asking) take(next);
  } catch (problem) {
    if (problem.name !== "AbortError") show("history-trouble", t("The history could not be read: {why}", { why: problem.message }));
  }
  if (mine === asking) byId("charts").setAttribute("aria-busy", "false");
}
export function loadSoon(after = 120) {
  clearTimeout(wait);
  wait = setTimeout(load, after);
}
/* Each second: a range that goes up to now goes on, at once where a drop began or ended. */
let drops = null;
export function tick(now, status) {
  clockNow = () => now;
  const before = drops;
  drops = [status.open_drop?.id, status.last_drop?.id].join();
  if (!view.last || document.visibilityState !== "visible" || view.drop !== null) return;
  const { from, to } = shown(), each = Math.min(60000, Math.max(10000, (to - from) / charts.columns(byId("charts"))));
  if ((Date.now() - askedAt >= each || (before !== null && before !== drops)) && byId("charts").getAttribute("aria-busy") !== "true" && cursor === null) load();
}

function buttons() {
  for (const b of document.querySelectorAll("#ranges button")) b.setAttribute("aria-pressed", String(b.value === view.last));
}
for (const b of document.querySelectorAll("#ranges button")) b.addEventListener("click", () => go({ last: b.value }));
const ACTS = { back: () => window.history.back(), earlier: () => pan(-.5), later: () => pan(.5), in: () => scale(.5), out: () => scale(2) };
for (const [name, act] of Object.entries(ACTS)) byId(`history-${name}`).addEventListener("click", act);
byId("history-of").addEventListener("change", event => go({ of: event.target.value }));

/* Keys: the arrows move the crosshair, + and - zoom there, page up and down go by half a range. */
const area = byId("charts");
area.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || !history) return;
  const plot = charts.plot(), wide = plot.bbox.width / (window.devicePixelRatio || 1);
  const one = wide / history.columns, left = cursor === null ? wide / 2 : plot.cursor.left;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const to = by ? left + by * Math.max(one, event.shiftKey ? wide / 20 : one) : { Home: 0, End: wide - 1 }[event.key];
  const act = { "+": () => scale(.5), "=": () => scale(.5), "-": () => scale(2), PageUp: () => pan(-.5), PageDown: () => pan(.5), Backspace: ACTS.back, Escape: () => charts.point(-10), Enter: () => scale(.25), 0: () => go({ last: "24h" }) }[event.key];
  if (to === undefined && !act) return;
  event.preventDefault();
  if (act) act();
  else { charts.point(Math.min(wide - .5, Math.max(.5, to))); read(true); }
});
/* The wheel zooms with Ctrl, and without it once the charts have the focus; else it scrolls the page. */
let turned = 0;
area.addEventListener("wheel", event => {
  const inside = area.contains(document.activeElement);
  if (!history || (!event.ctrlKey && !event.metaKey && !inside) || !event.deltaY) return;
  event.preventDefault();
  const box = charts.plot().over.getBoundingClientRect(), at = charts.plot().posToVal(event.clientX - box.left, "x");
  const goesOn = event.timeStamp - turned < 1000;
  turned = event.timeStamp;
  scale(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), at, goesOn ? pass : go);
}, { passive: false });
/* A finger along the charts reads them; two fingers zoom. */
const fingers = new Map();
let pinch = null;
for (const name of ["pointerup", "pointercancel", "pointerleave"]) area.addEventListener(name, event => { fingers.delete(event.pointerId); pinch = null; });
area.addEventListener("pointermove", event => {
  if (event.pointerType !== "touch" || !history) return;
  fingers.set(event.pointerId, event.clientX);
  if (fingers.size === 2) {
    const [a, b] = [...fingers.values()], apart = Math.max(20, Math.abs(a - b)), left = charts.plot().over.getBoundingClientRect().left;
    if (!pinch) { go(shown()); pinch = { apart, ...shown() }; }
    const at = charts.plot().posToVal((a + b) / 2 - left, "x"), by = pinch.apart / apart;
    zoom(at - (at - pinch.from) * by, at + (pinch.to - at) * by, pass);
    pinch = { apart, ...shown() };
    return;
  }
  const box = charts.plot().over.getBoundingClientRect();
  charts.point(Math.min(box.width - .5, Math.max(.5, event.clientX - box.left)));
});
area.addEventListener("pointerdown", () => area.focus({ preventScroll: true }));

onView(() => {
  buttons();
  byId("history-of").value = view.of;
  if (history) charts.refresh();
  loadSoon(history ? 60 : 0);
});
onZone(() => { if (history) { shape = ""; take(history); } });

export function draw() {
  const ink = palette();
  for (const canvas of document.querySelectorAll("[data-state-sample]")) {
    const [w, h] = fit(canvas), g = canvas.getContext("2d");
    g.clearRect(0, 0, w, h);
    charts.paintState(g, ink, canvas.dataset.stateSample, 0, 0, w, h);
  }
  if (history) { shape = ""; take(history); }
}
let size = 0;
window.addEventListener("resize", () => {
  if (area.clientWidth === size) return;
  size = area.clientWidth;
  if (history) draw();
  loadSoon(200);
});
