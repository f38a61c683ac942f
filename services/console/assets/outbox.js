"use strict";

// What a supervisor writes down on site is kept on the device first, and sent when there is signal: once, under the ticket that it got
// here. Photos are made small here, and go after the words.
const outbox = document.querySelector("[data-outbox]");
const subject = outbox.dataset.outbox;

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("dudao", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("records", { keyPath: "n", autoIncrement: true });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
// One step on the records; it is done once it can't be lost.
const step = async (mode, work) => {
  const transaction = (await opened).transaction("records", mode, { durability: "strict" });
  const request = work(transaction.objectStore("records"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
};
const put = (record) => step("readwrite", (records) => records.put(record));
const remove = (record) => step("readwrite", (records) => records.delete(record.n));
// Whose they are: nobody sends what another has written on the same device.
const own = async () => (await step("readonly", (records) => records.getAll())).filter((record) => record.subject === subject);

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
// An old browser has no crypto.randomUUID.
const ticket = () => hex(crypto.getRandomValues(new Uint8Array(16)));

const SIDE = 1600;
const small = async (file) => {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  return { id: ticket(), bytes: await blob.arrayBuffer(), at: file.lastModified };
};

// Who is signed in now, and the key of their forms; none if nobody is.
const signedIn = async (record) => {
  const answer = await fetch(record.page.replace(/\/[^/]*$/, ""), { redirect: "manual", headers: { accept: "text/html" } });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-outbox]")?.dataset.outbox;
  return now === subject ? page.querySelector("[name=form_key]").value : null;
};

// Sends a record, then its photos. Tells whether the next one of the same visit may follow.
const send = async (record, key) => {
  if (!record.sent) {
    const body = new URLSearchParams([["form_key", key], ...record.fields]);
    const answer = await fetch(`${record.page}/records`, { method: "POST", body, redirect: "manual" });
    if (answer.status === 422 || answer.status === 409 || answer.status === 404) {
      await put({ ...record, refused: await answer.text() });
      return false;
    }
    if (!answer.ok) throw new Error(`not now: ${answer.status}`);
    record = { ...record, sent: true };
    await put(record);
  }
  while (record.photos.length > 0) {
    const [photo, ...rest] = record.photos;
    const headers = { "content-type": "image/jpeg", "x-form-key": key, "x-sha256": hex(await crypto.subtle.digest("SHA-256", photo.bytes)), "x-time": `${photo.at}` };
    const answer = await fetch(`${record.page}/evidence/${photo.id}`, { method: "POST", body: photo.bytes, headers, redirect: "manual" });
    if (answer.status === 422 || answer.status === 409) {
      await put({ ...record, refused: await answer.text() });
      return true;
    }
    if (!answer.ok) throw new Error(`not now: ${answer.status}`);
    record = { ...record, photos: rest };
    await put(record);
  }
  await remove(record);
  return true;
};

let note = "";
const flush = () => navigator.locks.request("outbox", { ifAvailable: true }, async (lock) => {
  if (!lock) return;
  const waiting = (await own()).filter((record) => !record.refused);
  if (waiting.length === 0) return;
  try {
    const key = await signedIn(waiting[0]);
    if (key === null) {
      note = outbox.dataset.signIn;
      return show();
    }
    const held = new Set();
    for (const record of waiting) if (!held.has(record.page) && !(await send(record, key))) held.add(record.page);
    note = "";
  } catch {
    note = outbox.dataset.later;
  }
  const left = await own();
  if (left.length === 0 && document.querySelector("form[data-kept]")) location.reload();
  return show();
});

const show = async () => {
  const records = await own();
  outbox.hidden = records.length === 0;
  outbox.querySelector("[data-count]").textContent = records.length;
  outbox.querySelector("[data-note]").textContent = note;
  const list = outbox.querySelector("ul");
  list.replaceChildren(...records.map((record) => {
    const row = outbox.querySelector("template").content.cloneNode(true).firstElementChild;
    const words = record.fields.filter(([name, value]) => value && record.shown.includes(name)).map(([, value]) => value);
    row.querySelector("[data-word]").textContent = [record.word, record.name, ...words].join(" · ");
    row.querySelector("[data-photos]").textContent = record.photos.length ? `+${record.photos.length}` : "";
    row.querySelector("[data-refused]").textContent = record.refused ?? "";
    const [again, drop] = row.querySelectorAll("button");
    again.hidden = drop.hidden = !record.refused;
    again.addEventListener("click", async () => { await put({ ...record, refused: undefined }); await show(); flush(); });
    drop.addEventListener("click", async () => { if (confirm(outbox.dataset.sure)) { await remove(record); await show(); } });
    return row;
  }));
  // What is written down has happened, as far as the next step goes.
  for (const form of document.querySelectorAll("form[data-kept]")) {
    const after = form.dataset.after;
    if (after && records.some((record) => record.page === form.dataset.kept && record.verb === after)) form.closest("details").hidden = false;
  }
};

for (const form of document.querySelectorAll("form[data-kept]")) {
  for (const photos of form.querySelectorAll("[data-photos-of]")) photos.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const chosen = [...(form.querySelector("input[type=file]")?.files ?? [])];
      const photos = await Promise.all(chosen.map(small));
      const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["form_key", "etag", "ticket"].includes(name));
      const shown = fields.map(([name]) => name).filter((name) => name !== "verb" && name !== "subject");
      fields.push(["ticket", ticket()], ["record_time", `${Date.now()}`]);
      for (const photo of photos) fields.push(["evidence", photo.id]);
      await put({ subject, page: form.dataset.kept, name: form.dataset.name, word: button.textContent, verb: form.elements.verb.value, fields, shown, photos });
      form.reset();
      form.closest("details").open = false;
      await show();
      outbox.scrollIntoView({ block: "nearest" });
      flush();
    } catch (error) {
      note = `${outbox.dataset.full} ${error.message}`;
      outbox.hidden = false;
      outbox.querySelector("[data-note]").textContent = note;
    } finally {
      button.disabled = false;
    }
  });
}

navigator.serviceWorker?.register("/offline.js");
// The visits of these days are read ahead, so that they are there in a school without signal.
const ahead = [...document.querySelectorAll("[data-ahead]")].map((link) => link.href);
if (ahead.length > 0) caches.open("pages").then((cache) => Promise.allSettled([location.href, ...ahead].map((page) => cache.add(page))));
addEventListener("online", flush);
setInterval(flush, 30000);
show().then(flush);
