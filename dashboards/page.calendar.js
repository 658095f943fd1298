/* The year as a map of days, and the last month as a calendar of days by hours. Both are tables whose
   cells say in words what they show; a cell is as full as it was bad, so that colour is not needed. */

import { t, byId, show, element, ask, count, longOf, percent, dayOf, fullDayOf, hourOf, clock, onZone, whole } from "./page.words.js";
import { go, onView } from "./page.route.js";
import { shown } from "./page.history.js";

/* A range that was chosen in a table is shown above it. */
const lookAt = range => { go(range); byId("history").scrollIntoView({ block: "start" }); };
const DAY = 86400000, WEEKS = 53, ROWS = 31;
let days = [], loadedTo = "", end = null, asking = false;

/* How bad a stretch was: 0 nothing, to 4. */
const LIMITS = [0, 60, 600, 3600];
const level = cell => !cell || !cell.watched_s ? "none" : cell.watched_s < cell.length_s * .5 && !cell.down_s ? "half" : LIMITS.filter(limit => cell.down_s > limit).length;
function inWords(name, cell) {
  if (!cell || !cell.watched_s) return `${name}: ${t("not watched")}`;
  const said = [cell.down_s ? `${count(cell.drops, "{n} drop", "{n} drops")}, ${t("{length} down", { length: longOf(cell.down_s) })}` : t("no drop")];
  if (cell.watched_s < cell.length_s * .995) said.push(t("{share} watched", { share: percent(cell.watched_s / cell.length_s) }));
  return `${name}: ${said.join("; ")}`;
}
function cell(tr, kind, text, act, mark) {
  const td = element("td", tr, undefined, `cell level-${kind}`);
  td.title = text;
  td.tabIndex = -1;
  td.setAttribute("role", "gridcell");
  element("span", td, text, "hidden");
  if (mark) { const m = element("span", td, mark, "mark"); m.setAttribute("aria-hidden", "true"); }
  td.addEventListener("click", act);
  td.addEventListener("keydown", event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); } });
  return td;
}
/* One stop of the tab key for a whole table; the arrows move within it. */
function roving(table) {
  const rows = [...table.querySelectorAll('tbody tr')].map(tr => [...tr.querySelectorAll('td')]);
  const all = rows.flat().filter(td => td.classList.contains("cell"));
  if (all.length) all[all.length - 1].tabIndex = 0;
  table.onkeydown = event => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const here = event.target.closest("td");
    if (!by || !here) return;
    event.preventDefault();
    let y = rows.findIndex(row => row.includes(here)), x = rows[y].indexOf(here);
    do { y += by[0]; x += by[1]; } while (rows[y]?.[x] && !rows[y][x].classList.contains("cell"));
    const next = rows[y]?.[x];
    if (!next) return;
    for (const td of all) td.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
}
const noon = date => Date.parse(`${date}T12:00:00Z`);
const dateAt = ms => new Date(ms).toISOString().slice(0, 10);
const weekday = style => i => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: style, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + i));

