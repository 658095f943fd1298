/* The charts of the history, one above the other with one axis of time and one crosshair (uPlot), each
   painted column by column: a column of the data is at least one pixel of the screen, so that nothing
   is too short to be seen. */

/* global uPlot */
import { t, clock, theZone, placeOf, PLACES, marked, minuteOf, timeOf, element } from "./page.words.js";
import { palette } from "./page.strips.js";
import { view } from "./page.route.js";
import { delayColumns, lossColumns, roleOf, shownTargets } from "./page.series.js";

const KEY = "history";
const DAY = 86400000;
const device = () => window.devicePixelRatio || 1;

let data = null, charts = [], ink = null, act = null;
const gutter = () => window.innerWidth < 700 ? 40 : 60;

/* Marks of time in the zone of the record. */
function times(u, splits, axis, space, step) {
  let day = "";
  return splits.map(ms => {
    if (step >= 300 * DAY) return clock({ year: "numeric" }).format(ms);
    if (step >= 25 * DAY) return clock({ month: "short", year: "2-digit" }).format(ms);
    const date = clock({ day: "numeric", month: "short" }).format(ms);
    if (step >= DAY) return date;
    const time = step < 60000 ? timeOf(ms) : minuteOf(ms);
    const first = date !== day;
    day = date;
    return first ? `${time}\n${date}` : time;
  });
}
const inZone = ms => theZone() ? uPlot.tzDate(new Date(ms), theZone()) : new Date(ms);

const hatches = new Map();
function hatch(color) {
  const key = `${color} ${device()}`;
  if (!hatches.has(key)) {
    const d = device(), size = 8 * d, tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const g = tile.getContext("2d");
    g.strokeStyle = color;
    g.lineWidth = d;
    for (const shift of [-size, 0, size]) { g.beginPath(); g.moveTo(shift, size); g.lineTo(shift + size, 0); g.stroke(); }
    hatches.set(key, g.createPattern(tile, "repeat"));
  }
  return hatches.get(key);
}

/* Pixels of an instant, and of column i: from where, how wide. */
const place = (u, ms) => { const { min, max } = u.scales.x; return u.bbox.left + (ms - min) / (max - min) * u.bbox.width; };
function columnAt(u, i) {
  const at = n => Math.round(place(u, data.from + n * data.column_ms) - 1e-3);
  const x = at(i), end = at(i + 1);
  return [x, Math.max(1, end - x)];
}
function clipped(u, paint) {
  const g = u.ctx, b = u.bbox;
  g.save();
  g.beginPath();
  g.rect(b.left, b.top, b.width, b.height);
  g.clip();
  paint(g, b);
  g.restore();
}
/* What nobody watched is hatched in every chart, and so is what is still to come. */
function background(u) {
  ink = palette();
  if (!data) return;
  clipped(u, (g, b) => {
    const bar = (from, to, fill) => {
      const x = Math.round(place(u, from)), end = Math.round(place(u, to));
      g.fillStyle = fill;
      g.fillRect(x, b.top, Math.max(1, end - x), b.height);
    };
    const watched = data.column.watched;
    for (let i = 0, from = null; i <= watched.length; i++) {
      const none = i < watched.length && (watched[i] === null || watched[i] === 0);
      if (none && from === null) from = i;
      if (!none && from !== null) { bar(data.from + from * data.column_ms, data.from + i * data.column_ms, hatch(ink.hatch)); from = null; }
    }
    for (const gap of data.gaps) bar(gap.from, gap.to, hatch(ink.hatch));
    for (const way of data.ways) if (!way.is_line) bar(way.from, way.to ?? data.to, hatch(ink.other));
  });
}

/* The strip of drops: whole columns down, columns partly down, up, not watched. */
export function stateOf(i) {
  const down = data.column.down_s[i] || 0, watched = data.column.watched[i];
  if (down > 0) return down >= data.column_ms / 1000 * .98 ? "down" : "part";
  return watched === null || watched === 0 ? "none" : "up";
}
export function paintState(g, colours, state, x, top, w, h) {
  if (state === "none") return;
  const cut = state === "part" ? Math.round(h * .6) : state === "down" ? h : 0;
  if (cut) { g.fillStyle = state === "part" ? colours.part : colours.dead; g.fillRect(x, top, w, cut); }
  if (cut < h) { g.fillStyle = colours.good; const low = Math.round(h * .4); g.fillRect(x, top + h - low, w, low); }
}
function drawState(u) {
  clipped(u, (g, b) => {
    for (let i = 0; i < data.columns; i++) {
      const [x, w] = columnAt(u, i);
      paintState(g, ink, stateOf(i), x, b.top, w, b.height);
    }
  });
}

