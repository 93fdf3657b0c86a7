//! What a simulated Asterisk says: the fields of a recorded Asterisk 22, in its order.

use jiff::Timestamp;

use crate::sim::queue::{Caller, Happened, Member, Queue};

pub(super) const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";

pub(super) fn response(success: bool, id: Option<&str>, rest: &[(&str, &str)]) -> String {
    let mut text = field("Response", if success { "Success" } else { "Error" });
    if let Some(id) = id {
        text += &field("ActionID", id);
    }
    for (key, value) in rest {
        text += &field(key, value);
    }
    text + "\r\n"
}

pub(super) fn goodbye(id: Option<&str>) -> String {
    let id = id.map_or_else(String::new, |id| field("ActionID", id));
    format!("Response: Goodbye\r\n{id}Message: Thanks for all the fish.\r\n\r\n")
}

pub(super) fn complete(event: &str, id: Option<&str>, items: usize) -> String {
    let mut text = field("Event", event);
    if let Some(id) = id {
        text += &field("ActionID", id);
    }
    text + &format!("EventList: Complete\r\nListItems: {items}\r\n\r\n")
}

pub(super) fn fully_booted(now: Timestamp) -> String {
    told("FullyBooted", "system", now)
        + "Uptime: 304\r\nLastReload: 304\r\nStatus: Fully Booted\r\n\r\n"
}

pub(super) fn shutdown(restart: bool, now: Timestamp) -> String {
    let restart = if restart { "True" } else { "False" };
    told("Shutdown", "system", now) + &format!("Shutdown: Cleanly\r\nRestart: {restart}\r\n\r\n")
}

pub(super) fn summary(queue: &Queue, id: Option<&str>, now: Timestamp) -> String {
    let longest = queue.callers.first().map_or(0, |caller| caller.wait(now));
    let mut text = format!(
        "Event: QueueSummary\r\nQueue: {}\r\nLoggedIn: {}\r\nAvailable: {}\r\nCallers: {}\r\n\
         HoldTime: 0\r\nTalkTime: 0\r\nLongestHoldTime: {longest}\r\n",
        queue.name,
        queue.logged_in(),
        queue.available(),
        queue.callers.len(),
    );
    end(&mut text, id);
    text
}

/// The items of one queue: itself, its members, its callers.
pub(super) fn status(queue: &Queue, id: Option<&str>, now: Timestamp) -> Vec<String> {
    let mut params = format!(
        "Event: QueueParams\r\nQueue: {}\r\nMax: 0\r\nStrategy: leastrecent\r\nCalls: {}\r\n\
         Holdtime: 0\r\nTalkTime: 0\r\nCompleted: {}\r\nAbandoned: {}\r\nServiceLevel: 20\r\n\
         ServicelevelPerf: {:.1}\r\nServicelevelPerf2: {:.1}\r\nWeight: 0\r\n",
        queue.name,
        queue.callers.len(),
        queue.completed,
        queue.abandoned,
        queue.service_level_perf(),
        queue.service_level_perf2(),
    );
    end(&mut params, id);
    let mut items = vec![params];
    for member in &queue.members {
        let mut text = format!(
            "Event: QueueMember\r\nQueue: {}\r\nName: {}\r\nLocation: {}\r\n",
            queue.name, member.name, member.interface
        );
        text += &member_state(member);
        text += "Wrapuptime: 0\r\n";
        end(&mut text, id);
        items.push(text);
    }
    for (place, caller) in queue.callers.iter().enumerate() {
        let Caller { number, .. } = caller;
        let (unique, channel) = (unique(caller), channel(caller));
        let mut text = format!(
            "Event: QueueEntry\r\nQueue: {}\r\nPosition: {}\r\nChannel: {channel}\r\n\
             Uniqueid: {unique}\r\nCallerIDNum: {number}\r\nCallerIDName: unknown\r\n\
             ConnectedLineNum: {number}\r\nConnectedLineName: unknown\r\nWait: {}\r\nPriority: 0\r\n",
            queue.name,
            place + 1,
            caller.wait(now),
        );
        end(&mut text, id);
        items.push(text);
    }
    items
}