function year() {
  const byDate = new Map(days.map(day => [day.date, day]));
  const last = noon(dayOf(end)), monday = last - ((new Date(last).getUTCDay() + 6) % 7) * DAY - (WEEKS - 1) * 7 * DAY;
  const table = byId("year"), head = table.tHead, body = table.tBodies[0];
  head.replaceChildren();
  body.replaceChildren();
  const months = element("tr", head);
  element("td", months);
  for (let week = 0, month = -1, th = null; week < WEEKS; week++) {
    const date = new Date(monday + week * 7 * DAY);
    if (date.getUTCMonth() === month && th) th.colSpan++;
    else { th = element("th", months, new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", timeZone: "UTC" }).format(date)); th.scope = "colgroup"; month = date.getUTCMonth(); }
  }
  for (const th of months.querySelectorAll("th")) if (th.colSpan < 3) th.textContent = "";
  for (const th of months.querySelectorAll("th")) if (!th.textContent) { const td = element("td", null); td.colSpan = th.colSpan; th.replaceWith(td); }
  for (let row = 0; row < 7; row++) {
    const tr = element("tr", body), th = element("th", tr, row % 2 ? "" : weekday("short")(row));
    th.scope = "row";
    if (row % 2) element("span", th, weekday("long")(row), "hidden");
    for (let week = 0; week < WEEKS; week++) {
      const at = monday + (week * 7 + row) * DAY, day = byDate.get(dateAt(at));
      if (at > last + DAY / 2) { element("td", tr); continue; }
      const name = `${clock({ weekday: "short" }).format(at)} ${dateAt(at)}`;
      cell(tr, level(day), inWords(name, day), () => { if (day) lookAt({ from: day.from, to: Math.min(day.to, Date.now()) }); }, day?.outages ? "\u25cf" : "");
    }
  }
  roving(table);
}
/* Where a local hour of a day begins: on the days on which clocks change it is not simply counted. */
function hourRange(day, hour) {
  let from = null, to = null;
  for (let at = day.from; at < day.to; at += 900000) if (hourOf(at) === hour) { from ??= at; to = at + 900000; }
  return from === null ? null : { from, to };
}
function hours() {
  const { to } = shown(), last = days.filter(day => day.from < to).slice(-ROWS), table = byId("hours"), head = table.tHead, body = table.tBodies[0];
  head.replaceChildren();
  body.replaceChildren();
  table.hidden = byId("h-hours").hidden = !last.length;
  const names = element("tr", head);
  element("th", names, t("Day")).scope = "col";
  for (let hour = 0; hour < 24; hour++) { const th = element("th", names, hour % 3 ? "" : String(hour)); th.scope = "col"; if (hour % 3) element("span", th, String(hour), "hidden"); }
  for (const day of last) {
    const tr = element("tr", body), th = element("th", tr);
    th.scope = "row";
    const a = element("a", th, fullDayOf(day.from + 7200000));
    a.href = `#from=${day.from}&to=${Math.min(day.to, Date.now())}`;
    a.addEventListener("click", () => byId("history").scrollIntoView({ block: "start" }));
    day.hours.forEach((hour, n) => {
      /* An hour that clocks skipped, or that is to come. */
      if (!hour.length_s) { element("td", tr); return; }
      cell(tr, level(hour), inWords(`${fullDayOf(day.from + 7200000)} ${n}:00`, hour), () => { const r = hourRange(day, n); if (r) lookAt(r); }, hour.drops ? (hour.drops > 99 ? "99+" : whole(hour.drops)) : "");
    });
  }
  roving(table);
}
function fill() {
  year();
  hours();
  byId("calendar-later").disabled = end >= Date.now() - DAY;
}
export async function load() {
  if (asking) return;
  asking = true;
  end ??= Date.now();
  try {
    const answer = await ask(`/api/v1/days?from=${end - (WEEKS * 7 + 1) * DAY}&to=${Math.ceil(end)}`);
    days = answer.days;
    loadedTo = dayOf(end);
    show("calendar-trouble", "");
    byId("calendars").hidden = false;
    fill();
  } catch (problem) { show("calendar-trouble", t("The calendar could not be read: {why}", { why: problem.message })); }
  asking = false;
}
/* A page that is left open takes the news every five minutes. */
let renewed = Date.now();
export function tick() {
  if (Date.now() - renewed < 300000 || document.visibilityState !== "visible" || document.activeElement?.closest("#calendars")) return;
  renewed = Date.now();
  if (loadedTo && dayOf(Date.now() - 400000) === dayOf(end)) end = null;
  load();
}
byId("calendar-earlier").addEventListener("click", () => { end -= 365 * DAY; load(); });
byId("calendar-later").addEventListener("click", () => { end = Math.min(Date.now(), end + 365 * DAY); load(); });
onView(() => { if (days.length) hours(); });
onZone(() => { if (days.length) fill(); });
