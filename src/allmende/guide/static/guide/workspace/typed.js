/*
 * Keeps what is typed into form[data-typed] while it is typed: on the server, and on this device while there is no
 * connection or no session.  Each window has a draft of its own, so that none overwrites another.
 */
(() => {
  "use strict";
  const form = document.querySelector("form[data-typed]");
  if (!form) return;
  const WAIT = 1500;
  const AGAIN = 10000;
  const note = form.querySelector("[data-typed-note]");
  const dirty = form.querySelector("[data-dirty-note]");
  const field = form.elements.tab;
  if (!field.value) field.value = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");
  const tab = field.value;
  const place = `typed:${form.dataset.form}`;
  let number = Math.floor(Date.now() / 1000);
  let timer;
  let isWaiting = false;

  const keep = (told) => { try { localStorage.setItem(`${place}:${tab}`, JSON.stringify(told)); } catch { /* forbidden or full */ } };
  const drop = (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } };
  const say = (words) => {
    if (note.textContent !== words) note.textContent = words;
    if (dirty && words) dirty.classList.add("sr");
  };

  const collect = () => {
    const typed = {};
    for (const [name, value] of new FormData(form)) {
      if (name.includes(".") && typeof value === "string") (typed[name] ||= []).push(value);
    }
    let seen = {};
    try { seen = JSON.parse(form.elements.seen.value); } catch { /* a new record has none */ }
    number += 1;
    return { tab, number, typed, seen };
  };

  /* Signing in elsewhere changes the token of every form; the page as it is now has the new one. */
  const freshToken = async () => {
    const answer = await fetch(location.pathname, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (token) document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
    return Boolean(token);
  };

  const put = (told) => fetch(form.dataset.typed, {
    method: "PUT",
    redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(told),
  });

  const send = async (told, key) => {
    let answer = await put(told);
    if (answer.status === 403 && await freshToken()) answer = await put(told);
    if (answer.ok) {
      drop(key);
      return (await answer.json()).words;
    }
    throw new Error(answer.type === "opaqueredirect" || answer.status === 403 ? "signedOut" : "failed");
  };

  const go = async () => {
    clearTimeout(timer);
    isWaiting = false;
    const told = collect();
    keep(told);
    try {
      say(await send(told, `${place}:${tab}`));
    } catch (error) {
      const words = { signedOut: form.dataset.tSignedOut, failed: form.dataset.tFailed };
      say(words[error.message] || form.dataset.tOffline);
      isWaiting = true;
      timer = setTimeout(go, AGAIN);
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    keep(collect());
    timer = setTimeout(go, WAIT);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); drop(`${place}:${tab}`); });
  window.addEventListener("online", () => { if (isWaiting) go(); });

  /* What an earlier window could not send: sent now, and offered. */
  const leftOver = async () => {
    const mine = `${place}:`;
    let keys = [];
    try { keys = Object.keys(localStorage).filter((key) => key.startsWith(mine) && key !== `${mine}${tab}`); } catch { return; }
    for (const key of keys) {
      try {
        const told = JSON.parse(localStorage.getItem(key));
        await send(told, key);
        const box = document.querySelector("[data-typed-left]");
        box.querySelector("a").href = `?typed=${told.tab}`;
        box.hidden = false;
      } catch { /* next time */ }
    }
  };

  /* A second window with the same form says so in both, before anything is typed. */
  if ("BroadcastChannel" in window) {
    const channel = new BroadcastChannel(place);
    channel.onmessage = (event) => {
      document.querySelector("[data-typed-second]").hidden = false;
      if (event.data === "hello") channel.postMessage("here");
    };
    channel.postMessage("hello");
  }
  leftOver();
})();
