// Keeps what is typed: at once on this computer, under a key that holds the user, and a moment later on the server.
// After a lost connection, a closed window or a log-out it is back; it is dropped when the server says that it has
// arrived. What asks for it carries data-draft-key and data-draft-url: the form of an item, or a row of the table.
(() => {
  "use strict";
  const PREFIX = "draft:";
  const SEND_AFTER = 700;
  const TRY_AGAIN = 4000;
  const OLDEST = 60 * 24 * 3600 * 1000;
  const drafts = new Map(); // element → its draft

  const read = (key) => {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch (unreadable) { return null; }
  };
  const write = (key, kept) => {
    try { localStorage.setItem(PREFIX + key, JSON.stringify(kept)); return true; } catch (full) { return false; }
  };
  const drop = (key) => {
    try { localStorage.removeItem(PREFIX + key); } catch (blocked) { /* nothing was kept */ }
  };
  const dropOld = () => {
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(PREFIX)) continue;
        const kept = read(name.slice(PREFIX.length));
        if (!kept || Date.now() - kept.at > OLDEST) localStorage.removeItem(name);
      }
    } catch (blocked) { /* nothing was kept */ }
  };

  const nameOf = (field) => field.dataset.field || field.name;
  const fields = (root) => [...root.querySelectorAll("input, textarea, select")].filter((field) =>
    field.name && !/^(take_|csrf)/.test(field.name) && !/^(submit|button|hidden|file|password)$/.test(field.type));
  const isBox = (field) => /^(checkbox|radio)$/.test(field.type);
  // One list of values per name, in document order; boxes are kept as true or false.
  const values = (root) => fields(root).reduce((all, field) => {
    (all[nameOf(field)] ||= []).push(isBox(field) ? field.checked : field.value);
    return all;
  }, {});
  // Blank and missing are the same: the row of the table has fewer fields than the form.
  const print = (typed) => JSON.stringify(
    Object.keys(typed).sort().map((name) => [name, typed[name].filter((value) => value !== "" && value !== false)])
      .filter((pair) => pair[1].length));
  const fill = (root, kept) => {
    const used = {};
    for (const field of fields(root)) {
      const place = used[nameOf(field)] = (used[nameOf(field)] || 0) + 1;
      const list = kept[nameOf(field)];
      if (!list || place > list.length) continue;
      if (isBox(field)) field.checked = list[place - 1];
      else field.value = list[place - 1];
      const folded = field.value && field.closest("details");
      if (folded) folded.open = true;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const clock = (at) => new Date(at).toTimeString().slice(0, 5);
  const say = (draft, words, link) => {
    const note = draft.root.querySelector("[data-draft-note]");
    if (!note) return;
    note.textContent = words;
    if (!link) return;
    const away = document.createElement("a");
    [away.href, away.textContent] = link;
    note.append(" ", away);
  };
  const frame = () => document.querySelector("[data-desk]").dataset;
  const words = (name) => document.body.getAttribute(`data-say-draft-${name}`);
  const seen = (draft) => draft.root.querySelector("[data-seen]");

  const keep = (draft) => {
    const now = Date.now();
    const kept = write(draft.key, { at: now, seen: draft.stale || seen(draft).value, values: values(draft.root) });
    say(draft, kept ? words("saved").replace("{time}", clock(now)) : words("failed"));
  };
  const token = () => {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie); // another window may have logged in anew
    return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
  };
  const body = (draft) => {
    const sent = new URLSearchParams();
    for (const field of draft.root.querySelectorAll("input, textarea, select")) {
      if (!field.name || /^(take_|csrf)/.test(field.name) || field.type === "file") continue;
      if (!isBox(field) || field.checked) sent.append(field.name, field.value);
    }
    if (draft.root.dataset.row) sent.append("do", `draft ${draft.root.dataset.row}`);
    else sent.append("action", "draft");
    return sent;
  };
  const later = (draft, wait) => {
    clearTimeout(draft.timer);
    draft.timer = setTimeout(() => send(draft), wait);
  };
  const arrived = async (draft, sent, answer) => {
    const reply = await answer.json();
    draft.known = sent;
    seen(draft).value = reply.seen;
    const left = reply.left_out.length > 0;
    if (!left && print(values(draft.root)) === sent) drop(draft.key);
    else write(draft.key, { at: Date.now(), seen: reply.seen, values: values(draft.root) });
    say(draft, left ? `${reply.said} ${frame().sayLeftOut} ${reply.left_out.join(" ")}` : reply.said);
  };
  const refused = async (draft, answer) => {
    draft.stopped = answer.status === 409;
    const here = window.location.pathname + window.location.search;
    const isLoggedOut = answer.type === "opaqueredirect" || answer.status === 403;
    if (isLoggedOut) return say(draft, frame().sayLoggedOut, [`${frame().login}?next=${encodeURIComponent(here)}`, frame().sayLogIn]);
    if (answer.status >= 500) {
      say(draft, frame().sayFailed);
      return later(draft, TRY_AGAIN);
    }
    const reply = answer.headers.get("content-type") === "application/json" ? await answer.json() : { said: "" };
    const full = draft.root.querySelector("[data-full]");
    say(draft, reply.said || frame().sayFailed, draft.stopped && full ? [full.href, frame().sayCompare] : null);
    // The form shows the difference; a row leads to the form.
    if (draft.stopped && draft.root.requestSubmit && !draft.isLeaving) draft.root.requestSubmit(draft.root.querySelector("[data-key-save]"));
  };
  // Sends what the server does not have yet; never two at a time, never a form that nobody touched.
  const send = (draft) => {
    clearTimeout(draft.timer);
    if (draft.busy) return draft.busy;
    const sent = print(values(draft.root));
    if (!draft.root.isConnected || draft.stopped || draft.isHeld || sent === draft.known) return Promise.resolve();
    draft.busy = fetch(draft.url, {
      method: "POST", body: body(draft), redirect: "manual", credentials: "same-origin", keepalive: draft.isLeaving,
      headers: { Accept: "application/json", "X-CSRFToken": token() }
    })
      .then((answer) => (answer.status === 200 ? arrived(draft, sent, answer) : refused(draft, answer)), () => {
        say(draft, frame().sayOffline);
        later(draft, TRY_AGAIN);
      })
      .finally(() => {
        draft.busy = null;
        if (draft.known === sent && print(values(draft.root)) !== sent) later(draft, SEND_AFTER);
      });
    return draft.busy;
  };

  const notice = (draft, kept, original) => {
    const box = document.createElement("p");
    const undo = document.createElement("button");
    box.className = "notice is-warn";
    box.setAttribute("role", "status");
    box.textContent = `${words("restored").replace("{time}", clock(kept.at))} `;
    undo.type = "button";
    undo.className = "btn btn-sm";
    undo.textContent = words("discard");
    undo.addEventListener("click", () => {
      fill(draft.root, original);
      box.remove();
      send(draft).then(() => drop(draft.key));
    });
    box.appendChild(undo);
    const place = draft.root.matches("tr") ? draft.root.querySelector("th") : draft.root;
    place.insertBefore(box, draft.root.matches("tr") ? null : place.firstChild);
  };
  // What was typed on an older version is sent as such: the server then shows the difference and overwrites nothing.
  const restore = (draft) => {
    const kept = read(draft.key);
    if (!kept || !kept.values) return;
    const original = values(draft.root);
    if (print({ ...original, ...kept.values }) === print(original)) return drop(draft.key);
    fill(draft.root, kept.values);
    notice(draft, kept, original);
    if (kept.seen) seen(draft).value = kept.seen;
    later(draft, 0);
  };
  const watch = (root) => {
    if (drafts.has(root)) return;
    const draft = { root, key: root.dataset.draftKey, url: root.dataset.draftUrl, known: print(values(root)), timer: 0, busy: null };
    drafts.set(root, draft);
    if (root.dataset.conflict !== undefined) {
      // Until the user has chosen, nothing is saved over what somebody else wrote; not after a closed window either.
      draft.stopped = true;
      draft.stale = (read(draft.key) || {}).seen || "stale";
      keep(draft);
    } else if (root.matches(".has-error") || root.querySelector(".has-error, .form-errors")) {
      draft.known = ""; // refused: what the form shows is not on the server yet
      keep(draft);
      later(draft, SEND_AFTER);
    } else restore(draft);
    root.addEventListener("input", (event) => {
      if (/^take_/.test(event.target.name)) return;
      keep(draft);
      if (!event.isComposing) later(draft, SEND_AFTER);
    });
    root.addEventListener("compositionstart", () => clearTimeout(draft.timer));
    root.addEventListener("compositionend", () => later(draft, SEND_AFTER));
  };
  const start = (root) => {
    for (const done of document.querySelectorAll("[data-draft-done]")) drop(done.dataset.draftDone);
    for (const old of drafts.keys()) if (!old.isConnected) drafts.delete(old);
    for (const one of root.querySelectorAll("[data-draft-key]")) watch(one);
  };
  const draftOf = (element) => drafts.get(element && element.closest("[data-draft-key]"));

  window.drafts = {
    // Everything typed is on its way or kept: before one leaves for another item.
    flush: () => Promise.all([...drafts.values()].map((draft) => send(draft))),
    // No more saving while the entry itself is on its way; resolves when nothing is in flight.
    hold: (element) => {
      const held = element.matches("[data-draft-key]") ? [draftOf(element)] : [...drafts.values()];
      for (const draft of held.filter(Boolean)) {
        clearTimeout(draft.timer);
        draft.isHeld = true;
      }
      return Promise.all(held.filter(Boolean).map((draft) => draft.busy));
    },
    release: () => {
      for (const draft of drafts.values()) {
        if (!draft.isHeld) continue;
        draft.isHeld = false;
        if (print(values(draft.root)) !== draft.known) later(draft, SEND_AFTER);
      }
    },
    save: (element) => {
      const draft = draftOf(element);
      if (!draft || draft.stopped) return false; // the button then sends the form, with what was chosen
      send(draft);
      return true;
    }
  };
  window.addEventListener("online", () => { for (const draft of drafts.values()) send(draft); });
  // A click that leads away within the delay must not lose the last words.
  window.addEventListener("pagehide", () => {
    for (const draft of drafts.values()) {
      draft.isLeaving = true;
      send(draft);
    }
  });
  window.addEventListener("pageshow", () => { for (const draft of drafts.values()) draft.isLeaving = false; });
  document.addEventListener("htmx:load", () => start(document));
  dropOld();
  start(document);
})();
