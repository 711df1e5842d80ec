// Keys where reports are signed: X ticks the row, A signs (or shows the batch), R goes to the return; J and K also
// step through the reports on the page of one. A batch says how many are ticked while they are.
(() => {
  "use strict";
  const marked = (key) => document.querySelector(`[data-review-key="${key}"]`);
  const row = () => document.activeElement && document.activeElement.closest("[data-list] tr");
  const box = (tr) => tr && tr.querySelector('input[type="checkbox"]');

  function tick() {
    const found = box(row());
    if (found) found.click();
    return Boolean(found);
  }
  function sign() {
    const button = marked("a");
    if (!button) return false;
    const ticked = document.querySelector('[data-list] input[type="checkbox"]:checked');
    if (!ticked && box(row())) box(row()).checked = true;
    button.click();
    return true;
  }
  function giveBack() {
    const form = marked("r");
    const link = row() && row().querySelector("a[href]");
    if (form) form.querySelector("textarea").focus();
    else if (link) location.assign(link.href + "#id_reason");
    return Boolean(form || link);
  }
  function step(key) {
    const link = marked(key);
    if (link) link.click();
    return Boolean(link);
  }
  const keys = { x: tick, a: sign, r: giveBack, j: () => step("j"), k: () => step("k") };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("textarea, select, dialog, input:not([type=checkbox])")) return;
    const act = keys[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  });
  for (const form of document.querySelectorAll("[data-count-ticked]")) {
    form.addEventListener("change", () => {
      const boxes = [...form.querySelectorAll('input[name="report"]')];
      const ticked = boxes.filter((one) => one.checked).length;
      form.querySelector("[data-ticked]").textContent = ticked;
      form.querySelector("[data-unticked]").textContent = boxes.length - ticked;
    });
  }
  // From the list with R: the reason takes the keyboard.
  if (location.hash === "#id_reason" && marked("r")) giveBack();
})();
