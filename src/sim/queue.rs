//! Simulated queues: callers who join, wait and give up; members who answer, pause and leave.
//!
//! It counts as Asterisk 22 does: a call is completed when it ends, a caller leaves
//! the queue when somebody answers, totals begin at nought with the process.

use jiff::Timestamp;

/// The percentages of a service level are of calls answered within so many seconds.
const SERVICE_LEVEL_SECONDS: i64 = 20;

/// What the telephone of a member does, numbered as Asterisk's `devicestate.h` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Free = 1,
    InUse = 2,
    Unknown = 4,
    Unregistered = 5,
    Ringing = 6,
}

/// One who answers. Rung at `interface`, judged by `device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub interface: String,
    pub state_interface: String,
    pub dynamic: bool,
    pub device: Device,
    /// The reason, which may be empty; `None` where it is not paused.
    pub paused: Option<String>,
    pub calls_taken: u32,
    pub last_pause: i64,
    pub login: Timestamp,
    /// Since when it talks, and how long its caller had waited.
    call: Option<(Timestamp, i64)>,
}

impl Member {
    /// Free, and in the configuration of the queue.
    pub fn new(name: &str, interface: &str, login: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            interface: interface.to_owned(),
            state_interface: interface.to_owned(),
            dynamic: false,
            device: Device::Free,
            paused: None,
            calls_taken: 0,
            last_pause: 0,
            login,
            call: None,
        }
    }

    pub(super) fn is_in_call(&self) -> bool {
        self.call.is_some()
    }

    fn is_logged_in(&self) -> bool {
        !matches!(self.device, Device::Unknown | Device::Unregistered)
    }

    fn is_available(&self) -> bool {
        self.device == Device::Free && self.paused.is_none()
    }
}

/// One who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub number: String,
    pub id: u64,
    joined: Timestamp,
}

impl Caller {
    /// In whole seconds.
    pub(super) fn wait(&self, now: Timestamp) -> i64 {
        now.duration_since(self.joined).as_secs().max(0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub name: String,
    /// The one who waits longest is first.
    pub callers: Vec<Caller>,
    pub members: Vec<Member>,
    pub completed: u32,
    pub completed_in_time: u32,
    pub abandoned: u32,
    pub abandoned_in_time: u32,
    so_far: u64,
}

/// What happened in a queue, for whoever listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    Joined {
        caller: Caller,
    },
    Abandoned {
        caller: Caller,
        position: usize,
        waited: i64,
    },
    Left {
        caller: Caller,
        position: usize,
    },
    Connected {
        caller: Caller,
        interface: String,
        waited: i64,
    },
    Changed {
        interface: String,
    },
    Paused {
        interface: String,
    },
    Added {
        interface: String,
    },
    Removed {
        member: Member,
    },
}

