// Lists: addresses hold only the filters that ask something, and on a phone the filters fold away. A button that
// starts a download says so while it is made.
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
  // A download leaves the page as it is and tells nothing when it begins: the button comes back by itself.
  const BUSY_SECONDS = 8;
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busyText) return;
    if (button.getAttribute("aria-busy") === "true") {
      event.preventDefault(); // a second click while the first is answered
      return;
    }
    const words = [...button.childNodes];
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("focus", end);
      button.removeAttribute("aria-busy");
      button.replaceChildren(...words);
    };
    const timer = setTimeout(end, BUSY_SECONDS * 1000);
    window.addEventListener("focus", end);
    window.addEventListener("pageshow", end, { once: true });
    button.setAttribute("aria-busy", "true");
    button.replaceChildren(button.dataset.busyText);
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
