/* The focal point: a click on the picture moves the two sliders, and they move the mark. */
(() => {
  document.querySelectorAll("[data-focal]").forEach((box) => {
    const [image, mark] = [box.querySelector("img"), box.querySelector(".focal-mark")];
    const form = box.closest("form");
    const [x, y] = [form.elements.focal_x, form.elements.focal_y];
    const draw = () => {
      mark.hidden = false;
      mark.style.left = `${x.value}%`;
      mark.style.top = `${y.value}%`;
    };
    box.dataset.live = "";
    image.addEventListener("click", (event) => {
      x.value = Math.round((100 * event.offsetX) / image.clientWidth);
      y.value = Math.round((100 * event.offsetY) / image.clientHeight);
      x.dispatchEvent(new Event("input", { bubbles: true }));
      draw();
    });
    [x, y].forEach((slider) => slider.addEventListener("input", draw));
    draw();
  });
})();
