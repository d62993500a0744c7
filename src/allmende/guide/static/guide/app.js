/*
 * What the guide's pages can do better with JavaScript.  Every page is complete without it; this file only adds.
 * Words come from the page: from data attributes of #live (the polite live region) and of the elements themselves.
 *
 *   button[form=fav][name=toggle][value=e12][aria-pressed]   a heart; form#fav is where it is sent
 *   a[data-saved]                                            gets the number of saved things as data-count
 *   button[data-share][data-url][data-title]                 Web Share, else copies the address
 *   button[data-copy="#field"], button[data-print]           copies what is in the field; prints the page
 *   button[data-near][data-href]                             goes to data-href (else this page) with near=lat,lon
 *   a[data-more]                                             next page: fetched, its #results added to this page's
 *   input[data-suggest="/fr/search/suggest.json"]            suggestions below the field (WAI-ARIA combobox)
 *   input[data-find="#list"]                                 hides what does not match; #find-none shows when nothing does
 *   details[data-menu]                                       closes on Escape and on a click elsewhere
 *   table[data-grid]                                         arrow keys walk from day to day
 */
(() => {
  "use strict";
  const live = document.getElementById("live");
  const words = live ? live.dataset : {};
  const each = (selector, run, root = document) => root.querySelectorAll(selector).forEach(run);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss").replace(/ø/g, "o").replace(/æ/g, "ae");

  const say = (text) => {
    if (!live || !text) return;
    live.textContent = "";
    setTimeout(() => { live.textContent = text; live.classList.add("is-shown"); }, 50);
    clearTimeout(say.timer);
    say.timer = setTimeout(() => live.classList.remove("is-shown"), 4000);
  };

  /* Favourites: the server sets the cookie, the page shows it. */
  const HEART = "button[form=fav][name=toggle]";
  const favourites = () => {
    const found = document.cookie.match(/(?:^|; )favourites=([^;]*)/);
    return new Set(found ? found[1].split(".").filter((key) => /^[epo]\d+$/.test(key)) : []);
  };
  const showFavourites = () => {
    const kept = favourites();
    each(HEART, (heart) => heart.setAttribute("aria-pressed", String(kept.has(heart.value))));
    each("a[data-saved]", (link) => {
      if (kept.size) link.dataset.count = kept.size;
      else delete link.dataset.count;
    });
  };
  document.addEventListener("click", async (event) => {
    const heart = event.target.closest(HEART);
    if (!heart) return;
    event.preventDefault();
    try {
      const answer = await fetch(heart.form.action, {
        method: "POST",
        body: new URLSearchParams({ toggle: heart.value }),
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(answer.status);
      showFavourites();
      say(favourites().has(heart.value) ? words.saved : words.removed);
    } catch {
      say(words.failed);
    }
  });

  /* Share, copy, print, near me. */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      say(words.copied);
    } catch {
      say(words.failed);
    }
  };
  const near = (button) => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const target = new URL(button.dataset.href || location.href, location.href);
        /* Three digits are about 100 m: near enough to sort by, and no more than is needed leaves the device. */
        target.searchParams.set("near", `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`);
        target.searchParams.delete("after");
        location.assign(target);
      },
      () => { button.removeAttribute("aria-busy"); say(button.dataset.denied || words.failed); },
      { maximumAge: 300000, timeout: 10000 },
    );
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-share], button[data-copy], button[data-print], button[data-near]");
    if (!button) return;
    if ("print" in button.dataset) window.print();
    else if ("near" in button.dataset) near(button);
    else if ("copy" in button.dataset) copy(document.querySelector(button.dataset.copy).value);
    else {
      const url = new URL(button.dataset.url || location.href, location.href).href;
      if (!navigator.share) return copy(url);
      try { await navigator.share({ title: button.dataset.title || document.title, url }); } catch { /* the reader closed it */ }
    }
  });

  /* Load more: the next page's list is put behind this one's, and its own link to the page after it replaces ours. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const list = document.getElementById("results");
    if (!list) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const more = page.getElementById("results");
      const first = more.querySelector("a[href]");
      /* The next page may go on with the day that this one ended with. */
      const days = list.querySelectorAll("[data-day]");
      const last = days[days.length - 1];
      const again = more.querySelector("[data-day]");
      if (last && again && last.dataset.day === again.dataset.day) {
        last.querySelector("ul").append(...again.querySelector("ul").children);
        again.remove();
      }
      list.append(...more.childNodes);
      showFavourites();
      say(words.loaded);
      const next = page.querySelector("a[data-more]");
      if (next) { link.href = next.href; link.removeAttribute("aria-busy"); } else link.remove();
      if (first) first.focus();
    } catch {
      location.assign(link.href);
    }
  });

  /* Suggestions: the combobox pattern of the WAI-ARIA Authoring Practices, list autocomplete with manual selection. */
  const combobox = (input, number) => {
    const list = document.createElement("ul");
    list.id = `suggest-${number}`;
    list.className = "find-list";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggestLabel || "");
    input.after(list);
    const state = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" };
    for (const name in state) input.setAttribute(name, state[name]);
    let active = -1, typed = "", timer, asked;
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (to) => {
      const options = list.children;
      if (active >= 0) options[active].setAttribute("aria-selected", "false");
      active = to;
      if (to < 0) { input.value = typed; input.removeAttribute("aria-activedescendant"); return; }
      options[to].setAttribute("aria-selected", "true");
      options[to].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[to].id);
      input.value = options[to].textContent;
    };
    const show = (found) => {
      list.replaceChildren(...found.map((text, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = text;
        return option;
      }));
      if (!found.length || document.activeElement !== input) return close();
      active = -1;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    };
    const ask = async () => {
      typed = input.value;
      if (asked) asked.abort();
      if (typed.trim().length < 2) return close();
      asked = new AbortController();
      try {
        const address = new URL(input.dataset.suggest, location.href);
        address.searchParams.set("q", typed.trim());
        const answer = await fetch(address, { signal: asked.signal });
        const found = await answer.json();
        show(Array.isArray(found) ? found : found.suggestions || []);
      } catch { /* aborted by the next letter, or offline: the field stays a plain field */ }
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
    input.addEventListener("blur", () => setTimeout(close, 150));
    input.addEventListener("keydown", (event) => {
      const last = list.children.length - 1;
      if (event.key === "Escape") {
        if (list.hidden) input.value = "";
        else { mark(-1); close(); }
        event.preventDefault();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) return void ask();
        const down = event.key === "ArrowDown";
        mark(down ? (active === last ? -1 : active + 1) : (active === -1 ? last : active - 1));
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      input.value = option.textContent;
      close();
      if (input.form) input.form.requestSubmit();
    });
  };

  /* Find as you type in a list that is already on the page. */
  const finder = (input) => {
    const list = document.querySelector(input.dataset.find);
    const none = document.getElementById("find-none");
    if (!list) return;
    const items = [...list.querySelectorAll("li")].map((item) => [item, fold(item.textContent)]);
    const find = () => {
      const wanted = fold(input.value.trim());
      let left = 0;
      for (const [item, text] of items) {
        item.hidden = !text.includes(wanted);
        if (!item.hidden) left += 1;
      }
      each("section", (part) => { part.hidden = !part.querySelector("li:not([hidden])"); }, list);
      if (none) none.hidden = left > 0;
    };
    input.addEventListener("input", find);
    find();
  };

  /* Calendar: arrow keys walk between days; the tab key still reaches every link. */
  const grid = (table) => table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...table.tBodies[0].rows];
    const wide = rows[0].cells.length;
    const at = rows.indexOf(cell.parentElement) * wide + cell.cellIndex + step[0] * wide + step[1];
    const target = at >= 0 && at < rows.length * wide && rows[Math.floor(at / wide)].cells[at % wide].querySelector("a[href]");
    if (target) { event.preventDefault(); target.focus(); }
  });

  const closeMenus = (except) => each("details[data-menu][open]", (menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  let number = 0;
  each("input[data-suggest]", (input) => combobox(input, (number += 1)));
  each("input[data-find]", finder);
  each("table[data-grid]", grid);
  if (!navigator.geolocation) each("button[data-near]", (button) => { button.hidden = true; });
  showFavourites();
  /* A page that the back button brings back has not seen what was saved since. */
  window.addEventListener("pageshow", showFavourites);
})();
