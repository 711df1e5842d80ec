// Helps where progress is written: steps of the percent, a live preview of change, variance and light, copies of
// last week's words, character counters, and keys. The server decides; this only shows what it will see.
(function () {
  "use strict";
  var WHOLE = 10000;

  function number(text) {
    var value = parseFloat(String(text).replace(",", "."));
    return isFinite(value) ? Math.round(value * 100) : null;
  }
  function shown(hundredths) {
    var text = Math.abs(hundredths / 100).toFixed(2).replace(/\.?0+$/, "");
    return (hundredths > 0 ? "+" : hundredths < 0 ? "−" : "") + text;
  }
  function setting(box, name) {
    return box.dataset[name] === undefined || box.dataset[name] === "" ? null : Number(box.dataset[name]);
  }
  function each(box, selector, act) {
    box.querySelectorAll(selector).forEach(act);
  }

  function lightFor(variance, box) {
    if (variance < setting(box, "lightBehind")) return "behind";
    if (variance < setting(box, "lightAtRisk")) return "at_risk";
    return "on_track";
  }
  function preview(box, input) {
    var value = number(input.value);
    var known = value !== null && value >= 0 && value <= WHOLE;
    var previous = setting(box, "previous"), planned = setting(box, "planned");
    var change = known && previous !== null ? value - previous : null;
    var variance = known && planned !== null ? value - planned : null;
    var fixed = box.dataset.lightFixed; // a light that no percent changes: overdue, not started, …
    each(box, '[data-out="change"]', function (out) { out.textContent = change === null ? "—" : shown(change); });
    each(box, '[data-out="variance"]', function (out) { out.textContent = variance === null ? "—" : shown(variance); });
    each(box, '[data-out="bar"]', function (out) { out.style.width = (known ? value / 100 : 0) + "%"; });
    each(box, '[data-when="decrease"]', function (out) {
      out.hidden = !(change !== null && change < 0);
      each(out, "textarea", function (area) { area.setAttribute("aria-required", String(!out.hidden)); });
    });
    each(box, '[data-out="light"] [data-light]', function (out) {
      out.hidden = fixed ? out.dataset.light !== fixed : variance === null || out.dataset.light !== lightFor(variance, box);
    });
  }
  function step(input, by) {
    var value = number(input.value);
    var start = value === null ? setting(input.closest(".rate"), "previous") || 0 : value;
    input.value = String(Math.min(Math.max(start + by * 100, 0), WHOLE) / 100);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function rate(box) {
    var input = box.querySelector("input:not([type=hidden])");
    if (!input) return;
    input.addEventListener("input", function () { preview(box, input); });
    each(box, "[data-step]", function (button) {
      button.addEventListener("click", function () { step(input, Number(button.dataset.step)); });
    });
    input.addEventListener("keydown", function (event) {
      if (!event.shiftKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
      event.preventDefault();
      step(input, event.key === "ArrowUp" ? 5 : -5);
    });
    preview(box, input);
  }

  function copy(button) {
    var from = document.getElementById(button.dataset.copyFrom);
    var to = document.getElementById(button.dataset.copyTo);
    if (!from || !to) return;
    to.value = from.textContent.trim();
    to.dispatchEvent(new Event("input", { bubbles: true }));
    to.focus();
  }
  function counter(out) {
    var field = document.getElementById(out.dataset.countFor);
    var most = field && field.maxLength > 0 ? field.maxLength : Number(out.dataset.max || 0);
    if (!field || !most) return;
    function show() {
      out.textContent = field.value.length + "/" + most;
      out.classList.toggle("is-over", field.value.length > most);
    }
    field.addEventListener("input", show);
    show();
  }
  function press(selector) {
    var button = document.querySelector("form[data-save] " + selector);
    if (button) button.click();
    return Boolean(button);
  }

  document.querySelectorAll(".rate").forEach(rate);
  document.querySelectorAll("[data-count-for]").forEach(counter);
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy-from]");
    if (button) copy(button);
  });
  document.addEventListener("keydown", function (event) {
    var main = event.ctrlKey || event.metaKey;
    var done = false;
    if (main && event.key.toLowerCase() === "s") done = press("[data-key-save]");
    else if (main && event.key === "Enter") done = press("[data-key-submit]");
    else if (event.altKey && event.code === "KeyC" && event.target.id) {
      var button = document.querySelector('[data-copy-to="' + CSS.escape(event.target.id) + '"]');
      if (button) { copy(button); done = true; }
    }
    if (done) event.preventDefault();
  });
})();
