/*
 * A small map in the edit form: shows the point and moves it by click, drag or arrow keys.  The two number fields stay
 * the truth; without JavaScript they are all there is.  Leaflet is loaded when the map is seen.
 */
(() => {
  "use strict";
  const box = document.querySelector("[data-point-map]");
  if (!box) return;
  const set = box.dataset;
  const fields = { lat: document.querySelector(set.lat), lon: document.querySelector(set.lon) };
  const number = (field) => (field.value.trim() ? Number(field.value.replace(",", ".")) : NaN);
  const css = (name) => getComputedStyle(box).getPropertyValue(name).trim();

  const load = (tag, attributes) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = done;
    element.onerror = failed;
    document.head.append(element);
  });

  /* The municipalities' outlines, drawn tile by tile; nothing is asked of anybody else. */
  const outlines = (L) => new (L.GridLayer.extend({
    createTile(coords, done) {
      const size = this.getTileSize();
      const canvas = document.createElement("canvas");
      canvas.width = size.x;
      canvas.height = size.y;
      const address = set.outlines.replace("{z}", coords.z).replace("{x}", coords.x).replace("{y}", coords.y);
      fetch(address).then((answer) => answer.json()).then(({ features }) => {
        const pen = canvas.getContext("2d");
        const world = size.x * 2 ** coords.z;
        const across = (lon) => ((lon + 180) / 360) * world - coords.x * size.x;
        const down = (lat) => {
          const sine = Math.sin((lat * Math.PI) / 180);
          return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world - coords.y * size.y;
        };
        pen.strokeStyle = css("--map-line");
        pen.fillStyle = css("--map-land");
        for (const { geometry } of features) {
          const shapes = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
          pen.beginPath();
          for (const ring of shapes.flat()) {
            ring.forEach(([lon, lat], place) => (place ? pen.lineTo(across(lon), down(lat)) : pen.moveTo(across(lon), down(lat))));
            pen.closePath();
          }
          pen.fill("evenodd");
          pen.stroke();
        }
        done(null, canvas);
      }).catch((error) => done(error, canvas));
      return canvas;
    },
  }))({ minZoom: 6, maxZoom: 17, maxNativeZoom: 13 });

  const start = async () => {
    await Promise.all([load("link", { rel: "stylesheet", href: set.leafletCss }), load("script", { src: set.leaflet })]);
    const L = window.L;
    const at = [number(fields.lat), number(fields.lon)];
    const isKnown = at.every(Number.isFinite);
    const map = L.map(box, { zoomControl: false, attributionControl: false }).setView(isKnown ? at : [47, 8], isKnown ? 13 : 5);
    L.control.zoom({ zoomInTitle: set.tZoomIn, zoomOutTitle: set.tZoomOut }).addTo(map);
    outlines(L).addTo(map);
    const pin = L.marker(isKnown ? at : map.getCenter(), {
      draggable: true, keyboard: true, title: set.tPoint, alt: set.tPoint,
      icon: L.divIcon({ className: "point-pin", iconSize: [28, 28], iconAnchor: [14, 27] }),
    });
    if (isKnown) pin.addTo(map);
    const move = (place) => {
      pin.setLatLng(place).addTo(map);
      fields.lat.value = place.lat.toFixed(6);
      fields.lon.value = place.lng.toFixed(6);
      fields.lat.dispatchEvent(new Event("input", { bubbles: true }));
    };
    map.on("click", (event) => move(event.latlng));
    pin.on("dragend", () => move(pin.getLatLng()));
    Object.values(fields).forEach((field) => field.addEventListener("change", () => {
      const typed = [number(fields.lat), number(fields.lon)];
      if (typed.every(Number.isFinite) && Math.abs(typed[0]) <= 90) { pin.setLatLng(typed).addTo(map); map.setView(typed); }
    }));
  };

  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    start().catch(() => { box.hidden = true; });
  });
  watcher.observe(box);
})();
