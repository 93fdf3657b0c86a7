//! What each family's cards are known to send, judged as a person would: also
//! those of devices that nobody here could ask.

use crate::ups::device::{
    CPQ_POWER, DELL, DELTA, EPPC, HUAWEI, LIEBERT, MGE, RFC, RIELLO, SOCOMEC, SOCOMEC_OLD,
    TRIPP_LITE, XPPC, XUPS, device,
};
use crate::ups::family::Family;
use crate::ups::reading::Verdict;
use crate::ups::served::{MIBS, Served};

#[test]
fn each_familys_word_for_battery_is_a_battery_and_its_word_for_mains_is_not() {
    let source = |root: &'static [u64], status: &'static [u64], battery: i64, mains: i64| {
        (root, status, battery, mains)
    };
    for ((root, status, battery, mains), family) in [
        (source(XUPS, &[4, 5, 0], 5, 3), Family::Xups),
        (source(XUPS, &[4, 5, 0], 0xf0, 0x50), Family::Xups),
        (source(CPQ_POWER, &[4, 5, 0], 5, 3), Family::CpqPower),
        (source(MGE, &[7, 3, 0], 1, 2), Family::Mge),
        (source(XPPC, &[4, 1, 1, 0], 3, 9), Family::Xppc),
        (source(EPPC, &[2, 1, 0], 5, 11), Family::Eppc),
        (source(DELTA, &[5, 1, 0], 1, 0), Family::Delta),
        (source(HUAWEI, &[2, 101, 1, 1, 1], 7, 3), Family::Huawei),
        (source(RIELLO, &[4, 1, 0], 5, 3), Family::Riello),
        (
            source(TRIPP_LITE, &[3, 1, 1, 1, 1], 5, 3),
            Family::TrippLite,
        ),
        (source(LIEBERT, &[3, 55, 0], 5, 3), Family::Liebert),
    ] {
        let on_battery = device(root, &[(status, battery)]).verdict();
        assert_eq!(on_battery, (Some(family), Some(true), Verdict::MainsLost));
        let on_mains = device(root, &[(status, mains)]).verdict();
        assert_eq!(on_mains, (Some(family), Some(false), Verdict::OnMains));
        let odd = device(root, &[(status, 77)]).verdict();
        assert_eq!(odd, (Some(family), None, Verdict::Conflicting));
    }
}

#[test]
fn an_alarm_that_is_good_news_says_nothing_of_the_battery() {
    let healthy: &[(&[u64], i64)] = &[(&[4, 5, 0], 3), (&[2, 1, 0], 26_311), (&[2, 4, 0], 100)];
    let returned = device(XUPS, healthy).listing(XUPS, &[7, 2, 1, 2, 1], &[7, 6]);
    assert_eq!(returned.reading().verdict, Verdict::OnMains);
    assert_eq!(returned.reading().battery_low, None);
    let runtime = returned.reading().runtime_minutes.unwrap();
    assert!((runtime - 438.5).abs() < 0.1, "{runtime}");
    let low = device(XUPS, &[(&[4, 5, 0], 5)]).listing(XUPS, &[7, 2, 1, 2, 1], &[7, 4]);
    assert_eq!(low.reading().battery_low, Some(true));
    let lost = device(XUPS, healthy).listing(XUPS, &[7, 2, 1, 2, 1], &[7, 26]);
    assert_eq!(lost.reading().verdict, Verdict::CardLostUps);
    assert_eq!(lost.reading().charge_percent, None);
}

#[test]
fn a_test_is_a_test_until_the_line_is_dead() {
    for (testing, dead) in [
        (
            device(XUPS, &[(&[4, 5, 0], 5), (&[8, 2, 0], 4)]),
            (XUPS, [3, 4, 1, 2, 1].as_slice()),
        ),
        (
            device(EPPC, &[(&[2, 1, 0], 6)]),
            (EPPC, [2, 16, 1, 3, 1].as_slice()),
        ),
        (
            device(SOCOMEC, &[(&[4, 1, 0], 3), (&[2, 1, 0], 4)]),
            (SOCOMEC, [3, 3, 1, 2, 1].as_slice()),
        ),
        (
            device(TRIPP_LITE, &[(&[3, 1, 1, 1, 1], 10)]),
            (TRIPP_LITE, [2, 2, 1, 1, 3, 1, 1].as_slice()),
        ),
    ] {
        let (_, on_battery, verdict) = testing.verdict();
        assert_eq!((on_battery, verdict), (Some(true), Verdict::SelfTest));
        let (root, line) = dead;
        let (_, _, verdict) = testing.below(root, &[(line, 0)]).verdict();
        assert_eq!(verdict, Verdict::MainsLost);
    }
}

