// The live page in a real browser: `node page.mjs URL [directory for pictures]`. Prints a line for each
// claim and ends with 1 if one of them is false.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [, , base, pictures] = process.argv;
const DAY = 86400000;
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(file => file && fs.existsSync(file));
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pause = ms => new Promise(done => setTimeout(done, ms));
const json = async part => (await fetch(base + part)).json();

const failed = [];
function claim(name, holds, why) {
  console.log(`${holds ? "ok" : "FALSE"}: ${name}${holds || why === undefined ? "" : `: ${typeof why === "string" ? why : JSON.stringify(why)}`}`);
  if (!holds) failed.push(name);
}

const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const troubles = [], foreign = [];
let bytes = 0;
async function open(hash, { width = 1280, height = 900, dark = false, scale = 1, bypass = false } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  await page.setBypassCSP(bypass);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }, { name: "prefers-reduced-motion", value: "reduce" }]);
  page.on("console", m => { if (["error", "warn", "warning"].includes(m.type()) && (notes || !m.location().url?.includes("/notes"))) troubles.push(`${m.text()} ${m.location().url}`); });
  page.on("pageerror", e => troubles.push(String(e)));
  page.on("request", r => { if (!r.url().startsWith(base)) foreign.push(r.url()); });
  const wire = await page.createCDPSession();
  await wire.send("Network.enable");
  wire.on("Network.loadingFinished", e => { bytes += e.encodedDataLength; });
  await page.goto(`${base}/${hash}`, { waitUntil: "load" });
  await page.waitForFunction(() => document.querySelector("#charts canvas") && document.getElementById("charts").getAttribute("aria-busy") === "false", { timeout: 20000 });
  await page.waitForFunction(() => document.getElementById("headline").textContent.indexOf("\u2026") < 0, { timeout: 20000 });
  return page;
}

/* A linkmon without notes over HTTP shows that it has none. */
const notes = (await fetch(`${base}/api/v1/notes?from=0&to=1`)).status !== 404;
const drops = (await json("/api/v1/drops?since=2000-01-01")).filter(d => d.end && d.kind !== "blip");
const shortest = drops.reduce((best, d) => d.min_s < best.min_s ? d : best);
const onset = Date.parse(shortest.onset), from = onset - 200 * DAY, to = from + 365 * DAY;

// Opening it: nothing wrong, nobody else asked.
{
  const page = await open(`#from=${onset - DAY}&to=${onset + DAY}`);
  await pause(1500);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  console.log(`first paint after ${Math.round(paint)} ms, ${bytes} bytes sent by then and ${1.5} s more`);
  claim("it says the state in words", await page.$eval("#headline", e => e.textContent.length > 5));
  claim("it says why", await page.$$eval("#why dd", all => all.length > 0 && all.every(dd => dd.textContent)));
  claim("the range is told in words", /\d/.test(await page.$eval("#history-words", e => e.textContent)));
  const said = await page.$$eval(".trouble:not([hidden])", all => all.map(e => `${e.id}: ${e.textContent}`));
  const told = said.filter(text => !text.startsWith("history-simulated"));
  const { simulated } = await json(`/api/v1/history?from=${onset - DAY}&to=${onset + DAY}&columns=16`);
  claim("it says whether the record was simulated", said.length > told.length === Boolean(simulated), said);
  claim("no part of it failed", told.every(text => !notes && text.startsWith("notes-trouble")), told);
  await page.close();
}

// The shortest drop in a view of 365 days: at least a pixel of the screen in its own colour.
for (const [width, scale] of [[1280, 1], [390, 3], [2560, 1]]) {
  const page = await open(`#from=${from}&to=${to}`, { width, scale });
  const seen = await page.evaluate((onset, from, to) => {
    const canvas = document.querySelector("#charts canvas"), over = document.querySelector("#charts .u-over"), scale = canvas.width / canvas.clientWidth;
    const left = over.offsetLeft * scale, wide = over.clientWidth * scale, y = Math.round((over.offsetTop + 3) * scale);
    const own = ["--part", "--dead"].map(name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()).map(hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)).join());
    const row = canvas.getContext("2d").getImageData(0, y, canvas.width, 1).data;
    const found = [];
    for (let x = 0; x < canvas.width; x++) if (own.includes([...row.slice(4 * x, 4 * x + 3)].join())) found.push(x);
    return { found, at: left + (onset - from) / (to - from) * wide };
  }, onset, from, to);
  claim(`a drop of ${shortest.min_s} s is a pixel at least in 365 days, ${width} px wide`, seen.found.some(x => Math.abs(x - seen.at) <= 2), seen);
  claim(`and is not blown up, ${width} px wide`, seen.found.length <= 4 * drops.length, seen.found.length);
  await page.close();
}

