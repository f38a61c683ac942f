"use strict";

// A party's secret for a draw stays on its device until it is revealed; what is handed in is its hash, made here as the inspection makes it.
const committed = async (secret) => {
  const words = new TextEncoder().encode(secret);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(words.length));
  const parts = [new TextEncoder().encode("dudao.draw.v1 commit\n"), length, words];
  const hash = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
for (const place of document.querySelectorAll("[data-secret-of]")) {
  const [secret, hash] = [place.querySelector("input"), document.getElementById(place.dataset.secretOf)];
  const fill = async () => { hash.value = secret.value ? await committed(secret.value) : ""; };
  place.hidden = false;
  secret.addEventListener("input", fill);
  place.querySelector("button").addEventListener("click", () => {
    secret.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    fill();
  });
}
