/* Notes of the range that is shown: added, edited and removed here. */

import { t, byId, show, element, button, link, ask, when, fullDayOf, timeOf, dayOf, onZone } from "./page.words.js";
import { linkTo, onView } from "./page.route.js";
import { shown, crosshair, loadSoon } from "./page.history.js";

const send = (method, path, body) => ask(path, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
const trouble = problem => show("notes-trouble", problem ? t("The note was not kept: {why}", { why: problem.message }) : "");

const watchers = [];
export const onNotes = act => watchers.push(act);
function changed(then) {
  trouble(null);
  load();
  loadSoon(0);
  for (const act of watchers) act();
  then?.();
}
function edit(li, note, then) {
  li.replaceChildren();
  const form = element("form", li), label = element("label", form, t("Text")), text = element("input", label);
  text.value = note.text;
  text.maxLength = 500;
  const save = element("button", form, t("Save"));
  save.type = "submit";
  button(form, t("Cancel"), () => { load(); then?.(); });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try {
      await send("PUT", `/api/v1/notes/${note.id}`, { text: text.value, version: note.version });
      changed(then);
    } catch (problem) {
      trouble(problem);
      if (problem.status === 409) await overtaken(note);
    }
  });
  text.focus();
}
/* Somebody else changed it meanwhile: what it says now is shown, and what was typed stays. */
async function overtaken(note) {
  try {
    const now = (await ask("/api/v1/notes")).find(other => other.id === note.id);
    if (!now) { show("notes-trouble", t("This note was removed elsewhere meanwhile.")); return; }
    Object.assign(note, now);
    show("notes-trouble", t("This note was changed elsewhere meanwhile and now says: {text} Saving again replaces that.", { text: `\u201c${now.text}\u201d.` }));
  } catch (problem) { trouble(problem); }
}
/* Removing asks once more, in the same place. */
function remove(li, note, then) {
  const tools = li.querySelector(".tools");
  tools.replaceChildren();
  element("span", tools, t("Remove this note?"));
  button(tools, t("Remove"), async () => {
    try {
      await send("DELETE", `/api/v1/notes/${note.id}${note.version === undefined ? "" : `?version=${note.version}`}`);
      changed(then);
      byId("note-text").focus();
    } catch (problem) {
      if (problem.status !== 409) { trouble(problem); return; }
      await load();
      then?.();
      show("notes-trouble", t("This note was changed elsewhere meanwhile; it is shown as it is now."));
    }
  }).focus();
  button(tools, t("Keep"), () => { load(); then?.(); });
}
export function noteList(list, notes, then) {
  list.replaceChildren();
  for (const note of [...notes].sort((a, b) => b.at - a.at)) {
    const li = element("li", list);
    const time = element("time", li, `${fullDayOf(note.at)} ${timeOf(note.at)}`);
    time.dateTime = new Date(note.at).toISOString();
    element("p", li, note.text, "note-text");
    const tools = element("span", li, undefined, "tools");
    if (note.on) link(tools, t("Drop {id}", { id: note.on }), linkTo({ drop: note.on }));
    button(tools, t("Edit"), () => edit(li, note, then)).setAttribute("aria-label", t("Edit the note of {when}", { when: when(note.at, Date.now()) }));
    button(tools, t("Remove"), () => remove(li, note, then)).setAttribute("aria-label", t("Remove the note of {when}", { when: when(note.at, Date.now()) }));
  }
}
/* The same notes with their versions, which a drop does not tell. */
export async function versioned(notes) {
  if (!notes.length) return notes;
  const times = notes.map(n => n.at), ids = notes.map(n => n.id);
  try { return (await ask(`/api/v1/notes?from=${Math.min(...times)}&to=${Math.max(...times) + 1}`)).filter(n => ids.includes(n.id)); } catch { return notes; }
}
/* Begins a note about an instant: the field has it in the zone of the record, and to the millisecond as long
   as nobody writes in it. */
export function noteAt(ms) {
  const field = byId("note-at");
  field.value = field.dataset.text = `${dayOf(ms)} ${timeOf(ms)}`;
  field.dataset.ms = ms;
  byId("note-text").focus();
}
let last = "";
async function load() {
  const { from, to } = shown();
  try {
    const notes = await ask(`/api/v1/notes?from=${Math.floor(from)}&to=${Math.ceil(to)}`);
    last = JSON.stringify(notes);
    noteList(byId("notes"), notes);
    byId("notes-none").hidden = notes.length > 0;
  } catch (problem) { show("notes-trouble", t("The notes could not be read: {why}", { why: problem.message })); }
}
/* Not while somebody writes in one. */
export function tick(history) {
  if (byId("notes").querySelector("form") || JSON.stringify(history.notes.map(n => n.id)) === JSON.stringify(JSON.parse(last || "[]").map(n => n.id))) return;
  load();
}

byId("note-form").addEventListener("submit", async event => {
  event.preventDefault();
  const at = byId("note-at").value.trim(), text = byId("note-text").value.trim();
  if (!text) { byId("note-text").focus(); return; }
  const field = byId("note-at"), exact = at && at === field.dataset.text ? Number(field.dataset.ms) : at || Date.now();
  try {
    await send("POST", "/api/v1/notes", { at: exact, text });
    byId("note-text").value = byId("note-at").value = "";
    changed();
  } catch (problem) { trouble(problem); }
});
byId("note-here").addEventListener("click", () => {
  const { from, to } = shown();
  noteAt(Math.round(crosshair() ?? lastCrosshair ?? (from + to) / 2));
});
/* The crosshair is gone once the pointer leaves the charts; its last place is what a person means. */
let lastCrosshair = null;
byId("charts").addEventListener("pointermove", () => { lastCrosshair = crosshair(); });
byId("charts").addEventListener("keyup", () => { lastCrosshair = crosshair() ?? lastCrosshair; });

onZone(() => { if (last) noteList(byId("notes"), JSON.parse(last)); });
let wait = 0;
onView(() => { lastCrosshair = null; clearTimeout(wait); wait = setTimeout(load, 250); });
