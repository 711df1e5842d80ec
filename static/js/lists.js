// Lists: addresses hold only the filters that ask something, and on a phone the filters fold away.
(() => {
  "use strict";
  const asksNothing = (name, value) => value === "" || (name === "role" && value === "led");
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    for (const name of Object.keys(asked)) if (asksNothing(name, asked[name])) delete asked[name];
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form.filter-bar")) return;
    for (const [name, value] of [...event.formData]) if (asksNothing(name, value)) event.formData.delete(name);
  });
  const fold = (button, folded) => {
    button.closest("form").classList.toggle("is-folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  for (const button of document.querySelectorAll("[data-fold]")) {
    fold(button, true);
    button.addEventListener("click", () => fold(button, button.getAttribute("aria-expanded") === "true"));
  }
})();
