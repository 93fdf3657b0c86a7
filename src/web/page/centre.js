"use strict";
// The centre's page: what is happening, what the devices say and how old that is, who is connected.

const words = {
  zh: { live: "实时", lost: "读不到，最后一次", none: "现在没有事件", since: "起", closed: "已解除", partOf: "归入", signals: "设备", readiness: "现在断电能撑多久", readyLevels: { normal: "够", warning: "偏短", critical: "不够", unknown: "不明" }, accepted: "已接受", seats: "坐席", age: "前", never: "还没有回答", on: "已连接", off: "未连接", cards: "张卡片", levels: { normal: "正常", warning: "留意", critical: "异常", unknown: "不明" }, notRecorded: "没有记录下来：", now: "现在是", until: "到", standsIn: "代班", handing: "交接中", deputy: "副手", nobody: "班表外", resting: "休息时间", sheet: "用的是旧表：" },
  en: { live: "live", lost: "cannot be read, last at", none: "Nothing is happening", since: "since", closed: "over", partOf: "part of", signals: "Devices", readiness: "If the mains failed now", readyLevels: { normal: "lasts", warning: "short", critical: "fails", unknown: "unknown" }, accepted: "accepted", seats: "Seats", age: "ago", never: "no answer yet", on: "connected", off: "not connected", cards: "cards", levels: { normal: "normal", warning: "warning", critical: "critical", unknown: "unknown" }, notRecorded: "Not recorded: ", now: "now", until: "until", standsIn: "stands in", handing: "handing over", deputy: "deputy", nobody: "off the roster", resting: "out of hours", sheet: "An older sheet is in force: " },
};
const windowWords = {
  zh: { title: "检修、预告停电、发电机试验", owner: "负责人", left: "还有", ended: "已结束", minutes: "分钟" },
  en: { title: "Maintenance, announced cuts, generator tests", owner: "owner", left: "left:", ended: "ended", minutes: "min" },
};
const digestWords = {
  zh: { title: "IT要看的" },
  en: { title: "For IT to see to" },
};
const asked = new URLSearchParams(location.search).get("lang");
let language = asked === "en" || asked === "zh" ? asked : null;
let lastRead = null;
const $ = (id) => document.getElementById(id);

function element(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function clock(moment, zone) {
  return new Date(moment).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function age(from, now, say) {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(from)) / 1000));
  const text = seconds < 120 ? seconds + " s" : Math.floor(seconds / 60) + " min";
  return text + " " + say.age;
}

