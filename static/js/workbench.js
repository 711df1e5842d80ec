// Helps where progress is written: steps of the percent, a live preview of change, variance and light, which fields
// are asked, copies of last week's words, character counters. The server decides; this only shows what it will see.
(() => {
  "use strict";
  const WHOLE = 10000;
  const watched = new WeakSet();

  // A percent as people type it, also in full width, in hundredths; null for what is none.
  const number = (text) => {
    const plain = String(text).normalize("NFKC").replace("。", ".").replace(/[ %]/g, "");
    return /^\d{1,6}(\.\d*)?$/.test(plain) ? Math.round(parseFloat(plain) * 100) : null;
  };
  const shown = (hundredths) => {
    const text = Math.abs(hundredths / 100).toFixed(2).replace(/\.?0+$/, "");
    return (hundredths > 0 ? "+" : hundredths < 0 ? "−" : "") + text;
  };
  const setting = (box, name) => (box.dataset[name] === undefined || box.dataset[name] === "" ? null : Number(box.dataset[name]));
  const each = (box, selector, act) => box.querySelectorAll(selector).forEach(act);
  const percentOf = (box) => box.querySelector('input[inputmode="decimal"]');
  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  const lightFor = (variance, box) => {
    if (variance < setting(box, "lightBehind")) return "behind";
    if (variance < setting(box, "lightAtRisk")) return "at_risk";
    return "on_track";
  };
  // The fields without which a report is not taken (rules/progress.py: fields_asked).
  const asked = (box, change, variance) => {
    const problem = box.dataset.overdue !== undefined || (variance !== null && variance < setting(box, "lightBehind"));
    return { percent: true, decrease_reason: change !== null && change < 0, progress_note: true, problems: problem };
  };
  const preview = (box) => {
    const value = number(percentOf(box).value);
    const known = value !== null && value >= 0 && value <= WHOLE;
    const previous = setting(box, "previous"), planned = setting(box, "planned");
    const change = known && previous !== null ? value - previous : null;
    const variance = known && planned !== null ? value - planned : null;
    const fixed = box.dataset.lightFixed; // a light that no percent changes: overdue, not started, …
    const asks = asked(box, change, variance);
    each(box, '[data-out="change"]', (out) => { out.textContent = change === null ? "—" : shown(change); });
    each(box, '[data-out="variance"]', (out) => { out.textContent = variance === null ? "—" : shown(variance); });
    each(box, '[data-out="bar"]', (out) => { out.style.width = `${known ? value / 100 : 0}%`; });
    each(box, '[data-when="decrease"]', (out) => {
      out.hidden = !asks.decrease_reason;
      const area = out.matches("textarea") ? out : out.querySelector("textarea");
      area.setAttribute("aria-required", String(!out.hidden));
    });
    each(box, '[data-out="light"] [data-light]', (out) => {
      out.hidden = fixed ? out.dataset.light !== fixed : variance === null || out.dataset.light !== lightFor(variance, box);
    });
    const form = box.closest("form[data-save]");
    if (!form) return;
    each(form, "[data-ask]", (out) => { out.hidden = !asks[out.dataset.ask]; });
    each(form, '[data-out="asked"]', (out) => { out.textContent = String(Object.values(asks).filter(Boolean).length); });
  };
  const step = (input, by) => {
    const value = number(input.value);
    const start = value === null ? setting(input.closest("[data-rate]"), "previous") || 0 : value;
    input.value = String(Math.min(Math.max(start + by * 100, 0), WHOLE) / 100);
    changed(input);
  };
  const rate = (box) => {
    const input = percentOf(box);
    if (!input || watched.has(box)) return;
    watched.add(box);
    input.addEventListener("input", () => preview(box));
    each(box, "[data-step]", (button) => button.addEventListener("click", () => step(input, Number(button.dataset.step))));
    input.addEventListener("keydown", (event) => {
      if (!event.shiftKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      event.preventDefault();
      step(input, event.key === "ArrowUp" ? 5 : -5);
    });
    preview(box);
  };

  const copyText = (from, to) => {
    to.value = from.textContent.trim();
    changed(to);
    to.focus();
  };
  // Last week's problems into the free places; one that is there already is not copied twice.
  const copyProblems = (form, from) => {
    const places = [...form.querySelectorAll(".problem")];
    const fields = (place) => Object.fromEntries(
      [...place.querySelectorAll("[name]")].map((field) => [field.name.replace(/^problems-\d+-/, ""), field]));
    let last = null;
    for (const one of from.querySelectorAll("[data-description]")) {
      const { kind, description, needed, neededFrom, continues } = one.dataset;
      if (places.some((place) => fields(place).description.value.trim() === description)) continue;
      const free = places.map(fields).find((place) => !place.description.value.trim() && !place.kind.value);
      if (!free) break;
      free.kind.value = kind;
      free.description.value = description;
      free.needed.value = needed;
      free.needed_from.value = neededFrom;
      free.continues.value = continues;
      for (let box = free.kind.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      changed(free.description);
      last = free.description;
    }
    if (last) last.focus();
  };
  // What Alt+C copies into the field where somebody writes; false where there is nothing to copy.
  const copyInto = (field) => {
    const button = field.id && document.querySelector(`[data-copy-to="${CSS.escape(field.id)}"]`);
    const problems = field.closest("#problems") && field.form.querySelector("[data-copy-problems]");
    const last = field.dataset.last && document.getElementById(field.dataset.last);
    if (button || problems) (button || problems).click();
    else if (last && last.textContent.trim() !== "—") copyText(last, field);
    else return false;
    return true;
  };
  const counter = (out) => {
    const field = document.getElementById(out.dataset.countFor);
    const most = field && field.maxLength > 0 ? field.maxLength : 0;
    if (!most || watched.has(out)) return;
    watched.add(out);
    const show = () => {
      out.textContent = `${field.value.length}/${most}`;
      out.classList.toggle("is-over", field.value.length > most);
    };
    field.addEventListener("input", show);
    show();
  };
  const start = (root) => {
    each(root, "[data-rate]", rate);
    each(root, "[data-count-for]", counter);
  };

  window.workbench = { copyInto, number };
  document.addEventListener("click", (event) => {
    const text = event.target.closest("[data-copy-from]"), problems = event.target.closest("[data-copy-problems]");
    if (text) copyText(document.getElementById(text.dataset.copyFrom), document.getElementById(text.dataset.copyTo));
    if (problems) copyProblems(problems.closest("form"), document.getElementById(problems.dataset.copyProblems));
  });
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentElement || document));
  start(document);
})();
