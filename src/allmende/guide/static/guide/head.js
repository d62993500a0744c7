// Runs before the first paint: the theme that was chosen, and the mark that scripts run.
(function (root) {
  root.classList.add("js");
  try {
    var kept = localStorage.getItem("theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch (error) { /* storage may be forbidden: the system's theme holds */ }

  function isDark() {
    return (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  }
  function show() {
    document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(isDark()));
    });
  }
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* for this page only, then */ }
    show();
  });
})(document.documentElement);