/* Where the faults were: a row for each place that has any in this range. */
export function placesOf(history) {
  const there = new Set();
  for (const drop of history.drops) for (const p of (drop.place || "unknown").split("|")) there.add(p);
  for (const word of history.column.place) if (word) for (const p of word.split("|")) there.add(p);
  return PLACES.filter(p => there.has(p));
}
function drawPlaces(u, places) {
  clipped(u, (g, b) => {
    const d = device(), each = b.height / Math.max(1, places.length), bar = Math.round(each * .45);
    g.font = `${11 * d}px system-ui, sans-serif`;
    g.textBaseline = "top";
    g.textAlign = "left";
    places.forEach((p, n) => {
      const top = Math.round(b.top + n * each), low = Math.round(top + each - bar - d);
      g.fillStyle = ink.strip;
      g.fillRect(b.left, low, b.width, bar);
      g.fillStyle = ink.dead;
      data.column.place.forEach((word, i) => {
        if (!word || !word.split("|").includes(p)) return;
        const [x, w] = columnAt(u, i);
        g.fillRect(x, low, w, bar);
      });
      for (const drop of data.drops) {
        if (!(drop.place || "unknown").split("|").includes(p)) continue;
        const x = Math.round(place(u, drop.onset)), end = Math.round(place(u, drop.end ?? drop.record_ends ?? Math.min(data.to, act.now())));
        g.fillRect(x, low, Math.max(1, end - x), bar);
      }
      g.fillStyle = ink.soft;
      g.fillText(placeOf(p), b.left + 3 * d, top + d);
    });
  });
}

function drawLoss(u) {
  const { lost, sent } = lossColumns(data);
  clipped(u, (g, b) => {
    const max = u.scales.y.max;
    g.fillStyle = ink.lost;
    for (let i = 0; i < data.columns; i++) {
      if (!lost[i] || !sent[i]) continue;
      const [x, w] = columnAt(u, i), h = Math.max(device(), Math.round(lost[i] / sent[i] * 100 / max * b.height));
      g.fillRect(x, b.top + b.height - h, w, h);
    }
  });
}

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2]];
function drawDelay(u) {
  const d = device(), lines = delayColumns(data);
  clipped(u, (g, b) => {
    const y = ms => Math.round(u.valToPos(Math.max(ms, u.scales.y.min), "y", true));
    if (data.probes && lines.length === 1) {
      for (const probes of lines[0].probes) for (const [at, rtt, fate] of probes) {
        const x = Math.round(place(u, at));
        if (fate === 2) { g.fillStyle = ink.lost; g.fillRect(x - d / 2, b.top, Math.max(1, d), 8 * d); }
        else if (rtt !== null && fate !== 3) { g.fillStyle = fate === 1 ? ink.late : ink.focus; g.fillRect(x - d, y(rtt) - d, 2 * d + 1, 2 * d + 1); }
      }
      return;
    }
    lines.forEach((line, n) => {
      const only = lines.length === 1;
      g.fillStyle = ink.band;
      if (only) for (let i = 0; i < data.columns; i++) {
        if (line.max[i] === null) continue;
        const [x, w] = columnAt(u, i), top = y(line.max[i]), low = y(line.min[i]);
        g.fillRect(x, top, w, Math.max(1, low - top));
      }
      g.fillStyle = only ? ink.focus : [ink.focus, ink.down, ink.good, ink.note, ink.ink][n % 5];
      const dash = DASHES[only ? 0 : n % 5], round = dash.reduce((a, b) => a + b, 0) * d;
      for (let i = 0; i < data.columns; i++) {
        if (line.median[i] === null) continue;
        const [x, w] = columnAt(u, i);
        if (round && dash.length) { let at = x % round / d, k = 0; while (at >= dash[k]) at -= dash[k++]; if (k % 2) continue; }
        const here = y(line.median[i]), before = i && line.median[i - 1] !== null ? y(line.median[i - 1]) : here;
        const top = Math.min(here, before), thick = Math.ceil(1.5 * d);
        g.fillRect(x, top, w, Math.max(thick, Math.abs(here - before)));
      }
    });
  });
}

