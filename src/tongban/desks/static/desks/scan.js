// Scanning labels: a hand scanner types into the field by itself; a camera does too.
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

  // The camera: codes are read by the browser where it can, else by our server, a small picture a time.
  const button = document.querySelector("[data-scan-camera]");
  const video = document.querySelector("[data-scan-video]");
  if (!button) return;
  const WIDE = 800, PAUSE = 250; // px of a frame that is sent; ms between two
  const sheet = document.createElement("canvas");
  let stream = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.textContent = "用摄像头扫";
  }

  async function own() { // the browser's own reader, or null
    if (!("BarcodeDetector" in window)) return null;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!formats.includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async () => (await detector.detect(video)).map((code) => code.rawValue);
  }

  async function ours() {
    const shrink = Math.min(1, WIDE / video.videoWidth);
    sheet.width = Math.round(video.videoWidth * shrink);
    sheet.height = Math.round(video.videoHeight * shrink);
    sheet.getContext("2d").drawImage(video, 0, 0, sheet.width, sheet.height);
    const body = new FormData();
    body.append("frame", await new Promise((done) => sheet.toBlob(done, "image/jpeg", 0.8)), "frame.jpg");
    const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "X-Poll": "1" };
    const answer = await fetch(button.dataset.scanCamera, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(answer.status);
    return (await answer.json()).codes;
  }

  async function look(read) {
    while (stream) {
      try {
        for (const code of video.videoWidth ? await read() : []) {
          if (lines().includes(code)) continue;
          field.value = [...lines(), code].join("\n") + "\n";
          show();
        }
      } catch {
        if (stream) say("网络不通，摄像头暂时读不出标签。请用扫描枪，或者手工输入。");
      }
      await new Promise((next) => setTimeout(next, read === ours ? PAUSE : 60));
    }
  }

  const say = (text) => { count.textContent = text; };
  button.addEventListener("click", async () => {
    if (stream) { stop(); show(); return; }
    if (!navigator.mediaDevices) { say("浏览器只在 HTTPS 地址或本机上打开摄像头，请联系系统管理员；也可以用扫描枪，或者手工输入。"); return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (error) {
      say(error.name === "NotAllowedError" ? "浏览器没有允许用摄像头，请在地址栏旁边允许后再试；也可以用扫描枪，或者手工输入。"
        : error.name === "NotFoundError" ? "没有找到摄像头，请接好再试；也可以用扫描枪，或者手工输入。"
        : "摄像头打不开，可能被别的程序占用，请关闭后再试；也可以用扫描枪，或者手工输入。");
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    button.textContent = "关闭摄像头";
    say("把标签上的二维码对着摄像头。");
    look((await own()) ?? ours);
  });
  addEventListener("pagehide", stop);
})();
