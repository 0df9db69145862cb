// Scanning labels: a hand scanner types into the field by itself; a camera does where the browser can read codes.
"use strict";
(() => {
  const field = document.querySelector("[data-scan]");
  if (!field) return;
  const lines = () => [...new Set(field.value.split("\n").map((line) => line.trim()).filter(Boolean))];
  const count = document.querySelector("[data-scan-count]");

  function show() {
    const given = lines();
    if (count) count.textContent = given.length ? `已扫 ${given.length} 件` : "";
    for (const tick of document.querySelectorAll("input[data-code]")) {
      if (given.some((line) => line.toUpperCase().endsWith(tick.dataset.code))) tick.checked = true;
    }
  }
  field.addEventListener("input", show);
  show();

  const button = document.querySelector("[data-scan-camera]");
  const video = document.querySelector("[data-scan-video]");
  if (!button || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  button.hidden = false;
  let stream = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.textContent = "用摄像头扫";
  }

  async function look(detector) {
    while (stream) {
      for (const code of await detector.detect(video).catch(() => [])) {
        if (lines().includes(code.rawValue)) continue;
        field.value = [...lines(), code.rawValue].join("\n") + "\n";
        show();
      }
      await new Promise((next) => requestAnimationFrame(next));
    }
  }

  button.addEventListener("click", async () => {
    if (stream) { stop(); return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      count.textContent = "摄像头打不开，请允许使用摄像头，或者用扫描枪、手工输入。";
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    button.textContent = "关闭摄像头";
    look(new BarcodeDetector({ formats: ["qr_code", "code_128"] }));
  });
  addEventListener("pagehide", stop);
})();
