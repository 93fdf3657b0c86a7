//! Where the witnesses in one device disagree, lag, or speak in another form.

use crate::ups::device::{CPS, Device, FLEXIBLE, MGE, POWERNET, RFC, SINETICA, XPPC, XUPS, device};
use crate::ups::family::Family;
use crate::ups::reading::Verdict;

#[test]
fn the_state_string_of_powernet_answers_where_the_status_does_not() {
    let flags = |set: &[usize]| {
        let flag = |place| if set.contains(&place) { '1' } else { '0' };
        (1..=64).map(flag).collect::<String>()
    };
    let told = |status: i64, set: &[usize]| {
        let device = device(POWERNET, &[(&[4, 1, 1, 0], status)]);
        device.text(POWERNET, &[11, 1, 1, 0], &flags(set)).reading()
    };
    assert_eq!(told(1, &[2, 6, 19]).verdict, Verdict::MainsLost);
    assert_eq!(told(1, &[4, 6, 19]).on_battery, Some(false));
    assert_eq!(told(3, &[2, 3, 6, 19]).battery_low, Some(true));
    assert_eq!(told(2, &[4, 5, 6, 19]).verdict, Verdict::ReplaceBattery);
    assert_eq!(told(2, &[4, 6, 13, 19]).verdict, Verdict::Bypass);
    assert_eq!(told(2, &[4, 6, 19, 33]).verdict, Verdict::BatteryAbsent);
    assert_eq!(told(3, &[2, 6, 19, 29]).verdict, Verdict::SelfTest);
    assert_eq!(told(2, &[4, 19]).verdict, Verdict::CardLostUps);
    assert_eq!(told(3, &[10]).verdict, Verdict::Calibration);
}

#[test]
fn an_output_that_is_something_else_is_no_battery_unless_the_alarm_says_so() {
    let other = || device(RFC, &[(&[4, 1, 0], 1), (&[3, 3, 1, 3, 1], 0)]);
    assert_eq!(other().reading().on_battery, Some(false));
    let alarmed = other().listing(RFC, &[6, 2, 1, 2, 4], &[6, 3, 2, 0]);
    assert_eq!(alarmed.reading().verdict, Verdict::MainsLost);
}

#[test]
fn a_bad_input_is_an_outage_whatever_its_volts_and_whatever_test_runs() {
    let testing: &[(&[u64], i64)] = &[(&[4, 1, 0], 5), (&[7, 3, 0], 5), (&[3, 3, 1, 3, 1], 174)];
    assert_eq!(device(RFC, testing).reading().verdict, Verdict::SelfTest);
    let bad = device(RFC, testing).listing(RFC, &[6, 2, 1, 2, 1], &[6, 3, 6]);
    assert_eq!(bad.reading().verdict, Verdict::MainsLost);
    // An old cause beside a line that is alive is no outage.
    let calibrating: &[(&[u64], i64)] = &[
        (&[4, 1, 1, 0], 3),
        (&[3, 2, 5, 0], 4),
        (&[3, 2, 1, 0], 231),
        (&[7, 2, 6, 0], 3),
    ];
    let calibrating = device(POWERNET, calibrating).reading();
    assert_eq!(calibrating.verdict, Verdict::Calibration);
}

#[test]
fn a_dead_line_and_a_discharging_battery_outweigh_a_status_that_lags() {
    let lagging = device(
        XUPS,
        &[(&[4, 5, 0], 3), (&[2, 5, 0], 2), (&[3, 4, 1, 2, 1], 0)],
    );
    assert_eq!(
        lagging.verdict(),
        (Some(Family::Xups), Some(true), Verdict::MainsLost)
    );
    let alive = device(
        XUPS,
        &[(&[4, 5, 0], 3), (&[2, 5, 0], 2), (&[3, 4, 1, 2, 1], 229)],
    );
    assert_eq!(alive.reading().on_battery, Some(false));
}

#[test]
fn enumerations_and_numbers_are_read_from_text_too() {
    let point = |source: &str| {
        let device = Device::default().text(FLEXIBLE, &[4872], source);
        device.text(FLEXIBLE, &[4150], "74.5").verdict()
    };
    let liebert = Some(Family::Liebert);
    assert_eq!(point("Normal"), (liebert, Some(false), Verdict::OnMains));
    assert_eq!(point("Battery"), (liebert, Some(true), Verdict::MainsLost));
    assert_eq!(point("Bypass"), (liebert, Some(false), Verdict::Bypass));
    let device = Device::default().text(FLEXIBLE, &[4872], "Normal");
    let device = device.text(FLEXIBLE, &[4150], "74.5");
    assert_eq!(device.reading().runtime_minutes, Some(74.5));
    let rfc = Device::default().text(RFC, &[4, 1, 0], "3");
    let rfc = rfc.text(RFC, &[3, 3, 1, 3, 1], "2360");
    assert_eq!(rfc.reading().input_voltage, Some(236.0));
}

#[test]
fn what_powernet_and_cps_leave_out_is_taken_from_rfc_1628() {
    for (root, status, family) in [
        (POWERNET, [4, 1, 1, 0].as_slice(), Family::Powernet),
        (CPS, &[4, 1, 1, 0], Family::Cps),
    ] {
        let rfc: &[(&[u64], i64)] = &[(&[4, 1, 0], 3), (&[4, 4, 1, 5, 1], 41)];
        let reading = device(root, &[(status, 2)]).below(RFC, rfc).reading();
        assert_eq!(reading.family, Some(family));
        assert_eq!(reading.load_percent, Some(41.0));
    }
}

#[test]
fn no_sensor_is_no_degree() {
    for (root, status, sensor) in [
        (MGE, [7, 3, 0].as_slice(), [5, 7, 0].as_slice()),
        (XPPC, &[4, 1, 1, 0], &[2, 2, 3, 0]),
        (CPS, &[4, 1, 1, 0], &[2, 2, 3, 0]),
        (RFC, &[4, 1, 0], &[2, 7, 0]),
        (SINETICA, &[4, 1, 0], &[2, 7, 0]),
    ] {
        for raw in [-1, 0, -273, -2731, 65_535, 4_294_964_565] {
            let device = device(root, &[(status, 2), (sensor, raw)]);
            assert_eq!(
                device.reading().battery_temperature_c,
                None,
                "{root:?} {raw}"
            );
        }
    }
}

#[test]
fn a_device_is_known_by_its_model_and_serial_number_as_far_as_it_tells_them() {
    let on_mains: &[(&[u64], i64)] = &[(&[4, 1, 1, 0], 2)];
    let model = |device: Device| device.text(POWERNET, &[1, 1, 1, 0], " Smart-UPS 1500 ");
    let both = model(device(POWERNET, on_mains)).text(POWERNET, &[1, 2, 3, 0], "AS12");
    assert_eq!(both.reading().device, ["Smart-UPS 1500", "AS12"]);
    let alone = model(device(POWERNET, on_mains));
    assert_eq!(alone.reading().device, ["Smart-UPS 1500", ""]);
}