/* Notes as flags, restarts of the modem, ways. */
function drawMarks(u) {
  clipped(u, (g, b) => {
    const d = device(), mid = b.top + Math.round(b.height / 2);
    g.font = `${11 * d}px system-ui, sans-serif`;
    g.textBaseline = "middle";
    g.textAlign = "left";
    for (const way of data.ways) {
      const x = Math.max(b.left, Math.round(place(u, way.from))), end = Math.min(b.left + b.width, Math.round(place(u, way.to ?? data.to)));
      g.fillStyle = way.is_line ? ink.good : ink.other;
      g.fillRect(x, b.top + b.height - 4 * d, Math.max(1, end - x), 4 * d);
      const name = way.medium ? `${way.interface} (${t(way.medium)})` : t("no way out of this computer");
      g.fillStyle = ink.soft;
      if (g.measureText(name).width + 8 * d < end - x) g.fillText(name, x + 4 * d, b.top + b.height - 11 * d);
    }
    g.fillStyle = ink.ink;
    for (const at of data.modem_restarts) {
      const x = Math.round(place(u, at));
      for (let y = b.top; y < mid; y += 4 * d) g.fillRect(x, y, d, 2 * d);
      g.fillText("\u21bb", x + 2 * d, b.top + 8 * d);
    }
    let free = -Infinity;
    for (const note of [...data.notes].sort((a, c) => a.at - c.at)) {
      const x = Math.round(place(u, note.at));
      g.fillStyle = ink.note;
      g.fillRect(x, b.top, Math.ceil(1.5 * d), mid - b.top + 2 * d);
      g.beginPath();
      g.moveTo(x, b.top);
      g.lineTo(x + 9 * d, b.top + 5 * d);
      g.lineTo(x, b.top + 10 * d);
      g.fill();
      const text = note.text.length > 24 ? `${note.text.slice(0, 23)}\u2026` : note.text, wide = g.measureText(text).width;
      if (x < free || x + wide + 14 * d > b.left + b.width) continue;
      g.fillStyle = ink.ink;
      g.fillText(text, x + 11 * d, b.top + 6 * d);
      free = x + wide + 20 * d;
    }
  });
}

function drawModem(low, high) {
  return u => clipped(u, g => {
    const d = device(), y = v => u.valToPos(v, "y", true);
    let before = null;
    g.fillStyle = ink.focus;
    g.strokeStyle = ink.focus;
    g.lineWidth = 1.5 * d;
    for (const point of data.modem) {
      const bottom = point[low], top = point[high];
      if (bottom === null || bottom === undefined) { before = null; continue; }
      const x = Math.round(place(u, point.at)), a = Math.round(y(top ?? bottom)), b = Math.round(y(bottom));
      g.fillRect(x - d, Math.min(a, b) - d, 2 * d, Math.abs(b - a) + 2 * d);
      if (before && point.at - before.at < 3 * 3600000 && low === high) { g.beginPath(); g.moveTo(before.x, before.y); g.lineTo(x, b); g.stroke(); }
      before = { x, y: b, at: point.at };
    }
  });
}

function logMarks(u, axis, min, max) {
  const marks = [];
  for (let p = Math.floor(Math.log10(min)); p <= Math.log10(max); p++) for (const m of [1, 2, 5]) { const v = m * 10 ** p; if (v >= min && v <= max) marks.push(v); }
  return marks.length > 7 ? marks.filter(v => Math.abs(Math.log10(v) % 1) < 1e-6) : marks;
}

/* One chart: its title above it, its painter, and the axis of time below if it is the last. */
function chart(parent, { title, height, paint, y, values, log, last }) {
  const box = element("div", parent, undefined, "chart");
  if (title) element("h3", box, title);
  const wide = Math.max(160, Math.floor(parent.clientWidth));
  const text = { font: "12px system-ui, sans-serif", stroke: () => ink.soft, grid: { stroke: () => ink.line, width: 1 }, ticks: { show: false } };
  const bottom = last ? 40 : 6;
  const u = new uPlot({
    width: wide, height: height + bottom + (values ? 9 : 0), ms: 1, tzDate: inZone, pxAlign: 1, padding: [values ? 9 : 0, 20, last ? 0 : 6, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, sync: { key: KEY, setSeries: false, scales: ["x", null] }, drag: { x: true, y: false, setScale: false, dist: 4 } },
    scales: { x: { time: true, range: () => act.range() }, y: { distr: log ? 3 : 1, range: y || (() => [0, 1]) } },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [
      { ...text, show: true, size: last ? 40 : 0, gap: 4, values: last ? times : () => [], space: 70 },
      { ...text, size: gutter(), gap: 4, space: 22, show: true, values: values ? (u, marks) => marks.map(values) : () => [], grid: { ...text.grid, show: Boolean(values) }, ...(log ? { splits: logMarks, filter: (u, marks) => marks } : {}) },
    ],
    hooks: {
      drawClear: [background],
      draw: [u => { if (data) paint(u); }],
      setSelect: [u => {
        if (u.select.width < 4) return;
        const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        act.zoom(from, to);
      }],
      setCursor: [u => act.moved(u)],
    },
  }, [act.range(), [1, 2]], box);
  charts.push(u);
  return u;
}

