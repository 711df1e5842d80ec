// "Why?" beside a figure: its explanation is fetched into one panel beside it, and drilled down there. Escape closes it
// and gives the focus back. Without script, with a key held down and when anything fails the same links lead to the page.
(() => {
  "use strict";
  const panel = document.getElementById("why-panel");
  if (!panel || !window.htmx) return;
  const PHONE = window.matchMedia("(max-width: 760px)");
  const GAP = 12;
  let opener = null;
  let asked = "";

  const isOpen = () => !panel.hidden;
  const announce = (root) => {
    for (const link of root.querySelectorAll("a[data-why]")) {
      if (panel.contains(link)) continue;
      link.setAttribute("aria-expanded", String(link === opener && isOpen()));
      link.setAttribute("aria-controls", panel.id);
    }
  };
  const place = () => {
    panel.style.left = panel.style.top = "";
    if (PHONE.matches || !opener) return;
    const beside = opener.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const height = window.innerHeight;
    const below = beside.bottom + 4;
    const above = beside.top - 4 - panel.offsetHeight;
    const top = below + panel.offsetHeight <= height - GAP || above < GAP ? below : above;
    panel.style.left = `${Math.max(GAP, Math.min(beside.left, width - panel.offsetWidth - GAP)) + window.scrollX}px`;
    panel.style.top = `${top + window.scrollY}px`;
  };
  const close = () => {
    if (!isOpen()) return;
    const back = panel.contains(document.activeElement) || document.activeElement === document.body ? opener : null;
    panel.hidden = true;
    panel.replaceChildren();
    opener = null;
    announce(document);
    if (back && back.isConnected) back.focus();
  };
  const say = (words, href) => {
    const line = document.createElement("p");
    line.textContent = words;
    if (href) {
      const link = document.createElement("a");
      [link.href, link.textContent] = [href, panel.dataset.sayOpen];
      line.append(" ", link);
    }
    panel.replaceChildren(line);
  };
  const open = (link) => {
    if (!panel.contains(link)) {
      opener = link;
      say(panel.dataset.sayLoading);
    }
    asked = link.href;
    panel.hidden = false;
    panel.setAttribute("aria-busy", "true");
    announce(document);
    place();
    window.htmx.ajax("GET", asked, { source: panel, target: panel, swap: "innerHTML" });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-why]");
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && isPlain) {
      event.preventDefault();
      if (link === opener && isOpen()) close();
      else open(link);
    } else if (event.target.closest("[data-why-close]")) close();
    else if (isOpen() && !panel.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  window.addEventListener("resize", () => { if (isOpen()) place(); });
  document.addEventListener("htmx:afterSettle", () => {
    if (opener && !opener.isConnected) close(); // what it explained was replaced
  });

  // Logged out, gone or broken: the page itself says so in words. Offline: the panel does.
  panel.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const isOurs = new URL(xhr.responseURL, window.location.href).pathname === new URL(asked).pathname;
    if (isOurs && xhr.status < 400) return;
    event.detail.shouldSwap = false;
    window.location.assign(asked);
  });
  panel.addEventListener("htmx:sendError", () => {
    panel.removeAttribute("aria-busy");
    say(panel.dataset.sayOffline, asked);
  });
  panel.addEventListener("htmx:afterSwap", () => {
    panel.removeAttribute("aria-busy");
    panel.scrollTop = 0;
    place();
    panel.querySelector("[data-why-title]").focus({ preventScroll: true });
  });
  document.addEventListener("htmx:afterSettle", (event) => announce(event.target.ownerDocument));
  announce(document);
})();
