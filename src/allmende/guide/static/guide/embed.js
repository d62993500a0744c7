/* Tells the page around how tall the widget is, so that no second scroll bar is needed. */
(() => {
  "use strict";
  if (window.parent === window) return;
  const tell = () => {
    const height = document.documentElement.querySelector("body").getBoundingClientRect().height;
    window.parent.postMessage({ allmende: "height", height }, "*");
  };
  new ResizeObserver(tell).observe(document.body);
  addEventListener("load", tell);
})();
