//! Which families one device serves, and what is asked of it.

use crate::ups::mib::{Extent, Mib, SYS_UPTIME, Wanted};
use crate::ups::value::{Oid, Value, Values};
use crate::ups::{
    cps, dell, delta, huawei, liebert, mge, phoenixtec, powernet, rfc1628, socomec, tripplite, xups,
};

/// Every family, in the order of detection: a vendor's own objects tell more
/// than RFC 1628, so they win where both answer.
pub const MIBS: [&Mib; 17] = [
    &powernet::MIB,
    &mge::MIB,
    &xups::EATON,
    &xups::CPQ_POWER,
    &cps::MIB,
    &phoenixtec::EPPC,
    &phoenixtec::XPPC,
    &socomec::MIB,
    &socomec::OLD,
    &huawei::MIB,
    &delta::MIB,
    &liebert::MIB,
    &tripplite::MIB,
    &rfc1628::RIELLO,
    &rfc1628::SINETICA,
    &dell::MIB,
    &rfc1628::MIB,
];

/// The tables by which one device is read.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub own: &'static Mib,
    /// What fills the gaps of `own`.
    pub beside: Option<&'static Mib>,
}

impl Served {
    /// What is asked of a device to learn what it serves.
    pub fn asked() -> Vec<Oid> {
        MIBS.iter().map(|mib| mib.detected_by).collect()
    }

    /// By what a device answered to [`Served::asked`].
    ///
    /// `sysObjectID` is not asked: cards of one vendor carry another's. An object
    /// that answers NULL counts only where no family answers better.
    pub fn detect(values: &Values) -> Option<Self> {
        let tells = |mib: &&'static Mib| {
            let detected_by = values.get(mib.detected_by);
            detected_by.is_some_and(|value| value.integer().is_some())
        };
        let exists = |mib: &&'static Mib| values.contains_key(mib.detected_by);
        let mut mibs = MIBS.into_iter();
        let own = mibs.clone().find(tells).or_else(|| mibs.find(exists))?;
        let beside = (own.beside_rfc1628 && tells(&&rfc1628::MIB)).then_some(&rfc1628::MIB);
        Some(Self { own, beside })
    }

    #[cfg(test)]
    pub(super) fn alone(own: &'static Mib) -> Self {
        Self { own, beside: None }
    }

    /// The device's own table first.
    pub fn mibs(self) -> impl Iterator<Item = &'static Mib> {
        std::iter::once(self.own).chain(self.beside)
    }

    /// Whether something tells what feeds the output, and not NULL.
    pub fn tells_status(self, values: &Values) -> bool {
        self.mibs()
            .any(|mib| values.get(mib.status).and_then(Value::integer).is_some())
    }

    /// What an object tells about.
    pub fn topic(self, oid: &[u64]) -> &'static str {
        if oid == SYS_UPTIME {
            return "uptime of the card";
        }
        self.mibs()
            .find_map(|mib| mib.topic(oid))
            .unwrap_or("state")
    }

    /// What a poll asks for, each once, the status first.
    pub fn wanted(self, extent: Extent) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        for one in self.mibs().flat_map(|mib| mib.wanted(extent)) {
            if !wanted.contains(&one) {
                wanted.push(one);
            }
        }
        wanted
    }
}
