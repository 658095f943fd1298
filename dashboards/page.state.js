/* State and place in words, since when, and why: who answers and who is silent. */

import { t, capital, say, show, byId, element, count, when, longOf, where, placeOf, whyNot, theZone, delayOf, link } from "./page.words.js";
import { linkTo } from "./page.route.js";

const HEAD = { up: "The link is up", impaired: "The link is up, but not well", suspect: "No anchor answers", down: "The link is down", unknown: "The state of the link is not known", disputed: "The public servers are silent and something else answers" };
const TITLE = { up: "up", impaired: "impaired", suspect: "no answer", disputed: "disputed", unknown: "?" };

/* Losing this share of the probes of the last minute, a link is not well, whatever else is known of it. */
const HEAVY = .05, ENOUGH = 20;
function loss(status) {
  const sum = status.targets.filter(s => s.role === "anchor" && s.kind === "icmp" && ["far", "unproven", "trusted", null].includes(s.standing)).reduce((s, x) => ({ sent: s.sent + x.sent, lost: s.lost + x.lost }), { sent: 0, lost: 0 });
  return sum.sent >= ENOUGH && sum.lost >= HEAVY * sum.sent ? Math.round(100 * sum.lost / sum.sent) : 0;
}

/* A witness is silent when its newest probe failed and nothing came for some probes before that. */
function silence(target, now, steps) {
  if (!target.sent && !target.not_sent && !target.last_reply) return "new";
  if (!target.trouble) return "";
  const step = steps.get(`${target.name} ${target.kind} ${target.address}`) || 1;
  const last = target.last_reply ? Date.parse(target.last_reply) : -Infinity;
  return now - last > Math.max(2500, step * 2500) ? "silent" : "";
}
const ROLES = [["anchor", "Public servers"], ["isp", "First hop of the ISP"], ["modem", "Modem"], ["gateway", "Router"], ["service", "Services"]];
const several = names => names.length > 3 ? t("{names} and {n} more", { names: names.slice(0, 3).join(", "), n: names.length - 3 }) : names.join(", ");
/* A line for each kind of witness: which answer, which are silent and since when. */
function witnesses(status, now, steps) {
  const list = [];
  for (const [role, title] of ROLES) {
    let those = status.targets.filter(s => s.role === role);
    if (role === "anchor" && those.some(s => s.decides)) those = those.filter(s => s.decides);
    if (!those.length) continue;
    const of = kind => those.filter(s => silence(s, now, steps) === kind);
    const silent = of("silent"), answer = of("");
    const said = [];
    const delay = s => s.rtt_ms === null || s.rtt_ms === undefined ? "" : ` ${delayOf(s.rtt_ms)} ms`;
    const last = Math.max(0, ...silent.map(s => s.last_reply ? Date.parse(s.last_reply) : 0));
    const since = last ? t("since {when}", { when: when(last, now) }) : t("no answer yet");
    if (those.length === 1) {
      if (answer.length) said.push(t("{name} answers", { name: answer[0].name }) + (delay(answer[0]) && `,${delay(answer[0])}`));
      if (silent.length) said.push(t("{name} is silent", { name: silent[0].name }) + `, ${since}`);
    } else {
      if (answer.length) said.push((answer.length === those.length ? t("all {n} answer", { n: those.length }) : count(answer.length, "{n} answers", "{n} answer")) + ` (${several(answer.map(s => s.name + delay(s)))})`);
      if (silent.length) said.push((silent.length === those.length ? t("all {n} are silent", { n: silent.length }) : count(silent.length, "{n} is silent", "{n} are silent")) + ` (${several(silent.map(s => s.name))}; ${since})`);
    }
    if (!said.length) said.push(t("not probed yet"));
    list.push({ title: t(title), said: said.join("; "), bad: silent.length > 0 });
  }
  return list;
}
let shownWhy = "";
function why(status, now, steps) {
  const list = witnesses(status, now, steps), key = JSON.stringify(list);
  if (key === shownWhy) return;
  shownWhy = key;
  byId("why").replaceChildren(...list.flatMap(w => {
    const dt = element("dt", null, w.title), dd = element("dd", null, w.said);
    if (w.bad) dd.className = "bad";
    return [dt, dd];
  }));
}

