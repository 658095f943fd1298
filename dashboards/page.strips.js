/* Strips of single probes: of the last ten minutes, and around a drop. A mark is [time, fate, delay];
   fates: 0 answered, 1 late, 2 lost, 3 not sent. */

import { t, timeOf, delayOf, marked, byId, element } from "./page.words.js";

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export function palette() {
  const rgb = name => css(name).split(",").map(Number);
  const plain = ["late", "lost", "unsent", "ink", "soft", "line", "card", "strip", "good", "part", "dead", "hatch", "down", "other", "band", "focus", "note"];
  return { fast: rgb("--fast"), slow: rgb("--slow"), ...Object.fromEntries(plain.map(name => [name, css(`--${name}`)])) };
}
const shade = ms => Math.min(1, Math.max(0, Math.log10(Math.max(ms, 1)) / 3));
function paint(g, ink, fate, delay, x, w, h) {
  if (fate === 0) {
    const at = shade(delay), c = ink.fast.map((f, i) => Math.round(f + (ink.slow[i] - f) * at));
    g.fillStyle = `rgb(${c})`;
    const tall = h * (.3 + .4 * at);
    g.fillRect(x, h - tall, w, tall);
  } else if (fate === 1) {
    g.fillStyle = ink.late;
    g.fillRect(x, 0, w, h * .4);
    g.fillRect(x, h * .6, w, h * .4);
  } else if (fate === 2) {
    g.fillStyle = ink.lost;
    g.fillRect(x, 0, w, h);
  } else {
    g.fillStyle = ink.unsent;
    g.fillRect(x, h * .42, w, h * .16);
  }
}
export function fit(canvas) {
  const scale = window.devicePixelRatio || 1, w = Math.round(canvas.clientWidth * scale), h = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  return [w, h];
}
/* How bad a fate is: in one column of pixels the worst is drawn. */
const RANK = [0, 2, 3, 1];
export const fateOf = mark => [() => t("answered in {ms} ms", { ms: delayOf(mark[2]) }), () => t("answered late, after {s} s", { s: marked(((mark[2] || 0) / 1000).toFixed(1)) }), () => t("lost"), () => t("not sent")][mark[1]]();

/* One strip: a canvas of a stretch of time that pointer, finger and arrow keys read. `window` says from
   when to when, `report` takes what was read. */
export class Strip {
  constructor(parent, window, report) {
    this.marks = new Map();
    this.step = 1000;
    this.window = window;
    this.report = report;
    this.edges = [];
    this.name = "";
    this.cursor = null;
    const canvas = this.canvas = element("canvas", parent);
    canvas.tabIndex = 0;
    /* What arrows and Home and End move along is a slider to a screen reader. */
    canvas.setAttribute("role", "slider");
    const at = event => { const [from, to] = this.window(); return from + event.offsetX / canvas.clientWidth * (to - from); };
    canvas.addEventListener("pointermove", event => this.read(at(event)));
    canvas.addEventListener("pointerdown", event => this.read(at(event)));
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("blur", () => this.leave());
    canvas.addEventListener("keydown", event => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -60, PageDown: 60, Home: -99999, End: 99999 }[event.key];
      if (by) { event.preventDefault(); this.move(by); }
    });
  }
  leave() { this.cursor = null; this.canvas.removeAttribute("aria-valuenow"); this.report(null, null); }
  /* What a screen reader says of it; before anything was read, up to when it goes. */
  describe(label) {
    const [from, to] = this.window();
    this.canvas.setAttribute("aria-label", label);
    this.canvas.setAttribute("aria-valuemin", Math.floor(from));
    this.canvas.setAttribute("aria-valuemax", Math.ceil(to));
    if (!this.canvas.hasAttribute("aria-valuenow")) this.value(to, timeOf(to));
  }
  value(at, said) {
    this.canvas.setAttribute("aria-valuenow", Math.floor(at));
    this.canvas.setAttribute("aria-valuetext", said);
  }
  read(at) {
    let best = null;
    for (const mark of this.marks.values()) if (!best || Math.abs(mark[0] - at) < Math.abs(best[0] - at)) best = mark;
    if (!best) return;
    this.cursor = best[0];
    const said = `${timeOf(best[0])}: ${fateOf(best)}`;
    this.value(best[0], said);
    this.report(`${this.name}, ${said}`, best[0]);
  }
  move(by) {
    const times = [...this.marks.keys()].sort((a, b) => a - b);
    if (!times.length) return;
    let i = this.cursor === null ? times.length - 1 : times.findIndex(time => time >= this.cursor);
    if (i < 0) i = times.length - 1;
    this.read(times[Math.min(times.length - 1, Math.max(0, i + by))]);
  }
  draw(ink, cursor) {
    const [w, h] = fit(this.canvas), g = this.canvas.getContext("2d"), [from, to] = this.window();
    g.clearRect(0, 0, w, h);
    const each = w / (to - from), long = Math.min(this.step, 4000), space = long * each >= 4 ? 1 : 0;
    const column = ms => Math.floor((ms - from) * each + 1e-6);
    const marks = [...this.marks.values()].sort((a, b) => RANK[a[1]] - RANK[b[1]] || (a[2] || 0) - (b[2] || 0));
    for (const [at, fate, delay] of marks) {
      /* Whole pixels: neighbours touch without seams, and a single loss is never thinner than one. */
      const x = column(at), end = column(at + long) - space;
      paint(g, ink, fate, delay, x, Math.max(1, end - x), h);
    }
    g.fillStyle = ink.ink;
    const thin = Math.max(1, Math.round(window.devicePixelRatio || 1));
    for (const edge of this.edges) for (let y = 0; y < h; y += 6 * thin) g.fillRect(column(edge), y, thin, 3 * thin);
    if (cursor !== null) g.fillRect(column(cursor), 0, Math.max(1, w / 600), h);
  }
}

