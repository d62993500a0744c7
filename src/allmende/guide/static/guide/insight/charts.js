/*
 * The way through the values of a chart, by arrow keys or with a pointer.  Without this script a chart is complete: the
 * picture has a summary as its name, and the table beside it holds every value.
 *
 *   [data-chart]        the stage; data-texts: what is said at each point (rows of texts),
 *                       data-near: x (nearest along the axis first) or xy
 *   svg[data-at]        the pictures; where each point lies in units of the picture, in the same shape
 *   [data-chart-said]   is read out
 */
(() => {
  "use strict";
  const PAUSE = 120;

  const make = (name) => {
    const element = document.createElement("div");
    element.className = name;
    element.hidden = true;
    element.setAttribute("aria-hidden", "true");
    return element;
  };

  const wake = (stage) => {
    const texts = JSON.parse(stage.dataset.texts);
    if (!texts.some((row) => row.length)) return;
    const said = stage.parentElement.querySelector("[data-chart-said]");
    const pictures = [...stage.querySelectorAll("svg[data-at]")].map((svg) => ({ svg, at: JSON.parse(svg.dataset.at) }));
    if (!pictures.length || !pictures[0].at.length) return;
    const [line, spot, tag] = ["chart-line", "chart-spot", "chart-tag"].map(make);
    stage.append(line, spot, tag);
    let chosen = null;
    let waiting = 0;

    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", stage.dataset.kind);
    const how = document.createElement("p");
    how.className = "sr";
    how.id = `${stage.parentElement.id}-how`;
    how.textContent = stage.dataset.how;
    stage.after(how);
    stage.setAttribute("aria-describedby", how.id);
    said.hidden = false;

    const seen = () => pictures.find(({ svg }) => svg.getClientRects().length) || pictures[0];

    /* Where a point lies inside the stage, in pixels. */
    const pixel = ({ svg, at }, row, column) => {
      const [x, y] = at[row][column];
      const box = svg.getBoundingClientRect();
      const around = stage.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      return [x * scale + box.left - around.left + stage.scrollLeft, y * scale + box.top - around.top, box];
    };

    const show = (row, column, aloud) => {
      chosen = [row, column];
      const picture = seen();
      const [x, y, box] = pixel(picture, row, column);
      const inside = box.width;
      spot.hidden = tag.hidden = false;
      line.hidden = stage.dataset.near !== "x";
      line.style.left = `${x}px`;
      spot.style.left = `${x}px`;
      spot.style.top = `${y}px`;
      tag.textContent = texts[row][column];
      tag.style.left = "0px";
      const wide = tag.offsetWidth;
      tag.style.left = `${Math.min(Math.max(x - wide / 2, 0), Math.max(inside - wide, 0))}px`;
      const above = y - tag.offsetHeight - 14;
      tag.style.top = `${above < -24 ? y + 16 : above}px`;
      if (aloud) {
        if (x < stage.scrollLeft + 30 || x > stage.scrollLeft + stage.clientWidth - 30) stage.scrollLeft = x - stage.clientWidth / 2;
        clearTimeout(waiting);
        waiting = setTimeout(() => { said.textContent = texts[row][column]; }, PAUSE);
      }
    };

    const hide = () => {
      line.hidden = spot.hidden = tag.hidden = true;
    };

    /* The next point that exists, from a column in a direction. */
    const along = (row, column, step) => {
      const places = seen().at[row];
      for (let next = column + step; next >= 0 && next < places.length; next += step) if (places[next]) return next;
      return null;
    };

    const across = (row, column, step) => {
      const { at } = seen();
      const from = at[row][column][0];
      for (let next = row + step; next >= 0 && next < at.length; next += step) {
        let best = null;
        if (at[next].length === at[row].length && at[next][column]) best = column;
        else {
          at[next].forEach((place, number) => {
            if (place && (best === null || Math.abs(place[0] - from) < Math.abs(at[next][best][0] - from))) best = number;
          });
        }
        if (best !== null) return [next, best];
      }
      return null;
    };

    const first = () => {
      const { at } = seen();
      for (let row = 0; row < at.length; row += 1) {
        const column = at[row].findIndex(Boolean);
        if (column >= 0) return [row, column];
      }
      return null;
    };

    stage.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const { key } = event;
      if (key === "Escape") {
        hide();
        return;
      }
      if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(key)) return;
      event.preventDefault();
      if (!chosen) {
        const start = first();
        if (start) show(...start, true);
        if (key !== "End") return;
      }
      const [row, column] = chosen;
      const places = seen().at[row];
      const single = seen().at.every((part) => part.length <= 1);
      let next = null;
      if (key === "Home") next = [row, along(row, -1, 1)];
      else if (key === "End") next = [row, along(row, places.length, -1)];
      else if (key === "ArrowUp" || (single && key === "ArrowLeft")) next = across(row, column, -1);
      else if (key === "ArrowDown" || (single && key === "ArrowRight")) next = across(row, column, 1);
      else next = [row, along(row, column, key === "ArrowLeft" ? -1 : 1)];
      if (next && next[1] === null) next = null;
      if (next) show(...next, true);
      else show(row, column, true);
    });

    stage.addEventListener("focus", () => {
      if (!stage.matches(":focus-visible")) return;
      const start = chosen || first();
      if (start) show(...start, true);
    });
    stage.addEventListener("blur", hide);

    const nearest = (event) => {
      const { svg, at } = seen();
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      const x = (event.clientX - box.left) / scale;
      const y = (event.clientY - box.top) / scale;
      const weight = stage.dataset.near === "x" ? 0.02 : 1;
      let best = null;
      let least = Infinity;
      at.forEach((places, row) => {
        places.forEach((place, column) => {
          if (!place) return;
          const far = (place[0] - x) ** 2 + weight * (place[1] - y) ** 2;
          if (far < least) {
            least = far;
            best = [row, column];
          }
        });
      });
      return best;
    };
    const follow = (event) => {
      const found = nearest(event);
      if (found) show(...found, false);
    };
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerdown", follow);
    stage.addEventListener("pointerleave", () => {
      if (document.activeElement !== stage) hide();
    });
    addEventListener("resize", hide);
  };

  document.querySelectorAll("[data-chart]").forEach(wake);
})();
