//! What an answer says of the thing that was asked.

use std::time::Duration;

use jiff::SignedDuration;

use crate::probes::reach::answer::Answer;
use crate::signals::{Level, Sight, Signal};
use crate::text::Text;

/// Reached, slow, not reached; or unknown, where this host itself could not ask.
pub(super) fn sight(
    signal: &Signal,
    answer: &Answer,
    slow: Option<Duration>,
    lasts: SignedDuration,
) -> Sight {
    let took = answer.latency;
    let (level, words) = match &answer.reached {
        Ok(()) if slow.is_some_and(|slow| took > slow) => (Level::Warning, answered_in(took)),
        Ok(()) => (Level::Normal, answered_in(took)),
        Err(fault) if fault.is_our_own() => (Level::Unknown, fault.why()),
        Err(fault) => (Level::Critical, fault.why()),
    };
    Sight {
        signal: signal.clone(),
        level,
        words,
        lasts,
    }
}

fn answered_in(took: Duration) -> Text {
    let millis = took.as_millis();
    if millis < 1000 {
        return Text::new(
            format!("{millis}毫秒后应答"),
            format!("answered in {millis} ms"),
        );
    }
    let seconds = took.as_secs_f64();
    Text::new(
        format!("{seconds:.1}秒后应答"),
        format!("answered in {seconds:.1} s"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::reach::fault::Fault;
    use crate::probes::reach::way::Way;
    use crate::signals::Kind;

    fn level(reached: Result<(), Fault>, millis: u64, slow: Option<u64>) -> (Level, String) {
        let answer = Answer {
            reached,
            latency: Duration::from_millis(millis),
            way: Way::default(),
        };
        let signal = Signal::new(Kind::ServiceReach, "crm");
        let slow = slow.map(Duration::from_millis);
        let sight = sight(&signal, &answer, slow, SignedDuration::from_secs(40));
        assert!(!sight.words.zh.is_empty());
        (sight.level, sight.words.en)
    }

    #[test]
    fn an_answer_is_good_slow_or_none() {
        let told = |level: Level, words: &str| (level, words.to_owned());
        let good = told(Level::Normal, "answered in 12 ms");
        assert_eq!(level(Ok(()), 12, Some(5000)), good);
        let slow = told(Level::Warning, "answered in 5.4 s");
        assert_eq!(level(Ok(()), 5400, Some(5000)), slow);
        let device = told(Level::Normal, "answered in 1.5 s");
        assert_eq!(level(Ok(()), 1500, None), device);
        let peer = ([127, 0, 0, 1], 80).into();
        let refused = told(Level::Critical, "127.0.0.1:80 refuses the connection");
        assert_eq!(level(Err(Fault::Refused { peer }), 1, None), refused);
    }

    #[test]
    fn what_this_host_could_not_ask_is_unknown_and_not_down() {
        for fault in [
            Fault::EchoForbidden,
            Fault::Crowded,
            Fault::Own("no socket".to_owned()),
        ] {
            assert_eq!(level(Err(fault), 1, None).0, Level::Unknown);
        }
    }
}
