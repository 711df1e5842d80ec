// The wall screen: turns the pages of its list, and says since when the figures stand when no new ones come. htmx asks
// for the panel; the old one stays until the new one is there, and a log-in page never gets into it.
(() => {
  "use strict";
  const TURN = 20_000; // milliseconds
  const screen = document.querySelector("[data-wall]");
  const note = document.querySelector("[data-stale]");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let turned = 0;

  const show = () => {
    const leaves = [...screen.querySelectorAll("[data-leaf]")];
    leaves.forEach((leaf, place) => { leaf.hidden = place !== turned % leaves.length; });
  };
  setInterval(() => {
    if (calm.matches || screen.querySelector("[data-turns]:is(:hover, :focus, :focus-within)")) return;
    turned += 1;
    show();
  }, TURN);

  const stand = (words, link) => {
    const clock = screen.querySelector("[data-refreshed]");
    note.replaceChildren(words.replace("{time}", clock ? clock.dataset.refreshed : ""));
    if (link) {
      const away = document.createElement("a");
      away.href = `${document.body.dataset.login}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
      away.textContent = link;
      note.append(" ", away);
    }
    note.hidden = false;
  };
  const say = note.dataset;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (new URL(xhr.responseURL, window.location.href).pathname === document.body.dataset.login) {
      event.detail.shouldSwap = false;
      stand(say.sayOut, say.sayLogIn);
    } else if (xhr.status !== 200) {
      event.detail.shouldSwap = false;
      stand(say.sayBroken);
    } else {
      note.hidden = true;
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => stand(say.sayAway));
  document.addEventListener("htmx:afterSwap", show);
})();