#[test]
fn an_inverter_runs_on_what_the_battery_says() {
    let inverter = |battery: i64| device(SOCOMEC, &[(&[4, 1, 0], 3), (&[2, 1, 0], battery)]);
    let (_, on_battery, verdict) = inverter(5).verdict();
    assert_eq!((on_battery, verdict), (Some(true), Verdict::MainsLost));
    let charging = inverter(3);
    assert_eq!(charging.reading().on_battery, Some(false));
    assert_eq!(charging.reading().battery_low, Some(false));
    let dead = inverter(6).below(SOCOMEC, &[(&[3, 3, 1, 2, 1], 0)]);
    assert_eq!(dead.reading().on_battery, Some(true));
    assert_eq!(dead.reading().battery_low, Some(true));
    // The same number at the same leaf means the opposite in the old one.
    let old = device(SOCOMEC_OLD, &[(&[4, 1, 0], 3), (&[2, 1, 0], 3)]);
    assert_eq!(old.reading().family, Some(Family::SocomecOld));
    assert_eq!(old.reading().battery_low, Some(true));
    let standing_by = device(XPPC, &[(&[4, 1, 1, 0], 8), (&[3, 2, 1, 0], 2360)]);
    assert_eq!(standing_by.reading().on_battery, Some(false));
}

#[test]
fn what_a_card_does_not_know_is_no_number() {
    let phoenixtec = device(
        XPPC,
        &[
            (&[4, 1, 1, 0], 2),
            (&[2, 2, 4, 0], 9999),
            (&[4, 2, 3, 0], 16),
        ],
    );
    assert_eq!(phoenixtec.reading().runtime_minutes, None);
    assert_eq!(phoenixtec.reading().load_percent, Some(16.0));
    let three_phases = phoenixtec.below(
        XPPC,
        &[
            (&[8, 3, 5, 0], 310),
            (&[8, 3, 6, 0], 455),
            (&[8, 2, 2, 0], 2310),
        ],
    );
    assert_eq!(three_phases.reading().load_percent, Some(45.5));
    assert_eq!(three_phases.reading().input_voltage, Some(231.0));
    let powerwalker = device(
        EPPC,
        &[
            (&[2, 1, 0], 4),
            (&[3, 4, 0], -1),
            (&[3, 8, 0], -1),
            (&[2, 16, 1, 3, 1], -1),
        ],
    );
    let reading = powerwalker.reading();
    assert_eq!(reading.charge_percent, None);
    assert_eq!(reading.battery_temperature_c, None);
    assert_eq!(reading.input_voltage, None);
    for invalid in [0x7fff_ffff, 0xffff_ffff] {
        let huawei = device(
            HUAWEI,
            &[
                (&[2, 101, 1, 1, 1], 3),
                (&[3, 100, 1, 1, 1], invalid),
                (&[6, 100, 1, 3, 1], invalid),
                (&[6, 100, 1, 4, 1], invalid),
                (&[4, 100, 1, 14, 1], 123),
                (&[4, 100, 1, 15, 1], invalid),
            ],
        );
        let reading = huawei.reading();
        assert_eq!(reading.input_voltage, None);
        assert_eq!(reading.charge_percent, None);
        assert_eq!(reading.runtime_minutes, None);
        assert_eq!(reading.load_percent, Some(12.3));
    }
}

