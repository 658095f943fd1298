/* The report of a period in every format, the text for a ticket to copy, and the sheet. */

import { t, byId, say, minuteOf, ask } from "./page.words.js";
import { onView } from "./page.route.js";
import { shown } from "./page.history.js";

/* Made anew when a drop begins or ends, and every few minutes while somebody looks. */
const RENEW = 300000;
const night = matchMedia("(prefers-color-scheme: dark)");
let renewed = 0, inSheet = null, now = () => Date.now(), wait = 0;

const chosen = () => document.querySelector("[name=period]:checked").value;
/* The path of a document of the chosen period. */
function path(kind, ending) {
  const period = chosen();
  if (period !== "shown") return `/${kind}/${period}${ending}`;
  const { from, to } = shown(), iso = ms => encodeURIComponent(new Date(ms).toISOString());
  return `/${kind}/custom${ending}?since=${iso(from)}&until=${iso(to)}`;
}
const FORMATS = { "get-text": ["ticket", ".txt"], "get-full": ["report", ".txt"], "get-letter": ["letter", ".txt"], "get-answers": ["answers", ".txt"], "get-md": ["report", ".md"], "get-html": ["report", ".html"], "get-pdf": ["report", ".pdf"], "get-png": ["sheet", ".png"], "get-svg": ["report", ".svg"], "get-json": ["report", ".json"], "get-csv": ["report", ".csv"] };
function links() {
  for (const [id, [kind, ending]] of Object.entries(FORMATS)) byId(id).href = path(kind, ending);
  byId("get-png").download = `linkmon-sheet-${chosen()}.png`;
}
export function draw() {
  links();
  const dark = night.matches && !document.documentElement.classList.contains("printing"), plain = path("sheet", dark ? "-dark.png" : ".png");
  byId("full").href = plain;
  renewed = now();
  due = plain;
  if (seen) picture();
}
/* A picture element would show again what it has shown before under the same address, so this is a canvas.
   It is only asked for where somebody sees it. */
let due = "", seen = false;
async function picture() {
  const wanted = due;
  if (!wanted) return;
  due = "";
  say("making", t("Drawing the sheet \u2026"));
  try {
    const answer = await fetch(wanted, { cache: "no-cache" });
    if (!answer.ok) throw new Error();
    const drawn = await createImageBitmap(await answer.blob()), sheet = byId("sheet");
    if (byId("full").getAttribute("href") !== wanted) return;
    sheet.width = drawn.width;
    sheet.height = drawn.height;
    sheet.getContext("2d").drawImage(drawn, 0, 0);
    sheet.dataset.drawn = "yes";
    say("making", t("As of {time}. Drawn anew when a drop begins or ends, and every 5 minutes.", { time: minuteOf(now()) }));
  } catch { say("making", t("The sheet could not be drawn; linkmon\u2019s log says why.")); }
}
new IntersectionObserver(all => { seen = all[all.length - 1].isIntersecting; if (seen) picture(); }, { rootMargin: "300px" }).observe(byId("sheet"));
byId("periods").addEventListener("change", draw);

export function tick(status) {
  const at = Date.parse(status.at);
  now = () => at;
  const drops = [status.open_drop?.id, status.last_drop?.id].join();
  const changed = inSheet !== null && drops !== inSheet;
  inSheet = drops;
  if (changed || (at - renewed >= RENEW && document.visibilityState === "visible")) draw();
}

/* Where the browser gives no clipboard to a plain page of the network, the text is shown and selected. */
byId("copy").addEventListener("click", async () => {
  const box = byId("ticket");
  try {
    const text = await ask(path("ticket", ".txt"));
    box.value = text.trimEnd();
    box.hidden = byId("ticket-label").hidden = false;
    box.rows = Math.min(22, box.value.split("\n").length + 1);
    try {
      if (!navigator.clipboard) throw new Error();
      await navigator.clipboard.writeText(box.value);
      say("copied", t("Copied."));
    } catch {
      box.focus();
      box.select();
      say("copied", document.execCommand?.("copy") ? t("Copied.") : t("Selected: copy it with Ctrl + C."));
    }
  } catch (problem) { say("copied", t("The text could not be made: {why}", { why: problem.message })); }
});

onView(() => {
  links();
  if (chosen() === "shown") { clearTimeout(wait); wait = setTimeout(draw, 1500); }
});
night.addEventListener("change", draw);
