// The desk: choosing an item and handing it in swaps a part of the page and nothing is reloaded. Looks after the
// focus, refused entries, a lost connection, and the keys. Without script the same links and buttons load pages.
(() => {
  "use strict";
  const frame = document.querySelector("[data-desk]");
  if (!frame) return;
  const PHONE = window.matchMedia("(max-width: 760px)");
  const form = () => frame.querySelector("form[data-save]");
  const rowOf = (element) => element && element.closest("tr[data-row]");
  const rows = () => [...frame.querySelectorAll("tr[data-row]")];
  const percentOf = (box) => box.querySelector('input[inputmode="decimal"]');
  const isOurs = (event) => frame.contains(event.target) || frame.contains(event.detail.elt);
  let queued = 0; // rows on their way
  let after = null; // the row to go on with when the table has answered
  let listTop = 0;

  // --- what is asked of the server --------------------------------------------------------------------------
  document.addEventListener("htmx:confirm", (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    const owner = event.detail.elt;
    const button = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    if (button && button.hasAttribute("data-key-all") && !window.confirm(frame.dataset.sayAll.replace("{n}", complete()))) return;
    const isEntry = owner.matches("form");
    const inRow = isEntry && rowOf(button);
    const ready = isEntry ? window.drafts.hold(inRow || owner) : window.drafts.flush();
    if (owner.id === "week-form") queued += 1;
    ready.then(() => event.detail.issueRequest(true));
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (!isOurs(event)) return;
    const { parameters, triggeringEvent } = event.detail;
    const button = triggeringEvent && triggeringEvent.submitter;
    if (!button || !button.name) return;
    parameters[button.name] = button.value; // also when the focus has moved on meanwhile
    const row = rowOf(button);
    if (!row) return;
    for (const name of Object.keys(parameters)) {
      if (/^\d+-/.test(name) && !name.startsWith(`${row.dataset.row}-`)) delete parameters[name];
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isOurs(event)) return;
    const list = frame.querySelector(".work-list");
    listTop = list ? list.scrollTop : 0;
    frame.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    frame.removeAttribute("aria-busy");
    if (event.detail.elt.id === "week-form") queued -= 1;
  });

  // --- what comes back --------------------------------------------------------------------------------------
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (!isOurs(event)) return;
    if (new URL(xhr.responseURL, window.location.href).pathname === frame.dataset.login) {
      event.detail.shouldSwap = false; // the session is over
      window.drafts.release();
      tell(frame.dataset.sayLoggedOut, [`${frame.dataset.login}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`, frame.dataset.sayLogIn]);
    } else if (xhr.status === 409 || xhr.status === 422) {
      event.detail.shouldSwap = true; // refused in words, with what was typed
      event.detail.isError = false;
    }
  });
  const tell = (words, link) => {
    const box = document.createElement("p");
    box.className = "notice is-error";
    box.textContent = words;
    if (link) {
      const away = document.createElement("a");
      [away.href, away.textContent] = link;
      box.append(" ", away);
    }
    document.getElementById("desk-said").replaceChildren(box);
  };
  const failed = (event, words) => {
    if (!isOurs(event)) return;
    window.drafts.release();
    tell(words);
  };
  document.addEventListener("htmx:sendError", (event) => {
    const isEntry = event.detail.requestConfig.verb === "post";
    failed(event, isEntry ? frame.dataset.sayUnsent : frame.dataset.sayOffline);
  });
  document.addEventListener("htmx:responseError", (event) => failed(event, frame.dataset.sayFailed));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target && event.detail.target.id === "desk") settle();
    else if (frame.querySelector("#week-form")) settleTable();
  });
  document.addEventListener("htmx:historyRestore", settle);

  function settle() {
    const list = frame.querySelector(".work-list");
    const current = list && list.querySelector(".is-current");
    if (list) list.scrollTop = listTop;
    if (current && !PHONE.matches) current.scrollIntoView({ block: "nearest" });
    const wrong = frame.querySelector("#conflict, .form-errors");
    const percent = PHONE.matches ? null : frame.querySelector(".work-form .rate input[inputmode=decimal]");
    const place = wrong || percent || frame.querySelector("[data-focus], #work-title");
    if (!place) return;
    if (PHONE.matches || frame.getBoundingClientRect().top < -200) window.scrollTo(0, 0);
    place.focus({ preventScroll: PHONE.matches });
    if (place.select) place.select();
  }
  function settleTable() {
    if (!queued) window.drafts.release(); // a row that still waits for its turn must not be saved meanwhile
    count();
    const wrong = after && frame.querySelector(`#row-${after.from}.has-error`);
    const next = after && (wrong || after.next);
    after = null;
    if (next && next.isConnected) enter(percentOf(next));
  }

  // --- the table --------------------------------------------------------------------------------------------
  const isComplete = (row) => {
    const field = (name) => row.querySelector(`[data-field="${name}"]`);
    const value = window.workbench.number(percentOf(row).value);
    const falls = !row.querySelector("[data-when=decrease]").hidden;
    const behind = value - Number(row.dataset.planned) < Number(row.dataset.lightBehind);
    const needsProblem = row.dataset.overdue !== undefined || behind;
    return value !== null && value <= 10000 && field("progress_note").value.trim() !== ""
      && (!falls || field("decrease_reason").value.trim() !== "")
      && (!needsProblem || (field("problems-0-kind").value !== "" && field("problems-0-description").value.trim() !== ""));
  };
  const complete = () => String(rows().filter(isComplete).length);
  const count = () => {
    const out = frame.querySelector('[data-out="complete"]');
    if (out) out.textContent = complete();
  };
  const enter = (field) => {
    field.focus();
    field.scrollIntoView({ block: "nearest" });
    if (field.select) field.select();
  };
  // The same field of the next or previous row.
  const moveRow = (row, field, by) => {
    const all = rows();
    const next = all[all.indexOf(row) + by];
    if (next) enter([...next.querySelectorAll("[data-field]")].find((one) => one.dataset.field === field.dataset.field && !one.hidden) || percentOf(next));
    return true;
  };

  // --- keys -------------------------------------------------------------------------------------------------
  const press = (selector, row) => {
    const button = (row || form() || frame).querySelector(selector);
    if (!button) return false;
    if (row) after = { from: row.dataset.row, next: rows()[rows().indexOf(row) + 1] };
    button.click();
    return true;
  };
  const arrow = (event, row) => {
    if (event.target.matches("select")) return false; // opens the choices
    const by = event.key === "ArrowDown" ? 1 : -1;
    if (row) return moveRow(row, event.target, by);
    const link = frame.querySelector(by > 0 ? "[data-after]" : "[data-before]");
    if (link) link.click();
    return Boolean(link);
  };
  const withControl = (event, row) => {
    if (event.key.toLowerCase() === "s") return window.drafts.save(row || form());
    if (event.key !== "Enter") return false;
    if (event.shiftKey) return press("[data-key-all]");
    return press("[data-key-submit]", row);
  };
  const withAlt = (event, row) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return arrow(event, row);
    if (event.code === "KeyC") return window.workbench.copyInto(event.target);
    if (event.code === "KeyN") return press("[data-key-no-change]", row);
    if (event.key === "Enter" && row) {
      row.querySelector("[data-full]").click();
      return true;
    }
    return false;
  };
  const plain = (event, row) => {
    const isField = event.target.closest("input, textarea, select, button, a, summary, dialog");
    if (event.key === "n" && !isField) return press("[data-key-no-change]");
    if (event.key === "Escape" && isField && form()) {
      frame.querySelector("#work-title").focus(); // out of the fields: single keys work again
      return true;
    }
    if (event.key === "Enter" && row && event.target.matches("input")) return moveRow(row, event.target, 1);
    return false;
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.target.closest("dialog")) return; // an input method's keys
    const row = rowOf(event.target);
    const act = event.ctrlKey || event.metaKey ? withControl : event.altKey ? withAlt : plain;
    if (act(event, row)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const save = event.target.closest("[data-key-save]");
    if (save && frame.contains(save) && window.drafts.save(save)) event.preventDefault();
  });
  frame.addEventListener("input", (event) => { if (rowOf(event.target)) count(); });
  count();
})();
