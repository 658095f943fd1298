/* Words, numbers and times as the language of the page writes them, and the small tools that put them
   into the page. Whatever is said to a person stands in the scripts in English between double quotes. */

/* The words of the language, by those of English; what has none stays English. */
const W = JSON.parse(document.body.dataset.words || "{}");
export const LANG = document.documentElement.lang;
export const t = (text, values) => (W[text] || text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
export const count = (n, one, many) => t((LANG === "fr" ? n < 2 : n === 1) ? one : many, { n: whole(n) });
export const capital = text => text && text[0].toUpperCase() + text.slice(1);

export const byId = id => document.getElementById(id);
export const say = (id, text) => { const e = byId(id); if (e.textContent !== text) e.textContent = text; };
export const show = (id, text) => { byId(id).hidden = !text; say(id, text || ""); };
export function element(name, parent, text, kind) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (kind) e.className = kind;
  if (parent) parent.append(e);
  return e;
}
export function link(parent, text, href) {
  const a = element("a", parent, text);
  a.href = href;
  return a;
}
export function button(parent, text, act) {
  const b = element("button", parent, text);
  b.type = "button";
  b.addEventListener("click", act);
  return b;
}

const WHERE = {
  lan: "in the home network: this computer, Wi-Fi or cable, router",
  modem: "at the modem or the cable to it",
  access: "on the access line, up to the ISP\u2019s first hop",
  "isp-core": "in the ISP\u2019s network",
  beyond: "beyond the ISP",
  unknown: "at an unknown place: no hop gives any evidence",
};
const SHORT = { lan: "home network", modem: "modem", access: "access line", "isp-core": "ISP\u2019s network", beyond: "beyond the ISP", unknown: "unknown" };
export const PLACES = Object.keys(SHORT);
const words = (table, place) => place.split("|").map(p => t(table[p] || p)).join(t(", or "));
export const where = place => words(WHERE, place);
export const placeOf = place => words(SHORT, place || "unknown");
const WHY = { stopped: "linkmon was stopped", crashed: "linkmon was killed", rebooted: "the computer was off", asleep: "the computer slept", stalled: "linkmon could not probe", "no-record": "there is no record", unanswered: "no public server has answered yet", "not-sent": "this computer does not send the probes", "dead-entry": "the router keeps a stale entry for the probes", "other-way": "packets go by another way than the line", unconfirmed: "a silence that too few servers see to confirm it" };
export const whyNot = reason => WHY[reason] ? t(WHY[reason]) : "";
const KINDS = { drop: "drop", outage: "outage", blip: "blip", possible: "perhaps a drop" };
export const kindOf = kind => t(KINDS[kind] || kind);

/* What is written in the page in English. */
{
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, bare = node.nodeValue.trim();
    if (node.parentNode.nodeName !== "SCRIPT" && bare && W[bare]) node.nodeValue = node.nodeValue.replace(bare, W[bare]);
  }
  for (const e of document.querySelectorAll("[alt], [aria-label], [placeholder], [title]"))
    for (const name of ["alt", "aria-label", "placeholder", "title"]) if (W[e.getAttribute(name)]) e.setAttribute(name, W[e.getAttribute(name)]);
  document.body.classList.add("worded");
}

let zone;
const zoneWaits = [];
/* The zone of all times; that of the browser until linkmon has said its own. */
export const theZone = () => zone;
export function setZone(name) {
  if (!name || name === zone) return;
  try { new Intl.DateTimeFormat("en", { timeZone: name }); } catch { return; }
  zone = name;
  formats.clear();
  for (const act of zoneWaits) act();
}
export const onZone = act => zoneWaits.push(act);
export const LOCALE = { fr: "fr-CA", de: "de-DE" }[LANG] || "en-GB";
const formats = new Map();
export function clock(style) {
  const key = JSON.stringify(style);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, { ...style, timeZone: zone }));
  return formats.get(key);
}
const parts = (style, ms) => Object.fromEntries(clock(style).formatToParts(ms).map(x => [x.type, x.value]));
/* The second is the one that is shown with tenths in lists. */
export const timeOf = ms => { const p = parts({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }, ms + 50); return `${p.hour}:${p.minute}:${p.second}`; };
export const minuteOf = ms => { const p = parts({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, ms); return `${p.hour}:${p.minute}`; };
export const hourOf = ms => Number(parts({ hour: "2-digit", hourCycle: "h23" }, ms).hour);
export const dayOf = ms => { const p = parts({ year: "numeric", month: "2-digit", day: "2-digit" }, ms); return `${p.year}-${p.month}-${p.day}`; };
export const weekdayOf = ms => clock({ weekday: "short" }).format(ms);
export const fullDayOf = ms => `${weekdayOf(ms)} ${dayOf(ms)}`;
export const when = (ms, now) => {
  const shown = ms + 50;
  return dayOf(shown) === dayOf(now) ? timeOf(ms) : `${fullDayOf(shown)} ${timeOf(ms)}`;
};
/* Two instants, the second without what it shares with the first. */
export function span(from, to) {
  const time = to - from < 600000 ? timeOf : minuteOf;
  const day = dayOf(from) === dayOf(to) ? "" : `${fullDayOf(to)} `;
  return `${fullDayOf(from)} ${time(from)} – ${day}${time(to)}`;
}

/* A length in seconds, as the log and the reports write it: its two largest units, days from 48 h on. */
function lengthOf(s) {
  if (s < 9.95) return `${s.toFixed(1).replace(/\.0$/, "")} s`;
  s = Math.round(s);
  const step = s < 3600 ? 1 : s < 172800 ? 60 : 3600;
  s = Math.round(s / step) * step;
  const days = s < 172800 ? 0 : Math.floor(s / 86400);
  return [[days, "d"], [Math.floor(s / 3600) - days * 24, "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]].filter(p => p[0] > 0).map(p => p.join(" ")).join(" ");
}
/* The same in the marks of the language. */
export const longOf = s => LANG === "en" ? lengthOf(s) : lengthOf(s).replace(".", ",").replace(/\bd\b/, t("d"));
export const marked = figure => LANG === "en" ? figure : figure.replace(".", ",");
export const whole = n => Math.round(n).toLocaleString(LOCALE);
export const delayOf = ms => ms < 10 ? marked(ms.toFixed(1)) : whole(ms);
export function percent(share) {
  const p = share * 100;
  return marked(p === 0 || p === 100 ? String(p) : p < 0.01 ? "< 0.01" : p > 99.99 ? "> 99.99" : p < 1 || p > 99 ? p.toFixed(2) : p < 10 ? p.toFixed(1) : p.toFixed(0)) + "\u00a0%";
}

/* Asks linkmon. An error is the sentence with which it refused, to be shown as it is. */
export async function ask(path, options) {
  let answer;
  try { answer = await fetch(path, options); }
  catch (problem) { if (problem.name === "AbortError") throw problem; throw new Error(t("linkmon does not answer")); }
  /* A session that is over begins anew at its page. */
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw Object.assign(new Error((await answer.text()).trim() || String(answer.status)), { status: answer.status });
  return answer.status === 204 ? null : (answer.headers.get("content-type") || "").includes("json") ? answer.json() : answer.text();
}
