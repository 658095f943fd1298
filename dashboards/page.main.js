/* The page: takes what linkmon sends each second, and shares it out. Its parts: words (language, times,
   lengths), route (which view), state, strips, series and charts and history, calendar, drops, notes,
   report. */

import { byId, show, capital, setZone } from "./page.words.js";
import { start } from "./page.route.js";
import * as state from "./page.state.js";
import * as strips from "./page.strips.js";
import * as history from "./page.history.js";
import * as calendar from "./page.calendar.js";
import * as drops from "./page.drops.js";
import * as notes from "./page.notes.js";
import * as report from "./page.report.js";
import "./page.session.js";

function drawAll() {
  strips.drawAll();
  history.draw();
  drops.draw();
}

let lastMessage = Date.now(), fresh = true, version = null;
function take(second) {
  lastMessage = Date.now();
  /* Another linkmon has another page; nobody loses what they are writing for it. */
  version ??= second.status.version;
  if (version !== second.status.version && !byId("note-text").value && !document.querySelector(".notes form")) location.reload();
  setZone(second.zone);
  const now = Date.parse(second.status.at);
  strips.takeSecond(second, fresh);
  fresh = false;
  const steps = new Map(second.targets.map(s => [`${s.name} ${s.kind} ${s.address}`, s.interval_s]));
  state.takeSecond(second, now, steps);
  state.stale(0);
  show("modem", second.modem && capital(second.modem));
  state.takeSending(second.sending);
  drops.tick(second.status);
  report.tick(second.status);
  history.tick(now, second.status);
  calendar.tick();
}

/* A browser gives up a stream that answered with an error; the page does not. */
function connect() {
  const stream = new EventSource("/api/v1/events");
  stream.addEventListener("open", () => { fresh = true; });
  stream.addEventListener("message", event => take(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  });
}
setInterval(() => state.stale(Math.round((Date.now() - lastMessage) / 1000)), 1000);

history.onHistory(notes.tick);
start();
report.draw();
calendar.load();
connect();
drawAll();

window.addEventListener("resize", () => { strips.drawAll(); drops.draw(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
/* Paper is light. */
const paper = on => { document.documentElement.classList.toggle("printing", on); drawAll(); };
matchMedia("print").addEventListener("change", event => paper(event.matches));
window.addEventListener("beforeprint", () => paper(true));
window.addEventListener("afterprint", () => paper(false));
byId("state").dataset.ready = "yes";
