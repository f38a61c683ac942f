"use strict";

// What a supervisor has in a place without signal: the pages of visits and schools as they were last read, and what they are made of.
const FILES = "files", PAGES = "pages";
const KEPT = /^\/counties\/\d{6}\/(visits|schools)(\/[^/]+)?$/;
// A page that was read before does not wait longer for a weak signal.
const PATIENCE = 6000;

self.addEventListener("install", (event) => {
  const files = ["console.css", "console.js", "outbox.js", "htmx-2.0.11.min.js", "icon.svg"];
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(files.map((file) => `/assets/${file}`))).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// As it is now; without signal, as it was last read.
const newest = async (request, name) => {
  const cache = await caches.open(name);
  const known = await cache.match(request);
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  });
  if (!known) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, known));
  return Promise.race([asked.catch(() => known), late]);
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(newest(request, FILES));
  else if (request.mode === "navigate" && KEPT.test(url.pathname)) event.respondWith(newest(request, PAGES));
});
