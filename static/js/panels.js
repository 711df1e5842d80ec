// A panel that asks for itself: it fades when the answer takes long; when none comes, that is said in its own place, with
// a way to try again, and what it showed stays. A log-in page never gets into it.
(() => {
  "use strict";
  const SLOW = 300; // milliseconds; what is faster does not flicker
  const timers = new WeakMap();
  const panelOf = (event) => event.detail.target && event.detail.target.closest("[data-panel]");

  const settle = (panel) => {
    clearTimeout(timers.get(panel));
    panel.removeAttribute("aria-busy");
  };
  const clear = (panel) => { for (const old of panel.querySelectorAll(":scope > [data-fault]")) old.remove(); };
  const fail = (event, kind) => {
    const panel = panelOf(event);
    const words = document.getElementById("panel-faults");
    if (!panel || !words) return;
    settle(panel);
    clear(panel);
    const fault = words.content.querySelector(`[data-fault="${kind}"]`).cloneNode(true);
    const { verb, path, elt, target } = event.detail.requestConfig;
    for (const again of fault.querySelectorAll("[data-again]")) {
      again.addEventListener("click", () => window.htmx.ajax(verb, path, { source: elt, target }));
    }
    for (const away of fault.querySelectorAll("[data-log-in]")) {
      away.href = `${away.getAttribute("href")}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
    }
    panel.prepend(fault);
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const panel = panelOf(event);
    if (!panel) return;
    settle(panel);
    timers.set(panel, setTimeout(() => panel.setAttribute("aria-busy", "true"), SLOW));
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const panel = panelOf(event);
    if (!panel) return;
    const { xhr } = event.detail;
    const logIn = document.querySelector("#panel-faults").content.querySelector("[data-log-in]").getAttribute("href");
    if (new URL(xhr.responseURL, window.location.href).pathname === logIn) {
      event.detail.shouldSwap = false;
      fail(event, "session");
    } else if (xhr.status >= 400) {
      fail(event, "server");
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => fail(event, "offline"));
  document.addEventListener("htmx:afterRequest", (event) => {
    const panel = panelOf(event);
    if (panel) settle(panel);
  });
})();
