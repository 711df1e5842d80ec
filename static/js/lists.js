// Lists: addresses hold only the filters that ask something.
(() => {
  "use strict";
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    for (const name of Object.keys(asked)) if (asked[name] === "" || (name === "role" && asked[name] === "led")) delete asked[name];
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.filter-bar")) return;
    for (const control of event.target.elements) if (control.name && control.value === "") control.disabled = true;
  });
})();
