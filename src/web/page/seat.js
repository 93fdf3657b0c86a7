"use strict";
// The seat page: shows what is in force at this seat, and says how far it has come.

const words = {
  zh: { connected: "已连接", lost: "未连接，正在重连，自", calm: "没有要做的事，照常工作", more: "更多", left: "还剩", late: "已过", done: "已记下", noKey: "缺少钥匙：请用信息部给的完整链接打开本页", minute: "分", second: "秒" },
  en: { connected: "connected", lost: "not connected, trying again, since", calm: "Nothing to do. Work as usual.", more: "More", left: "left", late: "overdue by", done: "noted", noKey: "The key is missing: open the whole link that IT gave you", minute: "min", second: "s" },
};

const seat = decodeURIComponent(location.pathname.split("/").pop());
const asked = new URLSearchParams(location.search).get("lang");
const language = asked === "en" || asked === "zh" ? asked : null;
const say = words[language || (navigator.language.startsWith("zh") ? "zh" : "en")];
const storage = "callwatch.key." + seat;
const $ = (id) => document.getElementById(id);

// The key comes in the fragment, which is never sent, and does not stay in the address.
if (location.hash.length > 1) {
  localStorage.setItem(storage, location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}
const key = localStorage.getItem(storage);

let socket = null;
let wait = 500;
let lostAt = null;
let offset = 0; // server's clock minus ours, ms
let cards = [];
const sent = new Map(); // card and revision -> the furthest stage that was reported
const pressed = new Map(); // command id -> button key
const outcomes = new Map(); // button key -> text

document.documentElement.lang = language === "en" || say === words.en ? "en" : "zh-CN";
$("seat").textContent = seat;
document.title = seat + " · callwatch";

function identifier() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function send(frame) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function connect() {
  if (!key) { state(false, say.noKey); return; }
  socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/ws");
  socket.onopen = () => send({ frame: "hello", version: 1, seat, key, language });
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onclose = () => {
    if (lostAt === null) lostAt = new Date();
    state(false);
    sent.clear();
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 5000);
  };
}

function state(connected, text) {
  $("dot").className = connected ? "dot on" : "dot";
  $("state").textContent = text || (connected ? say.connected : say.lost + " " + (lostAt || new Date()).toTimeString().slice(0, 5));
  document.body.classList.toggle("lost", !connected);
}

function receive(frame) {
  if (frame.frame === "cards") {
    wait = 500;
    lostAt = null;
    offset = Date.parse(frame.server_now) - Date.now();
    cards = frame.cards;
    state(true);
    draw();
    report();
  } else if (frame.frame === "outcome") {
    const place = pressed.get(frame.id);
    pressed.delete(frame.id);
    if (place) {
      outcomes.set(place, frame.refused || say.done);
      draw();
    }
  } else if (frame.frame === "refused") {
    wait = 5000;
    lostAt = lostAt || new Date();
    state(false, frame.why);
    socket.onclose = () => setTimeout(connect, 30000);
  }
}

function report() {
  const visible = document.visibilityState === "visible";
  for (const card of cards) {
    const name = card.incident + " " + card.role + " " + card.revision;
    const stages = visible ? ["received", "shown"] : ["received"];
    for (const stage of stages) {
      const done = sent.get(name);
      if (done === "shown" || done === stage) continue;
      sent.set(name, stage);
      send({ frame: "receipt", card: { incident: card.incident, role: card.role }, revision: card.revision, stage });
    }
  }
}

function element(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw() {
  const open = new Set(Array.from(document.querySelectorAll("details[open]"), (d) => d.dataset.card));
  const shown = cards.map((card) => {
    const name = card.incident + " " + card.role;
    const box = element("article", "card " + (card.phase === "over" ? "over" : card.severity));
    box.append(element("h1", "", card.title));
    for (const line of card.lines) box.append(element("p", "line", line));
    const buttons = element("div", "buttons");
    for (const button of card.buttons) {
      const place = name + " " + JSON.stringify(button.act);
      const made = element("button", button.done ? "done" : "", button.say);
      made.type = "button";
      const waiting = Array.from(pressed.values()).includes(place);
      made.disabled = button.done || waiting;
      if (waiting) made.classList.add("waiting");
      made.onclick = () => {
        const id = identifier();
        pressed.set(id, place);
        outcomes.delete(place);
        send({ frame: "command", id, act: button.act });
        draw();
      };
      buttons.append(made);
      const outcome = outcomes.get(place);
      if (outcome && !button.done) buttons.append(element("span", "outcome", outcome));
    }
    if (card.buttons.length) box.append(buttons);
    for (const clock of card.clocks) {
      const row = element("p", "clock" + (clock.reminded ? " soon" : ""), clock.say + "  ");
      const left = element("span", "left");
      left.dataset.deadline = clock.deadline;
      row.append(left);
      box.append(row);
    }
    if (card.more.length) {
      const more = element("details");
      more.dataset.card = name;
      more.open = open.has(name);
      more.append(element("summary", "", say.more));
      for (const line of card.more) more.append(element("p", "", line));
      box.append(more);
    }
    return box;
  });
  $("cards").replaceChildren(...shown);
  $("calm").textContent = cards.length ? "" : say.calm;
  tick();
}

function tick() {
  for (const left of document.querySelectorAll(".left")) {
    const seconds = Math.round((Date.parse(left.dataset.deadline) - Date.now() - offset) / 1000);
    const size = Math.abs(seconds);
    const text = size >= 60 ? Math.floor(size / 60) + " " + say.minute + " " + (size % 60) + " " + say.second : size + " " + say.second;
    left.textContent = (seconds >= 0 ? say.left : say.late) + " " + text;
  }
}

document.addEventListener("visibilitychange", report);
setInterval(tick, 1000);
setInterval(() => send({ frame: "alive" }), 5000);
window.addEventListener("pagehide", () => send({ frame: "goodbye" }));
state(false);
connect();
