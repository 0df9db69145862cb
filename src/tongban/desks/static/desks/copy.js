// Field after field onto the clipboard: by its button, or the next one by F8. What was copied is marked.
"use strict";
(() => {
  const buttons = [...document.querySelectorAll("[data-copy] [data-value]")];
  const said = document.querySelector("[data-said]");
  const next = document.querySelector("[data-next]");
  const open = () => { // the next one behind what was copied last, else the first that was not
    const last = buttons.findIndex((button) => "last" in button.closest("li").dataset);
    const left = buttons.filter((button) => !("done" in button.closest("li").dataset));
    return left.find((button) => buttons.indexOf(button) > last) ?? left[0];
  };

  // navigator.clipboard is there only over HTTPS and on the machine itself; a hall's plain HTTP has the older way.
  function older(text) {
    const field = Object.assign(document.createElement("textarea"), { value: text });
    field.setAttribute("aria-hidden", "true");
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
  async function put(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return older(text);
    }
  }

  async function copy(button) {
    const line = button.closest("li"), name = line.querySelector("small").textContent;
    if (!await put(button.dataset.value)) {
      said.textContent = `“${name}”没有复制成功，请选中后按 Ctrl C。`;
      return;
    }
    for (const other of buttons) delete other.closest("li").dataset.last;
    line.dataset.done = line.dataset.last = "1";
    button.textContent = "已复制";
    line.scrollIntoView({ block: "nearest" });
    const after = open()?.closest("li").querySelector("small").textContent;
    said.textContent = after ? `已复制“${name}”。下一项：${after}。` : `已复制“${name}”。全部复制过了。`;
    next.disabled = !after;
  }

  for (const button of buttons) button.addEventListener("click", () => copy(button));
  next.addEventListener("click", () => { const button = open(); if (button) copy(button); });
  document.querySelector("[data-again]").addEventListener("click", () => {
    for (const button of buttons) {
      delete button.closest("li").dataset.done;
      delete button.closest("li").dataset.last;
      button.textContent = "复制";
    }
    next.disabled = false;
    said.textContent = "按 F8 复制第一项。";
  });
})();
