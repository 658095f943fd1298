/* Whose loss and delay are shown: of a role, of one target, or of all places side by side. */

import { t } from "./page.words.js";
import { view } from "./page.route.js";

const ROLES = { anchor: "public servers", isp: "first hop of the ISP", modem: "modem", gateway: "router", service: "services" };
export const ORDER = ["gateway", "modem", "isp", "anchor", "service"];
export const roleOf = role => t(ROLES[role] || role);
export const nameOf = target => target.kind === "icmp" ? target.name : `${target.name} (${target.kind})`;

/* Only echoes are compared within a role: a fetch of a page takes several round trips. */
function members(history, role) {
  const all = history.targets.filter(target => target.role === role), echoes = all.filter(target => target.kind === "icmp");
  return echoes.length && role !== "service" ? echoes : all;
}
function chosen(history) {
  const one = history.targets.filter(target => String(target.id) === view.of);
  if (one.length) return one;
  const role = members(history, view.of);
  return role.length ? role : members(history, "anchor");
}
export function shownTargets(history) {
  if (view.of === "places") return t("all places");
  const one = history.targets.find(target => String(target.id) === view.of);
  return one ? nameOf(one) : roleOf(ROLES[view.of] ? view.of : "anchor");
}

/* The extremes of all, and about the median of all answers: that of the medians, each with the weight of
   its answers. It is exact of the single probes of one target. */
function together(history, targets, name) {
  const n = history.columns, min = Array(n).fill(null), median = Array(n).fill(null), max = Array(n).fill(null);
  for (let i = 0; i < n; i++) {
    const middles = [];
    for (const target of targets) {
      if (target.max_ms[i] === null || target.max_ms[i] === undefined) continue;
      min[i] = min[i] === null ? target.min_ms[i] : Math.min(min[i], target.min_ms[i]);
      max[i] = Math.max(max[i] ?? 0, target.max_ms[i]);
      if (target.median_ms[i] !== null) middles.push([target.median_ms[i], Math.max(1, (target.sent[i] ?? 0) - (target.lost[i] ?? 0))]);
    }
    median[i] = middleOf(middles);
  }
  const exact = history.source === "probes" && targets.length === 1;
  return { name, min, median, max, exact, probes: probesOf(history, targets) };
}
/* The median of [value, weight]; null of none. */
function middleOf(weighed) {
  let left = weighed.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  for (const [value, weight] of weighed.sort((a, b) => a[0] - b[0])) {
    left -= weight;
    if (left <= 0) return value;
  }
  return null;
}
function probesOf(history, targets) {
  if (!history.probes) return [];
  const of = id => Array.isArray(history.probes) ? history.probes.find(p => p.id === id) : history.probes[id];
  return targets.map(target => { const p = of(target.id); return p ? p.probes || p.marks || p : []; });
}

let kept = new WeakMap(), keptOf = null;
function once(history, what, make) {
  if (keptOf !== view.of) { kept = new WeakMap(); keptOf = view.of; }
  if (!kept.has(history)) kept.set(history, {});
  return kept.get(history)[what] ??= make();
}
export const delayColumns = history => once(history, "delay", () => view.of === "places"
  ? ORDER.map(role => [role, members(history, role)]).filter(([, those]) => those.length).map(([role, those]) => together(history, those, roleOf(role)))
  : [together(history, chosen(history), shownTargets(history))]);
export const lossColumns = history => once(history, "loss", () => {
  if (view.of === "anchor" || view.of === "places") return { lost: history.column.lost, sent: history.column.sent };
  const n = history.columns, lost = Array(n).fill(null), sent = Array(n).fill(null);
  for (const target of chosen(history)) for (let i = 0; i < n; i++) if (target.sent[i] !== null && target.sent[i] !== undefined) { sent[i] = (sent[i] ?? 0) + target.sent[i]; lost[i] = (lost[i] ?? 0) + (target.lost[i] ?? 0); }
  return { lost, sent };
});
