// Keeps a copy of a form on this computer while it is written, gives it back after a lost connection or a closed
// window, and drops it when the server says that the entry has arrived. A form asks for it by data-draft-key.
(function () {
  "use strict";
  var PREFIX = "draft:";
  var DELAY = 500;

  function read(key) {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch (unreadable) { return null; }
  }
  function write(key, draft) {
    try { localStorage.setItem(PREFIX + key, JSON.stringify(draft)); return true; } catch (full) { return false; }
  }
  function drop(key) {
    try { localStorage.removeItem(PREFIX + key); } catch (blocked) { /* nothing was kept */ }
  }
  function controls(form) {
    return Array.from(form.elements).filter(function (one) {
      return one.name && one.name !== "csrfmiddlewaretoken" && !/^(submit|button|hidden|file|password)$/.test(one.type);
    });
  }
  // One list of values per name, in document order; boxes are kept as true or false.
  function values(form) {
    return controls(form).reduce(function (all, one) {
      (all[one.name] = all[one.name] || []).push(/^(checkbox|radio)$/.test(one.type) ? one.checked : one.value);
      return all;
    }, {});
  }
  function fill(form, saved) {
    var seen = {};
    controls(form).forEach(function (one) {
      var place = seen[one.name] = (seen[one.name] || 0) + 1;
      var list = saved[one.name];
      if (!list || place > list.length) return;
      if (/^(checkbox|radio)$/.test(one.type)) one.checked = list[place - 1];
      else one.value = list[place - 1];
      one.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  function clock(at) {
    return new Date(at).toTimeString().slice(0, 5);
  }
  function say(form, name, at) {
    var note = form.querySelector("[data-draft-note]");
    var text = document.body.getAttribute("data-say-draft-" + name);
    if (note && text) note.textContent = text.replace("{time}", clock(at));
  }
  function notice(form, key, saved, original) {
    var box = document.createElement("p");
    var undo = document.createElement("button");
    box.className = "notice is-warn";
    box.setAttribute("role", "status");
    box.textContent = document.body.getAttribute("data-say-draft-restored").replace("{time}", clock(saved.at)) + " ";
    undo.type = "button";
    undo.className = "btn btn-sm";
    undo.textContent = document.body.getAttribute("data-say-draft-discard");
    undo.addEventListener("click", function () {
      fill(form, original);
      drop(key);
      box.remove();
    });
    box.appendChild(undo);
    form.insertBefore(box, form.firstChild);
  }
  function watch(form) {
    var key = form.dataset.draftKey;
    var original = values(form);
    var saved = read(key);
    var timer = 0;
    function save() {
      var now = Date.now();
      say(form, write(key, { at: now, values: values(form) }) ? "saved" : "failed", now);
    }
    if (saved && saved.values && JSON.stringify(saved.values) !== JSON.stringify(original)) {
      fill(form, saved.values);
      notice(form, key, saved, original);
    }
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(save, DELAY);
    });
    // A click that leads away within the delay must not lose the last words.
    window.addEventListener("pagehide", function () {
      if (JSON.stringify(values(form)) !== JSON.stringify(original)) save();
    });
  }

  document.querySelectorAll("[data-draft-done]").forEach(function (done) { drop(done.dataset.draftDone); });
  document.querySelectorAll('meta[name="draft-done"]').forEach(function (done) { drop(done.content); });
  document.querySelectorAll("form[data-draft-key]").forEach(watch);
})();
