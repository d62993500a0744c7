/*
 * The page for developers: the answer of a form is shown below it instead of on a page of its own, and the command line
 * follows what is filled in.
 *
 *   form[data-try]   the operation's path; .answer beside it takes what comes
 */
(() => {
  "use strict";
  if (!window.fetch) return;
  const LONGEST = 200000;

  const address = (form) => {
    let path = form.dataset.try;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const text = value.trim();
      if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(text || "-"));
      else if (text) query.append(name, text);
    }
    const told = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    return path + (told ? `?${told}` : "");
  };

  const follow = (form) => {
    const line = form.parentElement.querySelector(".curl");
    line.value = `curl '${form.dataset.origin}${address(form).replaceAll("'", "%27")}'`;
  };

  const piece = (kind, text) => {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    return span;
  };

  const coloured = (text) => {
    const whole = document.createDocumentFragment();
    const parts = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)/gi;
    let last = 0;
    for (const found of text.matchAll(parts)) {
      whole.append(text.slice(last, found.index));
      if (found[1]) whole.append(piece(found[2] ? "k" : "s", found[1]), found[2] || "");
      else whole.append(piece("n", found[3]));
      last = found.index + found[0].length;
    }
    whole.append(text.slice(last));
    return whole;
  };

  const show = async (form) => {
    const box = form.parentElement.querySelector(".answer");
    const told = box.querySelector(".told");
    const pre = box.querySelector("pre");
    box.hidden = false;
    box.setAttribute("aria-busy", "true");
    const begin = performance.now();
    try {
      const answer = await fetch(address(form), { headers: { Accept: "application/json" }, credentials: "omit" });
      const text = await answer.text();
      const taken = Math.round(performance.now() - begin);
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* as it is */ }
      told.className = answer.ok ? "told good" : "told bad";
      told.textContent = `${answer.status} ${answer.statusText} · ${taken} ms · ${(text.length / 1024).toFixed(1)} kB`;
      pre.replaceChildren(shown.length > LONGEST ? shown.slice(0, LONGEST) + " …" : coloured(shown));
    } catch {
      told.className = "told bad";
      told.textContent = document.getElementById("live").dataset.failed;
      pre.replaceChildren();
    }
    box.removeAttribute("aria-busy");
  };

  for (const form of document.querySelectorAll("form[data-try]")) {
    form.addEventListener("input", () => follow(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(form);
    });
  }
})();
