//! The headset: what ALSA has, and what the sound server makes of it.
//!
//! `/proc/asound/cards` and `/proc/asound/cardN/usbid`: Documentation/sound/designs/procfile
//! of Linux. A camera has a microphone too, and a screen plays: a headset does both.

use std::fs;
use std::path::Path;

use crate::health::Headset;
use crate::seat::senses::sound::{Device, Sound};

/// A sound card on a cable that both plays and listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plugged {
    pub(super) card: u32,
    pub(super) name: String,
}

/// The headsets on USB; `None` where the PC has no ALSA to ask.
pub(super) fn plugged(root: &Path) -> Option<Vec<Plugged>> {
    let asound = root.join("proc/asound");
    let cards = fs::read_to_string(asound.join("cards")).ok()?;
    let cards = cards.lines().filter_map(card);
    let headsets = cards.filter(|plugged| {
        let folder = asound.join(format!("card{}", plugged.card));
        let has = |way: char| {
            let streams = fs::read_dir(&folder).into_iter().flatten().flatten();
            let mut names = streams.filter_map(|stream| stream.file_name().into_string().ok());
            names.any(|name| name.starts_with("pcm") && name.ends_with(way))
        };
        folder.join("usbid").exists() && has('p') && has('c')
    });
    Some(headsets.collect())
}

/// ` 1 [Audio          ]: USB-Audio - QEMU USB Audio`; each card has a second row without a number.
fn card(row: &str) -> Option<Plugged> {
    let (number, rest) = row.split_once('[')?;
    let (_, rest) = rest.split_once("]:")?;
    let name = rest.split_once(" - ").map_or(rest, |(_, name)| name);
    let name: String = name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(64)
        .collect();
    Some(Plugged {
        card: number.trim().parse().ok()?,
        name,
    })
}

/// Puts both together; `None` where neither tells.
pub(super) fn together(plugged: Option<&[Plugged]>, sound: Option<&Sound>) -> Option<Headset> {
    if plugged.is_none() && sound.is_none() {
        return None;
    }
    let plugged = plugged.unwrap_or_default();
    let of_headset = |device: &&Device| {
        let card = |card| plugged.iter().any(|plugged| plugged.card == card);
        device.is_headset || device.card.is_some_and(card)
    };
    let among = |devices: &'_ [Device]| -> Vec<Device> {
        devices.iter().filter(of_headset).cloned().collect()
    };
    let plays = sound.map(|sound| among(&sound.plays_to));
    let listens = sound.map(|sound| among(&sound.listens_to));
    let known = plays.iter().chain(&listens).flatten();
    let by_server = known.map(|device| &device.name).next();
    let name = plugged.first().map(|plugged| &plugged.name).or(by_server);
    if plugged.is_empty() && by_server.is_none() {
        return Some(Headset::default());
    }
    let is_default = |devices: &Vec<Device>| devices.iter().any(|device| device.is_default);
    // Of several the one that is used counts; where none is, all of them.
    let is_muted = |devices: &Vec<Device>| {
        let used = devices.iter().find(|device| device.is_default);
        let all = || devices.iter().all(|device| device.muted);
        (!devices.is_empty()).then(|| used.map_or_else(all, |used| used.muted))
    };
    Some(Headset {
        present: true,
        name: name.filter(|name| !name.is_empty()).cloned(),
        default_out: plays.as_ref().map(is_default),
        default_in: listens.as_ref().map(is_default),
        muted: listens.as_ref().and_then(is_muted),
        silenced: plays.as_ref().and_then(is_muted),
        for_seconds: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    const CARDS: &str = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7f10000 irq 30\n 1 [Audio          ]: USB-Audio - QEMU USB Audio\n                      QEMU QEMU USB Audio at usb-0000:00:14.0-1, full speed\n";

    fn usb(pc: &Pc, card: u32, streams: &[&str]) {
        pc.put(&format!("proc/asound/card{card}/usbid"), "46f4:0002\n");
        for stream in streams {
            pc.put(&format!("proc/asound/card{card}/{stream}/info"), "");
        }
    }

    fn names(pc: &Pc) -> Option<Vec<String>> {
        let plugged = plugged(&pc.0)?.into_iter();
        Some(plugged.map(|plugged| plugged.name).collect())
    }

    #[test]
    fn a_headset_is_a_card_on_usb_that_plays_and_listens() {
        let pc = Pc::new("headset");
        assert_eq!(names(&pc), None, "a PC without sound tells nothing");
        pc.put("proc/asound/cards", CARDS);
        pc.put("proc/asound/card0/pcm0p/info", "");
        pc.put("proc/asound/card0/pcm0c/info", "");
        assert_eq!(names(&pc), Some(vec![]), "what is inside is none");
        usb(&pc, 1, &["pcm0c"]);
        assert_eq!(names(&pc), Some(vec![]), "a camera is none");
        usb(&pc, 1, &["pcm0p"]);
        assert_eq!(names(&pc), Some(vec!["QEMU USB Audio".to_owned()]));
        pc.put("proc/asound/cards", "--- no soundcards ---\n");
        assert_eq!(names(&pc), Some(vec![]), "it was pulled out");
    }

    #[test]
    fn what_the_server_does_not_say_is_not_told() {
        assert_eq!(together(None, None), None);
        let none = together(Some(&[]), None).unwrap();
        assert_eq!(none, Headset::default());
        let plugged = [Plugged {
            card: 1,
            name: "QEMU USB Audio".to_owned(),
        }];
        let alone = together(Some(&plugged), None).unwrap();
        assert!(alone.present && alone.muted.is_none() && alone.default_in.is_none());
        // The server plays elsewhere, and does not even know it.
        let elsewhere = together(Some(&plugged), Some(&Sound::default())).unwrap();
        assert_eq!(elsewhere.default_out, Some(false));
        assert_eq!(elsewhere.muted, None);
        let device = |name: &str, card, is_default, muted| Device {
            name: name.to_owned(),
            card,
            is_headset: card.is_none(),
            is_default,
            muted,
        };
        let sound = Sound {
            plays_to: vec![
                device("Screen", Some(0), true, false),
                device("QEMU USB Audio Analog", Some(1), false, false),
            ],
            listens_to: vec![device("QEMU USB Audio Analog", Some(1), true, true)],
        };
        let wrong = together(Some(&plugged), Some(&sound)).unwrap();
        assert_eq!(
            (wrong.default_out, wrong.default_in),
            (Some(false), Some(true))
        );
        assert_eq!((wrong.muted, wrong.silenced), (Some(true), Some(false)));
        assert_eq!(wrong.name.as_deref(), Some("QEMU USB Audio"));
        let pulled = together(Some(&[]), Some(&Sound::default())).unwrap();
        assert_eq!(pulled, Headset::default());
        // By radio: ALSA does not see it.
        let radio = Sound {
            plays_to: vec![device("Voyager", None, true, false)],
            listens_to: Vec::new(),
        };
        let by_radio = together(Some(&[]), Some(&radio)).unwrap();
        assert!(by_radio.present);
        assert_eq!(by_radio.name.as_deref(), Some("Voyager"));
        assert_eq!((by_radio.default_in, by_radio.muted), (Some(false), None));
    }
}