const bounds = (values, least) => {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (v !== null && v !== undefined) { low = Math.min(low, v); high = Math.max(high, v); }
  if (low > high) return [0, least];
  const room = Math.max((high - low) * .1, least / 4);
  return [low - room, high + room];
};

/* Builds all charts anew for what the data hold, and draws them. `doing` has range(), now(),
   zoom(from, to) and moved(chart). */
export function build(parent, history, doing) {
  for (const u of charts) u.destroy();
  charts = [];
  parent.replaceChildren();
  data = history;
  act = doing;
  ink = palette();
  const number = v => v === null ? "" : marked(String(+v.toPrecision(3)));
  const places = placesOf(history), lines = delayColumns(history);
  const modem = [["Received power, dBmV", "power_min_dbmv", "power_max_dbmv"], ["Received MER, dB", "mer_min_db", "mer_min_db"], ["Transmit power, dBmV", "transmit_min_dbmv", "transmit_max_dbmv"], ["Uncorrectable words", "uncorrectable", "uncorrectable"]]
    .filter(([, low]) => history.modem.some(p => p[low] !== null && p[low] !== undefined));
  chart(parent, { title: t("Drops"), height: 44, paint: drawState });
  if (places.length) chart(parent, { title: t("Where the fault was"), height: 27 * places.length, paint: u => drawPlaces(u, places) });
  if (history.notes.length || history.ways.length || history.modem_restarts.length) chart(parent, { title: t("Notes, ways and restarts of the modem"), height: 34, paint: drawMarks });
  const top = () => { const { lost, sent } = lossColumns(data); let max = 0; lost.forEach((n, i) => { if (sent[i]) max = Math.max(max, n / sent[i]); }); return [0, Math.min(100, Math.max(5, max * 105))]; };
  const of = shownTargets(history), lossOf = view.of === "places" ? roleOf("anchor") : of;
  chart(parent, { title: t("Lost, % of the probes: {of}", { of: lossOf }), height: 90, paint: drawLoss, y: top, values: number });
  const legs = () => { const all = delayColumns(data); let low = Infinity, high = 0; for (const line of all) for (let i = 0; i < line.max.length; i++) if (line.max[i] !== null) { low = Math.min(low, line.min[i]); high = Math.max(high, all.length > 1 ? line.median[i] : line.max[i]); } return low > high ? [1, 100] : [Math.max(.02, low * .8), Math.max(high * 1.25, low * 4)]; };
  const what = lines.length > 1 ? t("About the median delay, ms: {of}", { of: lines.map(line => line.name).join(", ") }) : data.probes ? t("Delay of each probe, ms: {of}", { of }) : t(lines[0]?.exact ? "Delay, ms, from least to greatest, and its median: {of}" : "Delay, ms, from least to greatest, and about the median: {of}", { of });
  chart(parent, { title: what, height: window.innerWidth < 700 ? 140 : 190, paint: drawDelay, y: legs, values: number, log: true, last: !modem.length });
  modem.forEach(([title, low, high], n) => chart(parent, { title: t(title), height: 76, paint: drawModem(low, high), y: () => low === "uncorrectable" ? [0, Math.max(1, ...data.modem.map(p => 1.1 * (p[low] || 0)))] : bounds(data.modem.flatMap(p => [p[low], p[high]]), 4), values: number, last: n === modem.length - 1 }));
  refresh();
}

/* Redraws with the present range, and with other data if there are any of the same shape. */
export function refresh(history) {
  if (history) data = history;
  for (const u of charts) u.setData([act.range(), [1, 2]]);
}
/* Columns of the screen's own pixels in the charts. */
export const columns = parent => Math.min(4096, Math.max(16, Math.round((Math.max(160, Math.floor(parent.clientWidth)) - gutter() - 20) * device())));
export const plot = () => charts[0];
/* Puts the crosshair over all charts. */
export function point(left) {
  for (const u of charts) u.setCursor({ left, top: left < 0 ? -10 : 2 }, u === charts[0]);
}