// Strips are read by keys, and told to a screen reader.
{
  const page = await open(`#drop=${shortest.id}`);
  await page.waitForSelector("#drop-strips canvas[aria-valuenow]", { timeout: 10000 });
  await page.focus("#drop-strips canvas");
  const slider = () => page.$eval("#drop-strips canvas", e => ({ role: e.getAttribute("role"), ...Object.fromEntries(["min", "max", "now"].map(name => [name, Number(e.getAttribute(`aria-value${name}`))])), text: e.getAttribute("aria-valuetext") }));
  await page.keyboard.press("Home");
  const first = await slider();
  await page.keyboard.press("ArrowRight");
  const second = await slider();
  claim("a strip is a slider that the arrow keys move", first.role === "slider" && first.min <= first.now && first.now < second.now && second.now <= second.max && first.text !== second.text, [first, second]);
  await page.close();
}

// Links of views, and the way back.
{
  const page = await open(`#from=${onset - DAY}&to=${onset + DAY}`);
  const words = () => page.$eval("#history-words", e => e.textContent);
  const before = await words();
  const settled = async text => { await page.waitForFunction(old => document.getElementById("history-words").textContent !== old, { timeout: 10000 }, text); };
  await page.click("#history-in");
  await settled(before);
  claim("a zoom has a link", /^#from=\d+&to=\d+$/.test(await page.evaluate(() => location.hash)), await page.evaluate(() => location.hash));
  const zoomed = await words();
  await page.goBack();
  await settled(zoomed);
  const span = text => text.split(" (")[0];
  claim("the back button works", span(await words()) === span(before), [before, await words()]);
  const area = await page.$("#charts .u-over");
  await area.evaluate(e => e.scrollIntoView({ block: "center" }));
  const box = await area.boundingBox();
  await page.mouse.move(box.x + box.width * .4, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * .6, box.y + 10, { steps: 5 });
  await page.mouse.up();
  await settled(before);
  const length = await page.evaluate(() => { const p = new URLSearchParams(location.hash.slice(1)); return p.get("to") - p.get("from"); });
  const { record } = await json(`/api/v1/history?from=${onset - DAY}&to=${onset + DAY}&columns=16`);
  const most = Math.min(.4 * DAY, Math.max(DAY / 24, Date.now() - record.from));
  claim("dragging over a chart zooms into what it passed", Math.abs(length / most - 1) < .05, [length, most]);
  await page.focus("#charts");
  await page.keyboard.press("ArrowRight");
  const first = await page.$eval("#history-reading", e => e.textContent);
  await page.keyboard.press("ArrowRight");
  const second = await page.$eval("#history-reading", e => e.textContent);
  claim("arrows read the charts", first !== second && /\d/.test(second), [first, second]);
  const lines = await page.$$eval("#charts .u-cursor-x", all => new Set(all.map(e => e.style.transform)).size);
  claim("one crosshair is over all charts", lines === 1, lines);
  await page.close();
  const drop = await open(`#drop=${shortest.id}`);
  await drop.waitForSelector("#one-drop:not([hidden]) canvas", { timeout: 10000 });
  const painted = await drop.$$eval("#drop-strips canvas", all => all.filter(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(x => x)).length);
  claim("a drop is shown probe by probe", painted > 0, painted);
  await drop.click("#drop-close");
  await drop.waitForSelector("#one-drop[hidden]", { timeout: 5000 });
  await drop.goBack();
  await drop.waitForSelector("#one-drop:not([hidden])", { timeout: 5000 });
  claim("going back opens it again", true);
  await drop.close();
  const empty = await open(`#from=${onset - 400 * DAY}&to=${onset - 390 * DAY}&of=places`);
  const failed = await empty.$eval("#history-trouble", e => e.hidden ? "" : e.textContent);
  claim("a time without any probe is no failure", !failed, failed);
  await empty.close();
}

// Notes: written, edited and removed.
if (notes) {
  const page = await open(`#from=${onset - DAY}&to=${onset + DAY}`);
  const texts = () => page.$$eval("#notes .note-text", all => all.map(e => e.textContent));
  const until = (text, there) => page.waitForFunction((text, there) => [...document.querySelectorAll("#notes .note-text")].some(e => e.textContent === text) === there, { timeout: 10000 }, text, there);
  const text = `<b>a note & "more"</b> ${process.pid}`;
  await page.click("#note-here");
  await page.type("#note-text", text);
  await page.keyboard.press("Enter");
  await until(text, true);
  claim("a note is written, and is text", (await page.$$("#notes b")).length === 0);
  const item = await page.evaluateHandle(text => [...document.querySelectorAll("#notes li")].find(li => li.querySelector(".note-text").textContent === text), text);
  await (await item.$$(".tools button"))[0].click();
  await page.waitForSelector("#notes form input");
  await page.type("#notes form input", ", edited");
  await page.keyboard.press("Enter");
  await until(`${text}, edited`, true);
  claim("it is edited", true);
  const again = await page.evaluateHandle(text => [...document.querySelectorAll("#notes li")].find(li => li.querySelector(".note-text").textContent === text), `${text}, edited`);
  await (await again.$$(".tools button"))[1].click();
  await (await again.$$(".tools button"))[0].click();
  await until(`${text}, edited`, false);
  claim("it is removed", !(await texts()).includes(`${text}, edited`));
  await page.close();
}

// For everybody: axe finds nothing serious.
for (const [name, hash, dark] of [["the page", `#from=${from}&to=${to}`, false], ["the dark page", `#from=${onset - DAY}&to=${onset + DAY}&of=places`, true], ["a drop", `#drop=${shortest.id}`, false]]) {
  const page = await open(hash, { dark, bypass: true });
  await pause(500);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run()).violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(" ")}`));
  claim(`axe finds nothing serious in ${name}`, found.length === 0, found);
  await page.close();
}
// The pages without a script: what everybody sees, and the login where a token is asked for.
const login = process.env.LINKMON_LOGIN;
const bare = [["the status page", `${base}/status`], ...(login ? [["the login page", `${login}/login`]] : [])];
for (const [name, url] of bare) for (const dark of [false, true]) for (const width of [390, 1280]) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.setBypassCSP(true);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  page.on("console", m => { if (["error", "warn", "warning"].includes(m.type())) troubles.push(`${m.text()} ${m.location().url}`); });
  page.on("request", r => { if (![base, login].some(known => known && r.url().startsWith(known))) foreign.push(r.url()); });
  const answer = await page.goto(url, { waitUntil: "load" });
  const which = `${name}${dark ? ", dark," : ""} ${width} px wide`;
  claim(`${which} is there`, [200, 304].includes(answer.status()) && page.url() === url, [answer.status(), page.url()]);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run()).violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(" ")}`));
  claim(`axe finds nothing serious in ${which}`, found.length === 0, found);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  claim(`nothing sticks out of ${which}`, wide <= width, wide);
  if (pictures) await page.screenshot({ path: path.join(pictures, `${url.split("/").pop()}-${width}${dark ? "-dark" : ""}.png`), fullPage: true });
  await page.close();
}
for (const width of [390, 1280, 2560]) {
  const page = await open(`#from=${onset - DAY}&to=${onset + DAY}`, { width });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  claim(`nothing sticks out at ${width} px`, wide <= width, wide);
  if (pictures) await page.screenshot({ path: path.join(pictures, `page-${width}.png`), fullPage: true });
  await page.close();
}
if (pictures) {
  const page = await open(`#from=${onset - DAY}&to=${onset + DAY}`, { dark: true });
  await page.screenshot({ path: path.join(pictures, "page-dark.png"), fullPage: true });
  await page.pdf({ path: path.join(pictures, "page.pdf"), format: "A4", printBackground: true });
  await page.close();
}

claim("nothing was said on the console", troubles.length === 0, troubles);
claim("nothing was asked of another machine", foreign.length === 0, foreign);
await browser.close();
process.exit(failed.length ? 1 : 0);