/// What is told of something that happened in a queue.
pub(super) fn event(queue: &Queue, happened: &Happened, now: Timestamp) -> Option<String> {
    let of_caller = |name: &str, caller: &Caller, rest: &str| {
        let Caller { number, .. } = caller;
        let (unique, channel) = (unique(caller), channel(caller));
        let told = told(name, "agent", now);
        format!(
            "{told}Channel: {channel}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n\
             CallerIDNum: {number}\r\nCallerIDName: unknown\r\nConnectedLineNum: {number}\r\n\
             ConnectedLineName: unknown\r\nLanguage: en\r\nAccountCode: \r\nContext: inbound\r\n\
             Exten: {queue}\r\nPriority: 2\r\nUniqueid: {unique}\r\nLinkedid: {unique}\r\n\
             Queue: {queue}\r\n{rest}\r\n",
            queue = queue.name,
        )
    };
    let of_member = |name: &str, member: &Member| {
        let told = told(name, "agent", now);
        format!(
            "{told}Queue: {}\r\nMemberName: {}\r\nInterface: {}\r\n{}Ringinuse: 0\r\nWrapuptime: 0\r\n\r\n",
            queue.name,
            member.name,
            member.interface,
            member_state(member),
        )
    };
    let member = |interface: &str| queue.members.iter().find(|it| it.interface == interface);
    let depth = queue.callers.len();
    match happened {
        Happened::Joined { caller } => {
            let rest = format!("Position: {depth}\r\nCount: {depth}\r\n");
            Some(of_caller("QueueCallerJoin", caller, &rest))
        }
        Happened::Abandoned {
            caller,
            position,
            waited,
        } => {
            let rest = format!(
                "Position: {position}\r\nOriginalPosition: {position}\r\nHoldTime: {waited}\r\n"
            );
            Some(of_caller("QueueCallerAbandon", caller, &rest))
        }
        Happened::Left { caller, position } => {
            let rest = format!("Position: {position}\r\nCount: {depth}\r\n");
            Some(of_caller("QueueCallerLeave", caller, &rest))
        }
        Happened::Connected {
            caller,
            interface,
            waited,
        } => {
            let name = &member(interface)?.name;
            let rest = format!(
                "Interface: {interface}\r\nMemberName: {name}\r\nHoldTime: {waited}\r\nRingTime: 1\r\n"
            );
            Some(of_caller("AgentConnect", caller, &rest))
        }
        Happened::Changed { interface } => Some(of_member("QueueMemberStatus", member(interface)?)),
        Happened::Paused { interface } => Some(of_member("QueueMemberPause", member(interface)?)),
        Happened::Added { interface } => Some(of_member("QueueMemberAdded", member(interface)?)),
        Happened::Removed { member } => Some(of_member("QueueMemberRemoved", member)),
    }
}

/// What became of a call that was asked for. The reasons are 4 answered,
/// 3 rang out, 5 busy, 0 failed before it rang.
pub(super) fn originated(
    id: Option<&str>,
    channel: &str,
    unique: &str,
    reason: u8,
    now: Timestamp,
) -> String {
    let told = told("OriginateResponse", "call", now);
    let id = id.map_or_else(String::new, |id| field("ActionID", id));
    let response = if reason == 4 { "Success" } else { "Failure" };
    format!(
        "{told}{id}Response: {response}\r\nChannel: {channel}\r\nContext: alert\r\nExten: call\r\n\
         Reason: {reason}\r\nUniqueid: {unique}\r\nCallerIDNum: 8000\r\nCallerIDName: callwatch\r\n\r\n"
    )
}

/// The callee pressed the key: the dialplan says so.
pub(super) fn acknowledged(channel: &str, unique: &str, alert: &str, now: Timestamp) -> String {
    let told = told("UserEvent", "user", now);
    format!(
        "{told}Channel: {channel}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nLanguage: en\r\n\
         Context: alert\r\nExten: call\r\nPriority: 4\r\nUniqueid: {unique}\r\nLinkedid: {unique}\r\n\
         UserEvent: PhoneAlert\r\nAlertID: {alert}\r\nAck: 1\r\n\r\n"
    )
}

pub(super) fn hung_up(channel: &str, unique: &str, now: Timestamp) -> String {
    let told = told("Hangup", "call", now);
    format!(
        "{told}Channel: {channel}\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nLanguage: en\r\n\
         Context: alert\r\nExten: h\r\nPriority: 2\r\nUniqueid: {unique}\r\nLinkedid: {unique}\r\n\
         Cause: 16\r\nCause-txt: Normal Clearing\r\n\r\n"
    )
}

fn field(key: &str, value: &str) -> String {
    format!("{key}: {value}\r\n")
}

fn end(text: &mut String, id: Option<&str>) {
    if let Some(id) = id {
        *text += &field("ActionID", id);
    }
    *text += "\r\n";
}

fn told(event: &str, kind: &str, now: Timestamp) -> String {
    let seconds = now.as_second();
    format!(
        "Event: {event}\r\nPrivilege: {kind},all\r\nTimestamp: {seconds}.000000\r\nSystemName: sim\r\n"
    )
}

fn unique(caller: &Caller) -> String {
    format!("sim-{}", caller.id)
}

fn channel(caller: &Caller) -> String {
    format!("PJSIP/trunk-{:08x}", caller.id)
}

fn member_state(member: &Member) -> String {
    format!(
        "StateInterface: {}\r\nMembership: {}\r\nPenalty: 0\r\nCallsTaken: {}\r\nLastCall: 0\r\n\
         LastPause: {}\r\nLoginTime: {}\r\nInCall: {}\r\nStatus: {}\r\nPaused: {}\r\nPausedReason: {}\r\n",
        member.state_interface,
        if member.dynamic { "dynamic" } else { "static" },
        member.calls_taken,
        member.last_pause,
        member.login.as_second(),
        u8::from(member.is_in_call()),
        member.device as u8,
        u8::from(member.paused.is_some()),
        member.paused.as_deref().unwrap_or_default(),
    )
}
