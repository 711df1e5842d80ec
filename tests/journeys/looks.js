// What is too wide or too small for a finger on the page that is shown; handed to page.evaluate by test_every_page.py.
() => {
  const LEAST = 43.5; // 44 pixels, and what rounding takes
  const INSTEAD = ".tile, .heatmap-cell, .strip-dot"; // the table beside a map, the list behind a row and a column lead there, too
  const width = document.documentElement.clientWidth;
  const isThere = (one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && one.checkVisibility({ visibilityProperty: true }) && !one.closest(".visually-hidden, .skip");
  };
  const isInSentence = (one) =>
    getComputedStyle(one).display === "inline" && [...one.parentElement.childNodes].some((other) => other !== one && other.textContent.trim());
  const label = (one) =>
    one.matches("[type=checkbox], [type=radio], [type=file]") ? one.closest("label") || document.querySelector(`label[for="${one.id}"]`) : null;
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")];
  const small = targets.filter((one) => {
    if (!isThere(one) || one.disabled || one.matches(INSTEAD) || isInSentence(one)) return false;
    const boxes = [one, label(one)].filter(Boolean).map((each) => each.getBoundingClientRect());
    return Math.max(...boxes.map((box) => box.width)) < LEAST || Math.max(...boxes.map((box) => box.height)) < LEAST;
  });
  return {
    overflow: Math.max(0, document.documentElement.scrollWidth - width),
    small: small.map((one) => `${one.tagName} “${(one.textContent || one.name).trim().slice(0, 30)}”`),
  };
}