export function drawSamples(ink) {
  for (const canvas of document.querySelectorAll("[data-sample]")) {
    const [w, h] = fit(canvas), g = canvas.getContext("2d"), fate = Number(canvas.dataset.sample);
    g.clearRect(0, 0, w, h);
    for (let i = 0; i < 4; i++) paint(g, ink, fate, 10 ** i, i * w / 4, fate === 0 ? w / 4 : w / 8, h);
  }
}

/* A row of a name, its figures and a strip. */
export function row(parent, window, report) {
  const div = element("div", parent, undefined, "target");
  const who = element("div", div, undefined, "who");
  const label = element("b", who), figures = element("span", who);
  const strip = new Strip(div, window, report);
  return { div, label, figures, strip };
}

/* The last ten minutes. */
const SPAN = 600000;
const targets = new Map();
let now = 0, cursor = null;
const said = (text, at) => {
  cursor = at;
  if (text) byId("reading").textContent = text;
  drawAll();
};
const VOTES = { private: "no vote: private address", near: "no vote: answered at home", "false-witness": "no vote: false witness", trusted: "private, trusted" };
function figuresOf(target, seen) {
  if (!seen) return;
  const rtt = seen.rtt_ms === null ? "" : `${delayOf(seen.rtt_ms)} ms`;
  const lost = seen.lost ? t("{lost}/{sent} lost", seen) : seen.not_sent ? t("{n} not sent", { n: seen.not_sent }) : "";
  const vote = VOTES[seen.standing] ? t(VOTES[seen.standing]) : "";
  target.figures.textContent = [rtt, lost, vote].filter(Boolean).join(", ") || (seen.sent ? "" : t("not probed yet"));
  target.figures.className = lost ? "bad" : "soft";
  target.strip.describe(t("{name}, {role}, by {kind}: in the last minute {lost} of {sent} lost", { name: target.name, role: t(target.role), kind: target.kind, lost: seen.lost, sent: seen.sent }) + (rtt ? ", " + rtt : "") + (vote ? ", " + vote : ""));
}
/* Takes a second of the stream; a fresh stream brings all marks. */
export function takeSecond(second, fresh) {
  now = Date.parse(second.status.at);
  const there = new Set(second.targets.map(s => s.id));
  for (const [id, target] of targets) if (!there.has(id)) { target.div.remove(); targets.delete(id); }
  const seen = new Map(second.status.targets.map(s => [`${s.name} ${s.kind} ${s.address}`, s]));
  for (const s of second.targets) {
    let target = targets.get(s.id);
    if (!target) { target = row(byId("strips"), () => [now - SPAN, now], said); targets.set(s.id, target); }
    const marks = target.strip.marks;
    if (fresh) marks.clear();
    Object.assign(target, { name: s.name, role: s.role, kind: s.kind });
    target.strip.step = s.interval_s * 1000;
    target.strip.name = s.name;
    target.label.textContent = s.name;
    target.label.title = `${t(s.role)}, ${s.kind} ${s.address}`;
    if (target.div !== byId("strips").children[targets.size - 1] && fresh) byId("strips").append(target.div);
    for (const mark of s.marks) marks.set(mark[0], mark);
    for (const at of marks.keys()) if (at < now - SPAN) marks.delete(at);
    figuresOf(target, seen.get(`${s.name} ${s.kind} ${s.address}`));
  }
  drawAll();
}
export function drawAll() {
  const ink = palette();
  for (const target of targets.values()) target.strip.draw(ink, cursor);
  drawSamples(ink);
}
