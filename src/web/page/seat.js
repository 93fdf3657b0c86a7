"use strict";
// The seat page: shows what is in force at this seat, and says how far it has come.
// What is pressed is said again, under the same id, until the daemon says what became of it.

const words = {
  zh: { connecting: "正在连接", connected: "已连接", lost: "未连接，自", stale: "现在收不到新的卡片，下面的可能已过时；出事请打电话", calm: "没有要做的事，照常工作", more: "更多", left: "还剩", late: "已过", unsent: "连上后就送出", refused: "没记下：", noKey: "缺少钥匙：请用信息部给的完整链接打开本页", minute: "分", second: "秒", raise: "报告情况", back: "不报了", send: "现在报", hold: "按住三秒", where: "在哪儿", found: "什么时候发现的", justNow: "刚刚", ago: "分钟前", open: "不填", choose: "请选", register: "登记簿", leave: "请人代班", standIn: "代班坐席（最长90分钟）", hand: "交给他", resume: "我回来了" },
  en: { connecting: "connecting", connected: "connected", lost: "not connected since", stale: "No new cards arrive here, and what is shown may be old. Use the phone if something happens", calm: "Nothing to do. Work as usual.", more: "More", left: "left", late: "overdue by", unsent: "sent once connected", refused: "Not noted: ", noKey: "The key is missing: open the whole link that IT gave you", minute: "min", second: "s", raise: "Report something", back: "Not now", send: "Report it", hold: "Hold for 3 s", where: "Where", found: "Found", justNow: "just now", ago: "min ago", open: "leave open", choose: "choose", register: "Register", leave: "Have somebody stand in", standIn: "Who stands in, at seat (90 min at most)", hand: "Hand over", resume: "I am back" },
};
const ALIVE = 5000;
const SILENT = 15000; // the daemon answers every word that we are alive
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const REFUSED_WAIT = 30000;
const CHANGING = 10000; // what this browser knows is told no more often
const CALM = 60000;
const HOLD = 3000; // a fire is sent at once, so the press must be meant
const FOUND = [0, 2, 5, 10, 20, 30, 60]; // minutes ago

const seat = decodeURIComponent(location.pathname.split("/").pop());
const asked = new URLSearchParams(location.search).get("lang");
const language = asked === "en" || asked === "zh" ? asked : null;
const shownLanguage = language || (document.documentElement.lang === "en" ? "en" : "zh");
const say = words[shownLanguage];
const storage = "callwatch.key." + seat;
const $ = (id) => document.getElementById(id);

document.documentElement.lang = shownLanguage === "en" ? "en" : "zh-CN";
$("seat").textContent = seat;