impl Queue {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            callers: Vec::new(),
            members: Vec::new(),
            completed: 0,
            completed_in_time: 0,
            abandoned: 0,
            abandoned_in_time: 0,
            so_far: 0,
        }
    }

    #[must_use]
    pub fn with(mut self, member: Member) -> Self {
        self.members.push(member);
        self
    }

    pub fn join(&mut self, number: &str, now: Timestamp) -> Vec<Happened> {
        self.so_far += 1;
        let caller = Caller {
            number: number.to_owned(),
            id: self.so_far,
            joined: now,
        };
        self.callers.push(caller.clone());
        vec![Happened::Joined { caller }]
    }

    /// The caller at this place, counted from 0, hangs up; nothing where there is none.
    pub fn abandon(&mut self, place: usize, now: Timestamp) -> Vec<Happened> {
        if place >= self.callers.len() {
            return Vec::new();
        }
        let caller = self.callers.remove(place);
        let waited = caller.wait(now);
        self.abandoned += 1;
        self.abandoned_in_time += u32::from(waited <= SERVICE_LEVEL_SECONDS);
        let position = place + 1;
        vec![
            Happened::Abandoned {
                caller: caller.clone(),
                position,
                waited,
            },
            Happened::Left { caller, position },
        ]
    }

    /// The first caller is answered by this member, if there are both.
    pub fn answer(&mut self, interface: &str, now: Timestamp) -> Vec<Happened> {
        let Some(member) = self
            .members
            .iter_mut()
            .find(|member| member.interface == interface && member.is_available())
        else {
            return Vec::new();
        };
        if self.callers.is_empty() {
            return Vec::new();
        }
        let caller = self.callers.remove(0);
        let waited = caller.wait(now);
        member.device = Device::InUse;
        member.call = Some((now, waited));
        let interface = interface.to_owned();
        vec![
            Happened::Changed {
                interface: interface.clone(),
            },
            Happened::Left {
                caller: caller.clone(),
                position: 1,
            },
            Happened::Connected {
                caller,
                interface,
                waited,
            },
        ]
    }

    /// The call of this member ends, and is counted.
    pub fn finish(&mut self, interface: &str) -> Vec<Happened> {
        let Some(member) = self.member(interface) else {
            return Vec::new();
        };
        let Some((_, waited)) = member.call.take() else {
            return Vec::new();
        };
        member.device = Device::Free;
        member.calls_taken += 1;
        self.completed += 1;
        self.completed_in_time += u32::from(waited <= SERVICE_LEVEL_SECONDS);
        vec![Happened::Changed {
            interface: interface.to_owned(),
        }]
    }

    /// `None` ends the pause.
    pub fn pause(
        &mut self,
        interface: &str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Vec<Happened> {
        let Some(member) = self.member(interface) else {
            return Vec::new();
        };
        member.paused = reason.map(str::to_owned);
        if reason.is_some() {
            member.last_pause = now.as_second();
        }
        vec![Happened::Paused {
            interface: interface.to_owned(),
        }]
    }

    /// The telephone of this member is registered, is gone, rings.
    pub fn set_device(&mut self, interface: &str, device: Device) -> Vec<Happened> {
        let Some(member) = self.member(interface) else {
            return Vec::new();
        };
        member.device = device;
        vec![Happened::Changed {
            interface: interface.to_owned(),
        }]
    }

    /// A member logs in by himself.
    pub fn log_in(&mut self, mut member: Member) -> Vec<Happened> {
        member.dynamic = true;
        let interface = member.interface.clone();
        self.members.push(member);
        vec![Happened::Added { interface }]
    }

    pub fn log_off(&mut self, interface: &str) -> Vec<Happened> {
        let place = self
            .members
            .iter()
            .position(|member| member.interface == interface);
        place.map_or_else(Vec::new, |place| {
            let member = self.members.remove(place);
            vec![Happened::Removed { member }]
        })
    }

    /// The totals go back to nought, as at midnight in many centres.
    pub fn reset(&mut self) {
        self.completed = 0;
        self.completed_in_time = 0;
        self.abandoned = 0;
        self.abandoned_in_time = 0;
    }

    /// What a start of the process leaves of it: who stands in the configuration.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.reset();
        self.callers.clear();
        self.members.retain(|member| !member.dynamic);
        for member in &mut self.members {
            *member = Member {
                state_interface: member.state_interface.clone(),
                ..Member::new(&member.name, &member.interface, now)
            };
        }
    }

    pub(super) fn logged_in(&self) -> usize {
        let logged_in = self.members.iter().filter(|member| member.is_logged_in());
        logged_in.count()
    }

    pub(super) fn available(&self) -> usize {
        let available = self.members.iter().filter(|member| member.is_available());
        available.count()
    }

    /// Of the completed calls alone; what hides a surge in which callers give up.
    pub(super) fn service_level_perf(&self) -> f64 {
        percent(self.completed_in_time, self.completed)
    }

    pub(super) fn service_level_perf2(&self) -> f64 {
        percent(
            self.completed_in_time + self.abandoned_in_time,
            self.completed + self.abandoned,
        )
    }

    fn member(&mut self, interface: &str) -> Option<&mut Member> {
        self.members
            .iter_mut()
            .find(|member| member.interface == interface)
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        100.0 * f64::from(part) / f64::from(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surge_that_callers_give_up_reads_a_hundred_percent_as_the_real_one_does() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut queue = Queue::new("support");
        for seat in 1..=7 {
            queue = queue.with(Member::new("", &format!("Local/{seat}"), at(0)));
        }
        for _ in 0..40 {
            queue.join("139", at(0));
        }
        for seat in 1..=7 {
            assert_eq!(queue.answer(&format!("Local/{seat}"), at(1)).len(), 3);
        }
        assert_eq!((queue.callers.len(), queue.available()), (33, 0));
        assert_eq!(queue.answer("Local/1", at(2)), [], "she is on a call");
        while !queue.callers.is_empty() {
            queue.abandon(0, at(30));
        }
        for seat in 1..=7 {
            queue.finish(&format!("Local/{seat}"));
        }
        assert_eq!((queue.completed, queue.abandoned), (7, 33));
        assert!(queue.service_level_perf() >= 100.0);
        assert!((queue.service_level_perf2() - 17.5).abs() < 1e-9);
        queue.restart(at(60));
        assert_eq!((queue.completed, queue.available()), (0, 7));
    }
}
