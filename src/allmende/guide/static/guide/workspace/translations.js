/* Ctrl + Enter saves and goes on, from any text of the form. */
(() => {
  document.querySelectorAll("[data-save-next]").forEach((form) => {
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      form.requestSubmit(form.querySelector('[name="go"][value="next"]'));
    });
  });
})();
