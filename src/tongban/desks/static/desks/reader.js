// The card reader on the clerk's own machine (docs/devices.md): its answer goes to the server as it is.
"use strict";
(() => {
  const said = document.querySelector("#reader-said");
  const say = (text) => { said.textContent = text; said.hidden = !text; };
  document.addEventListener("click", async (event) => {
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      const field = document.querySelector(`[name="${fill.dataset.fill}"]`);
      field.value = fill.dataset.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    }
    const button = event.target.closest("[data-reader]");
    if (!button || button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    say("");
    try {
      const answer = await fetch(button.dataset.reader, { credentials: "omit", cache: "no-store" });
      const text = await answer.text();
      if (!answer.ok) { say(answer.status === 404 ? "读卡器上没有卡，请把身份证放好再读。" : `读卡器说：${reason(text) || answer.status}`); return; }
      const { to, into, next } = button.dataset; // where it goes, where the answer goes, what is typed then
      await htmx.ajax("POST", to, { source: button.form, values: { card: text }, ...(into ? { target: into, swap: "innerHTML" } : { swap: "none" }) });
      document.querySelector(next)?.focus();
    } catch {
      say("没有连上读卡器。请检查读卡器程序是否已启动；也可以手工填写。");
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.pathInfo.requestPath.endsWith("/card/")) say(event.detail.xhr.responseText);
  });
  function reason(text) { try { return JSON.parse(text).error; } catch { return ""; } }
})();
