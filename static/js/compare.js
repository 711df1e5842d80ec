// What a text says that last week's did not, shown under the field while it is written. The rule is the one by which
// a reviewer's page marks new words (rules/texts.py: clauses); a test holds the two together.
(() => {
  "use strict";
  const ENDS = "。；，！？;!?\n";
  const AROUND = /^[ \n\r\t。；，！？;!?.,]+|[ \n\r\t。；，！？;!?.,]+$/g;

  // Cut after each mark of punctuation, and after a full stop or comma with its blank.
  const pieces = (text) => {
    const found = [];
    let start = 0;
    for (let here = 1; here <= text.length; here += 1) {
      const ends = ENDS.includes(text[here - 1]) || (text[here - 1] === " " && ".,".includes(text[here - 2] || "x"));
      if (!ends) continue;
      found.push(text.slice(start, here));
      start = here;
    }
    found.push(text.slice(start));
    return found;
  };
  const bare = (piece) => piece.replace(AROUND, "");
  const clauses = (text, before) => {
    const known = new Set(pieces(before).map(bare));
    const asked = before.trim() !== "";
    return pieces(text).filter(Boolean).map((piece) => ({ text: piece, isNew: asked && !known.has(bare(piece)) }));
  };

  const piece = (tag, words) => {
    const element = document.createElement(tag);
    element.textContent = words;
    return element;
  };
  // The box under a field: said in words, then the text with its new clauses marked and the ones left out.
  const show = (box) => {
    const before = document.getElementById(box.dataset.differs);
    const field = document.getElementById(box.dataset.of);
    const say = box.closest("[data-desk]").dataset;
    const last = box.dataset.differs === "last-problems"
      ? [...before.querySelectorAll("[data-description]")].map((one) => one.dataset.description).join("\n")
      : before.textContent.trim().replace(/^—$/, "");
    const text = field.value.replace(/\r\n/g, "\n").trim();
    box.replaceChildren();
    const now = clauses(text, last);
    box.hidden = !text || !last || now.every((one) => one.isNew); // nothing is carried forward, nothing to mark
    if (box.hidden) return box.removeAttribute("data-same");
    const gone = clauses(last, text).filter((one) => one.isNew);
    const isSame = now.every((one) => !one.isNew) && (!gone.length || box.dataset.differs === "last-problems");
    box.toggleAttribute("data-same", isSame);
    box.appendChild(piece("b", isSame ? say.saySame : say.sayNew));
    if (isSame) return;
    const words = document.createElement("p");
    words.append(...now.map((one) => (one.isNew ? piece("mark", one.text) : one.text)));
    if (box.dataset.differs !== "last-problems") words.append(...gone.map((one) => piece("del", one.text)));
    box.appendChild(words);
  };
  // Beside the buttons: what would be handed in unchanged. It is said, not forbidden.
  const sum = (root) => {
    const out = root.querySelector("[data-unchanged]");
    if (!out) return;
    const same = [...root.querySelectorAll(".differs[data-same]")].map((box) => box.dataset.label);
    const say = root.closest("[data-desk]").dataset.sayUnchanged;
    const words = same.length ? `${say} ${[...new Set(same)].join(" · ")}` : "";
    if (out.textContent !== words) out.textContent = words;
  };
  const start = (root) => {
    for (const box of root.querySelectorAll("[data-differs]")) {
      const field = document.getElementById(box.dataset.of);
      if (!field || box.dataset.watched) continue;
      box.dataset.watched = "true";
      field.addEventListener("input", () => {
        show(box);
        if (field.form) sum(field.form);
      });
      show(box);
    }
    for (const form of root.querySelectorAll("form[data-save]")) sum(form);
  };

  window.compareWords = { clauses };
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentElement || document));
  start(document);
})();