export function takeSecond(second, now, steps) {
  const { status, impairments } = second;
  /* Just after a drop, the last minute is of it, and no loss of a link that is up. */
  const whole = status.since && now - Date.parse(status.since) >= 60000;
  const lost = status.state === "up" && whole ? loss(status) : 0, flags = status.impairments.map(i => i.flag);
  const shown = status.state === "up" && (flags.length || lost) ? "impaired" : status.state;
  byId("state").dataset.state = shown;
  const open = status.open_drop, since = status.since && Date.parse(status.since);
  const reason = status.unknown && whyNot(status.unknown);
  const head = flags.includes("LOGIN") && shown !== "down" ? t("A login page stands between you and the internet")
    : shown !== "impaired" ? t(HEAD[shown] || shown)
    : lost ? t("The link is up, but loses {lost} % of the probes", { lost }) : t(HEAD.impaired);
  say("headline", head + (reason ? `: ${reason}` : ""));
  const other = status.way && !status.way.is_line ? impairments[impairments.length - 1] : "";
  say("place", other ? t("Another way: {way}.", { way: other }) : open ? t("The fault is {place}.", { place: where(open.place) }) : "");
  const long = since ? longOf((now - since) / 1000) : "";
  const last = status.last_drop;
  const before = last ? t("Last drop {when} for {length} ({place}).", { when: when(Date.parse(last.onset), now), length: longOf((last.min_s + last.max_s) / 2), place: placeOf(last.place) }) : t("No drop so far.");
  say("since", [since ? t("Since {when}, for {long}.", { when: when(since, now), long }) : "", open ? t("Drop {id}.", open) : before].filter(Boolean).join(" "));
  why(status, now, steps);
  const list = byId("flags");
  list.replaceChildren();
  status.impairments.forEach((i, n) => {
    const li = element("li", list);
    element("b", li, t(i.flag));
    li.append(impairments[n] || "");
  });
  const aim = open || last;
  byId("state-links").replaceChildren();
  if (aim) link(byId("state-links"), open ? t("This drop, probe by probe") : t("The last drop, probe by probe"), linkTo({ drop: aim.id }));
  const clock = status.clock || {}, off = clock.differs_s;
  show("trouble", [
    status.storage_trouble && t("Storing fails; measurements wait in memory: {what}", { what: status.storage_trouble }),
    off ? t(off > 0 ? "This computer\u2019s clock is {by} or more behind {n} independent servers." : "This computer\u2019s clock is {by} or more ahead of {n} independent servers.", { by: longOf(Math.abs(off)), n: clock.servers })
      : clock.state === "provisional" && t("This computer\u2019s clock has not been set: times are about right at best."),
  ].filter(Boolean).join(" "));
  document.title = (shown === "down" ? t("DOWN {long}", { long }) : t(TITLE[shown])) + " \u00b7 linkmon";
  say("about", t("linkmon {version}, measuring since {when}; {engine}; times in {zone}.", { ...status, engine: status.engine.split(", ").map(piece => t(piece)).join(", "), when: when(Date.parse(status.started), now), zone: theZone() || t("the zone of this browser") }));
}

/* What waits to be told, and what was refused: it changes once in minutes. */
let shownSending = "";
export function takeSending(lines) {
  const key = JSON.stringify(lines);
  if (key === shownSending) return;
  shownSending = key;
  byId("sending").replaceChildren(...lines.map(line => element("li", null, capital(line))));
}

export function stale(silent) {
  const is = silent > 5;
  show("stale", is ? t("No data from linkmon for {length}: what follows is out of date. Is linkmon running?", { length: longOf(silent) }) : "");
  byId("state").classList.toggle("stale", is);
  if (is) document.title = t("no data") + " \u00b7 linkmon";
}
