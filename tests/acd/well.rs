//! An Asterisk that is well: what is read, and when.

use callwatch::acd::{Blind, Rates, Standing, Totals};
use callwatch::clock::Clock;
use callwatch::probes::ami::Client;
use callwatch::sim::queue::{Device, Member};
use jiff::{SignedDuration, Timestamp};

use crate::{SOON, centre, interface, poll, settings};

fn stepped() -> Clock {
    Clock::stepped(Timestamp::from_second(1_800_000_000).unwrap())
}

/// Lets this much plan time pass.
async fn pass(clock: &Clock, seconds: i64) {
    let sleep = clock.sleep(SignedDuration::from_secs(seconds));
    tokio::pin!(sleep);
    // It is asked for before the clock is stepped to its end.
    while futures_util::poll!(&mut sleep).is_pending() {
        clock.step();
    }
}

#[tokio::test]
async fn a_surge_is_read_caller_by_caller_and_its_service_level_is_our_own() {
    let clock = stepped();
    let ami = centre(clock.clone()).await;
    let mut client = Client::new(settings(ami.address()));
    let mut rates = Rates::new(SignedDuration::from_mins(30));
    let calm = poll(&mut client).await.unwrap();
    let support = calm.queue("support").unwrap();
    assert_eq!((support.waiting, support.longest_wait), (Some(0), Some(0)));
    assert_eq!((support.staffed, support.available), (Some(7), Some(7)));
    rates.take(clock.now(), support.totals);

    ami.at("support", |queue, now| {
        (0..40)
            .flat_map(|_| queue.join("13900000000", now))
            .collect()
    });
    pass(&clock, 1).await;
    for seat in 1001..=1007 {
        ami.at("support", |queue, now| queue.answer(&interface(seat), now));
    }
    pass(&clock, 8).await;
    let surge = poll(&mut client).await.unwrap();
    let support = surge.queue("support").unwrap();
    assert_eq!((support.waiting, support.longest_wait), (Some(33), Some(9)));
    assert_eq!((support.staffed, support.available), (Some(7), Some(0)));
    assert_eq!((support.busy, support.paused), (Some(7), Some(0)));

    pass(&clock, 20).await;
    for seat in 1001..=1007 {
        ami.at("support", |queue, now| {
            let mut happened = queue.finish(&interface(seat));
            for _ in 0..5 {
                happened.extend(queue.abandon(0, now));
            }
            happened
        });
    }
    let over = poll(&mut client).await.unwrap();
    let support = over.queue("support").unwrap();
    assert_eq!(support.waiting, Some(0));
    let told = Totals {
        offered: None,
        completed: Some(7),
        abandoned: Some(33),
        within_level: Some(7),
    };
    assert_eq!(support.totals, told);
    rates.take(clock.now(), support.totals);
    let lately = rates.lately(clock.now());
    assert_eq!(lately.service_level_percent(), Some(17.5));
    assert_eq!(lately.abandoned_percent(), Some(82.5));
    assert_eq!(ami.logins(), 1, "one connection for all polls");

    // Totals go back to nought at midnight: no call is counted below it.
    ami.at("support", |queue, _| {
        queue.reset();
        Vec::new()
    });
    let reset = poll(&mut client).await.unwrap();
    rates.take(clock.now(), reset.queue("support").unwrap().totals);
    assert_eq!(rates.lately(clock.now()).ended(), Some(40));
}

#[tokio::test]
async fn a_seat_that_is_paused_unregistered_mistyped_or_gone_is_told_apart() {
    let clock = stepped();
    let ami = centre(clock.clone()).await;
    let mut client = Client::new(settings(ami.address()));
    ami.at("support", |queue, now| {
        let mut happened = queue.pause(&interface(1001), Some("午休"), now);
        happened.extend(queue.set_device(&interface(1002), Device::Unregistered));
        happened.extend(queue.set_device(&interface(1003), Device::Unknown));
        happened.extend(queue.set_device(&interface(1004), Device::Ringing));
        happened.extend(queue.log_in(Member::new("1099 号", &interface(1099), now)));
        happened.extend(queue.log_off(&interface(1007)));
        happened
    });
    let reading = poll(&mut client).await.unwrap();
    let support = reading.queue("support").unwrap();
    assert_eq!(support.staffed, Some(5), "a paused member is staffed");
    assert_eq!((support.available, support.paused), (Some(3), Some(1)));
    let members = reading.members.as_ref().unwrap();
    let standing = |seat| {
        let mut members = members.iter();
        let member = members.find(|member| member.interface == interface(seat));
        member.map(|member| member.standing.clone())
    };
    let reason = Some("午休".to_owned());
    assert_eq!(standing(1001), Some(Standing::Paused { reason }));
    assert_eq!(standing(1002), Some(Standing::Unregistered));
    assert_eq!(standing(1003), Some(Standing::UnknownDevice));
    assert_eq!(standing(1004), Some(Standing::Ringing));
    assert_eq!(standing(1007), None, "logged off");
    assert_eq!(standing(1099), Some(Standing::Free));
}

#[tokio::test]
async fn a_queue_that_the_acd_does_not_know_is_never_an_empty_one() {
    let ami = centre(stepped()).await;
    let asked = vec!["support".to_owned(), "suport".to_owned()];
    let mut client = Client::new(settings(ami.address()).queues(asked).unwrap());
    let reading = poll(&mut client).await.unwrap();
    assert_eq!(reading.queues.len(), 2);
    assert!(reading.queue("support").is_ok());
    assert_eq!(reading.queue("suport"), Err(Blind::UnknownQueue));
}

#[tokio::test]
async fn a_caller_who_joins_is_news_and_the_poll_that_follows_counts_him() {
    let ami = centre(stepped()).await;
    let mut client = Client::listening(settings(ami.address()));
    poll(&mut client).await.unwrap();
    ami.at("sales", |queue, now| queue.join("13900000000", now));
    let news = tokio::time::timeout(SOON, client.news()).await;
    news.expect("an event says so");
    let reading = poll(&mut client).await.unwrap();
    assert_eq!(reading.queue("sales").unwrap().waiting, Some(1));
    // It is news but once.
    let news = client.news();
    tokio::pin!(news);
    assert!(futures_util::poll!(&mut news).is_pending());
}

#[tokio::test]
async fn without_a_challenge_the_secret_stays_with_us_unless_it_is_allowed_out() {
    let ami = centre(stepped()).await;
    ami.offer_challenge(false);
    let error = poll(&mut Client::new(settings(ami.address()))).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("no MD5 challenge"), "{error}");
    assert_eq!(ami.logins(), 0, "it was not sent");
    let allowed = settings(ami.address()).in_the_clear(true);
    let reading = poll(&mut Client::new(allowed)).await.unwrap();
    assert_eq!(reading.queues.len(), 2);
}
