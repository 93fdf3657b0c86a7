//! How the figures that both models are held to are read and compared.

use jiff::SignedDuration;

use crate::staffing::traffic::Traffic;

pub(super) fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

pub(super) fn traffic(calls_an_hour: u32, handling: i64) -> Traffic {
    Traffic::new(calls_an_hour, seconds(3600), seconds(handling)).expect("it is sensible")
}

/// A row's whole numbers, which are given, and its figures, which are wanted.
pub(super) fn split<const GIVEN: usize>(row: &str) -> ([u32; GIVEN], Vec<f64>) {
    let mut figures = row.split_whitespace();
    let given = std::array::from_fn(|_| {
        let figure = figures.next().expect("the row is whole");
        figure.parse().expect("it is a whole number")
    });
    let wanted = figures.map(|figure| figure.parse().expect("it is a number"));
    (given, wanted.collect())
}

pub(super) fn assert_close(given: f64, wanted: f64, what: &str) {
    assert!(
        ((given - wanted) / wanted).abs() < 1e-9,
        "{what}: {given} instead of {wanted}"
    );
}
