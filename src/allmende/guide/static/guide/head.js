// Runs before the first paint: the theme that was chosen, and the mark that scripts run.
(function (root) {
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  } catch (error) { /* storage may be forbidden: the system's theme holds */ }
})(document.documentElement);
