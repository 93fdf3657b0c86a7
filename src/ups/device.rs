//! A device as tests make one: the roots of the families, and numbers below them.

use crate::ups::family::Family;
use crate::ups::judgement::judge;
use crate::ups::reading::{Reading, Verdict};
use crate::ups::served::Served;
use crate::ups::value::{Value, Values};

pub(super) const XUPS: &[u64] = &[1, 3, 6, 1, 4, 1, 534, 1];
pub(super) const CPQ_POWER: &[u64] = &[1, 3, 6, 1, 4, 1, 232, 165, 3];
pub(super) const MGE: &[u64] = &[1, 3, 6, 1, 4, 1, 705, 1];
pub(super) const XPPC: &[u64] = &[1, 3, 6, 1, 4, 1, 935, 1, 1, 1];
pub(super) const EPPC: &[u64] = &[1, 3, 6, 1, 4, 1, 935, 10, 1, 1];
pub(super) const SOCOMEC: &[u64] = &[1, 3, 6, 1, 4, 1, 4555, 1, 1, 7, 1];
pub(super) const SOCOMEC_OLD: &[u64] = &[1, 3, 6, 1, 4, 1, 4555, 1, 1, 1, 1];
pub(super) const DELTA: &[u64] = &[1, 3, 6, 1, 4, 1, 2254, 2, 4];
pub(super) const HUAWEI: &[u64] = &[1, 3, 6, 1, 4, 1, 2011, 6, 174, 1];
pub(super) const RIELLO: &[u64] = &[1, 3, 6, 1, 4, 1, 5491, 10, 1];
pub(super) const SINETICA: &[u64] = &[1, 3, 6, 1, 4, 1, 13_891, 101];
pub(super) const TRIPP_LITE: &[u64] = &[1, 3, 6, 1, 4, 1, 850, 1, 1, 3, 1, 3];
pub(super) const LIEBERT: &[u64] = &[1, 3, 6, 1, 4, 1, 476, 1, 42, 3, 5];
pub(super) const DELL: &[u64] = &[1, 3, 6, 1, 4, 1, 674, 10_902, 2];
pub(super) const POWERNET: &[u64] = &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1];
pub(super) const CPS: &[u64] = &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1];
pub(super) const FLEXIBLE: &[u64] = &[1, 3, 6, 1, 4, 1, 476, 1, 42, 3, 9, 20, 1, 20, 1, 2, 1];
pub(super) const RFC: &[u64] = &[1, 3, 6, 1, 2, 1, 33, 1];

/// What a device answers: numbers below one root or more.
#[derive(Default)]
pub(super) struct Device(pub(super) Values);

impl Device {
    pub(super) fn below(mut self, root: &[u64], pairs: &[(&[u64], i64)]) -> Self {
        let pairs = pairs.iter();
        self.0
            .extend(pairs.map(|(rest, raw)| ([root, rest].concat(), Value::Integer(*raw))));
        self
    }

    pub(super) fn listing(mut self, root: &[u64], column: &[u64], identity: &[u64]) -> Self {
        let listed = Value::Oid([root, identity].concat());
        self.0.insert([root, column].concat(), listed);
        self
    }

    pub(super) fn text(mut self, root: &[u64], rest: &[u64], text: &str) -> Self {
        let text = Value::Text(text.as_bytes().to_vec());
        self.0.insert([root, rest].concat(), text);
        self
    }

    /// As it is detected and judged.
    pub(super) fn reading(&self) -> Reading {
        let served = Served::detect(&self.0).expect("it is a UPS");
        judge(served, &self.0)
    }

    pub(super) fn verdict(&self) -> (Option<Family>, Option<bool>, Verdict) {
        let reading = self.reading();
        (reading.family, reading.on_battery, reading.verdict)
    }
}

pub(super) fn device(root: &[u64], pairs: &[(&[u64], i64)]) -> Device {
    Device::default().below(root, pairs)
}
