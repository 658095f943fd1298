/* Logging in, for what needs the token, and out again. */

import { t, byId, link, button } from "./page.words.js";

const place = byId("session"), session = document.body.dataset.session;
if (session === "out") link(place, t("Log in"), "/login");
if (session === "in") button(place, t("Log out"), async () => {
  try { await fetch("/logout", { method: "POST" }); } finally { location.reload(); }
});