function draw(view) {
  const lang = language || view.language;
  const say = words[lang];
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  $("site").textContent = view.site[lang];
  document.title = view.site[lang] + " · callwatch";
  $("dot").className = "dot on";
  $("state").textContent = say.live + " " + clock(view.now, view.time_zone);

  const joined = (names) => names.join(lang === "zh" ? "、" : ", ");
  const duty = view.duty.map((duty) => {
    const row = element("p", "line");
    row.append(element("b", "", duty.name[lang] + (lang === "zh" ? say.now : " " + say.now + ": ")));
    const seats = duty.seats.length ? " (" + joined(duty.seats) + ")" : "";
    let who = joined(duty.people) + seats;
    if (duty.substitute) who = duty.substitute[0] + " " + say.standsIn + " " + say.until + " " + clock(duty.substitute[1], view.time_zone).slice(0, 5);
    if (duty.leaving.length) who += " · " + say.handing + " " + joined(duty.leaving);
    if (duty.deputies.length) who += " · " + say.deputy + " " + joined(duty.deputies);
    row.append(element("span", "", who.trim() || say.nobody));
    return row;
  });
  for (const why of view.sheets) duty.unshift(element("p", "alarm", say.sheet + why));
  for (const two of view.doubles || []) duty.unshift(element("p", "alarm", two[lang]));
  if (!view.working) duty.push(element("p", "line", say.resting));
  $("duty").replaceChildren(...duty);

  const incidents = view.incidents.map((incident) => {
    const box = element("article", "card " + (incident.closed ? "over" : incident.severity));
    const title = incident.title[lang] + " · " + incident.where[lang] + (incident.kind ? " · " + incident.kind[lang] : "");
    box.append(element("h1", "", title));
    const since = clock(incident.since, view.time_zone);
    const span = (lang === "zh" ? since + " " + say.since : say.since + " " + since) + (incident.closed ? " · " + say.closed + " " + clock(incident.closed, view.time_zone) : "");
    box.append(element("p", "line", span));
    const wider = view.incidents.find((other) => other.id === incident.part_of);
    if (wider) box.append(element("p", "line", say.partOf + (lang === "zh" ? "：" : ": ") + wider.title[lang] + " · " + wider.where[lang]));
    const line = element("ol", "timeline");
    // The newest on top: that is what is looked for.
    for (const [moment, text] of incident.timeline.slice().reverse()) {
      const row = element("li");
      row.append(element("time", "", clock(moment, view.time_zone)), element("span", "", text[lang]));
      line.append(row);
    }
    box.append(line);
    return box;
  });
  if (view.not_recorded) incidents.unshift(element("p", "alarm", say.notRecorded + view.not_recorded));
  if (!view.incidents.length) incidents.push(element("p", "calm", say.none));
  $("incidents").replaceChildren(...incidents);

  const wording = windowWords[lang];
  const windows = view.windows.map((known) => {
    const box = element("article", "card " + (known.ended ? "over" : known.worse.length ? "warning" : "info"));
    box.append(element("h1", "", known.what[lang] + " · " + known.where[lang]));
    const day = new Date(known.begin).toLocaleDateString("en-CA", { timeZone: view.time_zone });
    const span = day + " " + clock(known.begin, view.time_zone) + " – " + clock(known.end, view.time_zone);
    const left = known.remaining === null ? "" : " · " + wording.left + " " + Math.ceil(known.remaining / 60) + " " + wording.minutes;
    const ended = known.ended ? " · " + wording.ended + " " + clock(known.ended, view.time_zone) : "";
    box.append(element("p", "line", wording.owner + " " + known.owner + " · " + span + left + ended));
    box.append(element("p", "line", (known.note ? known.note + " · " : "") + known.tally[lang]));
    for (const worse of known.worse) box.append(element("p", "line", worse[lang]));
    return box;
  });
  $("windows").replaceChildren(...(windows.length ? [element("h2", "", wording.title), ...windows] : []));

  const signals = view.signals.map((signal) => {
    const row = element("div", "signal " + signal.level);
    row.append(element("b", "", signal.name[lang]), element("span", "level", say.levels[signal.level]));
    row.append(element("span", "value", signal.value[lang]));
    row.append(element("span", "age", signal.seen_at ? age(signal.seen_at, view.now, say) : say.never));
    return row;
  });
  $("signals").replaceChildren(element("h2", "", say.signals), ...signals);

  // What is short stands on top; what nobody asks for has no place here.
  const order = ["critical", "warning", "unknown", "normal"];
  const ready = view.readiness.slice().sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level)).map((it) => {
    const row = element("div", "signal " + it.level);
    row.append(element("b", "", it.name[lang]), element("span", "level", it.accepted ? say.accepted : say.readyLevels[it.level]));
    row.append(element("span", "value", it.lasts[lang]));
    return row;
  });
  $("readiness").replaceChildren(...(ready.length ? [element("h2", "", say.readiness), ...ready] : []));

  // Quiet, and as it was said: nothing here is urgent, or it would stand above.
  const digest = view.digest ? view.digest.lines.map((line) => element("p", "line", line[lang])) : [];
  if (digest.length) {
    const say = digestWords[lang];
    const day = new Date(view.digest.at).toLocaleDateString("en-CA", { timeZone: view.time_zone });
    digest.unshift(element("h2", "", say.title + " · " + day + " " + clock(view.digest.at, view.time_zone).slice(0, 5)));
  }
  $("digest").replaceChildren(...digest);

  const seats = Object.entries(view.seats).map(([id, seat]) => {
    const box = element("div", "desk " + (seat.connected ? "on" : seat.working ? "off" : "off resting"));
    box.append(element("b", "", id), element("span", "", seat.zone[lang]));
    box.append(element("span", "", (seat.connected ? say.on : seat.left ? seat.left[lang] : seat.working ? say.off : say.resting) + (seat.cards ? " · " + seat.cards + " " + say.cards : "")));
    for (const note of (view.pcs || {})[id] || []) box.append(element("span", "note", note[lang]));
    return box;
  });
  const floor = element("div", "floor");
  floor.append(...seats);
  $("seats").replaceChildren(element("h2", "", say.seats), floor);
}

async function read() {
  try {
    const answer = await fetch("/api/view", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    const view = await answer.json();
    lastRead = view.now;
    draw(view);
  } catch (error) {
    const say = words[language || (document.documentElement.lang === "en" ? "en" : "zh")];
    $("dot").className = "dot";
    $("state").textContent = say.lost + " " + (lastRead ? new Date(lastRead).toTimeString().slice(0, 8) : "—");
  }
  setTimeout(read, 2000);
}
read();
