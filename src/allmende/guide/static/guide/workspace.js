/*
 * What the workspace can do better with JavaScript.  Every form works without it.
 *
 *   [data-tabs]           details, one for each language, become tabs
 *   [data-rows]           [data-add-row] adds another empty row like the last
 *   form[data-dirty]      asks before leaving with changes that are not saved
 *   [data-poll]           asks how far a job is, and shows the page again when it is done
 *   form[data-preview]    the brand's preview follows what is typed
 *   [data-focus]          gets the focus, so that errors are read out first
 *   [data-keys]           while the focus is inside, the key named by a button's data-key presses it
 */
(() => {
  "use strict";
  const each = (selector, run, root = document) => root.querySelectorAll(selector).forEach(run);

  /* Tabs by the WAI-ARIA Authoring Practices: arrow keys move, the chosen panel is shown. */
  each("[data-tabs]", (box, place) => {
    const parts = [...box.querySelectorAll(":scope > details")];
    const row = document.createElement("div");
    row.className = "tab-row";
    row.setAttribute("role", "tablist");
    row.setAttribute("aria-label", box.getAttribute("aria-label") || "");
    const tabs = parts.map((part, number) => {
      const tab = document.createElement("button");
      const panel = part.querySelector(".lang-body");
      tab.type = "button";
      tab.id = `tab-${place}-${number}`;
      panel.id = `tab-panel-${place}-${number}`;
      tab.append(...[...part.querySelector("summary").childNodes].map((node) => node.cloneNode(true)));
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      row.append(tab);
      return tab;
    });
    const choose = (chosen, focus) => {
      tabs.forEach((tab, number) => {
        tab.setAttribute("aria-selected", String(number === chosen));
        tab.tabIndex = number === chosen ? 0 : -1;
        parts[number].open = true;
        parts[number].querySelector(".lang-body").hidden = number !== chosen;
      });
      if (focus) tabs[chosen].focus();
    };
    tabs.forEach((tab, number) => {
      tab.addEventListener("click", () => choose(number));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        choose((number + step + tabs.length) % tabs.length, true);
      });
    });
    box.prepend(row);
    box.classList.add("is-tabs");
    box.removeAttribute("aria-label");
    const wrong = parts.findIndex((part) => part.querySelector("[aria-invalid]"));
    choose(wrong < 0 ? 0 : wrong);
    /* A link to a field inside a hidden tab shows that tab first. */
    const open = () => {
      const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const at = target ? parts.findIndex((part) => part.contains(target)) : -1;
      if (at >= 0) { choose(at); target.focus(); }
    };
    window.addEventListener("hashchange", open);
    open();
  });

  /* Another row: the last one again, empty, with the next number. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row]");
    if (!button) return;
    const rows = button.closest("[data-rows]").querySelectorAll(".row");
    const last = rows[rows.length - 1];
    const fresh = last.cloneNode(true);
    const number = Number((last.querySelector("[name]").name.match(/\.(\d+)\./) || [])[1]);
    const next = (text) => text.replace(`.${number}.`, `.${number + 1}.`).replace(`-${number}-`, `-${number + 1}-`);
    each("[id], [name], [for], [aria-describedby]", (node) => {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        if (node.hasAttribute(name)) node.setAttribute(name, next(node.getAttribute(name)));
      }
    }, fresh);
    each("input", (input) => {
      if (input.type === "checkbox") input.checked = false;
      else input.value = "";
      input.removeAttribute("aria-invalid");
    }, fresh);
    each(".error", (node) => node.remove(), fresh);
    last.after(fresh);
    fresh.querySelector("input").focus();
  });

  each("form[data-dirty]", (form) => {
    const note = form.querySelector("[data-dirty-note]");
    let isDirty = false;
    form.addEventListener("input", () => {
      isDirty = true;
      if (note) note.hidden = false;
    });
    form.addEventListener("submit", () => { isDirty = false; });
    window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
  });

  each("[data-poll]", (box) => {
    const step = box.querySelector("[data-step]");
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: "application/json" } });
        const state = answer.ok ? await answer.json() : { is_running: false };
        if (!state.is_running) return location.reload();
        if (state.step && state.step !== step.textContent) step.textContent = state.step;
      } catch { /* the next try may get through */ }
      setTimeout(ask, Number(box.dataset.seconds) * 1000);
    };
    setTimeout(ask, Number(box.dataset.seconds) * 1000);
  });

  /* Relative luminance and contrast by WCAG 2.2, as the server computes them. */
  const luminance = (colour) => {
    const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  each("form[data-preview]", (form) => {
    const sheet = document.getElementById("preview-css");
    const isColour = (text) => /^#[0-9a-f]{6}$/i.test(text);
    let timer;
    const paint = () => {
      const told = new URLSearchParams();
      for (const name of ["primary", "accent"]) {
        const value = form.elements[name].value.trim();
        if (!isColour(value)) return;
        told.set(name, value.slice(1));
        const ratio = 1.05 / (luminance(value) + 0.05);
        const words = ratio >= 4.5 ? form.dataset.tGood : form.dataset.tBad;
        const shown = form.querySelector(`[data-contrast="${name}"]`);
        shown.textContent = words.replace("{n}", ratio.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }));
      }
      told.set("font", form.elements.font.value);
      sheet.href = `${form.dataset.preview}?${told}`;
    };
    form.addEventListener("input", (event) => {
      const field = event.target;
      if (field.dataset.colour) form.querySelector(field.dataset.colour).value = field.value;
      else if (isColour(field.value)) {
        const chooser = form.querySelector(`[data-colour="#${field.name}"]`);
        if (chooser) chooser.value = field.value;
      }
      if (field.dataset.mirror) each(`[data-show="${field.dataset.mirror}"]`, (node) => { node.textContent = field.value; });
      clearTimeout(timer);
      timer = setTimeout(paint, 150);
    });
  });

  each("[data-focus]", (node) => node.focus());

  /* One key each, but only while the focus is inside: nobody who dictates or types elsewhere presses them. */
  each("[data-keys]", (box) => {
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
      const button = box.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (button) { event.preventDefault(); button.click(); }
    });
  });
})();
