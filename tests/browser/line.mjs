// The live page while the line drops and its daemon is killed: `node line.mjs URL`, until its input ends. Prints
// a JSON line for each change that a person sees, with the time, and at last what was wrong with it.
import fs from "node:fs";
import puppeteer from "puppeteer-core";

const base = process.argv[2];
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(file => file && fs.existsSync(file));
const print = value => process.stdout.write(`${JSON.stringify(value)}\n`);

const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 900 });
const troubles = [], foreign = [];
/* Whoever asks a server that is gone is told so by the browser; everything else is trouble. */
const isOfDaemon = text => /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/.test(text);
page.on("console", m => { if (["error", "warn", "warning"].includes(m.type()) && !isOfDaemon(m.text())) troubles.push(`${m.text()} ${m.location().url}`); });
page.on("pageerror", e => troubles.push(String(e)));
page.on("request", r => { if (!r.url().startsWith(base)) foreign.push(r.url()); });
await page.exposeFunction("tell", print);
await page.evaluateOnNewDocument(() => {
  let last = "";
  const look = () => {
    const state = document.getElementById("state"), headline = document.getElementById("headline"), stale = document.getElementById("stale");
    if (!state?.dataset.state || !headline || !stale) return;
    const seen = { state: state.dataset.state, stale: !stale.hidden, headline: headline.textContent, title: document.title };
    if (JSON.stringify(seen) === last) return;
    last = JSON.stringify(seen);
    window.tell({ at: Date.now(), ...seen });
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
});
await page.goto(`${base}/`, { waitUntil: "load" });
const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null);
print({ opened: true, paint });

process.stdin.resume();
await new Promise(done => process.stdin.on("end", done));
const rows = await page.$$eval("#drops tbody tr", all => all.map(tr => [...tr.cells].map(td => td.textContent)));
print({ end: true, troubles, foreign, rows });
await browser.close();