#[test]
fn what_feeds_the_output_without_a_battery_is_called_by_its_name() {
    let mge = |sign: &[u64]| device(MGE, &[(&[7, 3, 0], 2), (sign, 1)]).reading();
    assert_eq!(mge(&[7, 7, 0]).verdict, Verdict::OutputOff);
    assert_eq!(mge(&[7, 4, 0]).verdict, Verdict::Bypass);
    assert_eq!(mge(&[7, 10, 0]).verdict, Verdict::Overload);
    assert_eq!(mge(&[5, 11, 0]).verdict, Verdict::ReplaceBattery);
    assert_eq!(mge(&[5, 16, 0]).battery_low, Some(true));
    let huawei = device(HUAWEI, &[(&[2, 101, 1, 1, 1], 6), (&[2, 101, 1, 3, 1], 2)]);
    assert_eq!(huawei.reading().verdict, Verdict::Eco);
    let without = device(HUAWEI, &[(&[2, 101, 1, 1, 1], 3), (&[2, 101, 1, 3, 1], 1)]);
    assert_eq!(without.reading().verdict, Verdict::BatteryAbsent);
    let ess = device(XUPS, &[(&[4, 5, 0], 12)]);
    assert_eq!(ess.reading().verdict, Verdict::Eco);
    let delta = device(DELTA, &[(&[5, 1, 0], 5), (&[9, 1, 0], 0)]);
    assert_eq!(delta.reading().verdict, Verdict::Bypass);
    let lost = delta.below(DELTA, &[(&[9, 1, 0], 1)]);
    assert_eq!(lost.reading().verdict, Verdict::CardLostUps);
}

#[test]
fn what_a_vendor_leaves_out_is_taken_from_rfc_1628() {
    let rfc: &[(&[u64], i64)] = &[
        (&[4, 1, 0], 3),
        (&[2, 1, 0], 2),
        (&[2, 3, 0], 31),
        (&[2, 4, 0], 98),
        (&[3, 3, 1, 3, 1], 232),
    ];
    let dell = device(RFC, rfc).below(DELL, &[(&[110, 1, 0], 3), (&[120, 5, 3, 0], 1889)]);
    let reading = dell.reading();
    assert_eq!(reading.family, Some(Family::Dell));
    assert_eq!(
        (reading.on_battery, reading.battery_low),
        (Some(false), Some(false))
    );
    assert_eq!(reading.charge_percent, Some(98.0));
    let runtime = reading.runtime_minutes.unwrap();
    assert!(
        (runtime - 31.48).abs() < 0.01,
        "its own, to the second: {runtime}"
    );
    let on_battery = dell
        .below(RFC, &[(&[4, 1, 0], 5), (&[2, 4, 0], 20)])
        .reading();
    assert_eq!(
        (on_battery.on_battery, on_battery.battery_low),
        (Some(true), Some(true))
    );
    // The vendor's table says no; the other witness sees the battery.
    let eaton = device(RFC, rfc).below(MGE, &[(&[7, 3, 0], 2), (&[5, 1, 0], 8226)]);
    assert_eq!(eaton.reading().on_battery, Some(false));
    let eaton = eaton.below(RFC, &[(&[4, 1, 0], 5), (&[7, 3, 0], 5)]);
    assert_eq!(
        eaton.verdict(),
        (Some(Family::Mge), Some(true), Verdict::SelfTest)
    );
    let lost = eaton.listing(RFC, &[6, 2, 1, 2, 1], &[6, 3, 20]);
    assert_eq!(lost.reading().verdict, Verdict::CardLostUps);
}

#[test]
fn every_family_is_named_as_the_probe_names_it_and_stands_once_in_the_order() {
    let names: Vec<String> = MIBS
        .iter()
        .map(|mib| serde_json::to_value(mib.family).unwrap())
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let mut known = names.clone();
    known.sort();
    known.dedup();
    assert_eq!(
        known,
        [
            "cpqpower",
            "cps",
            "dell",
            "delta",
            "eppc",
            "huawei",
            "liebert",
            "mge",
            "powernet",
            "rfc1628",
            "riello",
            "sinetica",
            "socomec",
            "socomec-old",
            "tripplite",
            "xppc",
            "xups"
        ]
    );
    // The vendors' own come first; the flexible table of Liebert tells less.
    assert_eq!(names[16..], ["rfc1628", "liebert"]);
}

#[test]
fn what_is_no_ups_is_not_taken_for_one() {
    // A switched rack PDU and a temperature sensor of vendors that make UPSs too.
    let pdu = device(
        &[1, 3, 6, 1, 4, 1, 318, 1, 1, 12],
        &[(&[1, 1, 0], 1), (&[2, 3, 1, 1, 2, 1], 14)],
    );
    assert!(Served::detect(&pdu.0).is_none());
    let sensor = device(XUPS, &[(&[6, 1, 0], 24), (&[6, 6, 0], 26)]);
    assert!(Served::detect(&sensor.0).is_none());
}
