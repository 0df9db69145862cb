// A document camera or webcam in the page: a frame to lay the paper in, a shutter that goes off by itself when the picture
// is sharp, still, and the edges of the paper lie on the frame. The measuring is done on a small grey copy of the frame;
// what is sent is cut from the full picture. Whether the picture will do is said by the server, not here.
"use strict";
(() => {
  const dialog = document.querySelector("#camera");
  if (!dialog) return;
  const $ = (selector) => dialog.querySelector(selector);
  const video = $("video"), over = $("canvas"), said = $("[data-said]"), choice = $("select"), auto = $("[name=auto]");
  const small = document.createElement("canvas");
  const WIDE = 200; // of the grey copy, in pixels
  const SHARP = 55, STILL = 3.2, EDGE = 7, HOLD = 5; // variance of the Laplacian; grey levels; grey levels; looks in a row
  const SHAPES = { idcard: 85.6 / 54, photo: 358 / 441, scan: 210 / 297 };
  let stream = null, timer = 0, zone = null, kind = "scan", before = null, held = 0, moved = true, left = 1, busy = false;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-camera]");
    if (button) open(button);
  });
  $("[data-shoot]").addEventListener("click", () => shoot());
  $("[data-close]").addEventListener("click", () => dialog.close());
  choice.addEventListener("change", () => start(choice.value));
  dialog.addEventListener("close", stop);

  function open(button) {
    zone = button.closest("[data-material]");
    kind = button.dataset.camera;
    left = kind === "idcard" ? 2 : 1;
    moved = true;
    auto.checked = kind !== "photo"; // a person is photographed when they are ready
    dialog.showModal();
    if (!navigator.mediaDevices) { say("浏览器只在 HTTPS 地址或本机上打开摄像头，请联系系统管理员，或用手机拍。"); return; }
    start("");
  }

  async function start(id) {
    stop();
    say("正在打开摄像头……");
    try {
      const size = { width: { ideal: 2560 }, height: { ideal: 1920 } };
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: id ? { ...size, deviceId: { exact: id } } : size });
    } catch (error) {
      say(error.name === "NotAllowedError" ? "浏览器没有允许用摄像头，请在地址栏旁边允许后再试。"
        : error.name === "NotFoundError" ? "没有找到摄像头，请接好高拍仪或摄像头，或用手机拍。"
        : "摄像头打不开，可能被别的程序占用，请关闭后再试。");
      return;
    }
    if (!dialog.open) { stop(); return; }
    video.srcObject = stream;
    await video.play();
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const now = stream.getVideoTracks()[0].getSettings().deviceId;
    choice.replaceChildren(...all.map((device, place) => new Option(device.label || `摄像头 ${place + 1}`, device.deviceId, false, device.deviceId === now)));
    choice.hidden = all.length < 2;
    before = null; held = 0; dialog.dataset.looks = "0";
    timer = setInterval(look, 120);
    prompt();
  }

  function stop() {
    clearInterval(timer);
    stream?.getTracks().forEach((track) => track.stop());
    stream = null; video.srcObject = null;
  }

  // The frame, in pixels of a picture of the given size.
  function frame(width, height) {
    const shape = SHAPES[kind], most = 0.86;
    const w = Math.min(width * most, height * most * shape), h = w / shape;
    return { x: (width - w) / 2, y: (height - h) / 2, w, h };
  }

  function look() {
    if (!video.videoWidth || busy) return;
    small.width = WIDE;
    small.height = Math.round((WIDE * video.videoHeight) / video.videoWidth);
    const brush = small.getContext("2d", { willReadFrequently: true });
    brush.drawImage(video, 0, 0, small.width, small.height);
    const { data } = brush.getImageData(0, 0, small.width, small.height);
    const grey = new Float32Array(small.width * small.height);
    for (let at = 0; at < grey.length; at++) grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    const seen = measure(grey, small.width, small.height);
    draw(seen.sides);
    dialog.dataset.looks = String(Number(dialog.dataset.looks ?? 0) + 1);
    if (seen.change > 3 * STILL) moved = true;
    const good = seen.sharp >= SHARP && seen.change <= STILL && seen.sides.filter(Boolean).length >= 3;
    held = good ? held + 1 : 0;
    if (auto.checked && moved && held >= HOLD) { shoot(); return; }
    if (auto.checked && moved) {
      say(seen.sides.filter(Boolean).length < 3 ? hint() : seen.change > STILL ? "请放稳。" : seen.sharp < SHARP ? `不够清晰（${Math.round(seen.sharp)}，应不低于 ${SHARP}），请对焦。` : "很好，不要动……");
    }
  }

  function measure(grey, width, height) {
    const box = frame(width, height);
    let sum = 0, squares = 0, n = 0, change = 0;
    for (let y = Math.ceil(box.y) + 1; y < box.y + box.h - 1; y++) {
      for (let x = Math.ceil(box.x) + 1; x < box.x + box.w - 1; x++) {
        const at = y * width + x;
        const value = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
        sum += value; squares += value * value; n += 1;
        if (before) change += Math.abs(grey[at] - before[at]);
      }
    }
    change = before && before.length === grey.length ? change / n : 255;
    before = grey;
    const near = Math.max(3, Math.round(0.06 * box.w));
    const pixel = (x, y) => grey[Math.min(height - 1, Math.max(0, Math.round(y))) * width + Math.min(width - 1, Math.max(0, Math.round(x)))];
    const side = (along, across, at, from, to) => { // the strongest straight edge near a side of the frame
      let best = 0;
      for (let shift = -near; shift <= near; shift++) {
        let total = 0, count = 0;
        for (let place = from; place < to; place += 2) { total += across(at + shift, place); count += 1; }
        best = Math.max(best, Math.abs(total / count));
      }
      return best >= EDGE;
    };
    const down = (y, x) => pixel(x, y + 1) - pixel(x, y - 1), right = (x, y) => pixel(x + 1, y) - pixel(x - 1, y);
    const inset = 0.12;
    return {
      sharp: squares / n - (sum / n) ** 2,
      change,
      sides: [
        side("x", down, box.y, box.x + inset * box.w, box.x + (1 - inset) * box.w),
        side("y", right, box.x + box.w, box.y + inset * box.h, box.y + (1 - inset) * box.h),
        side("x", down, box.y + box.h, box.x + inset * box.w, box.x + (1 - inset) * box.w),
        side("y", right, box.x, box.y + inset * box.h, box.y + (1 - inset) * box.h),
      ],
    };
  }

  function draw(sides) {
    over.width = video.videoWidth; over.height = video.videoHeight;
    const brush = over.getContext("2d"), box = frame(over.width, over.height);
    brush.fillStyle = "rgba(10, 20, 30, .5)";
    brush.fillRect(0, 0, over.width, over.height);
    brush.clearRect(box.x, box.y, box.w, box.h);
    brush.lineWidth = Math.max(3, over.width / 200);
    const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([x, y]) => [box.x + x * box.w, box.y + y * box.h]);
    corners.forEach((corner, place) => {
      brush.strokeStyle = sides[place] || kind === "photo" ? "#7fd3a0" : "#fff";
      brush.beginPath(); brush.moveTo(...corner); brush.lineTo(...corners[(place + 1) % 4]); brush.stroke();
    });
    if (kind === "photo") { // where the head belongs
      brush.setLineDash([12, 8]); brush.strokeStyle = "#7fd3a0"; brush.beginPath();
      brush.ellipse(box.x + box.w / 2, box.y + 0.42 * box.h, 0.29 * box.w, 0.33 * box.h, 0, 0, 2 * Math.PI); brush.stroke();
    }
  }

  function shoot() {
    if (busy || !video.videoWidth) return;
    busy = true;
    const box = frame(video.videoWidth, video.videoHeight), margin = kind === "photo" ? 0 : 0.04;
    const x = Math.max(0, box.x - margin * box.w), y = Math.max(0, box.y - margin * box.h);
    const w = Math.min(video.videoWidth - x, box.w * (1 + 2 * margin)), h = Math.min(video.videoHeight - y, box.h * (1 + 2 * margin));
    const sheet = document.createElement("canvas");
    sheet.width = Math.round(w); sheet.height = Math.round(h);
    sheet.getContext("2d").drawImage(video, x, y, w, h, 0, 0, sheet.width, sheet.height);
    sheet.toBlob((blob) => {
      busy = false; held = 0; moved = false;
      const time = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
      const box = new DataTransfer();
      box.items.add(new File([blob], `拍摄-${time}.jpg`, { type: "image/jpeg" }));
      const input = zone.isConnected ? zone.querySelector("input[type=file]") : null;
      if (input) {
        input.dataset.source = "camera";
        input.files = box.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
      left -= 1;
      if (left > 0) prompt(); else dialog.close();
    }, "image/jpeg", 0.92);
  }

  const hint = () => ({ idcard: "请把身份证放进框里，四边对齐。", photo: "请对准人像，按“拍”。", scan: "请把材料放进框里，四边对齐。" })[kind];
  function prompt() { say(kind === "idcard" && left === 1 ? "已拍一面，请翻到另一面。" : hint()); }
  function say(text) { if (said.textContent !== text) said.textContent = text; }
})();
