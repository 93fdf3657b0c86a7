//! Why an entry was written, as one would say it aloud, in both languages.

use crate::incidents::alone;
use crate::incidents::asked;
use crate::incidents::backups;
use crate::incidents::board::Board;
use crate::incidents::configuring;
use crate::incidents::daily::rule as daily;
use crate::incidents::deliveries;
use crate::incidents::dialling::saying as dialling;
use crate::incidents::entry::{Ending, Event, IncidentId};
use crate::incidents::extent;
use crate::incidents::handover;
use crate::incidents::levels::level;
use crate::incidents::naming::signal_name;
use crate::incidents::neighbours;
use crate::incidents::post::PHONE;
use crate::incidents::progress::called;
use crate::incidents::queues::ringing::{self, list_of};
use crate::incidents::queues::rule::is_over_queues;
use crate::incidents::remaining;
use crate::incidents::sensing::is_over_zone;
use crate::incidents::windows::saying;
use crate::incidents::wording::{Words, clock_time, lasted};
use crate::plan::RAISER;
use crate::text::{Language, Text};

#[expect(
    clippy::too_many_lines,
    reason = "one arm an event, in the order of the enum"
)]
pub(super) fn reason(event: &Event, board: &Board) -> Text {
    let (centre, state) = (&board.centre, &board.state);
    let site = &centre.site;
    let role = |id: &str| {
        let known = |id: &str| {
            let name = centre.plan.roles.get(id).cloned();
            name.unwrap_or_else(|| Text::same(id))
        };
        match called(id).map(known) {
            _ if id == RAISER => Text::new("提出的人", "who raised it"),
            _ if neighbours::is_card_role(id) => Text::new("被问的", "who is asked"),
            _ if list_of(id).is_some() => Text::new("打名单的", "who is to phone down the list"),
            None => known(id),
            Some(name) => Text::new(
                format!("打给{}的", name.zh),
                format!("who is to phone the {}", name.en),
            ),
        }
    };
    let step = |incident: &IncidentId, id: &str| {
        let incident = state.incidents.get(*incident);
        let step = incident.and_then(|incident| incident.procedure.step(id));
        match incident.zip(step) {
            Some((incident, (_, step))) => {
                let said = Words::new(board, incident, None).fill_both(&step.say);
                if said.zh.is_empty() || said.en.is_empty() {
                    Text::same(id)
                } else {
                    said
                }
            }
            None => Text::same(id),
        }
    };
    match event {
        Event::WindowSet { .. }
        | Event::WindowChanged { .. }
        | Event::WindowBroken { .. }
        | Event::WindowEnded { .. } => saying::reason(event, state, site),
        Event::Started => Text::new("开始监看", "callwatch began to watch"),
        Event::Reconfigured { came, went, .. } => {
            configuring::reason(&state.configuration, came, went)
        }
        Event::ClockStepped { by } => Text::new(
            format!("系统时钟跳动 {} 秒", by.as_secs()),
            format!("the wall clock jumped by {} s", by.as_secs()),
        ),
        Event::Turned {
            signal, to, value, ..
        } => {
            let (name, to) = (signal_name(site, signal), level(signal.kind, *to));
            Text::new(
                format!("{}：{}（{}）", name.zh, to.zh, value.zh),
                format!("{}: {} ({})", name.en, to.en, value.en),
            )
        }
        Event::Unstable { signal, turns } => {
            let name = signal_name(site, signal);
            Text::new(
                format!("{}：10分钟内变动{turns}次，先不再逐次记录", name.zh),
                format!(
                    "{}: turned {turns} times in 10 min, not written until calm",
                    name.en
                ),
            )
        }
        Event::Digested { late, lines } => daily::reason(*late, lines),
        Event::Discharged { ups, discharge } => remaining::reason(site, ups, discharge),
        Event::Opened {
            procedure,
            scope,
            onset,
            raised_by,
            ..
        } => {
            let since = clock_time(site, *onset);
            let (by_zh, by_en) = raised_by.as_ref().map_or_else(Default::default, |seat| {
                (format!("，由 {seat} 提出"), format!(", raised from {seat}"))
            });
            Text::new(
                format!(
                    "{}启动：{since} 起，{}{by_zh}",
                    procedure.title.zh, scope.place.zh
                ),
                format!(
                    "{} opened: since {since}, {}{by_en}",
                    procedure.title.en, scope.place.en
                ),
            )
        }
        Event::KindSettled {
            incident,
            kind,
            scope,
            spread,
        } => {
            let name = state
                .incidents
                .get(*incident)
                .and_then(|incident| incident.procedure.kinds.get(kind).cloned())
                .unwrap_or_else(|| Text::same(kind));
            let how = match spread {
                Some(_) => Text::new("由监测判断", "as measured"),
                None => Text::new("由现场回答", "as answered on the floor"),
            };
            Text::new(
                format!("类别：{}，{}（{}）", name.zh, scope.place.zh, how.zh),
                format!("kind: {}, {} ({})", name.en, scope.place.en, how.en),
            )
        }
        Event::Widened { scope, .. } => extent::wider(scope),
        Event::Confirmed { .. } => Text::new("系统也看到了", "it is seen as well"),
        Event::OutChanged { incident, out } => {
            let known = state.incidents.get(*incident);
            extent::words(known.and_then(|it| it.procedure.opening().next()), out)
        }
        Event::StageBegan { stage, .. } => {
            Text::new(format!("进入阶段 {stage}"), format!("stage {stage} begins"))
        }
        Event::RoleTold {
            role: id, seats, ..
        } if id.starts_with(PHONE) => {
            handover::to_phone(&role(id.trim_start_matches(PHONE)), seats)
        }
        Event::RoleTold {
            role: id,
            seats,
            channels,
            ..
        } => deliveries::told(&role(id), seats, channels),
        Event::RoleStoodDown { role: id, .. } => {
            let name = role(id);
            Text::new(
                format!("{}不用再跟进", name.zh),
                format!("stood down as {}", name.en),
            )
        }
        Event::FinishBy { ups, finish_by, .. } => {
            let name = site.ups.get(ups).map(|ups| ups.name.clone());
            let name = name.unwrap_or_else(|| Text::same(ups));
            match finish_by {
                Some(at) => {
                    let at = clock_time(site, *at);
                    Text::new(
                        format!("{} 约用到 {at}", name.zh),
                        format!("{} lasts to about {at}", name.en),
                    )
                }
                None => Text::new(
                    format!("{} 不再用电池", name.zh),
                    format!("{} is off its battery", name.en),
                ),
            }
        }
        Event::Owed {
            recipient,
            message,
            held,
            ..
        } => {
            let until = held.map(|held| clock_time(site, held));
            deliveries::owed(recipient, message.notice, until)
        }
        Event::Delivered { owed } => deliveries::delivered(state, *owed),
        Event::Lapsed { owed, why } => deliveries::lapsed(state, *owed, why),
        Event::Superseded { owed, by } => Text::new(
            format!("第 {owed} 条由第 {by} 条代替"),
            format!("{owed} is superseded by {by}"),
        ),
        Event::Receipts {
            card, stage, seats, ..
        } => deliveries::received(&role(&card.role), *stage, seats),
        Event::CallAsked { role: id, call, .. } => deliveries::call_asked(&role(id), call),
        Event::CallAnswered {
            incident,
            role: id,
            reached,
            seat,
            ..
        } => {
            let incident = state.incidents.get(*incident);
            let call = incident.and_then(|incident| incident.calls.get(id));
            let callee = call.and_then(|call| call.request.callee.as_ref());
            let name = callee.map_or_else(|| role(id), |callee| callee.name.clone());
            deliveries::call_answered(&name, *reached, seat)
        }
        Event::Dialled {
            role: id,
            cause,
            call,
            ..
        } => dialling::dialled(&role(id), cause, call, role),
        Event::DialEnded {
            incident,
            dial,
            words,
            ..
        } => {
            let incident = state.incidents.get(*incident);
            dialling::ended(incident.and_then(|it| it.dial(*dial)), words)
        }
        Event::RingAsked { .. } | Event::Rang { .. } => ringing::reason(event),
        Event::CallEnded { role: id, why, .. } => deliveries::call_ended(&role(id), *why),
        Event::SeatsLapsed { card, seats, why } => {
            deliveries::seats_lapsed(&role(&card.role), seats, why)
        }
        Event::Acknowledged { seat, .. } => {
            Text::new(format!("{seat} 收到"), format!("{seat} acknowledged"))
        }
        Event::Ticked {
            incident,
            step: id,
            seat,
            at,
            ..
        } => {
            let name = alone::dated(step(incident, id), *at, site);
            match seat {
                Some(seat) => Text::new(
                    format!("{seat} 完成：{}", name.zh),
                    format!("{seat} ticked: {}", name.en),
                ),
                None => Text::new(
                    format!("已见完成：{}", name.zh),
                    format!("seen to be done: {}", name.en),
                ),
            }
        }
        Event::Answered {
            incident,
            ask,
            value,
            seat,
            ..
        } => {
            let incident = state.incidents.get(*incident);
            let known = incident.and_then(|incident| incident.procedure.ask.get(ask));
            asked::reason(site, known, value, seat)
        }
        Event::StepReminded { incident, step: id } => {
            let name = step(incident, id);
            Text::new(
                format!("提醒一次：{}", name.zh),
                format!("reminded once: {}", name.en),
            )
        }
        Event::StepDone {
            incident,
            step: id,
            late,
        } => {
            let name = step(incident, id);
            match late {
                None => Text::new(
                    format!("按时完成：{}", name.zh),
                    format!("done in time: {}", name.en),
                ),
                Some(late) => Text::new(
                    format!("晚{}完成：{}", lasted(*late, Language::Zh), name.zh),
                    format!("done {} late: {}", lasted(*late, Language::En), name.en),
                ),
            }
        }
        Event::StepMissed {
            incident, step: id, ..
        } => {
            let name = step(incident, id);
            Text::new(
                format!("到时未确认：{}", name.zh),
                format!("not recorded in time: {}", name.en),
            )
        }
        Event::Reminded { count, .. } => Text::new(
            format!("仍未恢复，第{count}次再报"),
            format!("still open, told again ({count})"),
        ),
        Event::GateBegan { incident, since } => {
            let since = clock_time(site, *since);
            if state.incidents.get(*incident).is_some_and(is_over_queues) {
                return Text::new(
                    format!("排队自 {since} 降下来，开始计时"),
                    format!("under control since {since}: the count begins"),
                );
            }
            let of_zone = state.incidents.get(*incident).is_some_and(is_over_zone);
            let what = if of_zone { "" } else { "供电" };
            Text::new(
                format!("{what}自 {since} 正常，开始计时"),
                format!("good since {since}: the count begins"),
            )
        }
        Event::GateBroken { .. } => Text::new(
            "又不正常，重新计时",
            "not good any more: the count starts anew",
        ),
        Event::SeatLeft { seat, why } => {
            let why = why.words();
            Text::new(
                format!("{seat} {}", why.zh),
                format!("seat {seat}: {}", why.en),
            )
        }
        Event::BackedUp { backup, newest } => backups::reason(board, backup, *newest),
        Event::AskedAround(asked) => neighbours::reason(&asked.what),
        Event::StoodAlone(stood) => alone::reason(board, stood),
        Event::SeatBack { seat } => {
            Text::new(format!("{seat} 回来了"), format!("seat {seat} is back"))
        }
        Event::Adopted { by, .. } => {
            let wider = state.incidents.get(*by).map(|wider| &wider.procedure);
            let wider = wider.filter(|procedure| !procedure.is_sensitive());
            let (zh, en) = wider.map_or_else(Default::default, |procedure| {
                let title = &procedure.title;
                (format!("（{}）", title.zh), format!(" ({})", title.en))
            });
            Text::new(
                format!("归入第 {by} 号事件{zh}，暂停计时"),
                format!("part of incident {by}{en} now: its clocks stop"),
            )
        }
        Event::Freed { .. } => Text::new(
            "还没恢复，不再归入其他事件，现在开始计时",
            "still bad, and part of no other any more: its clocks begin now",
        ),
        Event::Closed { why, .. } => match why {
            Ending::AllClear => Text::new("全部正常，解除", "all clear"),
            Ending::Blip => Text::new("很快恢复，没有惊动任何人", "over before anybody was told"),
            Ending::StoodDown(seat) => {
                Text::new(format!("由 {seat} 解除"), format!("stood down from {seat}"))
            }
            Ending::Adopted(other) => Text::new(
                format!("转为第 {other} 号事件"),
                format!("it turned out to be incident {other}"),
            ),
            Ending::With(by) => Text::new(
                format!("随第 {by} 号事件一起结束，这里也正常了"),
                format!("good, and over with incident {by}"),
            ),
            Ending::Done(seat) => {
                Text::new(format!("由 {seat} 办结"), format!("closed from {seat}"))
            }
        },
        Event::DutyChanged { .. }
        | Event::Substituted { .. }
        | Event::SubstituteEnded { .. }
        | Event::Joined { .. }
        | Event::Woken { .. }
        | Event::Released { .. } => handover::reason(event, role),
    }
}
