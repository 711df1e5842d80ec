// Lists: addresses hold only the filters that ask something.
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
})();
