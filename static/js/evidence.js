// Files of a report: chosen, dropped or pasted, they are sent with the form, which is kept as a draft; the list comes
// back alone and the page stays. Without this the buttons send the form themselves.
(() => {
  "use strict";
  const section = () => document.querySelector("[data-evidence]");
  const input = () => document.getElementById("evidence-files");

  function say(text) {
    const line = document.createElement("p");
    line.className = "notice is-error";
    line.textContent = text;
    section().querySelector("[data-evidence-errors]").append(line);
  }
  async function send(url, files) {
    const box = section();
    const form = document.getElementById("report-form");
    const limit = Number(box.dataset.megabytes) * 1024 * 1024;
    const small = files.filter((file) => file.size <= limit);
    if (small.length < files.length) {
      files.filter((file) => file.size > limit).forEach((file) => say(`${file.name}: ${box.dataset.sayLarge}`));
      if (!small.length) return;
    }
    const body = new FormData(form);
    body.delete("evidence");
    small.forEach((file) => body.append("evidence", file));
    box.setAttribute("aria-busy", "true");
    try {
      const headers = { "X-Requested-With": "fetch" };
      const response = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("[data-evidence]");
      if (!fresh) throw new Error(String(response.status));
      if (fresh.dataset.seen) form.elements.seen.value = fresh.dataset.seen;
      box.replaceWith(document.adoptNode(fresh));
      input().focus();
    } catch {
      box.removeAttribute("aria-busy");
      say(box.dataset.sayFailed);
    }
  }
  function add(files) {
    const button = section().querySelector(".evidence-add [data-evidence-send]");
    if (files.length) send(button.getAttribute("formaction"), [...files]);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-evidence-send]");
    if (!button) return;
    if (button.closest(".evidence-add")) {
      if (!input().files.length) return; // the server says what is missing
      event.preventDefault();
      add(input().files);
    } else {
      event.preventDefault();
      send(button.getAttribute("formaction"), []);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "evidence-files") add(event.target.files);
  });
  const carriesFiles = (event) => section() && [...(event.dataTransfer?.types ?? [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    section().classList.add("is-target");
  });
  document.addEventListener("dragleave", (event) => {
    if (section() && !event.relatedTarget) section().classList.remove("is-target");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    section().classList.remove("is-target");
    add(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData ? [...event.clipboardData.files] : [];
    if (!section() || !files.length) return;
    event.preventDefault();
    add(files);
  });
})();
