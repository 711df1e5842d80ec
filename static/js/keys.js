// Keyboard: / search, ? help, g o and g m go, [ ] week, J K move in a list. Also menus that close and selects that submit.
(function () {
  "use strict";
  var pending = "";

  function follow(selector) {
    var link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  }
  function isVisible(element) {
    return element.getClientRects().length > 0;
  }
  // One stop per row: the first link of a table row, of a list item or of a [data-row].
  function stops() {
    return Array.from(document.querySelectorAll("[data-list] :is(tbody tr, li, [data-row])"))
      .map(function (row) { return row.querySelector("a[href]"); })
      .filter(function (link, position, all) { return link && isVisible(link) && all.indexOf(link) === position; });
  }
  function move(step) {
    var links = stops();
    var row = document.activeElement && document.activeElement.closest("tr, li, [data-row]");
    var here = links.findIndex(function (link) { return row && row.contains(link); });
    if (here < 0) here = links.findIndex(function (link) { return link.closest(".is-current"); });
    var next = links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)];
    if (next) next.focus();
    return Boolean(next);
  }
  function help() {
    var sheet = document.getElementById("keys");
    if (!sheet || !sheet.showModal) return false;
    if (!sheet.open) sheet.showModal();
    return true;
  }
  function search() {
    var box = Array.from(document.querySelectorAll("[data-search]")).find(isVisible);
    if (box) box.focus();
    return Boolean(box);
  }

  var single = {
    "/": search,
    "?": help,
    "[": function () { return follow('a[data-key="["]'); },
    "]": function () { return follow('a[data-key="]"]'); },
    j: function () { return move(1); },
    k: function () { return move(-1); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") closeMenus(null);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    var done = pending === "g" ? follow('a[data-go="' + (/^[a-z]$/.test(key) ? key : "") + '"]') : Boolean(single[key] && single[key]());
    pending = !done && key === "g" ? "g" : "";
    if (done) event.preventDefault();
  });

  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu === except) return;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
    if (event.target.closest("[data-help]")) help();
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });
})();
