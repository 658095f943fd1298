/* Drops: how many today and this week, those of the range that is shown, and one of them probe by
   probe. */

import { t, byId, say, show, element, link, ask, count, capital, when, dayOf, longOf, timeOf, placeOf, where, kindOf, fullDayOf, delayOf, onZone } from "./page.words.js";
import { view, go, linkTo, onView } from "./page.route.js";
import { shown } from "./page.history.js";
import { row, palette } from "./page.strips.js";
import { noteList, noteAt, onNotes, versioned } from "./page.notes.js";

const AT_ONCE = 50;
let now = Date.now();
const onset = d => (Date.parse(d.onset_earliest) + Date.parse(d.onset_latest)) / 2;
const ended = d => d.end_latest ? (Date.parse(d.end_earliest) + Date.parse(d.end_latest)) / 2 : null;
const lasts = d => !d.end_latest && !d.record_ends;
const middle = d => lasts(d) ? (now - onset(d)) / 1000 : (d.min_s + d.max_s) / 2;
const lasted = d => t(lasts(d) ? "{length} so far" : d.record_ends ? "{length} until the record ends" : d.kind === "outage" ? "{length} (outage)" : "{length}", { length: longOf(middle(d)) });

function sums(id, drops, blips) {
  say(id, count(drops.length, "{n} drop", "{n} drops"));
  const down = drops.reduce((sum, d) => sum + middle(d), 0);
  say(`${id}-more`, [down ? t("{length} down", { length: longOf(down) }) : t("no downtime"), blips ? count(blips, "{n} blip of 2 to 5 s", "{n} blips of 2 to 5 s") : ""].filter(Boolean).join(", "));
}
/* The drops of the line since Monday, however many; a week may have an hour more than 7 × 24. */
async function newest() {
  let all = [], next = [];
  do {
    next = await ask(`/api/v1/drops?since=8d&limit=1000&skip=${all.length}`);
    all = all.concat(next);
  } while (next.length === 1000 && all.length < 50000);
  return all.filter(d => !d.other_way);
}
async function counts() {
  const all = await newest();
  const today = dayOf(now), date = new Date(`${today}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7);
  const monday = date.toISOString().slice(0, 10);
  const week = all.filter(d => dayOf(onset(d)) >= monday);
  const of = list => [list.filter(d => d.kind === "drop" || d.kind === "outage"), list.filter(d => d.kind === "blip").length];
  sums("week", ...of(week));
  sums("today", ...of(week.filter(d => dayOf(onset(d)) === today)));
}

/* The list of the range. */
let listed = [], skip = 0, more = false, listWait = 0;
const iso = ms => encodeURIComponent(new Date(ms).toISOString());
async function page(after) {
  const { from, to } = shown();
  const blips = byId("drops-blips").checked;
  const all = await ask(`/api/v1/drops?since=${iso(from)}&until=${iso(to)}&limit=1000&skip=${after}`);
  more = all.length === 1000;
  skip = after + all.length;
  /* Oldest first within a page, and the newest page first. */
  return all.reverse().filter(d => blips || d.kind !== "blip");
}
const kindIn = d => d.other_way ? `${kindOf(d.kind)}, ${t("by another way than the line")}` : kindOf(d.kind);
let visible = AT_ONCE;
function fill() {
  const shownOnes = listed.slice(0, visible);
  byId("drops").hidden = !listed.length;
  byId("drops-none").hidden = listed.length > 0;
  document.querySelector("#drops caption").textContent = listed.length > shownOnes.length ? t("The newest {n} of {all} in the range shown", { n: shownOnes.length, all: listed.length + (more ? "+" : "") }) : t("In the range shown, the newest first");
  document.querySelector("#drops tbody").replaceChildren(...shownOnes.map(d => {
    const tr = element("tr", null);
    link(element("td", tr), when(onset(d), now), linkTo({ drop: d.id }));
    element("td", tr, lasted(d));
    element("td", tr, placeOf(d.place));
    element("td", tr, kindIn(d));
    return tr;
  }));
  byId("drops-more").hidden = listed.length <= visible && !more;
}
let lists = 0;
async function list() {
  const mine = ++lists;
  try {
    const first = await page(0);
    if (mine !== lists) return;
    listed = first;
    show("drops-trouble", "");
    fill();
  } catch (problem) { show("drops-trouble", t("The drops could not be read: {why}", { why: problem.message })); }
}
function listSoon() {
  clearTimeout(listWait);
  listWait = setTimeout(list, 250);
}
byId("drops-more").addEventListener("click", async () => {
  visible += AT_ONCE;
  try { while (listed.length < visible && more) listed = listed.concat(await page(skip)); } catch { more = false; }
  fill();
});
byId("drops-blips").addEventListener("change", list);

/* Late answers may take back a drop, or a part of it, until so long after its end. */
const SETTLED = 75000;
let key = "", asked = 0, happened = -Infinity;
export function tick(status) {
  now = Date.parse(status.at);
  const next = [status.state, status.open_drop?.id, status.last_drop?.id, status.last_drop?.end].join();
  if (next === key && now - asked < (status.open_drop ? 5000 : 30000)) return;
  if (next !== key) happened = now;
  key = next;
  asked = now;
  counts().catch(() => {});
  if (status.open_drop || now - happened < SETTLED + 30000) list();
  /* Not while somebody reads a strip by keys or writes a note there. */
  if (view.drop !== null && (view.drop === status.open_drop?.id || view.drop === unsettled) && !isInUse()) openDrop();
}

/* One drop. */
const AROUND = 60000;
let strips = [], cursor = null, opened = null, unsettled = null;
const isInUse = () => Boolean(byId("drop-notes").querySelector("form") || document.activeElement?.closest("#drop-strips, #drop-notes"));
const said = (text, at) => { cursor = at; if (text) say("drop-reading", text); draw(); };
export function draw() {
  const ink = palette();
  for (const strip of strips) strip.draw(ink, cursor);
}
function fact(list, name, text) {
  if (!text) return;
  element("dt", list, name);
  element("dd", list, text);
}
const FINDINGS = { "downstream-lost": "it lost the signal from the line", "upstream-unheard": "the line did not hear it", "line-lost": "it lost the line", "beyond-modem": "its line was in order", restarted: "it restarted", "restarted-after-loss": "it lost the line and restarted", "restarted-on-command": "it was told to restart", "page-dead": "its page did not answer", "not-known": "it says nothing of this" };
/* What the modem says of a drop: the finding, then the lines of its log. */
function modemOf(modem) {
  const events = (modem.events || []).slice(0, 6).map(e => `${timeOf(Date.parse(e.earliest))} ${e.text}${e.count > 1 ? ` (${e.count} ×)` : ""}`);
  return [capital(t(FINDINGS[modem.finding] || modem.finding || "it says nothing of this")), ...events].join("; ");
}
function fillDrop(d) {
  const from = onset(d), to = ended(d) ?? (d.record_ends ? Date.parse(d.record_ends) : now), window = () => [from - AROUND, to + AROUND];
  say("drop-title", t("Drop {id}: {when}, {length}", { id: d.id, when: when(from, now), length: lasted(d) }));
  const facts = byId("drop-facts");
  facts.replaceChildren();
  fact(facts, t("Where"), capital(where(d.place)));
  fact(facts, t("Began"), `${fullDayOf(from)} ${timeOf(from)}`);
  fact(facts, t("Ended"), d.end_latest ? `${fullDayOf(to)} ${timeOf(to)}` : d.record_ends ? t("not over when the record ends, {when}", { when: `${fullDayOf(to)} ${timeOf(to)}` }) : t("it goes on"));
  fact(facts, t("Kind"), kindIn(d));
  fact(facts, t("Answered meanwhile"), (d.answered || []).join(", ") || t("none of them"));
  fact(facts, t("Silent meanwhile"), (d.silent || []).join(", "));
  if (d.unobserved_s) fact(facts, t("Not watched"), longOf(d.unobserved_s));
  if (d.modem) fact(facts, t("Modem"), modemOf(d.modem));
  const parent = byId("drop-strips");
  parent.replaceChildren();
  strips = [];
  const all = Array.isArray(d.probes) ? d.probes : Object.entries(d.probes || {}).map(([id, marks]) => ({ id, name: id, marks }));
  for (const target of all) {
    const { label, figures, strip } = row(parent, window, said), marks = target.probes || target.marks || [];
    label.textContent = strip.name = target.name;
    for (const [at, rtt, fate] of marks) strip.marks.set(at, [at, fate, rtt]);
    const steps = marks.map((m, i) => i ? m[0] - marks[i - 1][0] : Infinity).sort((a, b) => a - b);
    strip.step = Math.max(100, Number.isFinite(steps[steps.length >> 2]) ? steps[steps.length >> 2] : 1000);
    strip.edges = [from, to];
    strips.push(strip);
    const lost = marks.filter(m => m[2] === 1 || m[2] === 2).length, sent = marks.filter(m => m[2] !== 3).length, rest = target.left_out ? t("and {n} probes more in between", { n: target.left_out }) : "", inTime = marks.filter(m => m[2] === 0).map(m => m[1]).sort((a, b) => a - b);
    figures.textContent = [inTime.length ? `${delayOf(inTime[inTime.length >> 1])} ms` : "", lost ? t("{lost}/{sent} lost", { lost, sent }) : "", rest].filter(Boolean).join(", ");
    figures.className = lost ? "bad" : "soft";
    strip.describe([t("{name}: {lost} of {sent} lost around this drop", { name: target.name, lost, sent }), rest].filter(Boolean).join(", "));
  }
  say("drop-from", timeOf(from - AROUND));
  say("drop-to", timeOf(to + AROUND));
  /* What is read out is not said anew each time that a drop which lasts is renewed. */
  if (opened !== d.id) say("drop-reading", t("The dashed lines are its beginning and its end. Point at or touch a strip, or move along it with the arrow keys, to read individual probes."));
  byId("drop-picture").href = `/api/v1/drops/${d.id}.png`;
  byId("drop-range").href = linkTo({ drop: null, from: from - 10 * AROUND, to: Math.min(to + 10 * AROUND, now) });
  opened = d.id;
  unsettled = lasts(d) || now - (ended(d) ?? -Infinity) < SETTLED + 30000 ? d.id : null;
  noteList(byId("drop-notes"), d.notes, openDrop);
  byId("drop-note").onclick = () => noteAt(Math.round(from));
  draw();
}
async function openDrop() {
  const id = view.drop, box = byId("one-drop");
  if (id === null) { box.hidden = true; opened = unsettled = null; return; }
  try {
    const d = await ask(`/api/v1/drops/${id}`);
    d.notes = await versioned(d.notes || []);
    if (view.drop !== id) return;
    show("drop-trouble", "");
    box.hidden = false;
    fillDrop(d);
  } catch (problem) {
    box.hidden = false;
    say("drop-title", t("Drop {id}", { id }));
    byId("drop-strips").replaceChildren();
    byId("drop-facts").replaceChildren();
    byId("drop-notes").replaceChildren();
    strips = [];
    show("drop-trouble", problem.status === 404 && unsettled === id ? t("It was none: answers that came late show that the link was up.") : problem.message);
    if (problem.status === 404) opened = unsettled = null;
  }
}
const step = by => {
  const i = listed.findIndex(d => d.id === view.drop);
  const next = i < 0 ? view.drop - by : listed[i + by]?.id;
  if (next > 0) go({ drop: next });
};
byId("drop-close").addEventListener("click", () => go({ drop: null }));
byId("drop-earlier").addEventListener("click", () => step(1));
byId("drop-later").addEventListener("click", () => step(-1));
document.addEventListener("keydown", event => { if (event.key === "Escape" && view.drop !== null && !event.target.closest("#charts, form")) go({ drop: null }); });

onNotes(() => { if (view.drop !== null) openDrop(); });
onZone(() => { if (view.drop !== null) openDrop(); if (listed.length) fill(); });
onView(before => {
  if (before.drop !== view.drop || view.drop !== null) openDrop().then(() => {
    if (view.drop !== null && before.drop !== view.drop) { byId("one-drop").scrollIntoView({ block: "start" }); byId("drop-title").focus({ preventScroll: true }); }
  });
  visible = AT_ONCE;
  listSoon();
});
