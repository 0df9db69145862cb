// Keys, clause highlight, guards against double submission, drop zones. Nothing here decides anything.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = $("meta[name=csrf-token]")?.content ?? "";
    if (event.target.dataset?.source) { event.detail.parameters.source = event.target.dataset.source; delete event.target.dataset.source; }
  });

  // The clause in force: what has the focus names its clauses.
  function inForce(numbers) {
    const law = $(".law");
    if (!law) return;
    let first = null;
    for (const clause of $$(".clause", law)) {
      const now = numbers.includes(clause.dataset.clause);
      clause.classList.toggle("now", now);
      if (now && !first) first = clause;
    }
    if (first) law.scrollTo({ top: first.offsetTop - law.offsetTop - 70 });
  }
  const named = (element) => (element?.dataset.clauses ?? "").split(" ").filter(Boolean);
  document.addEventListener("focusin", (event) => {
    const section = event.target.closest?.("[data-clauses]");
    if (section && !section.closest(".law")) inForce(named(section));
  });
  const start = $("[data-clauses-now]");
  if (start) inForce(start.dataset.clausesNow.split(" ").filter(Boolean));

  // Keys.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key === "/" && !typing) {
      const find = $(".find");
      if (find) { event.preventDefault(); find.focus(); }
      return;
    }
    if (!/^F\d+$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = $$(`[data-key="${event.key}"]`).find((element) => !element.disabled && element.offsetParent !== null);
    if (target) { event.preventDefault(); target.click(); }
  });

  // Many rows of a list at once.
  for (const form of $$("form[data-many]")) {
    const boxes = () => $$("[name=item]", form);
    form.addEventListener("change", (event) => {
      if ("all" in event.target.dataset) boxes().forEach((box) => { box.checked = event.target.checked; });
      $("[data-chosen]", form).textContent = boxes().filter((box) => box.checked).length;
    });
  }

  // A unit's own words into the reason they stand beside: by a click, or Alt and a digit while one writes.
  function word(button) {
    const field = $("textarea", button.closest("form, details"));
    if (!field) return;
    field.setRangeText(button.dataset.opinion, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-opinion]");
    if (button) word(button);
  });
  document.addEventListener("keydown", (event) => {
    const digit = event.altKey && /^Digit([1-9])$/.exec(event.code);
    const button = digit && event.target.matches?.("textarea") && $$("[data-opinion]", event.target.closest("form, details"))[digit[1] - 1];
    if (button) { event.preventDefault(); word(button); }
  });

  // One submission. A form that is saved as it is typed is saved once more before it leaves the page: where nobody answers, or the
  // answer is that something broke, it stays as it was typed.
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if ("download" in form.dataset) return; // the page stays
    if (form.dataset.submitted) { event.preventDefault(); return; }
    form.dataset.submitted = "1";
    if (button) setTimeout(() => { button.setAttribute("aria-busy", "true"); }, 0);
    if (form.matches("[hx-post]") && !form.dataset.saved && !$$("[type=file]", form).some((field) => field.files.length)) {
      event.preventDefault();
      saved(form).then((there) => {
        free(form);
        const like = (one) => one.type === "submit" && one.name === button.name && one.value === button.value;
        const go = button && (button.form === form ? button : [...form.elements].find(like)); // an answer may have replaced it
        if (there) { form.dataset.saved = "1"; form.requestSubmit(go ?? null); }
        else { note(`没有提交：${AWAY}恢复后请再按一次。`); again(form); }
      });
      return;
    }
    delete form.dataset.saved;
    keep(form);
  });
  const saved = (form) => fetch(form.getAttribute("hx-post"), { method: "POST", body: new FormData(form) })
    .then((answer) => answer.status < 500, () => false); // what else is wrong the answer to the form itself says
  function free(form) {
    delete form.dataset.submitted;
    $$("[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy"));
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest?.("form")?.dataset.submitted) event.preventDefault(); // it has been sent as a whole
  });
  document.addEventListener("htmx:beforeRequest", (event) => { // what asks by itself waits while something is ticked in it
    const { hold } = event.target.dataset ?? {};
    if (hold && $(hold) && !event.detail.requestConfig.triggeringEvent) event.preventDefault();
  });
  // Answers overtake one another on a slow line. What asked by itself and was replaced meanwhile is not heard, and a verdict on
  // what was saved earlier does not replace a later one.
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target.hasAttribute?.("hx-get")) event.target.addEventListener("htmx:beforeSwap", (late) => { late.detail.shouldSwap = false; });
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const there = $("[data-saved]", event.detail.target), comes = $("[data-saved]", event.detail.fragment);
    if (there && comes && Number(comes.dataset.saved) < Number(there.dataset.saved)) event.detail.shouldSwap = false;
  });
  addEventListener("pageshow", () => $$("form[data-submitted]").forEach(free));

  // What was typed comes back when the answer is a refusal, or when none came and the clerk goes back to the page: for the forms
  // that go to another page.
  function keep(form) {
    if (form.matches("[hx-post], [role=search]") || form.method !== "post" || $("[type=password], [type=file]", form)) return;
    const values = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "key"].includes(name));
    sessionStorage.setItem("typed", JSON.stringify({ action: form.action, values }));
  }
  const typed = JSON.parse(sessionStorage.getItem("typed") ?? "null");
  sessionStorage.removeItem("typed");
  const refused = $(".flash .error");
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (typed && (refused || back)) {
    const same = $$("form").filter((form) => form.action === typed.action && form.method === "post");
    const form = same.find((one) => typed.values.every(([name]) => one.elements[name])) ?? same[0];
    const fields = typed.values.map(([name, value]) => [form?.elements[name], value])
      .filter(([field]) => field instanceof HTMLElement && field.type !== "hidden");
    for (const [field, value] of fields) field.value = value;
    if (fields.length) form.closest("details")?.setAttribute("open", "");
    if (fields.length && refused) {
      const [[field]] = fields;
      field.setAttribute("aria-invalid", "true");
      field.insertAdjacentHTML("afterend", '<span class="error-text"></span>');
      field.nextElementSibling.textContent = refused.textContent;
    }
  }

  // Who takes over at the counter finds the draft as it was typed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-saves]");
    const form = $("form#intake");
    if (!link || !form || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    fetch(form.getAttribute("hx-post"), { method: "POST", body: new FormData(form) })
      .finally(() => { location.href = link.href; });
  });

  // A signature: strokes in the units of the field, sent as they were drawn.
  for (const form of $$("form[data-sign]")) {
    const field = $("canvas", form), pen = field.getContext("2d"), go = $("button.go", form);
    let strokes = [], stroke = null;
    Object.assign(pen, { lineWidth: 7, lineCap: "round", lineJoin: "round" });
    const at = (event) => {
      const box = field.getBoundingClientRect();
      const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
      return [within((event.clientX - box.left) * field.width / box.width, field.width),
        within((event.clientY - box.top) * field.height / box.height, field.height)];
    };
    const draw = (from, to) => { pen.beginPath(); pen.moveTo(...from); pen.lineTo(...to); pen.stroke(); };
    field.addEventListener("pointerdown", (event) => {
      if (strokes.length >= 200) return;
      field.setPointerCapture(event.pointerId);
      stroke = [at(event)];
      strokes.push(stroke);
      draw(stroke[0], stroke[0]);
    });
    field.addEventListener("pointermove", (event) => {
      if (!stroke || stroke.length >= 2000) return;
      const to = at(event), from = stroke[stroke.length - 1];
      if (to[0] === from[0] && to[1] === from[1]) return;
      stroke.push(to);
      draw(from, to);
    });
    for (const name of ["pointerup", "pointercancel"]) field.addEventListener(name, () => {
      stroke = null;
      form.elements.strokes.value = JSON.stringify(strokes);
      go.disabled = strokes.length === 0;
    });
    form.addEventListener("reset", () => {
      strokes = [];
      pen.clearRect(0, 0, field.width, field.height);
      go.disabled = true;
    });
  }

  // What was chosen, shown before it is sent.
  document.addEventListener("change", (event) => {
    const list = event.target.dataset?.preview && $(event.target.dataset.preview);
    if (!list) return;
    list.replaceChildren(...[...event.target.files].map((file) => {
      const item = document.createElement("li"), image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      image.addEventListener("load", () => URL.revokeObjectURL(image.src));
      item.append(image);
      return item;
    }));
  });

  // The law pane on narrow screens; printing.
  document.addEventListener("click", (event) => {
    const law = $(".law");
    if (event.target.closest(".law-button")) { law?.classList.add("open"); $(".law-close")?.focus(); }
    if (event.target.closest(".law-close")) { law?.classList.remove("open"); $(".law-button")?.focus(); }
    if (event.target.closest("[data-print]")) window.print();
  });

  // A file that the server would refuse for its size is not sent at all; the others are.
  document.addEventListener("change", (event) => {
    const input = event.target, most = Number(input.dataset?.most);
    if (!most || ![...input.files].some((file) => file.size > most)) return;
    const fit = new DataTransfer(), large = [];
    for (const file of input.files) file.size > most ? large.push(`“${file.name}”超过 ${most / 2 ** 20} MB，请压缩或降低分辨率后再上传。`) : fit.items.add(file);
    input.files = fit.files;
    const place = input.closest("[data-material], form")?.querySelector("[data-large]");
    if (place) { place.textContent = large.join(""); place.hidden = false; }
    if (!fit.files.length) event.stopImmediatePropagation();
  }, true);

  // Files: chosen, dropped or pasted onto a drop zone.
  function give(zone, files) {
    const input = $("input[type=file]", zone);
    if (!input || !files.length) return;
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const zone = event.target.closest?.(".drop");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("over", name === "dragover");
      if (name === "drop") give(zone, event.dataTransfer.files);
    });
  }
  document.addEventListener("paste", (event) => {
    const zone = event.target.closest?.("[data-material]")?.querySelector(".drop");
    if (zone && event.clipboardData.files.length) { event.preventDefault(); give(zone, event.clipboardData.files); }
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const material = event.target.type === "file" && event.target.closest("[data-material]");
    const bar = material && $("progress", material);
    if (bar && event.detail.lengthComputable) { bar.hidden = false; bar.value = event.detail.loaded / event.detail.total; }
  });
  // Nobody answers, or something breaks: said, and what was typed is saved as soon as it can be. A file is not sent again by itself.
  const AWAY = "网络或服务暂时不通。填写的内容还在页面上，";
  let unsaved = null; // the form whose last words did not arrive
  const retry = () => { if (unsaved?.isConnected && !unsaved.dataset.submitted) htmx.trigger(unsaved, "change"); };
  function again(form) { unsaved = form; setTimeout(retry, 4000); }
  function away({ target, detail }) {
    const status = detail.xhr.status, input = target.matches?.("input[type=file]") && target;
    if (status === 422) return;
    if (status === 413) { note(detail.xhr.responseText); return; }
    if (status > 0 && status < 500) { note("没有保存成功，请刷新页面再看。"); return; }
    note(`没有保存成功：${AWAY}恢复后会再保存。`);
    if (target.matches?.("form[hx-trigger]")) again(target);
    if (!input) return;
    const place = input.closest("[data-material], form")?.querySelector("[data-large]");
    if (place) {
      place.textContent = `${[...input.files].map((file) => `“${file.name}”`).join("")}没有传上去，请稍后再选一次。`;
      place.hidden = false;
    }
    input.value = "";
    const bar = input.closest("[data-material]")?.querySelector("progress");
    if (bar) bar.hidden = true;
  }
  document.addEventListener("htmx:responseError", away);
  document.addEventListener("htmx:sendError", away);
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (!detail.successful) return;
    if (unsaved && target !== unsaved) { retry(); return; } // somebody answers again
    unsaved = null;
    note("");
  });
  function note(text) {
    const place = $("#network");
    if (place) { place.textContent = text; place.hidden = !text; }
  }

  // On a phone the rows of a table stand one below the other: each cell says its column.
  function label(root) {
    for (const table of $$("table:has(thead)", root)) {
      const heads = $$("thead th", table).map((head) => head.textContent.trim());
      for (const row of $$("tbody tr", table)) {
        [...row.cells].forEach((cell, place) => { if (heads[place]) cell.dataset.label = heads[place]; });
      }
    }
  }
  label(document);
  document.addEventListener("htmx:afterSwap", () => label(document));

  // The first error takes the focus; sections shown by a choice.
  const wrong = $("[aria-invalid=true]");
  if (wrong) wrong.focus();
  function choose(root) {
    for (const part of $$("[data-when]", root)) {
      const [name, value] = part.dataset.when.split("=");
      const form = part.closest("form");
      const chosen = form && [...new FormData(form).getAll(name)];
      const was = part.hidden;
      part.hidden = !(chosen && chosen.includes(value));
      if (part.hidden || !was) continue; // only what has just come up is filled in; what was cleared stays so
      for (const input of $$("[data-from]", part)) {
        input.value ||= form.elements[input.dataset.from]?.value ?? "";
      }
    }
  }
  // What the machine read goes where nothing was typed; a card that lies on the reader, in place of what was.
  function fill() {
    for (const said of $$("[data-fill-empty], [data-fill-now]")) {
      const { fillEmpty, fillNow } = said.dataset;
      const field = $(`[name="${fillEmpty ?? fillNow}"]`);
      if (field && (fillNow || !field.value)) {
        field.value = said.dataset.value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      said.remove();
    }
  }
  fill();
  document.addEventListener("htmx:afterSwap", fill);
  choose(document);
  document.addEventListener("change", () => choose(document));
  document.addEventListener("htmx:afterSwap", () => choose(document));
})();
