//! What is said of calls that callwatch makes.

use crate::incidents::dialling::dial::{Dial, DialCause, DialOutcome};
use crate::incidents::incident::Incident;
use crate::incidents::message::CallRequest;
use crate::text::Text;

/// `role` is whom it is for, `name` what another role is called.
pub(in crate::incidents) fn dialled(
    role: &Text,
    cause: &DialCause,
    call: &CallRequest,
    name: impl Fn(&str) -> Text,
) -> Text {
    let why = match cause {
        DialCause::Undelivered => Text::new(
            format!("{}发不出", call.channel.zh),
            format!("{} does not deliver", call.channel.en),
        ),
        DialCause::Unseen(unseen) => {
            let unseen = name(unseen);
            Text::new(
                format!("{}一直没看到", unseen.zh),
                format!("the {} has not seen it", unseen.en),
            )
        }
        DialCause::OnCall => Text::new("等不到早上", "it does not wait for the morning"),
    };
    let whom = whom(call);
    Text::new(
        format!("{}，机器打给{}（要告诉{}）", why.zh, whom.zh, role.zh),
        format!(
            "{}, callwatch phones {} to tell the {}",
            why.en, whom.en, role.en
        ),
    )
}

pub(in crate::incidents) fn ended(dial: Option<&Dial>, words: &Text) -> Text {
    let whom = dial.map(|dial| whom(&dial.call)).unwrap_or_default();
    Text::new(
        format!("机器打给{}：{}", whom.zh, words.zh),
        format!("phoned {}: {}", whom.en, words.en),
    )
}

/// What whoever rings instead should know: whom callwatch has rung for this role in vain.
pub(in crate::incidents) fn in_vain(incident: &Incident, role: &str) -> Vec<Text> {
    let vain = |dial: &&Dial| {
        let vain = [DialOutcome::Unheard, DialOutcome::NoLine];
        dial.role == role && dial.outcome.is_some_and(|outcome| vain.contains(&outcome))
    };
    let dials = incident.dials.iter().filter(vain);
    dials.map(|dial| ended(Some(dial), &dial.words)).collect()
}

fn whom(call: &CallRequest) -> Text {
    call.callee.as_ref().map_or_else(Text::default, |callee| {
        Text::new(
            format!("{} {}", callee.name.zh, callee.phone),
            format!("{} {}", callee.name.en, callee.phone),
        )
    })
}
