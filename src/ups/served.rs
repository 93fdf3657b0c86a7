//! Which families one device serves, and what is asked of it.

use crate::ups::mib::{Extent, Mib, SYS_OBJECT_ID, SYS_UPTIME, Wanted};
use crate::ups::value::{Oid, Value, Values};
use crate::ups::{
    cps, dell, delta, huawei, liebert, mge, phoenixtec, powernet, rfc1628, socomec, tripplite, xups,
};

/// Every family, in the order of detection: a vendor's own objects tell more
/// than RFC 1628, so they win where both answer. What comes after it tells less.
pub const MIBS: [&Mib; 18] = [
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
    &liebert::FLEXIBLE,
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
        let tells = |mib: &&'static Mib| mib.tells(mib.detected_by, values);
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
        self.mibs().any(|mib| mib.tells(mib.status, values))
    }

    /// Whether an object tells this device from another one.
    pub fn is_known_by(self, oid: &[u64]) -> bool {
        let mut identity = self.mibs().flat_map(|mib| mib.identity);
        oid == SYS_UPTIME || oid == SYS_OBJECT_ID || identity.any(|known| *known == oid)
    }

    /// Whether what is told now is of another device than what was told before.
    pub fn changed(self, before: &Values, now: &Values) -> bool {
        let identity = self.mibs().flat_map(|mib| mib.identity);
        std::iter::once(&SYS_OBJECT_ID).chain(identity).any(|oid| {
            let told = before.get(*oid).zip(now.get(*oid));
            told.is_some_and(|(before, now)| {
                *before != Value::Null && *now != Value::Null && before != now
            })
        })
    }

    /// What tells this device from another one, as far as it is told.
    pub(super) fn device(self, values: &Values) -> Vec<String> {
        let told = |oid: &&'static [u64]| match values.get(*oid) {
            Some(Value::Text(text)) => String::from_utf8_lossy(text).trim().to_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Oid(_) | Value::Null) | None => String::new(),
        };
        self.own.identity.iter().map(told).collect()
    }

    /// What an object tells about.
    pub fn topic(self, oid: &[u64]) -> &'static str {
        if oid == SYS_UPTIME {
            return "uptime of the card";
        }
        if oid == SYS_OBJECT_ID {
            return "identity";
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
        if extent == Extent::Full {
            wanted.push(Wanted::Scalar(SYS_OBJECT_ID));
        }
        wanted
    }
}
