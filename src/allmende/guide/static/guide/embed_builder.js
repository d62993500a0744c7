/* The builder answers at once, and its preview is as tall as its content. */
(() => {
  "use strict";
  document.querySelectorAll(".builder select").forEach((choice) => choice.addEventListener("change", () => choice.form.requestSubmit()));
  const frame = document.querySelector("[data-preview]");
  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== location.origin) return;
    if (event.data && event.data.allmende === "height") frame.style.height = `${Math.min(1200, Math.ceil(event.data.height))}px`;
  });
})();
