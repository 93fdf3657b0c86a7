//! What an answer must say before it is believed: many an API reports its errors with
//! HTTP status 200.

use serde_json::Value;

use crate::acd::Blind;
use crate::acd::pointer::{Pointer, written};
use crate::probes::acd::failure::Failure;
use crate::text::Text;

/// The value at a pointer is written so: `0` is the number and the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub at: Pointer,
    pub is: String,
    /// Where the answer says why not.
    pub why: Option<Pointer>,
}

impl Condition {
    pub(super) fn check(&self, document: &Value) -> Result<(), Failure> {
        let found = self.at.find(document).map(written);
        if let Ok(Some(found)) = &found
            && *found == self.is
        {
            return Ok(());
        }
        let (at, is) = (&self.at, &self.is);
        let found = match found {
            Ok(Some(found)) => Text::new(
                format!("{at}应当是{is}，却是{found}"),
                format!("`{at}` should be `{is}` and is `{found}`"),
            ),
            Ok(None) => Text::new(
                format!("{at}应当是{is}，却不是单个的值"),
                format!("`{at}` should be `{is}` and is no single value"),
            ),
            Err(lost) => lost.words(),
        };
        let why = self
            .why
            .as_ref()
            .and_then(|why| written(why.find(document).ok()?));
        let said = why.unwrap_or_else(|| found.en.clone());
        Err(Failure::new(Blind::refused(&said)).because(found))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_within_an_answer_is_told_in_its_own_words() {
        let condition = Condition {
            at: "/result".parse().unwrap(),
            is: "0".to_owned(),
            why: Some("/desc".parse().unwrap()),
        };
        for good in [json!({"result": "0"}), json!({"result": 0})] {
            assert_eq!(condition.check(&good), Ok(()));
        }
        let refused = |document: Value| condition.check(&document).unwrap_err();
        let failure = refused(json!({"result": "7", "desc": "无权限"}));
        assert_eq!(failure.no_reading, Blind::refused("无权限").into());
        assert_eq!(failure.because[0].en, "`/result` should be `0` and is `7`");
        assert!(
            refused(json!({}))
                .to_string()
                .contains("there is no `/result`")
        );
        assert!(
            refused(json!({"result": [0]}))
                .to_string()
                .contains("no single value")
        );
    }
}
