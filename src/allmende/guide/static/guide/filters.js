/*
 * Lists on wide screens: a changed filter shows at once.  Only what changed is asked of the server: the next page is
 * fetched, its main part put in place of this one's, and the number of results said.  On phones, and wherever anything
 * goes wrong, the form is sent as any form.
 *
 *   form[data-filters]   the filter form; p.count says how many there are
 */
(() => {
  "use strict";
  const main = document.getElementById("main");
  const wide = matchMedia("(min-width: 54.01rem)");
  if (!main || !window.fetch) return;

  const address = (form) => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
    const text = query.toString();
    return form.action + (text ? `?${text}` : "");
  };

  let asked;
  const show = async (url, focus) => {
    if (asked) asked.abort();
    asked = new AbortController();
    main.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const open = [...main.querySelectorAll(".filters details")].map((part) => part.open);
      const scrolled = main.querySelector(".filters").scrollTop;
      main.replaceChildren(...page.getElementById("main").childNodes);
      main.querySelectorAll(".filters details").forEach((part, place) => { part.open = part.open || open[place]; });
      main.querySelector(".filters").scrollTop = scrolled;
      document.title = page.title;
      history.replaceState(null, "", url);
      for (const field of main.querySelectorAll(`.filters [name="${focus.name}"]`)) {
        if (!["checkbox", "radio"].includes(field.type) || field.value === focus.value) field.focus({ preventScroll: true });
      }
      window.dispatchEvent(new Event("pageshow"));
      const live = document.getElementById("live");
      const count = main.querySelector(".count");
      if (live && count) live.textContent = count.textContent;
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    } finally {
      main.removeAttribute("aria-busy");
    }
  };

  main.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (!form) return;
    /* Days and the quick choices exclude each other. */
    if (event.target.name === "from" || event.target.name === "to") {
      form.querySelectorAll("[name=when]").forEach((choice) => { choice.checked = choice.value === ""; });
    } else if (event.target.name === "when") {
      form.querySelectorAll("[name=from], [name=to]").forEach((day) => { day.value = ""; });
    }
    if (wide.matches && event.target.type !== "search") show(address(form), { name: event.target.name, value: event.target.value });
  });
  main.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (!form) return;
    event.preventDefault();
    location.assign(address(form));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#filters") location.hash = "results";
  });
})();
