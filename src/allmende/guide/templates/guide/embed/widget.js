/*
 * {{ page.brand.name|replace("*/", "") }}: one line puts the region's events on your page.
 *
 *   <script src="{{ page.origin }}/widget.js" data-show="list" data-lang="fr" data-query="category=music" async></script>
 *
 *   data-show    list, calendar, map, busy (how full places are; one of them with data-query="place=123"),
 *                or event (then data-event="123")
 *   data-lang    de, sv, da, nl, fr or en; left out: the language of your page
 *   data-query   filters, as they stand in the address of a list of the guide
 *   data-theme   "own" keeps the guide's colours; else the widget takes those of your page
 *   data-title   name of the frame for screen readers
 *   data-for     id of the element to put it into; left out: where the line stands
 *
 * No cookie is set or read, nothing is kept, and nobody else is asked.
 */
(() => {
  "use strict";
  const me = document.currentScript;
  if (!me) return;
  const origin = new URL(me.src, location.href).origin;
  const set = me.dataset;
  const shows = ["list", "calendar", "map", "busy", "event"];
  const show = shows.includes(set.show) ? set.show : "list";
  const heights = {{ heights|tojson }};
  const languages = ["de", "sv", "da", "nl", "fr", "en"];
  const wanted = (set.lang || document.documentElement.lang || "").slice(0, 2).toLowerCase();
  const language = languages.includes(wanted) ? `/${wanted}` : "";

  const hex = (colour) => {
    const parts = colour.match(/[\d.]+/g);
    if (!parts || parts.length < 3 || (parts.length > 3 && Number(parts[3]) < 0.5)) return "";
    return parts.slice(0, 3).map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("");
  };
  const ground = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const colour = hex(getComputedStyle(node).backgroundColor);
      if (colour) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches
      && /dark/.test(getComputedStyle(document.documentElement).colorScheme) ? "121212" : "ffffff";
  };
  const theme = (element) => {
    if (set.theme === "own") return {};
    const style = getComputedStyle(element);
    const link = document.createElement("a");
    link.href = "#";
    link.hidden = true;
    element.append(link);
    const accent = hex(getComputedStyle(link).color);
    link.remove();
    const families = style.fontFamily.split(",").map((name) => name.trim().replace(/^["']|["']$/g, ""));
    const font = families.filter((name) => /^[A-Za-z0-9][A-Za-z0-9 _-]*$/.test(name)).slice(0, 6).join("~");
    return { paper: ground(element), ink: hex(style.color), accent: accent === "0000ee" ? "" : accent, font };
  };

  const start = () => {
    let box = set.for && document.getElementById(set.for);
    if (!box) {
      box = document.createElement("div");
      if (me.closest("body")) me.after(box);
      else document.body.append(box);
    }
    const frame = document.createElement("iframe");
    const path = show === "event" ? `event/${Number.parseInt(set.event, 10) || 0}` : show;
    const address = () => {
      const query = new URLSearchParams(set.query || "");
      Object.entries(theme(box)).forEach(([name, value]) => value && query.set(name, value));
      return `${origin}${language}/embed/${path}/?${query}`;
    };
    frame.src = address();
    frame.title = set.title || {{ page.brand.name|tojson }};
    frame.loading = "lazy";
    frame.referrerPolicy = "no-referrer";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads");
    Object.assign(frame.style, { display: "block", width: "100%", border: "0", height: `${heights[show]}px` });
    addEventListener("message", (event) => {
      if (event.source !== frame.contentWindow || event.origin !== origin) return;
      const height = event.data && event.data.allmende === "height" && Number(event.data.height);
      if (height > 0 && height < 20000) frame.style.height = `${Math.ceil(height)}px`;
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { frame.src = address(); });
    box.append(frame);
  };
  /* A line in the head stands where there is nothing to see yet. */
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