// The key comes in the fragment, which is never sent, and does not stay in the address.
if (location.hash.length > 1) {
  localStorage.setItem(storage, location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}
const key = localStorage.getItem(storage);

let socket = null;
let wait = FIRST_WAIT;
let connected = false;
let lostAt = null;
let heardAt = 0;
let offset = 0; // the daemon's clock minus ours, ms
let cards = [];
let drawn = "";
let microphones = null; // how many, where the browser says so without asking anybody
let told = { page: "", at: -CALM }; // what was told of this browser over this connection
let menu = [];
let substitutes = []; // seats that may stand in for the lead, at the lead's own
const reported = new Map(); // card, revision and stage
const pressed = new Map(); // command id -> { place, act }
const refusals = new Map(); // place of a button -> why

function identifier() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function send(frame) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function connect() {
  if (!key) { lostAt = new Date(); state(say.noKey); return; }
  const mine = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/ws");
  socket = mine;
  heardAt = Date.now();
  mine.onopen = () => send({ frame: "hello", version: 1, seat, key, language });
  mine.onmessage = (event) => { if (socket === mine) receive(JSON.parse(event.data)); };
  mine.onclose = () => { if (socket === mine) lose(null, wait); };
}

function lose(why, after) {
  if (socket) { const old = socket; socket = null; old.close(); }
  if (connected || lostAt === null) lostAt = new Date();
  connected = false;
  state(why);
  setTimeout(connect, after + Math.random() * after / 2);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function state(why) {
  $("dot").className = connected ? "dot on" : "dot";
  const since = lostAt ? say.lost + " " + lostAt.toTimeString().slice(0, 5) : say.connecting;
  $("state").textContent = connected ? say.connected : since;
  document.body.classList.toggle("lost", !connected);
  $("lost").hidden = connected || lostAt === null;
  const alarm = why || say.stale;
  if (!$("lost").hidden && $("lost").textContent !== alarm) $("lost").textContent = alarm;
  calm();
}

// Nothing is called calm that is not known to be.
function calm() {
  $("calm").textContent = connected && !cards.length ? say.calm : "";
  const open = cards.find((card) => card.phase === "open" && !card.acknowledged);
  document.title = (open ? "● " + open.title : seat) + " · callwatch";
}

function receive(frame) {
  heardAt = Date.now();
  if (frame.server_now) offset = Date.parse(frame.server_now) - Date.now();
  if (frame.frame === "cards") {
    if (!connected) {
      connected = true;
      lostAt = null;
      wait = FIRST_WAIT;
      reported.clear();
      told = { page: "", at: -CALM };
      for (const [id, { act }] of pressed) send({ frame: "command", id, act });
      send({ frame: "menu" });
    }
    cards = frame.cards;
    state();
    draw();
    report();
    tell();
  } else if (frame.frame === "outcome") {
    const settled = pressed.get(frame.id);
    pressed.delete(frame.id);
    if (settled && frame.refused) refusals.set(settled.place, say.refused + frame.refused);
    if (settled && settled.place === "raise") raised();
    draw();
  } else if (frame.frame === "menu") {
    menu = frame.items;
    substitutes = frame.substitutes;
    $("raise").hidden = !menu.length && !substitutes.length;
    if (!$("raising").hidden && !$("raising").querySelector("form")) choose();
  } else if (frame.frame === "refused") {
    lose(frame.why, REFUSED_WAIT);
  }
}

// Whether what is kept here is still here tomorrow; some browsers throw it away, some refuse.
function keeps() {
  try {
    localStorage.setItem("callwatch.kept", "1");
    return localStorage.getItem("callwatch.kept") === "1";
  } catch {
    return false;
  }
}

// Counts only what the browser tells already: nobody is asked for leave.
async function count() {
  try {
    const leave = await navigator.permissions.query({ name: "microphone" });
    if (leave.state !== "granted") { microphones = null; return; }
    const devices = await navigator.mediaDevices.enumerateDevices();
    microphones = devices.filter((device) => device.kind === "audioinput").length;
  } catch {
    microphones = null; // an older browser, or a page without TLS
  }
}

// What this browser knows of itself: when it changes, every ten seconds at most, and every minute.
function tell() {
  if (!connected) return;
  const page = { visible: document.visibilityState === "visible", online: navigator.onLine, storage: keeps(), microphones };
  const text = JSON.stringify(page);
  const now = performance.now();
  if (now - told.at < (text === told.page ? CALM : CHANGING)) return;
  told = { page: text, at: now };
  send({ frame: "health", health: { page } });
}

function report() {
  const visible = document.visibilityState === "visible";
  for (const card of cards) {
    for (const stage of visible ? ["received", "shown"] : ["received"]) {
      const name = [card.incident, card.role, card.revision, stage].join(" ");
      if (reported.has(name)) continue;
      reported.set(name, true);
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

function press(place, act) {
  const id = identifier();
  pressed.set(id, { place, act });
  refusals.delete(place);
  send({ frame: "command", id, act });
  draw();
}

function button(name, known, first) {
  const place = name + " " + JSON.stringify(known.act);
  const waiting = Array.from(pressed.values()).some((press) => press.place === place);
  // Of the answers to a question none stands out.
  const primary = first && !["answer", "neighbour"].includes(known.act.do) ? "primary" : "";
  const made = element("button", known.done ? "done" : waiting ? "waiting" : primary, known.say);
  made.type = "button";
  made.dataset.place = place;
  made.disabled = known.done || waiting;
  made.onclick = () => press(place, known.act);
  const note = known.done ? "" : waiting && !connected ? say.unsent : refusals.get(place) || "";
  return note ? [made, element("span", "outcome", note)] : [made];
}

function article(card, open) {
  const name = card.incident + " " + card.role;
  const box = element("article", "card " + (card.phase === "over" ? "over" : card.severity));
  box.append(element("h1", "", card.title));
  for (const line of card.lines) box.append(element("p", "line", line));
  const buttons = element("div", "buttons");
  card.buttons.forEach((known, n) => buttons.append(...button(name, known, n === 0)));
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
}

function draw() {
  // A screen reader says again what is drawn again.
  const now = JSON.stringify([cards, [...pressed], [...refusals], connected]);
  if (now === drawn) return;
  drawn = now;
  const open = new Set(Array.from(document.querySelectorAll("details[open]"), (d) => d.dataset.card));
  const focused = document.activeElement && document.activeElement.dataset.place;
  $("cards").replaceChildren(...cards.filter((card) => !card.quiet).map((card) => article(card, open)));
  const quiet = cards.filter((card) => card.quiet);
  $("register").replaceChildren(...(quiet.length ? [element("h2", "", say.register)] : []), ...quiet.map((card) => article(card, open)));
  if (focused) {
    const again = Array.from(document.querySelectorAll("button")).find((made) => made.dataset.place === focused);
    if (again) again.focus();
  }
  calm();
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

// What people see themselves: they say what, where and since when.
function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}

function field(name, label, input) {
  const row = element("label", "field", label);
  input.name = name;
  row.append(input);
  return row;
}

function choice(options, first) {
  const made = element("select");
  if (first !== undefined) made.append(option("", first));
  made.append(...options);
  return made;
}

function typed(ask) {
  if (Object.keys(ask.options).length) {
    const options = Object.entries(ask.options).map(([id, name]) => option(id, name));
    return choice(options, ask.optional ? say.open : say.choose);
  }
  const made = element("input");
  made.type = { date: "date", number: "number", "working-days": "number" }[ask.type] || "text";
  if (made.type === "number") { made.min = 0; made.inputMode = "numeric"; }
  return made;
}

function form(item) {
  const made = element("form", "card " + item.severity);
  made.append(element("h1", "", item.title));
  if (item.places.length > 1) {
    const where = choice(item.places.map((place) => option(place.of, place.name)));
    where.value = item.place;
    made.append(field("of", say.where, where));
  }
  if (item.severity === "critical") {
    const found = FOUND.map((minutes) => option(minutes * 60, minutes ? minutes + " " + say.ago : say.justNow));
    made.append(field("found", say.found, choice(found)));
  }
  // Where nothing is left to say but what it is, saying that reports it.
  const only = item.asks.length === 1 && made.querySelector("select") === null && item.asks[0];
  const taps = only && !only.optional ? Object.entries(only.options) : [];
  const buttons = element("div", "buttons");
  const back = element("button", "", say.back);
  back.type = "button";
  back.onclick = choose;
  const go = element("button", "primary", item.procedure === "fire" ? say.hold : say.send);
  if (taps.length) {
    made.append(element("p", "", only.say));
    buttons.append(...taps.map(([id, name]) => {
      const tap = element("button", "", name);
      tap.name = "ask " + only.ask;
      tap.value = id;
      return tap;
    }));
  } else {
    for (const ask of item.asks) {
      const input = typed(ask);
      input.required = !ask.optional;
      made.append(field("ask " + ask.ask, ask.say, input));
    }
    buttons.append(go);
  }
  buttons.append(back);
  made.append(buttons, element("p", "outcome"));
  made.onsubmit = (event) => {
    event.preventDefault();
    const given = new FormData(made, taps.length ? event.submitter : null);
    const answers = {};
    for (const ask of item.asks) {
      const value = given.get("ask " + ask.ask);
      if (value) answers[ask.ask] = value;
    }
    const act = { do: "raise", procedure: item.procedure, of: given.get("of") || item.place, found: Number(given.get("found") || 0), answers };
    for (const button of buttons.children) button.disabled = button !== back;
    press("raise", act);
  };
  if (item.procedure === "fire") {
    let held = null;
    go.type = "button";
    const begin = () => { held = held || setTimeout(() => { held = null; made.requestSubmit(); }, HOLD); };
    const end = () => { clearTimeout(held); held = null; };
    go.onpointerdown = begin;
    go.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") begin(); };
    go.onpointerup = go.onpointerleave = go.onkeyup = end;
  }
  return made;
}

// The lead goes to lunch, or is back.
function standIn() {
  const made = element("form", "card");
  made.append(element("h1", "", say.leave));
  made.append(field("seat", say.standIn, choice(substitutes.map((id) => option(id, id)))));
  const buttons = element("div", "buttons");
  const hand = element("button", "primary", say.hand);
  const resume = element("button", "", say.resume);
  const back = element("button", "", say.back);
  resume.type = back.type = "button";
  resume.onclick = () => press("raise", { do: "resume", role: "lead" });
  back.onclick = choose;
  buttons.append(hand, resume, back);
  made.append(buttons, element("p", "outcome"));
  made.onsubmit = (event) => {
    event.preventDefault();
    press("raise", { do: "substitute", role: "lead", seat: new FormData(made).get("seat") });
  };
  return made;
}

// After an outcome: what was refused is said in the form, else the card comes by itself.
function raised() {
  const why = refusals.get("raise");
  const made = $("raising").querySelector("form");
  if (!why || !made) { close(); return; }
  made.querySelector(".outcome").textContent = why;
  for (const button of made.querySelectorAll("button")) button.disabled = false;
}

function close() {
  refusals.delete("raise");
  $("raising").hidden = true;
  $("raise").hidden = !menu.length && !substitutes.length;
}

function choose() {
  const back = element("button", "", say.back);
  back.type = "button";
  back.onclick = close;
  const items = menu.map((item) => {
    const made = element("button", item.severity, item.title);
    made.type = "button";
    made.onclick = () => { $("raising").replaceChildren(form(item)); };
    return made;
  });
  if (substitutes.length) {
    const leave = element("button", "", say.leave);
    leave.type = "button";
    leave.onclick = () => { $("raising").replaceChildren(standIn()); };
    items.push(leave);
  }
  const list = element("div", "menu");
  list.append(...items, back);
  $("raising").replaceChildren(list);
  $("raising").hidden = false;
  $("raise").hidden = true;
}

$("raise").textContent = say.raise;
$("raise").onclick = () => { send({ frame: "menu" }); choose(); };
document.addEventListener("visibilitychange", () => { report(); tell(); });
window.addEventListener("online", tell);
window.addEventListener("offline", tell);
if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", () => count().then(tell));
setInterval(tick, 1000);
setInterval(() => {
  send({ frame: "alive" });
  tell();
  if (socket && Date.now() - heardAt > SILENT) lose(null, FIRST_WAIT);
}, ALIVE);
window.addEventListener("pagehide", () => send({ frame: "goodbye" }));
state();
count().then(tell);
connect();
