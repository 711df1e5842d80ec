// Light or dark: what the page itself wants, else the reader's stored choice, else what the system prefers. Runs in the head, before the first paint.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try { return localStorage.getItem("theme"); } catch (blocked) { return null; }
  }
  function show(theme) {
    if (root.getAttribute("data-bs-theme") === theme) return;
    root.setAttribute("data-bs-theme", theme);
    document.dispatchEvent(new CustomEvent("themechange"));
  }
  function wanted() {
    return root.dataset.themeFixed || stored() || (system.matches ? "dark" : "light");
  }

  root.classList.add("js");
  show(wanted());
  if (system.addEventListener) system.addEventListener("change", function () { show(wanted()); });

  // Paper is white: print in light colours, then go back. It says when it was printed, not when the page was loaded.
  window.addEventListener("beforeprint", function () {
    show("light");
    var now = new Date();
    var local = new Date(now - now.getTimezoneOffset() * 60000).toISOString();
    document.querySelectorAll("[data-now]").forEach(function (time) { time.textContent = local.slice(0, 16).replace("T", " "); });
  });
  window.addEventListener("afterprint", function () { show(wanted()); });

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-switch]")) return;
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch (blocked) { /* the choice then lasts for this page */ }
    show(next);
  });
})();
