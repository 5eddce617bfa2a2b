//! When Google's next window may begin. Pure: the time comes in.
//!
//! Google counts writes anew at the beginning of each window, and tells neither when that is nor how long a window lasts,
//! or the former in whole seconds. Both are kept as bounds. What Google says is waited for; as a bound it is a second wide,
//! since it is rounded up.

use super::pace::Moment;

/// A stretch of time, or a length between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    least: f64,
    most: f64,
}

/// What is known of the windows.
#[derive(Debug, Default)]
pub(super) struct Rhythm {
    /// When the window began that was open last.
    began: Option<Bounds>,
    /// How long a window lasts.
    length: Option<Bounds>,
    /// When the next one begins, by Google's word or by rhythm; while the gate is shut.
    next: Option<Bounds>,
    /// The last moment at which there was no quota.
    refused: Moment,
}

impl Rhythm {
    /// A write was refused: when to ask for the first time.
    pub(super) fn shut(&mut self, told: Option<f64>, (sent, now): (Moment, Moment)) -> Moment {
        self.next = self.by_rhythm(now);
        self.again(now, told, (sent, now))
    }

    /// The same for a write that has asked, while the gate is shut since then: when to ask again.
    pub(super) fn again(
        &mut self,
        since: Moment,
        told: Option<f64>,
        (sent, now): (Moment, Moment),
    ) -> Moment {
        self.refused = sent;
        let word = told.map(|seconds| Bounds {
            least: sent + (seconds - 1.0).max(0.0),
            most: now + seconds,
        });
        let next = self.next.filter(|next| next.most > now);
        let next = next.map(|next| next.not_before(sent));
        self.next = match (word, next) {
            (Some(word), Some(next)) => Some(word.and(next).unwrap_or(word)),
            (word, next) => word.or(next),
        };
        match (self.next, told) {
            (_, Some(seconds)) => now + seconds,
            (Some(next), None) => next.when_to_ask(self.length).max(now + SHORTEST_PAUSE),
            (None, None) => now + ((now - since) * GROWTH).clamp(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// A write was taken: a window has begun since the last refusal.
    pub(super) fn opened(&mut self, shut: Moment, now: Moment) {
        let mut began = Bounds {
            least: self.refused,
            most: now,
        };
        if let Some(next) = self.next.take() {
            began = began.and(next).unwrap_or(began);
        }
        if let Some(before) = self.began {
            let apart = Bounds {
                least: began.least - before.most,
                most: began.most - before.least,
            };
            // A gate is shut for less than a window, so what was open for less time than that was open for one.
            let one = shut - before.most <= now - shut;
            let windows = match self.length {
                _ if one => Some(1.0),
                Some(length) => Some(((now - before.most) / length.middle()).round().max(1.0)),
                None => None,
            };
            if let Some(windows) = windows {
                let length = apart.over(windows);
                self.length = Some(self.length.and_then(|known| known.and(length)).unwrap_or(length));
            }
        }
        self.began = Some(began);
    }

    /// When the next window begins after the one that is known.
    fn by_rhythm(&self, now: Moment) -> Option<Bounds> {
        let (began, length) = (self.began?, self.length?);
        let windows = ((now - began.most) / length.most).ceil().max(1.0);
        let next = Bounds {
            least: began.least + windows * length.least,
            most: began.most + windows * length.most,
        };
        (next.most > now).then(|| next.not_before(now))
    }
}

impl Bounds {
    fn middle(self) -> f64 {
        f64::midpoint(self.least, self.most)
    }

    fn width(self) -> f64 {
        self.most - self.least
    }

    fn over(self, number: f64) -> Bounds {
        Bounds {
            least: (self.least / number).max(0.0),
            most: self.most / number,
        }
    }

    fn not_before(self, now: Moment) -> Bounds {
        Bounds {
            least: self.least.max(now),
            ..self
        }
    }

    /// What is within both; `None`: they contradict each other.
    fn and(self, other: Bounds) -> Option<Bounds> {
        let both = Bounds {
            least: self.least.max(other.least),
            most: self.most.min(other.most),
        };
        (both.least <= both.most).then_some(both)
    }

    /// Between wide bounds sooner, at the price of a refusal; between narrow ones when it is sure.
    fn when_to_ask(self, length: Option<Bounds>) -> Moment {
        let narrow = length.map_or(NARROW, |length| (length.middle() * SHARE).max(NARROW));
        if self.width() <= narrow {
            self.most
        } else {
            self.least + (self.width() / 3.0).max(narrow)
        }
    }
}

/// How much longer each pause is, of the time since the gate was shut, while no rhythm is known.
const GROWTH: f64 = 0.5;
const FIRST_PAUSE: f64 = 0.2;
const LONGEST_PAUSE: f64 = 5.0;
const SHORTEST_PAUSE: f64 = 0.05;
/// Bounds that are as near to each other, in seconds or as a share of a window, are good enough.
const NARROW: f64 = 0.05;
const SHARE: f64 = 0.03;
