//! What a seat suffers from, and what is seen of all things at one moment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::signals::Level;

/// What a seat suffers from; of several the first is what it is called by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symptom {
    /// Its PC does not speak.
    Pc,
    Login,
    Phone,
    /// It does not reach this service.
    Dead(String),
    Headset,
    /// This service is slow.
    Slow(String),
    /// What a person called it, and nobody measures.
    Said(String),
}

impl Symptom {
    /// What a person meant who raised a seat fault and answered so.
    pub(super) fn said(answer: &str) -> Self {
        match answer {
            "login" => Symptom::Login,
            "phone" => Symptom::Phone,
            other => Symptom::Said(other.to_owned()),
        }
    }

    /// What a person who raises a seat fault would answer; and what seats that have it in
    /// common are one incident under.
    pub(super) fn answer(&self) -> &str {
        match self {
            Symptom::Pc => "pc",
            Symptom::Login => "login",
            Symptom::Phone => "phone",
            Symptom::Headset => "headset",
            Symptom::Dead(_) | Symptom::Slow(_) => "program",
            Symptom::Said(answer) => answer,
        }
    }

    /// Whether such a symptom needs the network to be well.
    pub(super) fn is_of_network(&self) -> bool {
        match self {
            Symptom::Headset => false,
            Symptom::Said(answer) => matches!(answer.as_str(), "program" | "slow"),
            _ => true,
        }
    }

    /// Whether it is that this service fails.
    pub(super) fn is_of_service(&self, service: &str) -> bool {
        matches!(self, Symptom::Dead(of) | Symptom::Slow(of) if of == service)
    }

    pub(super) fn is_of_acd(&self) -> bool {
        matches!(self, Symptom::Login | Symptom::Phone)
    }
}

/// The symptoms of one seat, and since when.
pub(super) type Symptoms = BTreeMap<Symptom, Timestamp>;

/// What is seen of everything that is not a UPS.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Seats that suffer from something.
    pub(super) seats: BTreeMap<String, Symptoms>,
    /// Of these symptoms, those that only a person tells of.
    pub(super) said: BTreeSet<(String, Symptom)>,
    /// By callwatch's own host.
    pub(super) services: BTreeMap<String, (Level, Timestamp)>,
    pub(super) devices: BTreeMap<String, (Level, Timestamp)>,
    pub(super) acds: BTreeMap<String, (Level, Timestamp)>,
    /// The seats that tell of each service.
    pub(super) ask_service: BTreeMap<String, BTreeSet<String>>,
    /// The seats of which it is known whether they can take calls.
    pub(super) ask_acd: BTreeSet<String>,
    /// The seats whose PC is expected to speak.
    pub(super) expected: BTreeSet<String>,
    /// Something that is asked over the network answers.
    pub(super) something_answers: bool,
    /// Devices that are dark, or lie behind a dark one.
    pub(super) dark: BTreeSet<String>,
    /// Devices that may be dark: the question was asked, and is not answered.
    pub(super) perhaps_dark: BTreeSet<String>,
    /// What is open already, and explains what it brings with it until it is over.
    pub(super) open: BTreeSet<Cause>,
}

impl Seen {
    /// Whether only a person tells of it.
    pub(super) fn is_said(&self, seat: &str, symptom: &Symptom) -> bool {
        self.said.contains(&(seat.to_owned(), symptom.clone()))
    }
}

/// What an incident is caused by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::incidents) enum Cause {
    /// This device, or the whole network.
    Network(String),
    Service(String),
    Acd(String),
    /// One seat, or several that have something in common.
    Seat(String),
    CutOff,
}
