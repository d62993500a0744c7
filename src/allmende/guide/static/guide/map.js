/*
 * The map: loads Leaflet when the map is seen, draws the region's own outlines, points and numbered clusters.
 * Everything it shows stands in the list beside it too; without JavaScript the page keeps its drawn map.
 *
 *   #map[data-data][data-outlines][data-bounds="w,s,e,n"][data-leaflet][data-leaflet-css][data-list]
 *       [data-tiles][data-tiles-credit][data-credit][data-padding] and the strings data-t-*
 */
(() => {
  "use strict";
  const box = document.getElementById("map");
  if (!box) return;
  const set = box.dataset;
  const list = document.getElementById("map-list");
  const status = document.getElementById("map-status");
  const filters = new URLSearchParams(location.search);
  ["bbox", "zoom", "after"].forEach((name) => filters.delete(name));

  const load = (tag, attributes) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = done;
    element.onerror = failed;
    /* In front of ours, so that our style sheet has the last word. */
    document.head.prepend(element);
  });
  const css = (name) => getComputedStyle(box).getPropertyValue(name).trim();

  /* The view lives in the address, so that a link or a reload shows the same piece of the map. */
  const viewOf = () => {
    const [zoom, lat, lon] = location.hash.slice(1).split("/").map(Number);
    return zoom && Number.isFinite(lat) && Number.isFinite(lon) ? { zoom, at: [lat, lon] } : null;
  };

  /* Outlines as canvas tiles: a whole region of municipalities stays light. */
  const outlineLayer = (L) => L.GridLayer.extend({
    createTile(coords, done) {
      const size = this.getTileSize();
      const sharp = window.devicePixelRatio || 1;
      const canvas = document.createElement("canvas");
      canvas.width = size.x * sharp;
      canvas.height = size.y * sharp;
      const address = set.outlines.replace("{z}", coords.z).replace("{x}", coords.x).replace("{y}", coords.y);
      fetch(address).then((answer) => answer.json()).then((tile) => {
        const pen = canvas.getContext("2d");
        pen.scale(sharp, sharp);
        this.draw(pen, tile.features, coords, size);
        done(null, canvas);
      }).catch((error) => done(error, canvas));
      return canvas;
    },
    draw(pen, features, coords, size) {
      const world = size.x * 2 ** coords.z;
      const across = (lon) => ((lon + 180) / 360) * world - coords.x * size.x;
      const down = (lat) => {
        const sine = Math.sin((lat * Math.PI) / 180);
        return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world - coords.y * size.y;
      };
      const fine = features.length && features[0].properties.level === "municipality" && coords.z < 11;
      pen.lineJoin = "round";
      pen.strokeStyle = css("--map-line") || "#8a9a90";
      pen.fillStyle = css("--map-land") || "#fff";
      pen.lineWidth = fine ? 0.5 : 1;
      for (const { geometry } of features) {
        pen.beginPath();
        for (const part of geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates]) {
          for (const ring of part) {
            ring.forEach(([lon, lat], n) => (n ? pen.lineTo(across(lon), down(lat)) : pen.moveTo(across(lon), down(lat))));
            pen.closePath();
          }
        }
        pen.fill("evenodd");
        pen.stroke();
      }
      this.names(pen, features, across, down, size);
    },
    /* Names where there is room, large areas first; none is cut by the tile's edge. */
    names(pen, features, across, down, size) {
      const taken = [];
      pen.font = "500 11px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillStyle = css("--map-name") || "#556";
      const extent = ({ geometry }) => JSON.stringify(geometry.coordinates).length;
      for (const feature of [...features].sort((one, other) => extent(other) - extent(one))) {
        const { name, lon, lat } = feature.properties;
        if (lon === null) continue;
        const half = pen.measureText(name).width / 2 + 4;
        const [x, y] = [across(lon), down(lat)];
        const isFree = x - half > 0 && x + half < size.x && y > 12 && y < size.y - 6
          && taken.every(([left, top, right]) => Math.abs(top - y) > 22 || x + half < left || x - half > right);
        if (!isFree) continue;
        taken.push([x - half, y, x + half]);
        pen.fillText(name, x, y);
      }
    },
  });

  const start = async () => {
    if (!window.L) {
      await Promise.all([load("link", { rel: "stylesheet", href: set.leafletCss }), load("script", { src: set.leaflet })]);
    }
    const L = window.L;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.replaceChildren();
    box.classList.add("is-live");
    const map = L.map(box, {
      zoomControl: false, minZoom: 5, maxZoom: 17, zoomSnap: 0.5, attributionControl: true,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
    });
    map.attributionControl.setPrefix(false);
    /* Zoom buttons stand above the map: inside, they would cover what they are to show. */
    for (const [name, step] of [["map-in", 1], ["map-out", -1]]) {
      const button = document.getElementById(name);
      button.hidden = false;
      button.addEventListener("click", () => map.setZoom(map.getZoom() + step));
      map.on("zoomend", () => button.setAttribute("aria-disabled", String(map.getZoom() === (step > 0 ? map.getMaxZoom() : map.getMinZoom()))));
    }
    const [west, south, east, north] = set.bounds.split(",").map(Number);
    const whole = L.latLngBounds([south, west], [north, east]);
    const view = viewOf();
    if (view) map.setView(view.at, view.zoom);
    else map.fitBounds(whole, { padding: [Number(set.padding) || 8, Number(set.padding) || 8] });
    map.setMaxBounds(whole.pad(0.6));

    /* Leaflet takes credits as HTML; ours are plain text. */
    const plain = (text) => Object.assign(document.createElement("i"), { textContent: text || "" }).innerHTML;
    const outlines = new (outlineLayer(L))({ attribution: plain(set.credit), maxNativeZoom: 14 });
    if (set.tiles) L.tileLayer(set.tiles, { attribution: plain(set.tilesCredit) }).addTo(map);
    else outlines.addTo(map);
    const redraw = () => outlines.redraw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

    const points = L.layerGroup().addTo(map);
    const shown = new Map();
    let asked;

    const popup = (items) => {
      const card = document.createElement("div");
      items.forEach((point) => {
        const line = document.createElement("p");
        const link = document.createElement("a");
        link.href = point.href;
        link.textContent = point.name;
        line.append(...(point.when ? [`${point.when} `, document.createElement("br"), link] : [link]));
        card.append(line);
      });
      return card;
    };
    /* What stands so close that a finger could not tell it apart becomes one circle; numbers add up. */
    const radius = (n) => (n === 1 ? 13 : Math.min(25, Math.round(13 + 2 * Math.log2(n))));
    const gathered = (found) => {
      const kept = [];
      for (const point of [...found].sort((one, other) => other.n - one.n)) {
        const at = map.project([point.lat, point.lon]);
        const items = point.items || (point.key ? [point] : []);
        /* As boxes, not circles: what a finger and a screen reader get is the box around a circle. */
        const apart = ({ x, y }) => Math.max(Math.abs(x - at.x), Math.abs(y - at.y));
        const near = kept.find((other) => apart(other.at) < radius(other.n) + radius(point.n) + 1);
        if (near) { near.n += point.n; near.items.push(...items); } else kept.push({ ...point, at, items: [...items] });
      }
      return kept.length < found.length ? gathered(kept) : kept;
    };
    const marker = (point) => {
      const items = point.items;
      const single = point.n === 1 && items.length === 1;
      /* Everything in this circle is known and stands on one spot, or we cannot go closer: show it as a list. */
      const isSpot = items.length === point.n && (single || map.getZoom() >= map.getMaxZoom()
        || items.every(({ lat, lon }) => Math.abs(lat - items[0].lat) < 2e-4 && Math.abs(lon - items[0].lon) < 2e-4));
      const label = single ? [items[0].name, items[0].when].filter(Boolean).join(", ")
        : point.n === 1 ? set.tOne : (isSpot ? set.tHere : set.tCluster).replace("%(n)s", point.n);
      const icon = L.divIcon({
        className: `map-point ${single ? "is-one" : "is-many"} is-${point.kind}${single && items[0].busy ? ` is-busy is-${items[0].busy}` : ""}${single && point.category ? ` hue-${point.category}` : ""}`,
        /* How full a measured place is: by its sign, and by its word in the label and the popup. */
        html: single ? (items[0].busy && set.busySigns ? `<svg class="map-sign" aria-hidden="true"><use href="${set.busySigns}#${items[0].busy}"/></svg>` : "") : String(point.n),
        iconSize: [radius(point.n) * 2, radius(point.n) * 2],
      });
      const made = L.marker([point.lat, point.lon], { icon, title: label, keyboard: true, riseOnHover: true });
      made.on("add", () => made.getElement().setAttribute("aria-label", label));
      if (isSpot) made.bindPopup(() => popup(items), { minWidth: 180, maxWidth: 260, maxHeight: 260 });
      const act = () => (isSpot ? made.openPopup() : map.setView(made.getLatLng(), Math.min(map.getZoom() + 2, map.getMaxZoom())));
      if (!isSpot) made.on("click", act);
      /* The library opens popups on Enter only; a button also answers to the space bar, and a circle to both. */
      made.on("keydown", ({ originalEvent }) => {
        if (originalEvent.key !== " " && (isSpot || originalEvent.key !== "Enter")) return;
        originalEvent.preventDefault();
        act();
      });
      items.forEach(({ key }) => shown.set(key, made));
      return made;
    };

    /* The piece asked for is widened to whole tiles: neighbouring views then ask for the same, cached address. */
    const snapped = () => {
      const zoom = Math.round(map.getZoom());
      const size = 256;
      const corners = map.getBounds();
      const seen = L.bounds(map.project(corners.getNorthWest(), zoom), map.project(corners.getSouthEast(), zoom));
      const low = map.unproject([Math.floor(seen.min.x / size) * size, Math.ceil(seen.max.y / size) * size], zoom);
      const high = map.unproject([Math.ceil(seen.max.x / size) * size, Math.floor(seen.min.y / size) * size], zoom);
      return [low.lng, low.lat, high.lng, high.lat].map((degree) => degree.toFixed(4)).join(",");
    };
    const refresh = async () => {
      const center = map.getCenter();
      history.replaceState(null, "", `#${map.getZoom()}/${center.lat.toFixed(4)}/${center.lng.toFixed(4)}`);
      if (asked) asked.abort();
      asked = new AbortController();
      const query = new URLSearchParams(filters);
      query.set("bbox", snapped());
      query.set("zoom", Math.round(map.getZoom()));
      try {
        const answer = await fetch(`${set.data}?${query}`, { signal: asked.signal });
        const found = await answer.json();
        const focus = document.activeElement && box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : "";
        const open = [...shown].find(([, made]) => made.isPopupOpen());
        shown.clear();
        points.clearLayers();
        gathered(found.points).forEach((point) => points.addLayer(marker(point)));
        if (open && shown.has(open[0])) shown.get(open[0]).openPopup();
        if (focus) {
          const again = [...box.querySelectorAll(".map-point")].find((element) => element.getAttribute("aria-label") === focus);
          (again || box).focus({ preventScroll: true });
        }
        list.innerHTML = found.list;
        status.textContent = found.status;
      } catch (error) {
        if (error.name !== "AbortError") status.textContent = set.tFailed;
      }
    };
    let timer;
    map.on("moveend", () => { clearTimeout(timer); timer = setTimeout(refresh, 120); });
    refresh();

    /* A popup takes the keyboard's focus and gives it back. */
    map.on("popupopen", ({ popup: opened }) => {
      const close = opened.getElement().querySelector(".leaflet-popup-close-button");
      if (close) close.setAttribute("aria-label", set.tClose);
      const link = opened.getElement().querySelector("a[href]:not(.leaflet-popup-close-button)");
      if (link && document.activeElement && document.activeElement.classList.contains("map-point")) link.focus({ preventScroll: true });
    });
    map.on("popupclose", ({ popup: closed }) => {
      const source = closed._source && closed._source.getElement();
      if (source && (document.activeElement === document.body || closed.getElement().contains(document.activeElement))) source.focus({ preventScroll: true });
    });
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });

    /* List and map point at each other. */
    const mark = (event, on) => {
      const item = event.target.closest("[data-key]");
      const made = item && shown.get(item.dataset.key);
      if (made && made.getElement()) made.getElement().classList.toggle("is-marked", on);
    };
    list.addEventListener("mouseover", (event) => mark(event, true));
    list.addEventListener("mouseout", (event) => mark(event, false));
    list.addEventListener("focusin", (event) => mark(event, true));
    list.addEventListener("focusout", (event) => mark(event, false));
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-show]");
      if (!button) return;
      const [lat, lon] = button.dataset.show.split(",").map(Number);
      const key = button.closest("[data-key]").dataset.key;
      map.once("moveend", () => setTimeout(() => shown.get(key) && shown.get(key).openPopup(), 500));
      map.setView([lat, lon], Math.max(map.getZoom(), 14));
      box.scrollIntoView({ block: "nearest" });
    });

    /* Filters are plain links and a form; they take the view along. */
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-keep-view]");
      if (link) link.hash = location.hash;
    });
    document.querySelectorAll("form[data-keep-view]").forEach((form) => form.addEventListener("submit", () => {
      form.action = form.action.split("#")[0] + location.hash;
    }));

    const locate = document.getElementById("map-near");
    if (locate && navigator.geolocation) {
      locate.hidden = false;
      locate.addEventListener("click", () => {
        locate.setAttribute("aria-busy", "true");
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => {
            locate.removeAttribute("aria-busy");
            const here = [coords.latitude, coords.longitude];
            if (!whole.pad(0.6).contains(here)) { status.textContent = set.tOutside; return; }
            L.circleMarker(here, { radius: 8, className: "map-me", interactive: false }).addTo(map);
            map.setView(here, 12);
          },
          () => { locate.removeAttribute("aria-busy"); status.textContent = set.tDenied; },
          { maximumAge: 300000, timeout: 10000 },
        );
      });
    }
  };

  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    start().catch(() => { status.textContent = set.tFailed; });
  });
  watcher.observe(box);
})();
